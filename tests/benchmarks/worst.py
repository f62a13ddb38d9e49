"""Looks for the slowest requests that the parameters of `/api/v1/doctors/` can make.

    python -m tests.benchmarks.worst --listings 1000000

in the environment of the search service, with DATA_DIR as `bench_http` fills it. In process, without a server.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import django
from django.conf import settings
from django.test import Client, RequestFactory

from search_service import geo
from search_service.index.protocol import SortKey, Total
from search_service.locales import Language
from search_service.places.gazetteer import Gazetteer
from tests.benchmarks.synthetic import SPECIALTIES, TODAY, Directory

PATH = "/api/v1/doctors/"
ENGLISH = Language(None, "en", None, "en")
SHOWN = 10
LIMIT_MS = 50.0
# One that took so long is asked again: another program may have been in the way.
AGAIN_MS = 15.0

Params = dict[str, str]
# By what it is about, names of what may be chosen.
Choice = dict[str, str]
Choices = Mapping[str, Mapping[str, Any]]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--listings", type=int, default=1_000_000, help="in the index that is there")
    arguments.add_argument("--tries", type=int, default=1_500)
    arguments.add_argument("--seed", type=int, default=1, help="with which the index was made")
    arguments.add_argument("--json", type=Path, help="a file for the figures")
    options = arguments.parse_args()
    django.setup()
    settings.ALLOWED_HOSTS = ["testserver"]
    directory = Directory(options.listings, seed=options.seed, body_bytes=0)
    figures = find(_choices(directory), options.tries, random.Random(options.seed))
    if options.json:
        options.json.write_text(json.dumps(figures))


def find(choices: Choices, tries: int, rng: random.Random) -> dict[str, Any]:
    """Milliseconds and parameters of the slowest, the slowest first: two thirds at random, then the neighbours of
    the slowest. What is refused with 400 is not counted."""
    client = Client()
    tried: dict[tuple[str, ...], float] = {}

    def attempt(choice: Choice) -> None:
        key = tuple(choice.values())
        if key not in tried:
            tried[key] = _ms(client, _params(choices, choice))

    def slowest(number: int) -> list[tuple[str, ...]]:
        return sorted(tried, key=lambda key: -tried[key])[:number]

    for _ in range(tries * 2 // 3):
        attempt({name: _any(rng, some) for name, some in choices.items()})
    for _ in range(tries // 3):
        changed = dict(zip(choices, rng.choice(slowest(2 * SHOWN)), strict=True))
        for name in rng.sample(list(choices), rng.choice((1, 1, 2))):
            changed[name] = rng.choice(list(choices[name]))
        attempt(changed)
    answered = sum(ms > 0 for ms in tried.values())
    over = sum(ms > LIMIT_MS for ms in tried.values())
    found = [
        {"ms": tried[key], "choice": _shown(dict(zip(choices, key, strict=True)))} for key in slowest(SHOWN)
    ]
    print(
        f"the slowest of {answered:,} requests with all kinds of parameters ({over} above {LIMIT_MS:g} ms):"
    )
    for each in found:
        print(f"  {each['ms']:.1f} ms: {each['choice']}", flush=True)
    return {"answered": answered, "over": over, "limit_ms": LIMIT_MS, "slowest": found}


def _any(rng: random.Random, some: Mapping[str, Any]) -> str:
    """Every other time none: much at once leaves nobody."""
    return "none" if "none" in some and rng.random() < 0.5 else rng.choice(list(some))


def _shown(choice: Choice) -> str:
    return ", ".join(f"{name}: {value}" for name, value in choice.items() if value != "none")


def _ms(client: Client, params: Params | None) -> float:
    """Of a slow one the best of four: what it costs once the pages are in memory. 0 if it is refused."""
    # Django must be set up first.
    from search_service import stores

    best_ms = 0.0
    for _ in range(4):
        stores.responses.cache_clear()
        start = time.perf_counter()
        status = client.get(PATH, params).status_code if params else 400
        ms = 1000 * (time.perf_counter() - start)
        if status == 400:
            return 0.0
        assert status in {200, 404, 422}, (status, params)
        best_ms = min(best_ms or ms, ms)
        if best_ms < AGAIN_MS:
            break
    return best_ms


def _params(choices: Choices, choice: Choice) -> Params | None:
    """None if the cursor that is chosen belongs to no search."""
    given = {name: choices[name][value] for name, value in choice.items()}
    after_km = given.pop("page")["after_km"]
    params: Params = {name: value for some in given.values() for name, value in some.items()}
    return params if after_km is None else _at(params, after_km)


def _at(params: Params, after_km: float) -> Params | None:
    """A page that begins so far away, or by name as far on in the alphabet, however many pages that is."""
    from rest_framework.request import Request

    from search_service import stores
    from search_service.api import problems, searches
    from search_service.api.params import DoctorParams
    from search_service.query import best, cursors
    from search_service.query.doctors import Mark, Reach

    try:
        parsed = DoctorParams.parse(Request(RequestFactory().get(PATH, params)))
        search, _ = searches.search(stores.index().reader(), parsed, ENGLISH)
    except problems.Problem:
        return None
    group = 8 * sum(end < after_km for end in best.BANDS_KM) if search.sort == "best" else 0
    name = "abcdefghijklmnopqrstuvwxyz"[min(25, round(after_km / 20))] if search.sort == "name" else ""
    chord2 = 0.0 if search.sort == "name" else geo.chord2_from_km(after_km)
    key = SortKey(group, name, chord2, UUID(int=0))
    mark = Mark(Reach(search.radius_km), TODAY, Total(10_000, "gte"), key)
    return params | {"cursor": cursors.encode(search, mark)}


def _choices(directory: Directory) -> Choices:
    lat, lng, dense_km = directory.densest(20_000)
    languages = directory.languages
    frequent = _of("specialty", "specialty-{}", range(20))
    rare = {"specialty": f"specialty-{SPECIALTIES - 1}"}
    return {
        "what": {
            "none": {},
            "the most frequent specialty": {"specialty": "specialty-0"},
            "the rarest": rare,
            "of middle frequency": {"specialty": "specialty-20"},
            "the 20 most frequent": frequent,
            "20 of middle frequency": _of("specialty", "specialty-{}", range(20, 40)),
            "the 20 rarest": _of("specialty", "specialty-{}", range(SPECIALTIES - 20, SPECIALTIES)),
            "the most frequent and the rarest": {"specialty": f"specialty-0,{rare['specialty']}"},
            "by id": {"specialty": str(directory.specialty_ids[0])},
            "condition": {"condition": "condition-0"},
            "rare condition": {"condition": f"condition-{SPECIALTIES - 1}"},
            "condition that nobody names": {"condition": "condition-0", "match": "condition"},
            "condition, 20 specialties": {"condition": "condition-0", **frequent},
            "condition, another specialty": {"condition": "condition-0", "specialty": "specialty-1"},
            "condition, the rarest specialty": {"condition": "condition-0", **rare},
        },
        "where": {
            "dense city": _point(lat, lng),
            "Atlantic": _point(0, -30),
            "South Pacific": _point(-48.9, -123.4),
            "pole": _point(90, 0),
            "date line": _point(-17, 180),
            "village": _point(34.39, 76.77),
            "place": {"place": _nearest_place(lat, lng)},
            "place by slug": {"place": "domkhar-ladakh-in"},
            "near": {"near": "Mumbai, India"},
            "near, ambiguous": {"near": "San Jose"},
            "near, misspelt": {"near": "Kathmndu, Nepal"},
            "near, nothing like it": {"near": "Qqxzzy an der Xzqqy"},
            "bbox only": {},
        },
        "area": {
            "none": {},
            **{f"radius {km}": {"radius_km": str(km)} for km in (1, 500, "any")},
            "radius of 20,000 listings": {"radius_km": f"{min(dense_km, 500):.1f}"},
            **{f"radius {km}, not widened": {"radius_km": str(km), "widen": "false"} for km in (1, 500)},
            "box of the world": {"bbox": "-180,-90,180,90"},
            "box of a hemisphere": {"bbox": "0,-90,180,90"},
            "box across the date line": {"bbox": "170,-60,-170,70"},
            "box all but the date line": {"bbox": "-179,-80,179,80"},
            "box of a city": {"bbox": f"{lng - 0.5},{lat - 0.5},{lng + 0.5},{lat + 0.5}"},
            "box of 1,000 km": {"bbox": f"{lng - 3.5},{lat - 3.5},{lng + 3.5},{lat + 3.5}"},
            "box without anybody": {"bbox": "-30,0,-29,1"},
            "box of a point": {"bbox": f"{lng},{lat},{lng},{lat}"},
        },
        "language": {
            "none": {},
            "the most frequent": {"language": languages[0]},
            "the rarest": {"language": languages[-1]},
            "the 20 most frequent": {"language": ",".join(languages[:20])},
            "the 20 rarest": {"language": ",".join(languages[-20:])},
            "unknown": {"language": "xx"},
        },
        "gender": {
            "none": {},
            "female": {"gender": "female"},
            "other": {"gender": "other"},
            "all": {"gender": "female,male,other,unknown"},
        },
        "telehealth": {"none": {}, "true": {"telehealth": "true"}, "either": {"telehealth": "true,false"}},
        "accepting": {
            "none": {},
            "true": {"accepting_new_patients": "true"},
            "false": {"accepting_new_patients": "false"},
        },
        "practice": {
            "none": {},
            "one": {"practice": str(directory.practice_id(0))},
            "20": {"practice": ",".join(str(directory.practice_id(7 * n)) for n in range(20))},
            "unknown": {"practice": str(UUID(int=1))},
        },
        "min_years": {"none": {}, **{str(years): {"min_years": str(years)} for years in (1, 5, 30, 56, 80)}},
        "verified_since": {
            "none": {},
            "today": {"verified_since": str(TODAY)},
            "a year ago": {"verified_since": str(TODAY.replace(year=TODAY.year - 1))},
            "ever": {"verified_since": str(date.min)},
        },
        "name": {"none": {}, **{kind: {"name": name} for kind, name in _names(directory).items()}},
        "telehealth_in": {"none": {}, "IN": {"telehealth_in": "IN"}, "unknown": {"telehealth_in": "ZZ"}},
        "sort": {
            "none": {},
            "best": {"sort": "best"},
            "best, explained": {"sort": "best", "explain": "true"},
            "name": {"sort": "name"},
        },
        "page": {
            "none": {"after_km": None},
            **{f"beyond {km:,} km": {"after_km": km} for km in (5, 100, 400, 2_000, 5_000, 10_000, 19_000)},
        },
        "page_size": {"none": {}, "1": {"page_size": "1"}, "100": {"page_size": "100"}},
    }


def _of(name: str, value: str, numbers: Iterable[int]) -> Params:
    return {name: ",".join(value.format(number) for number in numbers)}


def _point(lat: float, lng: float) -> Params:
    return {"lat": str(lat), "lng": str(lng)}


def _nearest_place(lat: float, lng: float) -> str:
    return str(Gazetteer(settings.PLACES_DIR).nearest(lat, lng, limit=1)[0].place.id)


def _names(directory: Directory) -> dict[str, str]:
    given, family = directory.given, directory.family
    prefixes = {length: _most_frequent(length, (given, family)) for length in (2, 3)}
    return {
        "the most frequent": given[0],
        "the two most frequent": f"{given[0]} {family[0]}",
        "the rarest": family[-1],
        "one letter": "a b",
        "two letters": prefixes[2][0],
        "the most frequent three letters": prefixes[3][0],
        "two times three letters": " ".join(prefixes[3][:2]),
        "eight times three letters": " ".join(prefixes[3][:8]),
        "frequent, and three letters": f"{given[0]} {prefixes[3][0]}",
        "typo": _misspelt(given[0]),
        "two typos": f"{_misspelt(given[0])} {_misspelt(family[0])}",
        "eight typos": " ".join(_misspelt(name) for name in given[:8]),
        "unknown": "qqqqqqq",
        "long": "q" * 100,
    }


def _most_frequent(length: int, lists: Sequence[Sequence[str]]) -> list[str]:
    """What names begin with, when those in a list are the rarer the later they come."""
    shares: defaultdict[str, float] = defaultdict(float)
    for names in lists:
        for rank, name in enumerate(names, 1):
            shares[name[:length]] += 1 / rank
    return sorted(shares, key=lambda beginning: -shares[beginning])[:8]


def _misspelt(name: str) -> str:
    return f"{name[:2]}q{name[2:]}"


if __name__ == "__main__":
    main()
