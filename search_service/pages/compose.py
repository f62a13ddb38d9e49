"""Composes "Doctors near you for C in P"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson

from search_service.index.protocol import Reader
from search_service.places.gazetteer import Gazetteer
from search_service.places.model import Place
from search_service.query import answers, doctors, what

Json = dict[str, Any]

ARTICLE = ("summary", "notice", "sections", "reviewer", "last_reviewed", "next_review")
PHRASES_PER_CONDITION = 3


def condition_in_place(
    reader: Reader,
    gazetteer: Gazetteer,
    condition: str,
    place: Place,
    understood: Json,
    *,
    locale: str,
    limit: int,
    radius_km: float,
) -> Json:
    """Everything for the page of `condition` (a slug) in `place`, which is told as `understood`.

    Raises UnknownWhat.
    """
    meta = answers.meta(reader)
    sought, document = what.condition(reader, condition, locale)
    lat, lng = place.lat, place.lng
    found = doctors.find(reader, sought, lat, lng, locale=locale, limit=limit, radius_km=radius_km)
    name = understood["match"]["name"]
    related = _related(reader, document, locale)
    return {
        "title": f"Doctors Near You for {document['name']} in {name}",
        "condition": what.reference(document),
        "place": understood,
        "article": {key: document[key] for key in ARTICLE},
        "doctors": answers.doctors(found, sought, doctors.identity(sought, lat, lng, radius_km)),
        "related_searches": list(_related_searches(related)),
        "related_conditions": [{**what.reference(other), "summary": other["summary"]} for other in related],
        "nearby_places": answers.nearby(gazetteer, place),
        "breadcrumbs": list(_breadcrumbs(understood["match"])),
        "meta": meta,
    }


def _related(reader: Reader, document: Json, locale: str) -> list[Json]:
    """Cards of the related conditions, in the editors' order."""
    ids = [UUID(other["id"]) for other in document["related_conditions"]]
    stored = reader.get_many("condition", ids, locale)
    return [orjson.loads(stored[id_].card) for id_ in ids if id_ in stored]


def _related_searches(related: list[Json]) -> Iterable[Json]:
    for other in related:
        for phrase in other["search_phrases"][:PHRASES_PER_CONDITION]:
            yield {"phrase": phrase, "condition": what.reference(other)}


def _breadcrumbs(place: Json) -> Iterable[Json]:
    for level in ("country", "region", "district"):
        if place[level]["name"]:
            yield {"kind": level, **place[level]}
    yield {"kind": "place", "name": place["name"], "slug": place["slug"]}
