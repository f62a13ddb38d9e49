"""Which of several places is the likelier one. Scores are thousandths of a power of ten of people: 1000
more is a place ten times as large."""

from __future__ import annotations

import math

from search_service import geo
from search_service.places import names

Point = tuple[float, float]


# What a name is to its place: the name itself or its ASCII form; another spelling, language or script; an
# airport's or some other code (LEH is Le Havre's). Plain numbers, for there are millions of them.
OWN, ALTERNATE, CODE = range(3)
# A place is less likely to be meant by another name than its own, and least by a code.
NAME_COST = (0, 1000, 3000)

_KIND_BONUS = {
    "PPLC": 500,
    "PPLA": 200,
    "PPLA2": 100,
    "PPLA3": 50,
    "PPLX": -300,  # a part of another place
    "PPLH": -2000,  # no longer there
    "PPLQ": -2000,
    "PPLW": -2000,
}
# Who names a town rarely means the district around it that is named after it.
_AREA_COST = 500
# With a wrong letter in its name, a place must be a hundred times as large to be as likely.
LETTER_COST = 2000
# León is another name of León de los Aldama, but hardly another.
_SHORTER_COST = 300
# Who writes "St. Louis" rather means St. Louis than Saint-Louis.
AS_WRITTEN = 200

# From this lead on - ten times as large - the likeliest of several places is what nearly everybody means.
CLEAR_LEAD = 1000
# A place of more people is a town: what lies around it are suburbs and not parts of the village, and its
# postal codes tell where in it.
TOWN = 10_000
# Namesakes this near to each other are one place to whoever looks for something near it.
ONE_PLACE_KM = 10.0


def is_area(kind: str) -> bool:
    """Whether a feature code means a country, region or district, not a populated place."""
    return kind.startswith(("ADM", "PCL"))


def importance(kind: str, population: int) -> int:
    """By population (0 is unknown and counts as least), and by what the place is."""
    bonus = -_AREA_COST if is_area(kind) else _KIND_BONUS.get(kind, 0)
    return round(1000 * math.log10(max(population, 1))) + bonus


def name_cost(name_class: int, found: str, own: str) -> int:
    """How much less likely a place is meant by the name under which it was found than by its own."""
    if name_class == ALTERNATE and names.key(own).startswith(f"{names.key(found)} "):
        return _SHORTER_COST
    return NAME_COST[name_class]


def score(importance: float, point: Point, focus: Point | None) -> float:
    """The likelihood of a place found by name.

    Half a world away from `focus` costs about 6600: a village next to it outdoes a metropolis at the
    antipodes.
    """
    if focus is None:
        return importance
    return importance - 2000 * math.log10(1 + geo.distance_km(*point, *focus) / 10)
