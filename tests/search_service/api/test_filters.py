"""Filters, facets and orders, against the plain reading of what they mean, over a made-up directory."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_service import geo, stores
from search_service.feed.consumer import Outcome
from tests.search_service import documents
from tests.search_service.api.conftest import LEH, Get, cardiology, myoclonus, neurology
from tests.search_service.fake_feed import FakeFeed

Json = dict[str, Any]
TODAY = date(2026, 11, 22)
SPECIALTIES = [neurology, cardiology, documents.specialty("pediatrics")]
SLUGS = {each["id"]: each["slug"] for each in SPECIALTIES}
BANDS_KM = (5, 10, 25, 50, 100, 200, 500)


def directory() -> list[Json]:
    rng = random.Random(4)
    places = [(LEH[0] + rng.uniform(-0.6, 0.6), LEH[1] + rng.uniform(-0.7, 0.7)) for _ in range(9)]
    practices = [
        documents.doctor("x", point)["practices"][0] | {"id": documents.uid(f"practice {number}")}
        for number, point in enumerate([*places, LEH, LEH])
    ]
    return [
        documents.doctor(
            f"d{number}",
            practices=[
                practice | {"accepting_new_patients": rng.random() < 0.6}
                for practice in rng.sample(practices, rng.choice((1, 1, 2, 3)))
            ],
            family_name=rng.choice(("Angmo", "Dolma", "Ångmo", "Namgyal")),
            given_name=rng.choice(("Stanzin", "Tsering")),
            gender=rng.choice(("female", "male", "unknown")),
            languages=rng.sample(["bo", "en", "hi", "pt-BR"], rng.choice((1, 2, 3))),
            telehealth=rng.random() < 0.5,
            practising_since=rng.choice((None, 1990, 2001, 2016, 2017, 2024)),
            verified_at=rng.choice((None, "2024-11-22", "2025-11-21", "2025-11-22", "2026-05-22", "2026-10-01")),
            specialties=[documents.reference(each) for each in rng.sample(SPECIALTIES, rng.choice((0, 1, 2)))],
            conditions=[documents.reference(myoclonus)] if rng.random() < 0.3 else [],
        )
        for number in range(60)
    ]  # fmt: skip


DOCTORS = directory()
PRACTICES = sorted({practice["id"] for doctor in DOCTORS for practice in doctor["practices"]})


@pytest.fixture
def published(
    places: None, feed: FakeFeed, pull: Callable[[], Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "now", lambda: datetime(2026, 11, 22, 10, tzinfo=UTC))
    for document in (*SPECIALTIES, myoclonus, *DOCTORS):
        feed.put(document)
    pull()


# --- The plain reading.


def chord2(practice: Json) -> float:
    return geo.chord2(geo.unit_vector(*LEH), geo.unit_vector(practice["lat"], practice["lng"]))


def flag(value: bool) -> str:
    return "true" if value else "false"


def values(doctor: Json, practice: Json) -> dict[str, list[str]]:
    return {
        "language": [tag.lower() for tag in doctor["languages"]],
        "gender": [doctor["gender"]],
        "telehealth": [flag(doctor["telehealth"])],
        "accepting_new_patients": [flag(practice["accepting_new_patients"])],
        "specialty": [SLUGS[each["id"]] for each in doctor["specialties"]],
        "practice": [practice["id"]],
    }


def passes(doctor: Json, practice: Json, asked: Json, leaving_out: str = "") -> bool:
    asked = {name: value for name, value in asked.items() if name != leaving_out}
    # Without a condition, a specialty is what is looked for.
    has = values(doctor, practice)
    of = {each["slug"] for each in (*doctor["conditions"], *doctor["specialties"])}
    return (
        geo.km_from_chord2(chord2(practice)) <= asked["radius_km"]
        and ("condition" not in asked or bool(of & {"myoclonus", "neurology"}))
        and all(set(has[name]) & set(asked[name].lower().split(",")) for name in has if name in asked)
        and ("min_years" not in asked or since(doctor) <= TODAY.year - asked["min_years"])
        and ("verified_since" not in asked or (doctor["verified_at"] or "") >= asked["verified_since"])
    )


def since(doctor: Json) -> int:
    return doctor["practising_since"] or 9999


def matching(asked: Json, leaving_out: str = "") -> Iterator[tuple[Json, list[Json]]]:
    for doctor in DOCTORS:
        if at := [each for each in doctor["practices"] if passes(doctor, each, asked, leaving_out)]:
            yield doctor, at


def order(doctor: Json, at: list[Json], asked: Json) -> tuple[Any, ...]:
    nearest = min(at, key=chord2)
    distance, id_ = chord2(nearest), doctor["id"]
    match asked["sort"]:
        case "name":
            return (f"{doctor['family_name']} {doctor['given_name']}".lower().replace("å", "a"), id_)
        case "best":
            km = geo.km_from_chord2(distance)
            return (
                sum(end < km for end in BANDS_KM),
                "condition" in asked and not doctor["conditions"],
                not nearest["accepting_new_patients"],
                (doctor["verified_at"] or "") < "2025-11-22",
                distance,
                id_,
            )
        case _:
            return (distance, id_)


def facet(asked: Json, name: str) -> dict[str, int]:
    return Counter(
        value
        for doctor, at in matching(asked, leaving_out=name)
        for value in {value for practice in at for value in values(doctor, practice)[name]}
    )


# ---


def some(options: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(options), min_size=1, max_size=3).map(",".join)


asked = st.fixed_dictionaries(
    {"sort": st.sampled_from(["distance", "best", "name"]), "radius_km": st.sampled_from([1, 20, 50, 500])},
    optional={
        "condition": st.just("myoclonus"),
        "specialty": some(list(SLUGS.values())),
        "language": some(["bo", "en", "HI", "pt-BR", "tlh"]),
        "gender": some(["female", "male", "unknown"]),
        "telehealth": some(["true", "false"]),
        "accepting_new_patients": some(["true", "false"]),
        "practice": some(PRACTICES),
        "min_years": st.sampled_from([1, 9, 10, 25]),
        "verified_since": st.sampled_from(["2024-01-01", "2025-11-22", "2026-10-01", "2026-10-02"]),
    },
)


@pytest.mark.usefixtures("published")
@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(asked=asked, page_size=st.sampled_from([9, 100]))
def test_what_is_found_counted_and_in_which_order(get: Get, asked: Json, page_size: int) -> None:
    if "condition" not in asked and "," in asked.get("specialty", ""):
        # The first specialty is preferred then, which test_search.py looks at.
        asked = asked | {"specialty": asked["specialty"].split(",")[0]}
    params = {"lat": LEH[0], "lng": LEH[1], "widen": "false", "page_size": page_size, **asked}
    answer = page = get("doctors/", **params)
    results = [*answer["results"]]
    while page["next"] and len(results) < 2 * len(DOCTORS):
        page = get("doctors/", cursor=page["next"], **params)
        results += page["results"]
    expected = sorted(matching(asked), key=lambda match: order(match[0], match[1], asked))
    assert [result["slug"] for result in results] == [doctor["slug"] for doctor, _ in expected]
    assert answer["total"] == {"value": len(expected), "relation": "eq"}
    for result, (_, practices) in zip(results, expected, strict=True):
        assert chord2(result["practice"]) == min(map(chord2, practices))
    facets = answer["facets"]
    assert facets.pop("exact") is True
    for name in ("min_years", "verified_since"):
        for each in facets.pop(name):
            assert each["count"] == len([*matching(asked | {name: each["value"]})]), (name, each)
    for name, counted in facets.items():
        if name == "specialty" and "condition" not in asked:
            counts = Counter(value for doctor, at in expected for value in values(doctor, at[0])["specialty"])
        else:
            counts = Counter(facet(asked, name))
        assert {each["value"]: each["count"] for each in counted} == counts, name
        assert [each["count"] for each in counted] == sorted(counts.values(), reverse=True)
