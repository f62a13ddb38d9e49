"""The JSON of what was understood and found: each shape in one place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from search_service.index.protocol import Counts, Found, Hit, Reader
from search_service.places.gazetteer import About, Gazetteer
from search_service.places.model import Area, Nearby, Place, Resolution
from search_service.query import best, cursors
from search_service.query.doctors import Page, Search

Json = dict[str, Any]

NEARBY_PLACES = 8


def meta(reader: Reader) -> Json:
    """What an answer holds, at least: read it before anything else, for the index may move on. It is the same until
    something changes, so that an answer is the same to the byte."""
    position = reader.position()
    return {
        "generation": reader.generation,
        "position": position.seq if position else 0,
        "as_of": position.changed_at if position else None,
    }


def freshness(reader: Reader, now: datetime) -> Json:
    """What the index holds, and how long ago that was last known to be all that there is."""
    position = reader.position()
    return {
        "generation": reader.generation,
        "position": position.seq if position else 0,
        "as_of": position.as_of if position else None,
        "lag_seconds": (now - position.as_of).total_seconds() if position else None,
    }


def place(place: Place, name: str = "", slug: str = "") -> Json:
    """A place under its name in the locale asked for, else under the name and slug by which it was asked
    for, where they are not its own."""
    return {
        "id": place.id,
        "slug": slug or place.slug,
        "name": place.local_name or name or place.name,
        "official_name": place.name,
        "label": place.label,
        "kind": place.kind,
        "lat": place.lat,
        "lng": place.lng,
        "spread_km": place.spread_km,
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
        "alternatives": [{**place(other), "why": why} for other, why in resolution.alternatives],
        "nearest": at_distance(resolution.nearest) if resolution.nearest else None,
    }


def at_distance(near: Nearby) -> Json:
    return {**place(near.place), "distance_km": round(near.distance_km, 2)}


def nearby(gazetteer: Gazetteer, of: Place, locale: str | None = None) -> list[Json]:
    """The places around one, nearest first."""
    itself = () if of.id is None else (of.id,)
    found = gazetteer.nearest(of.lat, of.lng, limit=NEARBY_PLACES, exclude=itself, locale=locale)
    return [at_distance(near) for near in found]


def gazetteer(about: About) -> Json:
    """What the gazetteer was made of."""
    return {
        "generation": about.generation,
        "count": about.places,
        "imported_at": about.imported_at,
        "sources": [
            {
                "name": source.name,
                "kind": source.kind,
                "rows": source.rows,
                "data_date": source.data_date,
                "attribution": source.attribution,
            }
            for source in about.sources
        ],
    }


def doctors(page: Page, search: Search, *, explain: bool = False, is_placed: bool = True) -> Json:
    """A page of doctors. Unless it `is_placed`, they were not looked for near any point: distances say nothing, and
    no page follows."""
    return {
        "radius_km": page.reach.radius_km,
        "widened_to_km": page.reach.widened_to_km,
        "total": _total(page.found.counts),
        "results": _results(page.found.hits, search, explain=explain, is_placed=is_placed),
        "next": cursors.encode(search, page.next) if page.next and is_placed else None,
    }


def telehealth(page: Page, search: Search) -> Json | None:
    """Who may help from afar."""
    if page.telehealth is None:
        return None
    return from_afar(page.telehealth, search, search.telehealth_in or "")


def from_afar(found: Found, search: Search, country: str) -> Json:
    """Who may treat patients in that country by telehealth."""
    return {"country": country, "total": _total(found.counts), "results": _results(found.hits, search)}


def _total(counts: Counts) -> Json:
    total = counts.total
    assert total  # it is always asked for
    return {"value": total.value, "relation": total.relation}


def _results(
    hits: list[Hit], search: Search, *, explain: bool = False, is_placed: bool = True
) -> list[orjson.Fragment]:
    reasons, of_condition = search.what.reasons(), search.what.condition is not None
    results = []
    for hit in hits:
        of_query: Json = {
            "distance_km": round(hit.distance_km, 2) if is_placed else None,
            "why_listed": reasons[hit.term],
            "other_practices": hit.listings - 1,
        }
        if explain:
            of_query["explain"] = best.explain(hit.key.group, of_condition=of_condition)
        # As one object, without parsing them again: cards are non-empty JSON objects that the consumer wrote.
        own = orjson.dumps(of_query)
        results.append(orjson.Fragment(hit.card[:-1] + b"," + hit.listing_card[1:-1] + b"," + own[1:]))
    return results
