"""The practices where doctors work: records that doctors share."""

from __future__ import annotations

import math
import uuid

from django.core.exceptions import ValidationError
from django.db import models
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.api import APIField
from wagtail.search import index

from cms.doctors.countries import country_choices
from cms.search_status.panels import SearchStatusPanel


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


class Practice(index.Indexed, models.Model):
    """A place where doctors receive patients: a hospital, a health centre, a surgery."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255)
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
    phone = models.CharField(
        max_length=32, blank=True, help_text="With the country's code, such as '+91 1982 000000'."
    )

    panels = [
        SearchStatusPanel(),
        FieldPanel("name"),
        MultiFieldPanel(
            [
                FieldPanel("street"),
                FieldRowPanel([FieldPanel("postal_code"), FieldPanel("locality")]),
                FieldRowPanel([FieldPanel("region"), FieldPanel("country")]),
            ],
            heading="Address",
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("lat"), FieldPanel("lng")])],
            heading="Position",
            help_text="Of the entrance, in WGS 84 as maps and GPS receivers show it. Doctors are listed by it.",
        ),
        FieldPanel("phone"),
    ]
    api_fields = [
        APIField("uuid"),
        APIField("name"),
        APIField("street"),
        APIField("locality"),
        APIField("region"),
        APIField("postal_code"),
        APIField("country"),
        APIField("lat"),
        APIField("lng"),
        APIField("phone"),
    ]
    search_fields = [
        index.SearchField("name"),
        index.AutocompleteField("name"),
        index.SearchField("locality"),
        index.AutocompleteField("locality"),
        index.SearchField("postal_code"),
        index.FilterField("country"),
        index.FilterField("region"),
    ]

    class Meta:
        ordering = ["name", "locality"]

    def __str__(self) -> str:
        return f"{self.name}, {self.locality}" if self.locality else self.name

    def clean(self) -> None:
        super().clean()
        check_position(self.lat, self.lng)
