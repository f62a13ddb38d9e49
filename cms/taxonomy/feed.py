"""Specialties in the feed: contracts/feed/v1/specialty.schema.json."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from cms.feed.documents import by_parent
from cms.feed.kinds import Document, Key, Kind, register
from cms.languages.models import fallback_for
from cms.taxonomy.models import Specialty, SpecialtyName


def render(keys: Collection[UUID]) -> dict[Key, Document]:
    live = Specialty.objects.filter(live=True, translation_key__in=keys)
    specialties = list(live.select_related("locale"))
    names = by_parent(
        SpecialtyName.objects.filter(specialty__in=specialties)
        .order_by("sort_order", "pk")
        .values_list("specialty", "name", "exact_only")
    )
    shown_in = fallback_for()
    return {
        (specialty.translation_key, specialty.locale.language_code): {
            "kind": "specialty",
            "id": str(specialty.translation_key),
            "locale": specialty.locale.language_code,
            "fallback_for": shown_in.get(specialty.locale.language_code, []),
            "slug": specialty.slug,
            "name": specialty.name,
            "practitioner_name": specialty.practitioner_name,
            "alternate_names": [name for name, _ in names[specialty.pk]],
            "exact_names": list(
                dict.fromkeys(name for name, exact_only in names[specialty.pk] if exact_only)
            ),
            "description": specialty.description,
            "codes": [
                {"system": system, "code": code}
                for system, code in (("schema.org", specialty.schema_org_code), ("nucc", specialty.nucc_code))
                if code
            ],
        }
        for specialty in specialties
    }


register(Kind("specialty", Specialty, render))
