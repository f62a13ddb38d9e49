"""What the gazetteer answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Status = Literal["exact", "ambiguous", "approximate", "none"]

# How the text was bent to make it fit a name:
#   completion   it is the beginning of the name
#   spelling     it is spelt nearly as the name
#   area         the name fits; the region or country beside it is spelt nearly as the place's
#   description  a word such as "village" was left out
Assumption = Literal["completion", "spelling", "area", "description"]


class Area(NamedTuple):
    """A country (code: ISO 3166 alpha-2), a region or a district (codes: GeoNames admin1 and admin2,
    without what they lie in). Both are empty where the source names none, `name` alone where the code
    is unknown."""

    code: str
    name: str


class Place(NamedTuple):
    """One place of the gazetteer.

    `kind` is a GeoNames feature code (PPL, PPLC, ADM1 ...), `population` 0 when unknown, `timezone` an
    IANA name or empty. `slug` resolves to this place and no other, as long as this generation lives.
    """

    id: int
    name: str
    ascii_name: str
    lat: float
    lng: float
    kind: str
    country: Area
    region: Area
    district: Area
    population: int
    timezone: str
    slug: str

    @property
    def label(self) -> str:
        """`Domkhar Dho, Leh, Ladakh, India`. What says the same as its neighbour is left out."""
        parts = [self.name]
        for area in (self.district, self.region, self.country):
            if area.name and area.name != parts[-1]:
                parts.append(area.name)
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Found:
    """A place, and the one of its names under which it was found."""

    place: Place
    name: str


@dataclass(frozen=True, slots=True)
class Nearby:
    """A place, and its great-circle distance from the point asked for."""

    place: Place
    distance_km: float


@dataclass(frozen=True, slots=True)
class Resolution:
    """How a text or slug was understood.

    exact: `match` is what was asked for. ambiguous: `match` is the likeliest of several, the others are
    in `alternatives`. approximate: `match` is likely, but the text had to be bent. none: `match` is None;
    `suggestions` are what may have been meant.

    `assumed` says how the text was bent, if it was: always when approximate, maybe when ambiguous.
    `matched_name` is the name under which `match` was found. `alternatives` may be offered with an exact
    match too: lesser namesakes, and places that are parts of the same village.
    """

    status: Status
    match: Place | None = None
    matched_name: str = ""
    assumed: Assumption | None = None
    alternatives: tuple[Place, ...] = ()
    suggestions: tuple[Place, ...] = ()
