"""Doctors in the feed, with the practices where they work: contracts/feed/v1/doctor.schema.json."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from cms.conditions.models import ConditionPage
from cms.doctors.models import DoctorIndexPage, DoctorLanguage, DoctorPage, DoctorPractice, DoctorRegistration
from cms.feed.documents import by_page, day, moment, reference
from cms.feed.kinds import Document, Key, Kind, leave_out, register
from cms.feed.richtext import to_html


def render(keys: Collection[UUID]) -> dict[Key, Document]:
    pages = list(
        DoctorPage.objects.live()
        .public()
        .filter(translation_key__in=keys)
        .select_related("locale")
        .order_by()
    )
    ids = [page.pk for page in pages]

    practices = by_page(
        (link.page_id, link)
        for link in DoctorPractice.objects.filter(page__in=ids)
        .select_related("practice")
        .order_by("sort_order", "pk")
    )
    registrations = by_page(
        DoctorRegistration.objects.filter(page__in=ids)
        .order_by("sort_order", "pk")
        .values_list("page", "authority", "number")
    )
    languages = by_page(
        DoctorLanguage.objects.filter(page__in=ids)
        .order_by("sort_order", "pk")
        .values_list("page", "language")
    )
    specialties = by_page(
        DoctorPage.specialties.through.objects.filter(doctorpage__in=ids)
        .order_by("specialty__name", "specialty__pk")
        .values_list("doctorpage", "specialty__translation_key", "specialty__slug", "specialty__name")
    )
    conditions = by_page(
        DoctorPage.treated_conditions.through.objects.filter(
            doctorpage__in=ids, conditionpage__in=ConditionPage.objects.live().public().order_by()
        )
        .order_by("conditionpage__title", "conditionpage__pk")
        .values_list(
            "doctorpage", "conditionpage__translation_key", "conditionpage__slug", "conditionpage__title"
        )
    )
    bios = to_html({page.pk: page.bio for page in pages})
    return {
        (page.translation_key, page.locale.language_code): {
            "kind": "doctor",
            "id": str(page.translation_key),
            "locale": page.locale.language_code,
            "slug": page.slug,
            "name": page.title,
            "honorific_prefix": page.honorific_prefix,
            "given_name": page.given_name,
            "family_name": page.family_name,
            "credentials": page.credentials,
            "gender": page.gender,
            "specialties": [reference(*row) for row in specialties[page.pk]],
            "conditions": [reference(*row) for row in conditions[page.pk]],
            "languages": [language for (language,) in languages[page.pk]],
            "telehealth": page.telehealth,
            "practices": [_practice(link) for (link,) in practices[page.pk]],
            "registrations": [
                {"authority": authority, "number": number} for authority, number in registrations[page.pk]
            ],
            "bio": bios[page.pk],
            "notice": page.notice,
            "verified_at": day(page.verified_at),
            "first_published_at": moment(page.first_published_at),
            "last_published_at": moment(page.last_published_at),
        }
        for page in pages
    }


def _practice(link: DoctorPractice) -> Document:
    practice = link.practice
    return {
        "id": str(practice.uuid),
        "name": practice.name,
        "lat": practice.lat,
        "lng": practice.lng,
        "address": {
            "street": practice.street,
            "locality": practice.locality,
            "region": practice.region,
            "postal_code": practice.postal_code,
            "country": practice.country,
        },
        "phone": practice.phone,
        "accepting_new_patients": link.accepting_new_patients,
    }


leave_out(DoctorIndexPage)
register(
    Kind("doctor", DoctorPage, render, names=("practices__practice", "specialties", "treated_conditions"))
)
