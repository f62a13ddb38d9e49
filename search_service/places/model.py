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
#   script       it is written in another script, and sounds like the name
#   postal_code  of the postal code only the first part is known, or nothing: it was left out
#   position     the source does not know where this postal code lies: it is taken to be where its district is
Assumption = Literal["completion", "spelling", "area", "description", "script", "postal_code", "position"]

# Why a place is offered beside the match: as another one of that name (or postal code), as another part of
# the same village, as one of the places that a postal code serves.
Why = Literal["namesake", "part", "served"]

# The kinds of what is no row of the gazetteer; the others are GeoNames' feature codes.
POINT, POSTAL_CODE = "point", "postal_code"


class Area(NamedTuple):
    """A country (code: ISO 3166 alpha-2), a region or a district (codes: GeoNames admin1 and admin2,
    without what they lie in). Both are empty where the source names none, `name` alone where the code
    is unknown."""

    code: str
    name: str


class Place(NamedTuple):
    """One place of the gazetteer, or the area of a postal code, or a point.

    `kind` is a GeoNames feature code (PPL, PPLC, ADM1 ...), `population` 0 when unknown, `timezone` an
    IANA name or empty. `slug` resolves to this place and no other, as long as this generation lives.
    `local_name` is its name in the locale asked for, empty where none is known.

    A postal code is the middle of the places that it serves; the furthest of them is `spread_km` away. It
    has no id, nor has a point, which lies in no area either.
    """

    id: int | None
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
    local_name: str = ""
    spread_km: float | None = None

    @property
    def label(self) -> str:
        """`Domkhar Dho, Leh, Ladakh, India`. What says the same as its neighbour is left out."""
        parts = [self.local_name or self.name]
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


class Alternative(NamedTuple):
    """A place that is offered beside the match."""

    place: Place
    why: Why


@dataclass(frozen=True, slots=True)
class Resolution:
    """How a text or slug was understood.

    exact: `match` is what was asked for. ambiguous: `match` is the likeliest of several, the others are
    in `alternatives`. approximate: `match` is likely, but the text had to be bent. none: `match` is None;
    `suggestions` are what may have been meant.

    `assumed` says how the text was bent, if it was: always when approximate, maybe when ambiguous.
    `matched_name` is the name under which `match` was found. `alternatives` may be offered with an exact
    match too: lesser namesakes, and places that are parts of the same village. `nearest` is the place
    nearest to a match that is a point. `reason` says why there is none, where that is known.
    """

    status: Status
    match: Place | None = None
    matched_name: str = ""
    assumed: Assumption | None = None
    alternatives: tuple[Alternative, ...] = ()
    suggestions: tuple[Place, ...] = ()
    nearest: Nearby | None = None
    reason: str = ""
