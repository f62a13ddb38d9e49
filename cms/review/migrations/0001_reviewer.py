"""Reviewers come over from cms.conditions as they are: the model first, the table's new name in 0002."""

from __future__ import annotations

import modelsearch.index
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def move_content_type(apps: Apps, source: str, target: str) -> None:
    """By its content type a reviewer is known in permissions, the audit log, the search and reference indexes."""
    reviewer = apps.get_model("contenttypes", "ContentType").objects.filter(model="reviewer")
    if reviewer.filter(app_label=source).exists():
        # One that a `migrate` which stopped half-way has made, and that nothing uses.
        reviewer.filter(app_label=target).delete()
        reviewer.filter(app_label=source).update(app_label=target)


def here(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    move_content_type(apps, "conditions", "review")


def back(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    move_content_type(apps, "review", "conditions")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("conditions", "0002_exact_only"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Reviewer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                help_text="As it is shown, such as 'Dr Asha Example'.", max_length=255
                            ),
                        ),
                        (
                            "credentials",
                            models.CharField(
                                blank=True, help_text="Such as 'MD, neurologist'.", max_length=255
                            ),
                        ),
                    ],
                    options={"ordering": ["name"], "db_table": "conditions_reviewer"},
                    bases=(modelsearch.index.Indexed, models.Model),
                )
            ]
        ),
        migrations.RunPython(here, back),
    ]
