import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import modelcluster.fields
from django.db import migrations, models


def _id() -> tuple[str, models.Field]:
    return (
        "id",
        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
    )


def _order() -> tuple[str, models.Field]:
    return ("sort_order", models.IntegerField(blank=True, editable=False, null=True))


def _page(related_name: str) -> tuple[str, models.Field]:
    return (
        "page",
        modelcluster.fields.ParentalKey(
            on_delete=django.db.models.deletion.CASCADE, related_name=related_name, to="doctors.doctorpage"
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("conditions", "0002_exact_only"),
        ("doctors", "0003_practice_facts"),
        ("wagtailimages", "0027_image_description"),
    ]

    operations = [
        migrations.CreateModel(
            name="DoctorCondition",
            fields=[
                _id(),
                _order(),
                (
                    "condition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="conditions.conditionpage",
                    ),
                ),
                _page("treated_conditions"),
            ],
            options={"ordering": ["sort_order"], "abstract": False},
        ),
        migrations.CreateModel(
            name="DoctorEducation",
            fields=[
                _id(),
                _order(),
                ("institution", models.CharField(max_length=255)),
                ("degree", models.CharField(blank=True, help_text="Such as 'MBBS'.", max_length=255)),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Of completion.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1900)],
                    ),
                ),
                _page("education"),
            ],
            options={"ordering": ["sort_order"], "abstract": False},
        ),
        migrations.CreateModel(
            name="DoctorMembership",
            fields=[
                _id(),
                _order(),
                ("organisation", models.CharField(max_length=255)),
                _page("memberships"),
            ],
            options={"ordering": ["sort_order"], "abstract": False},
        ),
        migrations.AddField(
            model_name="doctorpage",
            name="photo",
            field=models.ForeignKey(
                blank=True,
                help_text="A portrait. Mark the face as its focal point: it is cut to a square around that.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="wagtailimages.image",
            ),
        ),
        migrations.AddField(
            model_name="doctorpage",
            name="photo_alt",
            field=models.CharField(
                blank=True,
                default="",
                help_text="For those who cannot see it. Empty: the doctor's name.",
                max_length=255,
                verbose_name="what the photo shows",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="doctorregistration",
            name="scheme",
            field=models.CharField(
                blank=True,
                choices=[("npi", "NPI (United States)")],
                default="",
                help_text="If it is one of these, the number and its check digit are checked.",
                max_length=16,
                verbose_name="numbering",
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="doctorregistration",
            name="authority",
            field=models.CharField(help_text="Who keeps the register.", max_length=255),
        ),
        migrations.AddIndex(
            model_name="doctorregistration",
            index=models.Index(
                django.db.models.functions.text.Upper("number"), name="doctors_registration_number"
            ),
        ),
    ]
