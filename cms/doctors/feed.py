"""Doctors in the feed, with the practices where they work: contracts/feed/v1/doctor.schema.json."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from cms.conditions.models import ConditionPage
from cms.doctors.models import (
    DoctorCondition,
    DoctorEducation,
    DoctorIndexPage,
    DoctorLanguage,
    DoctorMembership,
    DoctorPage,
    DoctorPractice,
    DoctorRegistration,
    DoctorTelehealthCountry,
)
from cms.doctors.practices import OpeningHours, Practice
from cms.feed.documents import by_parent, day, moment, reference
from cms.feed.images import PORTRAIT, public_image, renditions
from cms.feed.kinds import Document, Key, Kind, keep_back, leave_out, register
from cms.feed.richtext import to_html
from cms.languages.models import fallback_for


def render(keys: Collection[UUID]) -> dict[Key, Document]:
    # Columns, not models: a directory has 100,000 doctors, and a model instance takes as long as its query.
    pages = list(
        DoctorPage.objects.live()
        .public()
        .filter(translation_key__in=keys)
        .order_by()
        .values_list(
            "pk",
            "translation_key",
            "locale__language_code",
            "slug",
            "title",
            "honorific_prefix",
            "given_name",
            "family_name",
            "credentials",
            "gender",
            "practising_since",
            "telehealth",
            "photo",
            "photo_alt",
            "bio",
            "notice",
            "verified_at",
            "shown_elsewhere",
            "first_published_at",
            "last_published_at",
            named=True,
        )
    )
    ids = [page.pk for page in pages]

    practices = by_parent(
        (link.page, link)
        for link in DoctorPractice.objects.filter(page__in=ids)
        .order_by("sort_order", "pk")
        .values_list(
            "page",
            "practice__uuid",
            "practice__name",
            "practice__lat",
            "practice__lng",
            "practice__street",
            "practice__locality",
            "practice__region",
            "practice__postal_code",
            "practice__country",
            "practice__phone",
            "practice__website",
            "practice__kind",
            "practice__time_zone",
            "practice__accessibility",
            "accepting_new_patients",
            "practice",
            named=True,
        )
    )
    opening_hours = by_parent(
        OpeningHours.objects.filter(
            practice__in={link.practice for rows in practices.values() for (link,) in rows}
        )
        .order_by("day", "opens", "pk")
        .values_list("practice", "day", "opens", "closes")
    )
    registrations = by_parent(
        DoctorRegistration.objects.filter(page__in=ids)
        .order_by("sort_order", "pk")
        .values_list("page", "authority", "number", "scheme")
    )
    education = by_parent(
        DoctorEducation.objects.filter(page__in=ids)
        .order_by("sort_order", "pk")
        .values_list("page", "institution", "degree", "year")
    )
    memberships = by_parent(
        DoctorMembership.objects.filter(page__in=ids)
        .order_by("sort_order", "pk")
        .values_list("page", "organisation")
    )
    languages = by_parent(
        DoctorLanguage.objects.filter(page__in=ids)
        .order_by("sort_order", "pk")
        .values_list("page", "language")
    )
    countries = by_parent(
        DoctorTelehealthCountry.objects.filter(page__in=ids)
        .order_by("country")
        .distinct()
        .values_list("page", "country")
    )
    specialties = by_parent(
        DoctorPage.specialties.through.objects.filter(doctorpage__in=ids, specialty__live=True)
        .order_by("specialty__name", "specialty__pk")
        .values_list("doctorpage", "specialty__translation_key", "specialty__slug", "specialty__name")
    )
    conditions = by_parent(
        DoctorCondition.objects.filter(
            page__in=ids, condition__in=ConditionPage.objects.live().public().order_by()
        )
        .order_by("sort_order", "pk")
        .values_list("page", "condition__translation_key", "condition__slug", "condition__title")
    )
    photos = renditions((page.photo for page in pages if page.photo), PORTRAIT)
    shown_in = fallback_for()
    bios = to_html({page.pk: page.bio for page in pages})
    return {
        (page.translation_key, page.locale__language_code): {
            "kind": "doctor",
            "id": str(page.translation_key),
            "locale": page.locale__language_code,
            "fallback_for": shown_in.get(page.locale__language_code, []) if page.shown_elsewhere else [],
            "slug": page.slug,
            "name": page.title,
            "honorific_prefix": page.honorific_prefix,
            "given_name": page.given_name,
            "family_name": page.family_name,
            "credentials": page.credentials,
            "gender": page.gender,
            "practising_since": page.practising_since,
            "specialties": [reference(*row) for row in specialties[page.pk]],
            "conditions": [reference(*row) for row in conditions[page.pk]],
            "languages": [language for (language,) in languages[page.pk]],
            "telehealth": page.telehealth,
            # A row may be left over from when there was telehealth: only the form sees to that.
            "telehealth_countries": [country for (country,) in countries[page.pk]] if page.telehealth else [],
            "practices": [_practice(link, opening_hours[link.practice]) for (link,) in practices[page.pk]],
            "registrations": [
                {"authority": authority, "number": number, "scheme": scheme}
                for authority, number, scheme in registrations[page.pk]
            ],
            "education": [
                {"institution": institution, "degree": degree, "year": year}
                for institution, degree, year in education[page.pk]
            ],
            "memberships": [organisation for (organisation,) in memberships[page.pk]],
            "photo": (
                public_image(photos[page.photo][0], page.photo_alt or page.title)
                if page.photo in photos
                else None
            ),
            "bio": bios[page.pk],
            "notice": page.notice,
            "verified_at": day(page.verified_at),
            "first_published_at": moment(page.first_published_at),
            "last_published_at": moment(page.last_published_at),
        }
        for page in pages
    }


def _practice(link: Any, opening_hours: list[tuple[Any, ...]]) -> Document:
    return {
        "id": str(link.practice__uuid),
        "name": link.practice__name,
        "lat": link.practice__lat,
        "lng": link.practice__lng,
        "address": {
            "street": link.practice__street,
            "locality": link.practice__locality,
            "region": link.practice__region,
            "postal_code": link.practice__postal_code,
            "country": link.practice__country,
        },
        "phone": link.practice__phone,
        "website": link.practice__website,
        "kind": link.practice__kind,
        "time_zone": link.practice__time_zone,
        "opening_hours": [
            {
                "day": OpeningHours.Day(day).name.lower(),
                "opens": opens.strftime("%H:%M"),
                "closes": closes.strftime("%H:%M"),
            }
            for day, opens, closes in opening_hours
        ],
        "accessibility": link.practice__accessibility,
        "accepting_new_patients": link.accepting_new_patients,
    }


leave_out(DoctorIndexPage)
keep_back(Practice, "place_confirmed")
register(
    Kind(
        "doctor",
        DoctorPage,
        render,
        names=("practices__practice", "specialties", "treated_conditions__condition", "photo"),
    )
)
