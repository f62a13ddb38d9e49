"""The practices where doctors work: records that doctors share."""

from __future__ import annotations

import math
import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models.functions import Upper
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.api import APIField
from wagtail.search import index

from cms.doctors.countries import country_choices
from cms.doctors.opening_hours import check_row
from cms.doctors.phone import is_normalised, normalised
from cms.doctors.practice_forms import PracticeForm
from cms.doctors.practice_map import PracticeMapPanel
from cms.doctors.time_zones import only_zone, time_zone_choices
from cms.search_status.panels import SearchStatusPanel

ACCESSIBILITY = {
    "step-free-entrance": "Step-free entrance",
    "lift": "Lift",
    "accessible-toilet": "Wheelchair-accessible toilet",
    "accessible-parking": "Parking for disabled people",
    "adjustable-examination-table": "Examination table that can be lowered",
    "hearing-loop": "Hearing loop",
    "sign-language": "Sign language spoken or interpreted",
    "tactile-signs": "Tactile or Braille signs",
}


def check_position(lat: float | None, lng: float | None) -> None:
    """Raise ValidationError unless (lat, lng), decimal degrees in WGS 84, is a point where a practice can be."""
    errors = {}
    for field, value, limit in (("lat", lat, 90), ("lng", lng, 180)):
        if value is not None and not (math.isfinite(value) and -limit <= value <= limit):
            errors[field] = f"Must be between -{limit} and {limit} degrees."
    if lat == 0 and lng == 0:
        errors["lat"] = "(0, 0) lies in the Atlantic: it stands for a position that is not known."
    if errors:
        raise ValidationError(errors)


def check_accessibility(value: object) -> None:
    """Raise ValidationError unless it is a list of keys of ACCESSIBILITY, each once."""
    if not isinstance(value, list) or len({*map(str, value)} & ACCESSIBILITY.keys()) != len(value):
        raise ValidationError(f"Must be a list of some of: {', '.join(ACCESSIBILITY)}.")


class AccessibilityField(models.JSONField):
    """A list of keys of ACCESSIBILITY, in its order; boxes to tick in a form."""

    def formfield(self, **kwargs: object) -> forms.Field:
        return _AccessibilityFormField(
            choices=[*ACCESSIBILITY.items()],
            widget=forms.CheckboxSelectMultiple,
            required=False,
            label=str(self.verbose_name).capitalize(),
            help_text=self.help_text,
        )


class _AccessibilityFormField(forms.MultipleChoiceField):
    def clean(self, value: object) -> list[str]:
        chosen = super().clean(value)
        return [key for key in ACCESSIBILITY if key in chosen]


