"""What the search service's gazetteer says of an address and of the point of a practice.

Each question is answered or given up within SEARCH_TIMEOUT_SECONDS: SearchUnavailable is raised, with the reason.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from cms.doctors.countries import COUNTRIES
from cms.search_status import client

EARTH_RADIUS_KM = 6371.0088
# As many as one request may ask for.
MOST = 50
OFFERED = 5


@dataclass(frozen=True, slots=True)
class Place:
    """`name` is the one under which it was found. `lat` and `lng` are decimal degrees; 0 people are not known."""

    name: str
    official_name: str
    label: str
    lat: float
    lng: float
    population: int
    time_zone: str
    country: str
    areas: tuple[str, ...]

    def is_called(self, name: str) -> bool:
        return _folded(name) in {_folded(self.name), _folded(self.official_name)}

    def km_from(self, lat: float, lng: float) -> float:
        """On the great circle."""
        here, there = math.radians(self.lat), math.radians(lat)
        half_chord = math.hypot(
            math.sin((there - here) / 2),
            math.sqrt(math.cos(here) * math.cos(there)) * math.sin(math.radians(lng - self.lng) / 2),
        )
        return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, half_chord))

    @property
    def reach_km(self) -> float:
        """How far from its middle something may be that is said to be there. Cities have grown outwards: 10 million
        people live as far as 32 km from it."""
        return float(settings.CMS_PLACE_CHECK_KM + 0.01 * math.sqrt(max(0, self.population)))


def objection(locality: str, country: str, lat: float, lng: float) -> str:
    """Why a practice at this point cannot have this address, for editors; '' when nothing is against it.

    `country` is ISO 3166-1 alpha-2. A locality that the gazetteer does not know in the country is no objection.
    """
    deadline = client.new_deadline()
    namesakes = []
    if locality.strip():
        found = _named(locality, deadline, country=country, lat=lat, lng=lng)
        namesakes = [place for place in found if place.country == country and place.is_called(locality)]
        if any(place.km_from(lat, lng) <= place.reach_km for place in namesakes):
            return ""

    around = [place for place in _nearest(lat, lng, deadline) if place.km_from(lat, lng) <= place.reach_km]
    if around and all(place.country != country for place in around):
        nearest = around[0]
        where = COUNTRIES.get(nearest.country, nearest.country)
        return (
            f"This point lies in {where}, {_distance(nearest, lat, lng)} from {nearest.name}; "
            f"the address says {COUNTRIES.get(country, country)}."
        )

    if namesakes:
        nearest = min(namesakes, key=lambda place: place.km_from(lat, lng))
        return f"This point lies {_distance(nearest, lat, lng)} from {nearest.label}."
    return ""


def find(locality: str, region: str, postal_code: str, country: str) -> list[Place]:
    """Places in the country that may be meant by an address, the likeliest first; a few, or none."""
    deadline = client.new_deadline()
    found: list[Place] = []
    for text in (locality, postal_code):
        if text.strip() and not found:
            found = [place for place in _named(text, deadline, country=country) if place.country == country]
    # What is called so comes before what only begins so, and what lies in the region before its namesakes.
    wanted = _folded(region)
    return sorted(
        found,
        key=lambda place: (
            not place.is_called(locality),
            bool(wanted) and wanted not in map(_folded, place.areas),
        ),
    )[:OFFERED]


def _named(text: str, deadline: float, **near: object) -> list[Place]:
    # 200 is the longest text that the search service takes.
    query = {"q": [text.strip()[:200]], "limit": [str(MOST)]}
    query |= {name: [str(value)] for name, value in near.items()}
    return _places(client.get("/api/v1/places/", query, deadline))


def _nearest(lat: float, lng: float, deadline: float) -> list[Place]:
    query = {"lat": [str(lat)], "lng": [str(lng)], "limit": [str(MOST)]}
    return _places(client.get("/api/v1/places/nearest/", query, deadline))


def _places(answer: object) -> list[Place]:
    return [
        Place(
            name=client.value(row, "name", str),
            official_name=client.optional(row, "official_name", str) or "",
            label=client.value(row, "label", str),
            lat=client.number(row, "lat"),
            lng=client.number(row, "lng"),
            population=client.value(row, "population", int),
            time_zone=client.optional(row, "timezone", str) or "",
            country=_code(client.optional(row, "country", dict)),
            areas=tuple(_names(client.optional(row, area, dict) for area in ("region", "district"))),
        )
        for row in client.items(answer, "results")
    ]


def _code(country: dict[str, Any] | None) -> str:
    return client.value(country, "code", str) if country else ""


def _names(areas: Iterable[dict[str, Any] | None]) -> list[str]:
    return [client.value(area, "name", str) for area in areas if area]


def _distance(place: Place, lat: float, lng: float) -> str:
    km = place.km_from(lat, lng)
    return f"{km:.0f} km" if km >= 10 else f"{km:.1f} km"


def _folded(name: str) -> str:
    """Letters and digits only: case, accents and punctuation are of no account."""
    return "".join(char for char in unicodedata.normalize("NFKD", name).casefold() if char.isalnum())
