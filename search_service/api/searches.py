"""From the parameters of `/doctors/` to a search."""

from __future__ import annotations

import math
from typing import Any

from search_service import stores
from search_service.api.problems import InvalidParameters, PlaceNotUnderstood
from search_service.index.protocol import Box, Reader
from search_service.locales import Language
from search_service.places.model import Place, Resolution
from search_service.query import answers, cursors, doctors, what

Json = dict[str, Any]

_FILTERS = ("language", "gender", "telehealth", "accepting_new_patients", "practice")


def search(reader: Reader, params: Json, language: Language) -> tuple[doctors.Search, Json]:
    """What is asked for, and how the place was understood, for the answer. Raises PlaceNotUnderstood, and what
    `what.sought` does."""
    sought = what.sought(
        reader,
        language.locale,
        params.get("condition"),
        params.get("specialty", ()),
        named_only=params.get("match") == "condition",
    )
    where, lat, lng = _where(params, language.names_in)
    radius_km = None if "bbox" in params else params.get("radius_km", doctors.DEFAULT_RADIUS_KM)
    search = doctors.Search(
        sought,
        lat,
        lng,
        language.locale,
        radius_km=None if radius_km == math.inf else radius_km,
        widen=params.get("widen", True),
        box=params.get("bbox"),
        name=params.get("name", ()),
        filters={name: _terms(params[name]) for name in _FILTERS if name in params},
        min_years=params.get("min_years"),
        verified_since=params.get("verified_since"),
        telehealth_in=params["telehealth_in"].upper() if "telehealth_in" in params else None,
        sort=params["sort"],
    )
    return search, where


def _terms(values: tuple[Any, ...]) -> frozenset[str]:
    """As the index has them, in small letters."""
    return frozenset(str(value).lower() for value in values)


def _where(params: Json, names_in: str | None) -> tuple[Json, float, float]:
    """The place, point or box as understood, for the answer, and the point from which distances are."""
    box: Box | None = params.get("bbox")
    where: Json = {"bbox": [box.west, box.south, box.east, box.north]} if box else {}
    if "lat" in params:
        lat, lng = params["lat"], params["lng"]
        return where | {"point": {"lat": lat, "lng": lng}}, lat, lng
    if "place" in params:
        match, understood = place_by_slug(params["place"], names_in)
    elif "near" in params:
        match, understood = _found(
            stores.gazetteer().resolve_text(params["near"], country=params.get("country"), locale=names_in)
        )
    else:
        assert box  # `DoctorParams` has seen to it
        lat, lng = doctors.middle(box)
        return where | {"point": {"lat": lat, "lng": lng}}, lat, lng
    return where | {"place": understood}, match.lat, match.lng


def place_by_slug(slug: str, names_in: str | None) -> tuple[Place, Json]:
    """The place of a slug or id, and how that was understood, with names in that locale. Raises PlaceNotUnderstood."""
    return _found(stores.gazetteer().resolve_slug(slug, locale=names_in), slug)


def point(params: Json) -> tuple[float, float] | None:
    """Where the caller is, if that is told."""
    return (params["lat"], params["lng"]) if "lat" in params else None


def resolved(slug: str, names_in: str | None) -> Resolution:
    """The place of a slug or id, with names in that locale. Raises PlaceNotUnderstood."""
    resolution = stores.gazetteer().resolve_slug(slug, locale=names_in)
    if resolution.match is None:
        raise _not_understood(resolution)
    return resolution


def _found(resolution: Resolution, asked_slug: str = "") -> tuple[Place, Json]:
    """The match, and how it was understood. Without a match an error: never an answer for elsewhere."""
    if resolution.match is None:
        raise _not_understood(resolution)
    return resolution.match, answers.understood(resolution, asked_slug)


def _not_understood(resolution: Resolution) -> PlaceNotUnderstood:
    suggestions = [answers.place(place) for place in resolution.suggestions]
    return PlaceNotUnderstood(answers.understood(resolution), suggestions, resolution.reason)


def after(params: Json, search: doctors.Search) -> doctors.Mark | None:
    """Where the page begins. Raises InvalidParameters."""
    if "cursor" not in params:
        return None
    try:
        return cursors.decode(search, params["cursor"])
    except cursors.InvalidCursor as error:
        raise InvalidParameters({"cursor": [str(error)]}) from error