class Practice(index.Indexed, ClusterableModel):
    """A place where doctors receive patients: a hospital, a health centre, a surgery."""

    class Kind(models.TextChoices):
        """In the terms of schema.org and of FHIR's service delivery locations, as slugs of the feed's contract."""

        HOSPITAL = "hospital", "Hospital"
        CLINIC = "clinic", "Clinic"
        HEALTH_CENTRE = "health-centre", "Health centre"
        DOCTORS_OFFICE = "doctors-office", "Doctor's office or surgery"
        DENTAL_CLINIC = "dental-clinic", "Dental clinic"
        DIAGNOSTIC_CENTRE = "diagnostic-centre", "Diagnostic centre or laboratory"
        REHABILITATION_CENTRE = "rehabilitation-centre", "Rehabilitation centre"
        MENTAL_HEALTH_CENTRE = "mental-health-centre", "Mental health centre"
        MOBILE_CLINIC = "mobile-clinic", "Mobile clinic"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255)
    kind = models.CharField("kind of facility", max_length=32, choices=Kind, blank=True)
    street = models.CharField(max_length=255, blank=True)
    locality = models.CharField(max_length=255, blank=True, help_text="Village, town or city.")
    region = models.CharField(max_length=255, blank=True, help_text="State, province or district.")
    postal_code = models.CharField(max_length=16, blank=True)
    country = models.CharField(max_length=2, choices=country_choices)
    lat = models.FloatField(
        "latitude",
        help_text="Decimal degrees, north positive, such as 34.1526. South of the equator it is negative.",
    )
    lng = models.FloatField(
        "longitude",
        help_text="Decimal degrees, east positive, such as 77.5771. West of Greenwich it is negative.",
    )
    # Beside a point that the check of its place refuses: an editor with the right has said that it is so.
    place_confirmed = models.BooleanField(
        "the point is right all the same",
        default=False,
        help_text="Only for a point that is refused though you know that it is right. The history keeps who said so.",
    )
    phone = models.CharField(
        max_length=32,
        blank=True,
        help_text="With the country's code, such as '+91 1982 252000', or as one dials it in the country.",
    )
    website = models.URLField(
        max_length=500,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text="Such as 'https://hospital.example/'.",
    )
    time_zone = models.CharField(
        max_length=64,
        choices=time_zone_choices,
        blank=True,
        help_text="Of the opening hours. Left empty, it is filled in where the country has one only.",
    )
    accessibility = AccessibilityField(
        default=list, blank=True, validators=[check_accessibility], help_text="What is known to be there."
    )

    panels = [
        SearchStatusPanel(),
        FieldPanel("name"),
        FieldPanel("kind"),
        MultiFieldPanel(
            [
                FieldPanel("street"),
                FieldRowPanel([FieldPanel("postal_code"), FieldPanel("locality")]),
                FieldRowPanel([FieldPanel("region"), FieldPanel("country")]),
            ],
            heading="Address",
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("lat"), FieldPanel("lng")]),
                PracticeMapPanel(),
                FieldPanel("place_confirmed", permission="doctors.override_place_check"),
            ],
            heading="Position",
            help_text="Of the entrance, in WGS 84 as maps and GPS receivers show it. Doctors are listed by it.",
        ),
        MultiFieldPanel([FieldPanel("phone"), FieldPanel("website")], heading="Contact"),
        FieldPanel("time_zone"),
        InlinePanel(
            "opening_hours",
            heading="Opening hours",
            label="Hours",
            max_num=50,
            help_text=(
                "A row for each time between two breaks. Closing at an hour before that of opening means on the next "
                "day; the whole day is from 00:00 to 00:00."
            ),
        ),
        FieldPanel("accessibility"),
    ]
    edit_handler = ObjectList(panels, base_form_class=PracticeForm)
    api_fields = [
        APIField("uuid"),
        APIField("name"),
        APIField("kind"),
        APIField("street"),
        APIField("locality"),
        APIField("region"),
        APIField("postal_code"),
        APIField("country"),
        APIField("lat"),
        APIField("lng"),
        APIField("phone"),
        APIField("website"),
        APIField("time_zone"),
        APIField("opening_hours"),
        APIField("accessibility"),
    ]
    search_fields = [
        index.SearchField("name"),
        index.AutocompleteField("name"),
        index.SearchField("locality"),
        index.AutocompleteField("locality"),
        index.SearchField("postal_code"),
        index.FilterField("country"),
        index.FilterField("region"),
        index.FilterField("kind"),
    ]

    class Meta:
        ordering = ["name", "locality"]
        # By the beginning of which doctors are looked for; PostgreSQL's planner knows by them how many that will be.
        indexes = [
            models.Index(Upper("name"), name="doctors_practice_name"),
            models.Index(Upper("locality"), name="doctors_practice_locality"),
        ]
        permissions = [
            ("override_place_check", "Can keep a point that lies elsewhere than the address says"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.locality}" if self.locality else self.name

    @admin.display(description="Phone", ordering="phone")
    def phone_or_fault(self) -> str:
        """The number, and that it is none where it was stored before numbers were checked."""
        return self.phone if is_normalised(self.phone) else f"{self.phone} (to be mended)"

    def clean(self) -> None:
        super().clean()
        check_position(self.lat, self.lng)
        self.time_zone = self.time_zone or only_zone(self.country)
        self._normalise_phone()

    def _normalise_phone(self) -> None:
        # What has stood there since before numbers were checked must not stand in the way of a new address.
        stored = Practice.objects.filter(pk=self.pk).values_list("phone", flat=True).first()
        if self.phone and self.phone != stored:
            try:
                self.phone = normalised(self.phone, self.country)
            except ValidationError as error:
                raise ValidationError({"phone": error.messages}) from error


class OpeningHours(models.Model):
    """From when to when a practice is open on a day of the week, as schema.org's OpeningHoursSpecification."""

    class Day(models.IntegerChoices):
        MONDAY = 0
        TUESDAY = 1
        WEDNESDAY = 2
        THURSDAY = 3
        FRIDAY = 4
        SATURDAY = 5
        SUNDAY = 6

    practice = ParentalKey(Practice, on_delete=models.CASCADE, related_name="opening_hours")
    day = models.PositiveSmallIntegerField(choices=Day)
    opens = models.TimeField()
    closes = models.TimeField()

    panels = [FieldRowPanel([FieldPanel("day"), FieldPanel("opens"), FieldPanel("closes")])]
    api_fields = [APIField("day"), APIField("opens"), APIField("closes")]

    class Meta:
        ordering = ["day", "opens"]
        verbose_name_plural = "opening hours"

    def __str__(self) -> str:
        return f"{self.get_day_display()} {self.opens:%H:%M} to {self.closes:%H:%M}"

    def clean(self) -> None:
        super().clean()
        check_row(self.opens, self.closes)


class PracticeMerge(models.Model):
    """A practice that was merged into another: drafts of doctors, and whoever knows its uuid, may still name it."""

    former_pk = models.BigIntegerField(primary_key=True)
    former_uuid = models.UUIDField(unique=True)
    kept = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.former_uuid} is {self.kept}"

    @classmethod
    def followed(cls, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows of a doctor's revision, whose `practice` is a primary key, with what became of their practices.

        One row only remains of those that come to the same practice by that: the one that named it all along.
        """
        named = [row["practice"] for row in rows]
        merged = (
            dict(cls.objects.filter(former_pk__in=named).values_list("former_pk", "kept")) if rows else {}
        )
        found = []
        for row in rows:
            if (kept := merged.get(row["practice"])) is None:
                found.append(row)
            elif kept not in named and not any(other["practice"] == kept for other in found):
                found.append(row | {"practice": kept})
        return found
