"""The JSON of what was understood and found: each shape in one place."""

from __future__ import annotations

from typing import Any

import orjson

from search_service.index.protocol import Hit, Reader
from search_service.places.gazetteer import About, Gazetteer
from search_service.places.model import Area, Place, Resolution
from search_service.query import cursors
from search_service.query.doctors import Found
from search_service.query.what import What

Json = dict[str, Any]

NEARBY_PLACES = 8


def meta(reader: Reader) -> Json:
    """What an answer holds, at least: read it before anything else, for the index may move on."""
    position = reader.position()
    return {
        "generation": reader.generation,
        "position": position.seq if position else 0,
        "as_of": position.as_of if position else None,
    }


def place(place: Place, name: str = "", slug: str = "") -> Json:
    """A place, under the name and slug by which it was asked for, where they are not its own."""
    return {
        "id": place.id,
        "slug": slug or place.slug,
        "name": name or place.name,
        "official_name": place.name,
        "label": place.label,
        "kind": place.kind,
        "lat": place.lat,
        "lng": place.lng,
        "population": place.population,
        "timezone": place.timezone,
        "country": _area(place.country),
        "region": _area(place.region),
        "district": _area(place.district),
    }


def _area(area: Area) -> Json:
    return {"code": area.code, "name": area.name}


def understood(resolution: Resolution, asked_slug: str = "") -> Json:
    """How a place was understood, with what it might have meant instead."""
    match = resolution.match
    if match is None:
        answer = None
    elif resolution.matched_name == match.name:
        answer = place(match)
    else:
        answer = place(match, resolution.matched_name, asked_slug)
    return {
        "status": resolution.status,
        "match": answer,
        "assumed": resolution.assumed,
        "alternatives": [place(other) for other in resolution.alternatives],
    }


def nearby(gazetteer: Gazetteer, of: Place) -> list[Json]:
    """The places around one, nearest first."""
    return [
        {**place(near.place), "distance_km": round(near.distance_km, 2)}
        for near in gazetteer.nearest(of.lat, of.lng, limit=NEARBY_PLACES, exclude={of.id})
    ]


def gazetteer(about: About) -> Json:
    """What the gazetteer was made of."""
    return {
        "generation": about.generation,
        "count": about.places,
        "imported_at": about.imported_at,
        "sources": [
            {
                "name": source.name,
                "places": source.places,
                "data_date": source.data_date,
                "attribution": source.attribution,
            }
            for source in about.sources
        ],
    }


def doctors(found: Found, what: What, search: tuple[object, ...]) -> Json:
    """A page of doctors. `search` is what the cursor of the next page is bound to."""
    return {
        "radius_km": found.reach.radius_km,
        "widened_to_km": found.reach.widened_to_km,
        "total": {"value": found.total.value, "relation": found.total.relation},
        "results": [_doctor(hit, what) for hit in found.hits],
        "next": cursors.encode(search, found.reach, found.next) if found.next else None,
    }


def _doctor(hit: Hit, what: What) -> orjson.Fragment:
    """The doctor's card, the nearest practice's and what only this query knows, as one object."""
    of_query = {
        "distance_km": round(hit.distance_km, 2),
        "why_listed": what.reasons[hit.term],
        "other_practices": hit.listings - 1,
    }
    parts = (hit.card, hit.listing_card, orjson.dumps(of_query))
    # Cards are non-empty JSON objects that the consumer wrote: joined without parsing them again.
    return orjson.Fragment(b"{" + b",".join(part[1:-1] for part in parts) + b"}")
