"""A small world to ask about: the 95 core conditions, specialties, fictitious doctors in a dozen towns."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from search_service.feed.documents import to_change
from search_service.index.protocol import Index, Position, Refuse

Json = dict[str, Any]

FOLDER = Path(__file__).parent
FILES = ("specialties.jsonl", "conditions.jsonl", "conditions-other-languages.jsonl")
# Of a few towns, as GeoNames' files have them.
POSTAL_CODES = FOLDER / "postal.txt"
_NAMESPACE = UUID("7d1b6f0e-3a55-4c6e-8f43-0b7f6a2f9e21")
_NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class Town(NamedTuple):
    """`each`: how many doctors of each specialty; 0 where there are a few general practitioners only."""

    name: str
    country: str
    lat: float
    lng: float
    each: int


TOWNS = (
    Town("New York", "US", 40.7128, -74.0060, 2),
    Town("Delhi", "IN", 28.6519, 77.2315, 2),
    Town("Berlin", "DE", 52.5200, 13.4050, 1),
    Town("Leh", "IN", 34.1650, 77.5840, 1),
    Town("Paris", "FR", 48.8534, 2.3488, 1),
    Town("Madrid", "ES", 40.4165, -3.7026, 1),
    Town("Khaltse", "IN", 34.3236, 76.8800, 0),
    Town("Kargil", "IN", 34.5574, 76.1262, 0),
    Town("Thimphu", "BT", 27.4661, 89.6419, 0),
)
_GENERAL_PRACTITIONERS = 3

# Beginnings and endings of family names, which put together nobody is known to have, and given names.
_BEGINNINGS, _ENDINGS, _GIVEN = (line.split() for line in (FOLDER / "names.txt").read_text().splitlines())


def publish(index: Index) -> None:
    """Put the world into a new generation of `index` and make it live."""
    changes = [to_change(entry) for entry in _entries()]
    refused = [change for change in changes if isinstance(change, Refuse)]
    if refused:
        raise ValueError(f"{refused[0].kind} {refused[0].id}: {refused[0].error}")
    writer = index.create()
    try:
        writer.apply(changes, Position("evaluation", len(changes), _NOW, _NOW))
    finally:
        writer.close()
    index.promote(writer.generation)


def documents() -> Iterator[Json]:
    """As the feed has them."""
    for name in FILES:
        yield from read(name)
    yield from doctors()


def doctors() -> Iterator[Json]:
    """In each town of size doctors of each specialty, every third of whom names a condition, too."""
    treated = defaultdict(list)
    for condition in read("conditions.jsonl"):
        for specialty in condition["specialties"]:
            treated[specialty["slug"]].append(_reference(condition))
    specialties = [_reference(each) for each in read("specialties.jsonl") if each["locale"] == "en"]
    general = [each for each in specialties if each["slug"] == "general-practice"]
    numbers = count()
    for town in TOWNS:
        for specialty in specialties * town.each or general * _GENERAL_PRACTITIONERS:
            number = next(numbers)
            named = treated[specialty["slug"]]
            conditions = [named[number % len(named)]] if named and number % 3 == 0 else []
            yield _doctor(number, town, specialty, conditions)


def _doctor(number: int, town: Town, specialty: Json, conditions: list[Json]) -> Json:
    given, family = _GIVEN[number % len(_GIVEN)], _family_name(number)
    # Within a few km of the middle of the town.
    lat, lng = town.lat + (number % 7 - 3) * 0.01, town.lng + (number % 5 - 2) * 0.01
    return {
        "kind": "doctor",
        "id": str(uuid5(_NAMESPACE, f"doctor {number}")),
        "locale": "en",
        "slug": f"dr-{given}-{family}".lower(),
        "name": f"Dr {given} {family}",
        "honorific_prefix": "Dr",
        "given_name": given,
        "family_name": family,
        "credentials": "",
        "gender": ("female", "male")[number % 2],
        "practising_since": 1990 + number % 30,
        "specialties": [specialty],
        "conditions": conditions,
        "languages": ["en"],
        "telehealth": False,
        "telehealth_countries": [],
        "practices": [
            {
                "id": str(uuid5(_NAMESPACE, f"practice {number}")),
                "name": f"Sample practice {number}, {town.name}",
                "lat": round(lat, 4),
                "lng": round(lng, 4),
                "address": {
                    "street": "",
                    "locality": town.name,
                    "region": "",
                    "postal_code": "",
                    "country": town.country,
                },
                "phone": "",
                "accepting_new_patients": True,
            }
        ],
        "registrations": [],
        "bio": "",
        "notice": "Fictitious.",
        "verified_at": None,
        "first_published_at": None,
        "last_published_at": None,
    }


def _family_name(number: int) -> str:
    """Another for each number below 375, and neighbours unlike each other."""
    beginning = _BEGINNINGS[number % len(_BEGINNINGS)]
    return beginning + _ENDINGS[(number + number // len(_BEGINNINGS)) % len(_ENDINGS)]


@cache
def read(name: str) -> list[Json]:
    """The documents of one of `FILES`."""
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


def _reference(document: Json) -> Json:
    return {key: document[key] for key in ("id", "slug", "name")}


def _entries() -> Iterable[Json]:
    for seq, document in enumerate(documents(), 1):
        yield {
            "seq": seq,
            "kind": document["kind"],
            "id": document["id"],
            "locale": document["locale"],
            "digest": hashlib.md5(json.dumps(document).encode(), usedforsecurity=False).hexdigest(),
            "document": document,
            "former_slugs": [],
        }
