"""The gazetteer: places by slug, by text, by beginning of a name, by nearness."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from search_service.places.model import Found, Nearby, Place, Resolution


class PlacesUnavailable(Exception):
    """No places have been imported yet."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was imported. `data_date` is the latest date of change that any of its rows bears."""

    name: str
    places: int
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

    Every method raises PlacesUnavailable when nothing has been imported. None minds what text it is
    given: what cannot be a name is simply not found. Coordinates are decimal degrees on the globe.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def about(self) -> About:
        raise NotImplementedError

    def get(self, id: int) -> Place | None:
        """The place with that id (geonameid, or an id of another source outside GeoNames' range)."""
        raise NotImplementedError

    def resolve_slug(self, slug: str) -> Resolution:
        """Understand `domkhar-ladakh-in`, `san-isidro-bicol-ph-1689056` or a bare id."""
        raise NotImplementedError

    def resolve_text(
        self, text: str, *, focus: tuple[float, float] | None = None, country: str | None = None
    ) -> Resolution:
        """Understand `Domkhar`, `Domkhar, Ladakh` or `leh india`.

        Among namesakes, those near to `focus` (lat, lng) and those in `country` (alpha-2 code) are
        preferred to more important ones.
        """
        raise NotImplementedError

    def search(self, text: str, *, focus: tuple[float, float] | None = None, limit: int = 10) -> list[Found]:
        """Places whose name, or a word of it, begins with `text`, the likeliest first, each once.

        For a finished name the first is the one that `resolve_text` chooses.
        """
        raise NotImplementedError

    def nearest(
        self,
        lat: float,
        lng: float,
        *,
        limit: int = 10,
        radius_km: float | None = None,
        exclude: Collection[int] = (),
    ) -> list[Nearby]:
        """The populated places nearest to a point, nearest first, those with the ids `exclude` left out."""
        raise NotImplementedError
