"""Composes "Doctors near you for C in P"."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from search_service.index.protocol import Reader
from search_service.places.gazetteer import Gazetteer
from search_service.places.model import Place
from search_service.query import answers, doctors, documents, reviews
from search_service.query.what import What

Json = dict[str, Any]

ARTICLE = ("summary", "notice", "sections", "reviewer")
PHRASES_PER_CONDITION = 3


def condition_in_place(
    reader: Reader,
    gazetteer: Gazetteer,
    condition: str,
    place: Place,
    understood: Json,
    *,
    locale: str,
    names_in: str | None,
    today: date,
    limit: int,
    radius_km: float,
) -> Json:
    """Everything for the page of `condition` (a slug) in `place`, which is told as `understood`. The article is in
    `locale`, names of places are in `names_in`.

    Raises documents.Unknown, Unpublished or Renamed.
    """
    meta = answers.meta(reader)
    document = documents.load(reader, "condition", condition, locale)
    search = doctors.Search(What(document), place.lat, place.lng, locale, radius_km)
    found = doctors.find(reader, search, today, limit=limit)
    name = understood["match"]["name"]
    related = _related(reader, document, locale)
    return {
        "title": f"Doctors Near You for {document['name']} in {name}",
        "condition": documents.reference(document),
        "place": understood,
        "article": {**{key: document[key] for key in ARTICLE}, **reviews.told(document, today)},
        "doctors": answers.doctors(found, search),
        "related_searches": list(_related_searches(related)),
        "related_conditions": [
            {**documents.reference(other), "summary": other["summary"]} for other in related
        ],
        "nearby_places": answers.nearby(gazetteer, place, names_in),
        "breadcrumbs": list(_breadcrumbs(understood["match"])),
        "meta": meta,
    }


def _related(reader: Reader, document: Json, locale: str) -> list[Json]:
    """Cards of the related conditions, in the editors' order."""
    ids = [UUID(other["id"]) for other in document["related_conditions"]]
    cards = reader.cards("condition", ids, locale)
    return [orjson.loads(cards[id_]) for id_ in ids if id_ in cards]


def _related_searches(related: list[Json]) -> Iterable[Json]:
    for other in related:
        for phrase in other["search_phrases"][:PHRASES_PER_CONDITION]:
            yield {"phrase": phrase, "condition": documents.reference(other)}


def _breadcrumbs(place: Json) -> Iterable[Json]:
    for level in ("country", "region", "district"):
        if place[level]["name"]:
            yield {"kind": level, **place[level]}
    yield {"kind": "place", "name": place["name"], "slug": place["slug"]}
