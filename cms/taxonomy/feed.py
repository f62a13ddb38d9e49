"""Specialties in the feed: contracts/feed/v1/specialty.schema.json."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from cms.feed.kinds import Document, Key, Kind, register
from cms.taxonomy.models import Specialty


def render(keys: Collection[UUID]) -> dict[Key, Document]:
    specialties = Specialty.objects.filter(translation_key__in=keys).select_related("locale")
    return {
        (specialty.translation_key, specialty.locale.language_code): {
            "kind": "specialty",
            "id": str(specialty.translation_key),
            "locale": specialty.locale.language_code,
            "slug": specialty.slug,
            "name": specialty.name,
            "practitioner_name": specialty.practitioner_name,
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
