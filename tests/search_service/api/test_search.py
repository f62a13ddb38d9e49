"""All that `/doctors/` can be asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from search_service import stores
from search_service.feed.consumer import Outcome
from search_service.query import best
from tests.search_service import documents
from tests.search_service.api.conftest import LEH, Get, cardiology, myoclonus, neurology, restless_legs
from tests.search_service.fake_feed import FakeFeed

Json = dict[str, Any]

by_specialty: Json = {"specialties": [documents.reference(neurology)]}
by_condition: Json = {"conditions": [documents.reference(myoclonus)]}


def found(answer: Json) -> list[str]:
    return [result["slug"] for result in answer["results"]]


def near_leh(km: float) -> tuple[float, float]:
    """A point so far to the north."""
    return (LEH[0] + km / 111.195, LEH[1])


def counts(values: list[Json]) -> dict[Any, int]:
    return {each["value"]: each["count"] for each in values}


@pytest.fixture
def publish(places: None, feed: FakeFeed, pull: Callable[[], Outcome]) -> Callable[..., None]:
    """Publish these and the taxonomy."""

    def publish(*what: Json) -> None:
        for document in (neurology, cardiology, restless_legs, myoclonus, *what):
            feed.put(document)
        pull()

    return publish


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int, int], None]:
    """Set what day it is; 2026-11-22 until then."""

    def set_today(year: int, month: int, day: int) -> None:
        monkeypatch.setattr(stores, "now", lambda: datetime(year, month, day, 10, tzinfo=UTC))

    set_today(2026, 11, 22)
    return set_today


pytestmark = pytest.mark.usefixtures("today")
LEH_PLACE: Json = {"place": "leh-ladakh-in"}


# --- what


def test_a_condition_can_be_asked_for_by_name_only(get: Get, publish: Callable[..., None]) -> None:
    publish(documents.doctor("a", LEH, **by_specialty), documents.doctor("b", LEH, **by_condition))
    assert set(found(get("doctors/", condition="myoclonus", **LEH_PLACE))) == {"a", "b"}
    assert set(found(get("doctors/", condition="myoclonus", match="any", **LEH_PLACE))) == {"a", "b"}
    assert found(get("doctors/", condition="myoclonus", match="condition", **LEH_PLACE)) == ["b"]


def test_specialties_are_what_is_looked_for_the_first_preferred(
    get: Get, publish: Callable[..., None]
) -> None:
    both = {"specialties": [documents.reference(neurology), documents.reference(cardiology)]}
    heart = {"specialties": [documents.reference(cardiology)]}
    publish(
        documents.doctor("both", near_leh(1), **both),
        documents.doctor("heart", near_leh(2), **heart),
        documents.doctor("nerves", near_leh(3), **by_specialty),
        documents.doctor("none", near_leh(4)),
    )
    answer = get("doctors/", specialty="cardiology, neurology", **LEH_PLACE)
    assert [(result["slug"], result["why_listed"]["specialty"]) for result in answer["results"]] == [
        ("both", "cardiology"),
        ("heart", "cardiology"),
        ("nerves", "neurology"),
    ]
    assert answer["query"]["specialties"] == [documents.reference(cardiology), documents.reference(neurology)]
    assert found(get("doctors/", specialty="neurology", **LEH_PLACE)) == ["both", "nerves"]


def test_beside_a_condition_specialties_choose(get: Get, publish: Callable[..., None]) -> None:
    publish(
        documents.doctor("a", LEH, **by_specialty),
        documents.doctor("b", LEH, specialties=[documents.reference(cardiology)], **by_condition),
        documents.doctor("c", LEH, specialties=[documents.reference(cardiology)]),
    )
    answer = get("doctors/", condition="myoclonus", specialty="cardiology", **LEH_PLACE)
    assert found(answer) == ["b"]
    assert answer["results"][0]["why_listed"] == {"by": "condition", "condition": "myoclonus"}
    assert counts(answer["facets"]["specialty"]) == {"neurology": 1, "cardiology": 1}


@pytest.mark.parametrize(
    ("name", "slugs"),
    [
        ("stanzin", {"stanzin-dolma", "stanzin-angmo"}),
        ("Dr Stanzin", {"stanzin-dolma", "stanzin-angmo"}),
        ("sta", {"stanzin-dolma", "stanzin-angmo"}),
        ("st", set()),
        ("angm stanz", {"stanzin-angmo"}),
        ("ÅNGMO, Stanzin", {"stanzin-angmo"}),
        ("Stanzen Angmo", {"stanzin-angmo"}),
        ("tserign", {"tsering-namgyal"}),
        ("Lobsang", set()),
        ("stanzin tsering", set()),
    ],
)
def test_doctors_by_name(get: Get, publish: Callable[..., None], name: str, slugs: set[str]) -> None:
    publish(*(documents.doctor(slug, LEH) for slug in ("stanzin-dolma", "stanzin-angmo", "tsering-namgyal")))
    assert set(found(get("doctors/", name=name, **LEH_PLACE))) == slugs


# --- where


def test_the_nearest_wherever_they_are(get: Get, publish: Callable[..., None]) -> None:
    publish(documents.doctor("suva", (-18.1, 178.4)), documents.doctor("delhi", (28.6, 77.2)))
    answer = get("doctors/", radius_km="any", **LEH_PLACE)
    assert found(answer) == ["delhi", "suva"]
    assert (answer["radius_km"], answer["widened_to_km"]) == (None, None)
    assert answer["total"] == {"value": 2, "relation": "eq"}


def test_widening_can_be_turned_off(get: Get, publish: Callable[..., None]) -> None:
    publish(documents.doctor("far", near_leh(80)), documents.doctor("further", near_leh(90)))
    wide = get("doctors/", **LEH_PLACE)
    assert (found(wide), wide["radius_km"], wide["widened_to_km"]) == (["far", "further"], 50, 100)
    assert counts(wide["facets"]["gender"]) == {"unknown": 2}
    narrow = get("doctors/", widen="false", **LEH_PLACE)
    assert (found(narrow), narrow["widened_to_km"]) == ([], None)
    assert narrow["total"] == {"value": 0, "relation": "eq"}
    assert get("doctors/", widen="true", **LEH_PLACE)["results"] == wide["results"]


@pytest.mark.parametrize("sort", ["distance", "best", "name"])
def test_widening_goes_by_distance_whatever_the_order(
    get: Get, publish: Callable[..., None], sort: str
) -> None:
    publish(documents.doctor("z-near", near_leh(80)), documents.doctor("a-far", near_leh(300)))
    answer = get("doctors/", sort=sort, **LEH_PLACE)
    assert (found(answer), answer["widened_to_km"]) == (["z-near"], 100)


def test_a_filter_widens_too(get: Get, publish: Callable[..., None]) -> None:
    publish(documents.doctor("here", LEH), documents.doctor("there", near_leh(150), gender="female"))
    answer = get("doctors/", gender="female", **LEH_PLACE)
    assert (found(answer), answer["widened_to_km"]) == (["there"], 200)


def test_a_box(get: Get, publish: Callable[..., None]) -> None:
    publish(
        documents.doctor("inside", (34.2, 77.6)),
        documents.doctor("edge", (34.0, 77.0)),
        documents.doctor("outside", (34.2, 78.01)),
    )
    answer = get("doctors/", bbox="77,34,78,35")
    assert found(answer) == ["inside", "edge"]
    assert answer["query"] == {"bbox": [77, 34, 78, 35], "point": {"lat": 34.5, "lng": 77.5}}
    assert (answer["radius_km"], answer["widened_to_km"]) == (None, None)
    from_edge = get("doctors/", bbox="77,34,78,35", lat=34, lng=77)
    assert found(from_edge) == ["edge", "inside"]
    assert from_edge["results"][0]["distance_km"] == 0
    from_leh = get("doctors/", bbox="77,34,78,35", **LEH_PLACE)
    assert from_leh["query"]["place"]["match"]["name"] == "Leh"
    assert found(from_leh) == ["inside", "edge"]
    empty = get("doctors/", bbox="10,10,11,11", **LEH_PLACE)
    assert (found(empty), empty["widened_to_km"], empty["next"]) == ([], None, None)


def test_a_box_across_the_date_line(get: Get, publish: Callable[..., None]) -> None:
    publish(
        documents.doctor("suva", (-18.1, 178.4)),
        documents.doctor("taveuni", (-16.8, -179.9)),
        documents.doctor("leh", LEH),
    )
    answer = get("doctors/", bbox="175,-25,-175,-10")
    assert found(answer) == ["taveuni", "suva"]
    assert answer["query"]["point"] == {"lat": -17.5, "lng": 180}
    assert found(get("doctors/", bbox="-175,-25,175,50")) == ["leh"]


# --- from afar


def afar(slug: str, *points: tuple[float, float], countries: list[str], **fields: Any) -> Json:
    return documents.doctor(
        slug, *points, telehealth=bool(countries), telehealth_countries=countries, **fields
    )


def test_when_nobody_is_near_doctors_who_may_help_by_telehealth_are_listed_apart(
    get: Get, publish: Callable[..., None]
) -> None:
    publish(
        afar("suva", (-18.1, 178.4), countries=["FJ", "IN"], **by_specialty),
        afar("delhi", (28.6, 77.2), countries=["IN"], **by_condition),
        afar("mumbai", (19.0, 72.8), countries=["IN"]),
        afar("kathmandu", (27.7, 85.3), countries=["NP"], **by_specialty),
    )
    params: Json = {"condition": "myoclonus", **LEH_PLACE}
    answer = get("doctors/", telehealth_in="in", **params)
    assert found(answer) == []
    telehealth = answer["telehealth"]
    assert (telehealth["country"], telehealth["total"]) == ("IN", {"value": 2, "relation": "eq"})
    assert found(telehealth) == ["delhi", "suva"]
    assert telehealth["results"][0]["why_listed"] == {"by": "condition", "condition": "myoclonus"}
    one = get("doctors/", telehealth_in="IN", page_size=1, **params)["telehealth"]
    assert (found(one), one["total"]["value"]) == (["delhi"], 2)
    assert found(get("doctors/", telehealth_in="IN", match="condition", **params)["telehealth"]) == ["delhi"]
    assert get("doctors/", telehealth_in="IN", gender="male", **params)["telehealth"]["results"] == []
    assert get("doctors/", **params)["telehealth"] is None
    box = get("doctors/", telehealth_in="IN", bbox="77,34,78,35")
    assert found(box["telehealth"]) == ["delhi", "mumbai", "suva"]


def test_when_somebody_is_near_nobody_is_listed_from_afar(get: Get, publish: Callable[..., None]) -> None:
    publish(
        afar("delhi", (28.6, 77.2), countries=["IN"]),
        afar("here", near_leh(200), countries=[]),
    )
    answer = get("doctors/", telehealth_in="IN", **LEH_PLACE)
    assert (found(answer), answer["widened_to_km"], answer["telehealth"]) == (["here"], 500, None)
    assert found(get("doctors/", telehealth_in="IN", widen="false", **LEH_PLACE)["telehealth"]) == ["delhi"]


# --- how it is told


def test_facets_name_specialties_and_practices(get: Get, publish: Callable[..., None]) -> None:
    practice = documents.doctor("x", LEH)["practices"][0] | {"name": "SNM Hospital"}
    publish(
        documents.doctor("a", practices=[practice], **by_specialty),
        documents.doctor("b", practices=[practice], verified_at="2026-05-22", practising_since=2016),
        documents.doctor("c", near_leh(9), verified_at="2026-05-21", practising_since=2017, gender="female"),
    )
    facets = get("doctors/", **LEH_PLACE)["facets"]
    assert facets["specialty"] == [{"value": "neurology", "name": "Neurology", "count": 1}]
    assert facets["practice"] == [
        {"value": practice["id"], "name": "SNM Hospital", "count": 2},
        {"value": documents.uid("c-0"), "name": "Practice 0 of c", "count": 1},
    ]
    assert facets["gender"] == [{"value": "unknown", "count": 2}, {"value": "female", "count": 1}]
    assert facets["telehealth"] == [{"value": "true", "count": 3}]
    assert counts(facets["language"]) == {"bo": 3, "en": 3}
    assert facets["min_years"] == [
        {"value": 5, "count": 3},
        {"value": 10, "count": 2},
        {"value": 20, "count": 1},
        {"value": 30, "count": 0},
    ]
    assert facets["verified_since"] == [
        {"value": "2026-05-22", "count": 2},
        {"value": "2025-11-22", "count": 3},
        {"value": "2024-11-22", "count": 3},
    ]
    assert facets["exact"] is True
    # Every value is what its parameter takes, and leaves as many.
    for parameter, values in facets.items():
        for each in values if parameter != "exact" else ():
            answer = get("doctors/", widen="false", **{parameter: each["value"]}, **LEH_PLACE)
            assert answer["total"]["value"] == each["count"], (parameter, each)


def test_an_answer_holds_the_most_frequent_values(get: Get, publish: Callable[..., None]) -> None:
    frequent = documents.doctor("z", LEH)["practices"]
    publish(
        documents.doctor("a", *[LEH] * 30),
        documents.doctor("b", practices=frequent),
        documents.doctor("c", practices=frequent),
    )
    practices = get("doctors/", **LEH_PLACE)["facets"]["practice"]
    assert len(practices) == 20
    assert practices[0]["count"] == 2


def test_best_puts_who_suits_before_who_is_a_little_nearer_and_explains(
    get: Get, publish: Callable[..., None]
) -> None:
    def at(km: float, *, accepting: bool = True) -> list[Json]:
        practice = documents.doctor("x", near_leh(km))["practices"][0]
        return [practice | {"id": documents.uid(f"{km}{accepting}"), "accepting_new_patients": accepting}]

    old = {"verified_at": "2025-11-21"}
    publish(
        documents.doctor("nearest", practices=at(1, accepting=False), **by_specialty, **old),
        documents.doctor("verified", practices=at(2, accepting=False), **by_specialty, verified_at="2025-11-22"),
        documents.doctor("accepting", practices=at(3), **by_specialty, **old),
        documents.doctor("named", practices=at(4, accepting=False), **by_condition, verified_at=None),
        documents.doctor("next-band", practices=at(6), **by_condition),
        documents.doctor("far", practices=at(600), **by_condition),
    )  # fmt: skip
    params: Json = {"condition": "myoclonus", "bbox": "73,34,82,41", "sort": "best", **LEH_PLACE}
    answer = get("doctors/", explain="true", **params)
    order = ["named", "accepting", "verified", "nearest", "next-band", "far"]
    assert found(answer) == order
    assert [tuple(result["explain"].values()) for result in answer["results"]] == [
        (5, True, False, False),
        (5, False, True, False),
        (5, False, False, True),
        (5, False, False, False),
        (10, True, True, True),
        (None, True, True, True),
    ]
    assert answer["formula"] == best.FORMULA
    plain = get("doctors/", **params)
    assert (found(plain), plain["formula"]) == (order, None)
    assert all("explain" not in result for result in plain["results"])


def test_by_name(get: Get, publish: Callable[..., None]) -> None:
    slugs = ["stanzin-dolma", "åse-dolma", "tsering-angmo", "angmo-zangpo", "amchi"]
    publish(*(documents.doctor(slug, near_leh(km)) for km, slug in enumerate(slugs)))
    answer = get("doctors/", sort="name", **LEH_PLACE)
    # By family name, then given name; accents are of no account.
    assert found(answer) == ["amchi", "tsering-angmo", "åse-dolma", "stanzin-dolma", "angmo-zangpo"]


@pytest.mark.parametrize("sort", ["distance", "best", "name"])
def test_pages_are_the_list_in_parts(get: Get, publish: Callable[..., None], sort: str) -> None:
    publish(
        *(
            documents.doctor(f"d{n}", near_leh(n // 3 * 4), verified_at=None if n % 2 else "2026-10-01")
            for n in range(11)
        )
    )
    params: Json = {"sort": sort, "language": "bo,en", **LEH_PLACE}
    whole = get("doctors/", page_size=100, **params)
    assert whole["next"] is None
    answer = get("doctors/", page_size=1, **params)
    parts = found(answer)
    assert answer["facets"]["gender"]
    while answer["next"]:
        # The size of a page may change, and so may the order of values.
        answer = get("doctors/", page_size=2, cursor=answer["next"], **params | {"language": "en,bo"})
        assert answer["facets"] is None
        assert answer["total"] == whole["total"]
        parts += found(answer)
    assert parts == found(whole)


def test_pages_keep_the_day_of_the_first(
    get: Get, publish: Callable[..., None], today: Callable[[int, int, int], None]
) -> None:
    publish(
        *(documents.doctor(f"d{n}", near_leh(n), practising_since=2016 + n % 2) for n in range(6)),
    )
    today(2026, 12, 31)
    params: Json = {"min_years": 10, "page_size": 2, **LEH_PLACE}
    first = get("doctors/", **params)
    today(2027, 1, 1)
    assert found(first) + found(get("doctors/", cursor=first["next"], **params)) == ["d0", "d2", "d4"]
    assert get("doctors/", **params)["total"]["value"] == 6


def test_a_long_name_in_a_cursor(get: Get, publish: Callable[..., None]) -> None:
    families = ["".join(chr(0x20000 + 97 * k + n) for k in range(200)) for n in range(3)]
    publish(*(documents.doctor(f"d{n}", LEH, family_name=name, name=name) for n, name in enumerate(families)))
    params: Json = {"sort": "name", "page_size": 1, **LEH_PLACE}
    first = get("doctors/", **params)
    assert len(found(get("doctors/", cursor=first["next"], **params))) == 1


def test_what_a_doctor_of_an_older_feed_does_not_have(get: Get, publish: Callable[..., None]) -> None:
    older = documents.doctor("older", LEH)
    del older["practising_since"], older["telehealth_countries"]
    publish(older)
    assert get("doctors/", **LEH_PLACE)["results"][0]["practising_since"] is None
    assert get("doctors/older/")["telehealth_countries"] == []
