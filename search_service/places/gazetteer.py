"""The gazetteer: places by slug, by text, by beginning of a name, by nearness."""

from __future__ import annotations

import functools
import sqlite3
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from search_service.generations import Generations
from search_service.places import names, progress, resolution
from search_service.places.areas import Areas
from search_service.places.localising import localised
from search_service.places.matching import Wish
from search_service.places.model import Area, Found, Nearby, Place, Resolution
from search_service.places.sqlite import SQLiteStore
from search_service.places.store import base_slug, place


class PlacesUnavailable(Exception):
    """No places have been imported yet, or what was imported cannot be read. The message says which."""


P = ParamSpec("P")
T = TypeVar("T")


def _reading(method: Callable[Concatenate[Gazetteer, P], T]) -> Callable[Concatenate[Gazetteer, P], T]:
    """Damage that shows only while the file is read is PlacesUnavailable too."""

    @functools.wraps(method)
    def guarded(self: Gazetteer, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(self, *args, **kwargs)
        except (sqlite3.Error, OSError) as error:
            raise PlacesUnavailable(f"the live generation cannot be read: {error}") from error

    return guarded


def _wish(focus: tuple[float, float] | None, country: str | None) -> Wish:
    return Wish(focus, country.upper() if country else None)


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was imported. `kind` says what it is a table of ("places", "postal codes" ...), `rows` how
    many of its rows were used. `data_date` is the latest date of change that any of them bears, or that of the
    archive."""

    name: str
    kind: str
    rows: int
    data_date: date | None
    attribution: str


@dataclass(frozen=True, slots=True)
class About:
    """What the live generation holds. `imported_at` is aware (UTC)."""

    generation: str
    places: int
    names: int
    imported_at: datetime
    sources: tuple[Source, ...]


class Gazetteer:
    """The places under `directory` (PLACES_DIR). Make one per process and use it from any thread: each
    thread opens the live generation for itself, and opens the next one when that goes live.

    Every method raises PlacesUnavailable when nothing has been imported, or it cannot be read. None minds
    what text it is given: what cannot be a name is simply not found. Coordinates are decimal degrees on
    the globe.
    """

    def __init__(self, directory: Path) -> None:
        self._generations = Generations(directory)
        self._opened = threading.local()
        self._areas: tuple[str, Areas] | None = None
        # A generation stays as it is.
        self._seats = functools.lru_cache(4096)(self._read_seats)

    @property
    def generation(self) -> str | None:
        """Name of the live generation, None while there is none."""
        return self._current()

    @_reading
    def about(self) -> About:
        store, generation = self._live()
        meta = store.meta()
        return About(
            generation=generation,
            places=meta["places"],
            names=meta["names"],
            imported_at=datetime.fromisoformat(meta["imported_at"]),
            sources=tuple(
                Source(
                    name=source["name"],
                    kind=source["kind"],
                    rows=source["rows"],
                    data_date=date.fromisoformat(source["data_date"]) if source["data_date"] else None,
                    attribution=source["attribution"],
                )
                for source in meta["sources"]
            ),
        )

    def last_import(self) -> dict[str, Any] | None:
        """How the last import went, or goes: see `progress.last`."""
        return progress.last(self._generations.root)

    @_reading
    def get(self, id: int, *, locale: str | None = None) -> Place | None:
        """The place with that id (geonameid, or an id of another source outside GeoNames' range)."""
        store, _ = self._live()
        row = store.get(id)
        return localised(store, place(store.areas, row), locale) if row else None

    @_reading
    def resolve_slug(self, slug: str, *, locale: str | None = None) -> Resolution:
        """Understand `domkhar-ladakh-in`, `san-isidro-lima-region-pe-3929631`, an id as text,
        `postal-194106-in`, or `34.39,76.76`.

        A slug is never corrected: what it does not name exactly is suggested.
        """
        store, _ = self._live()
        return localised(store, resolution.resolve_slug(store, slug), locale)

    @_reading
    def resolve_text(
        self,
        text: str,
        *,
        focus: tuple[float, float] | None = None,
        country: str | None = None,
        locale: str | None = None,
        guess: bool = True,
    ) -> Resolution:
        """Understand `Domkhar`, `Domkhar, Ladakh`, `leh india`, `194106` or `34.39 N 76.76 E`.

        Among namesakes, those in `country` (alpha-2 code) are preferred, then those near to `focus`
        (lat, lng) to more important ones far away. Without `guess`, nothing is taken for a name that is spelt
        otherwise or unfinished, and nothing suggested: that is much faster.
        """
        store, _ = self._live()
        understood = resolution.resolve_text(store, text, _wish(focus, country), guess=guess)
        return localised(store, understood, locale)

    @_reading
    def search(
        self,
        text: str,
        *,
        focus: tuple[float, float] | None = None,
        country: str | None = None,
        limit: int = 10,
        locale: str | None = None,
    ) -> list[Found]:
        """Places that have a name with all the words of `text`, the last of them maybe unfinished; the
        likeliest first, each once. Where there is none, what is spelt like it.

        The first is the one that `resolve_text` chooses, if `text` is a finished name.
        """
        store, _ = self._live()
        return localised(
            store, resolution.complete(store, text, _wish(focus, country), limit, locale), locale
        )

    @_reading
    def nearest(
        self,
        lat: float,
        lng: float,
        *,
        limit: int = 10,
        radius_km: float | None = None,
        exclude: Collection[int] = (),
        locale: str | None = None,
    ) -> list[Nearby]:
        """The populated places nearest to a point, nearest first, those with the ids `exclude` left out."""
        store, _ = self._live()
        found = store.near(lat, lng, limit, radius_km, exclude)
        return localised(store, [Nearby(place(store.areas, row), km) for row, km in found], locale)

    @_reading
    def populated(self) -> NDArray[np.void]:
        """All populated places in order of `id`, as columns: `population`, `lat`, `lng`. 32 bytes each."""
        store, _ = self._live()
        columns = [("id", np.int64), ("population", np.int64), ("lat", np.float64), ("lng", np.float64)]
        found = np.fromiter(store.populated(), np.dtype(columns))
        return found.take(np.argsort(found["id"]))

    @_reading
    def seats(self, of: Place) -> dict[str, str]:
        """By level, "region" and "district", the slug of the place that lies in the one that `of` lies in, and is called
        as it is: Leh, of the district Leh. Only where there is such a place."""
        _, generation = self._live()
        return self._seats(generation, of.country.code, of.region.code, of.district)

    def _read_seats(self, generation: str, country: str, region: str, district: Area) -> dict[str, str]:
        store, _ = self._live()
        region_slug = store.areas.region_slug(country, region)
        called = {"region": region_slug, "district": names.slug(names.key(district.name))}
        found = {}
        for level, own in called.items():
            slug = base_slug(own, "", country, region_slug)
            match = resolution.resolve_slug(store, slug).match if own else None
            if match and match.slug == slug and (level == "region" or match.district.code == district.code):
                found[level] = slug
        return found

    def _current(self) -> str | None:
        try:
            return self._generations.current()
        except OSError as error:
            raise PlacesUnavailable(str(error)) from error

    def _live(self) -> tuple[SQLiteStore, str]:
        """This thread's reader of the live generation, and the generation's name."""
        while name := self._current():
            opened: tuple[SQLiteStore, str] | None = getattr(self._opened, "live", None)
            if opened and opened[1] == name:
                return opened
            areas = self._areas
            try:
                store = SQLiteStore(
                    self._generations.path(name), areas[1] if areas and areas[0] == name else None
                )
            except (LookupError, OSError) as error:
                if name == self._current():
                    raise PlacesUnavailable(str(error)) from error
                continue  # It was replaced and deleted in this moment.
            self._areas = name, store.areas
            if opened:
                opened[0].close()
            self._opened.live = store, name
        raise PlacesUnavailable("no places have been imported: run `python -m search_service import_places`")
