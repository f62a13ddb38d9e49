"""Answers of the gazetteer with the names of a locale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from search_service.places.model import Alternative, Found, Nearby, Place, Resolution
from search_service.places.store import Store

T = TypeVar("T", Place, Resolution, list[Found], list[Nearby])


def localised(store: Store, answer: T, locale: str | None) -> T:
    """The answer with what places, regions and countries are called in the locale, where that is known."""
    if not locale:
        return answer
    found: list[Place] = []
    _each(answer, found.append)
    local = store.local_names([place.id for place in found if place.id is not None], locale)

    def change(place: Place) -> Place:
        country, region = place.country, place.region
        return place._replace(
            local_name=local.get(place.id or 0, ""),
            country=country._replace(name=store.areas.country_name(country.code, locale) or country.name),
            region=region._replace(
                name=store.areas.region_name(country.code, region.code, locale) or region.name
            ),
        )

    changed: T = _each(answer, change)
    return changed


def _each(answer: Any, change: Callable[[Place], Any]) -> Any:
    """The answer with each place in it changed."""
    match answer:
        case Place():
            return change(answer)
        case Alternative():
            return answer._replace(place=change(answer.place))
        case Found() | Nearby():
            return replace(answer, place=change(answer.place))
        case Resolution():
            parts = ("match", "alternatives", "suggestions", "nearest")
            return replace(answer, **{part: _each(getattr(answer, part), change) for part in parts})
        case list() | tuple():
            return type(answer)(_each(each, change) for each in answer)
        case _:
            return answer
