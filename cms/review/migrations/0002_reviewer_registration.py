"""The reviewers' table gets the name of its app, and what makes a reviewer a record of its own."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def give_uuids(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """One each: the default of a new column is the same for all rows."""
    reviewers = apps.get_model("review", "Reviewer").objects
    for pk in reviewers.values_list("pk", flat=True):
        reviewers.filter(pk=pk).update(uuid=uuid.uuid4())


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0001_reviewer"),
        # Only once no other app has the table in its state.
        ("conditions", "0003_reviewer_moved"),
        ("wagtailimages", "0027_image_description"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelTable(name="reviewer", table=None),
        migrations.AddField(
            model_name="reviewer",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, null=True),
        ),
        migrations.RunPython(give_uuids, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="reviewer",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AddField(
            model_name="reviewer",
            name="registration_authority",
            field=models.CharField(
                blank=True,
                help_text="Who keeps the register, such as a medical council.",
                max_length=255,
                verbose_name="authority",
            ),
        ),
        migrations.AddField(
            model_name="reviewer",
            name="registration_number",
            field=models.CharField(blank=True, max_length=64, verbose_name="number"),
        ),
        migrations.AddField(
            model_name="reviewer",
            name="conflict_of_interest",
            field=models.TextField(
                blank=True,
                help_text="The reviewer's own words, shown with the article, such as 'None declared.'",
                max_length=2000,
                verbose_name="statement",
            ),
        ),
        migrations.AddField(
            model_name="reviewer",
            name="conflict_of_interest_stated_on",
            field=models.DateField(blank=True, null=True, verbose_name="stated on"),
        ),
        migrations.AddField(
            model_name="reviewer",
            name="photo",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="wagtailimages.image",
            ),
        ),
        migrations.AddField(
            model_name="reviewer",
            name="photo_alt",
            field=models.CharField(
                blank=True,
                help_text="What the photo shows, for those who cannot see it, such as 'Dr Asha Example, smiling.'",
                max_length=255,
                verbose_name="alternative text",
            ),
        ),
        migrations.AddField(
            model_name="reviewer",
            name="user",
            field=models.OneToOneField(
                blank=True,
                help_text="Then nobody else can sign in this reviewer's name, and this account in no other name.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="reviewer",
                to=settings.AUTH_USER_MODEL,
                verbose_name="user account",
            ),
        ),
    ]
