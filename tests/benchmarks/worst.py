"""Looks for the slowest searches that the API's parameters can ask for."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from search_service import geo
from search_service.index.protocol import Box, Counted, Query, Reader, SortKey, Term
from search_service.query import best, doctors, facets
from tests.benchmarks.synthetic import SPECIALTIES, TODAY, Directory

SHOWN = 10
# One that took so long is asked again: another program may have been in the way.
AGAIN_MS = 15.0

Choice = dict[str, str]
Choices = Mapping[str, Mapping[str, Any]]


def show(reader: Reader, directory: Directory, number: int, seed: int) -> list[tuple[float, Choice]]:
    """Milliseconds and parameters of the slowest, the slowest first, of about `number` that are tried: two
    thirds at random, then the neighbours of the slowest."""
    choices = _choices(directory)
    rng = random.Random(seed)
    tried: dict[tuple[str, ...], float] = {}

    def attempt(choice: Choice) -> None:
        key = tuple(choice.values())
        if key not in tried:
            tried[key] = _ms(reader, choices, choice)

    for _ in range(number * 2 // 3):
        attempt({name: rng.choice(list(some)) for name, some in choices.items()})
    for _ in range(number // 3):
        slowest = sorted(tried, key=lambda key: -tried[key])[: 2 * SHOWN]
        changed = dict(zip(choices, rng.choice(slowest), strict=True))
        name = rng.choice(list(choices))
        attempt(changed | {name: rng.choice(list(choices[name]))})
    found = [
        (tried[key], dict(zip(choices, key, strict=True)))
        for key in sorted(tried, key=lambda key: -tried[key])[:SHOWN]
    ]
    over = sum(ms > 50 for ms in tried.values())
    print(f"  the slowest of {len(tried):,} searches with all kinds of parameters ({over} above 50 ms):")
    for ms, choice in found:
        shown = ", ".join(f"{name} {value}" for name, value in choice.items() if value != "none")
        print(f"    {ms:.1f} ms: {shown}", flush=True)
    return found


def _ms(reader: Reader, choices: Choices, choice: Choice) -> float:
    """Of a slow one the best of four: what it costs once the pages are in memory."""
    given = {name: choices[name][value] for name, value in choice.items()}
    query = _query(**given)
    best_ms = float("inf")
    for _ in range(4):
        start = time.perf_counter()
        reader.search(query, given["counted"])
        best_ms = min(best_ms, 1000 * (time.perf_counter() - start))
        if best_ms < AGAIN_MS:
            break
    return best_ms


def _query(
    *,
    what: tuple[Term, ...],
    where: tuple[float, float],
    area: Box | float | None,
    filters: dict[str, set[str]],
    since: int | None,
    verified: date | None,
    name: tuple[str, ...],
    sort: Any,
    after: float | None,
    counted: Counted | None,
    limit: int,
) -> Query:
    key = None
    if after is not None and sort == "name":
        key = SortKey(0, "m", 0.0, UUID(int=0))
    elif after is not None:
        key = SortKey(0 if sort == "distance" else 8 * 6, "", geo.chord2_from_km(after), UUID(int=0))
    return Query(
        *where,
        terms=what,
        radius_km=area if isinstance(area, float) else None,
        box=area if isinstance(area, Box) else None,
        filters=filters,
        since_to=since,
        verified_from=verified,
        name=name,
        sort=sort,
        after=key,
        limit=limit,
    )


def _choices(directory: Directory) -> Choices:
    specialties = [Term("specialty", str(id)) for id in directory.specialty_ids]
    languages = directory.languages
    lat, lng, dense_km = directory.densest(20_000)
    practice = str(directory.practice_id(0))
    return {
        "what": {
            "none": (),
            "the most frequent": (specialties[0],),
            "the rarest": (specialties[-1],),
            "of middle frequency": (specialties[20],),
            "the 20 most frequent": tuple(specialties[:20]),
            "the most frequent and the rarest": (specialties[0], specialties[-1]),
            "unknown": (Term("specialty", "unknown"),),
        },
        "where": {
            "dense city": (lat, lng),
            "Atlantic": (0.0, -30.0),
            "pole": (90.0, 0.0),
            "date line": (-17.0, 180.0),
            "village": (34.39, 76.77),
        },
        "area": {
            "none": None,
            "radius 500 km": 500.0,
            "radius 50 km": 50.0,
            "radius of 20,000 listings": min(dense_km, doctors.MAX_RADIUS_KM),
            "box of the world": Box(-180.0, -90.0, 180.0, 90.0),
            "box of a hemisphere": Box(0.0, -90.0, 180.0, 90.0),
            "box across the date line": Box(170.0, -60.0, -170.0, 70.0),
            "box of a city": Box(lng - 0.5, lat - 0.5, lng + 0.5, lat + 0.5),
            "box without anybody": Box(-30.0, 0.0, -29.0, 1.0),
        },
        "filters": {
            "none": {},
            "accepting": {"accepting_new_patients": {"true"}},
            "gender other, by telehealth": {"gender": {"other"}, "telehealth": {"true"}},
            "the most frequent language": {"language": {languages[0]}},
            "the rarest language": {"language": {languages[-1]}},
            "the rarest language, gender other": {"language": {languages[-1]}, "gender": {"other"}},
            "20 languages": {"language": set(languages[:20])},
            "unknown language": {"language": {"xx"}},
            "one practice": {"practice": {practice}},
            "two frequent specialties": {"specialty": {term.value for term in specialties[:2]}},
            "the rarest specialty": {"specialty": {specialties[SPECIALTIES - 1].value}},
            "all at once": {
                "language": {languages[0]},
                "gender": {"female"},
                "telehealth": {"true"},
                "accepting_new_patients": {"true"},
                "specialty": {specialties[1].value},
            },
        },
        "since": {"none": None, "1971": 1971, "1900": 1900, "2010": 2010},
        "verified": {"none": None, "today": TODAY, "a year ago": facets.months_before(TODAY, 12)},
        "name": {
            "none": (),
            "the most frequent": (directory.given[0],),
            "the two most frequent": (directory.given[0], directory.family[0]),
            "the rarest": (directory.family[-1],),
            "one letter": (directory.given[0][0],),
            "two letters": (directory.given[0][0], directory.family[0][0]),
            "two of the most frequent, cut": (directory.given[0][:2], directory.family[0][:2]),
            "typo": (directory.given[0][:2] + "q" + directory.given[0][2:],),
            "unknown": ("qqqqqqq",),
        },
        "sort": {"distance": "distance", "best": best.order(TODAY), "name": "name"},
        "after": {"none": None, "5,000 km": 5_000.0, "100 km": 100.0, "19,000 km": 19_000.0},
        "counted": {"none": None, "total": Counted(), "all": facets.counted(TODAY)},
        "limit": {"20": 20, "100": 100},
    }
