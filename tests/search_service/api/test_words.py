"""The search box and its completions, as an app asks."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.search_service.api.conftest import LEH, Get

pytestmark = pytest.mark.usefixtures("published")

Json = dict[str, Any]
RLS = "restless-legs-syndrome"


def slugs(results: list[Json]) -> list[str]:
    return [result["slug"] for result in results]


# --- /search/


def test_one_line_gives_understanding_article_and_doctors(get: Get) -> None:
    answer = get("search/", q="restless leg syndrome treatment near leh")
    query = answer["query"]
    assert query["intent"]["value"] == "article"
    assert (query["intent"]["section"], query["intent"]["text"]) == ("treatments", "treatment")
    assert query["what"]["status"] == "exact"
    assert query["what"]["match"]["slug"] == RLS
    assert query["place"]["match"]["slug"] == "leh-ladakh-in"
    assert query["place"]["text"] == "leh"
    assert answer["article"]["slug"] == RLS
    assert answer["article"]["section"]["heading"] == "Treatment"
    assert slugs(answer["doctors"]["results"]) == ["leh-one", "leh-two"]
    assert answer["doctors"]["results"][0]["why_listed"] == {"by": "specialty", "specialty": "neurology"}


def test_the_same_doctors_can_be_asked_for_by_parameters(get: Get) -> None:
    found = get("search/", q="myoclonus near leh", page_size=1)["doctors"]
    same = get("doctors/", **found["parameters"], page_size=1)
    assert same["results"] == found["results"]
    further = get("doctors/", **found["parameters"], page_size=1, cursor=found["next"])
    assert slugs(further["results"]) == ["leh-two"]


@pytest.mark.parametrize(
    ("by", "what", "place", "doctors"),
    [
        ({"condition": RLS}, ("chosen", RLS), "leh-ladakh-in", ["leh-one", "leh-two"]),
        ({"specialty": "cardiology"}, ("chosen", "cardiology"), "leh-ladakh-in", ["heart"]),
        ({"condition": RLS, "specialty": "cardiology"}, ("chosen", RLS), "leh-ladakh-in", []),
        ({"condition": RLS, "name": "Two"}, ("chosen", RLS), "leh-ladakh-in", ["leh-two"]),
        ({"place": "delhi-delhi-in"}, ("exact", "myoclonus"), None, ["delhi", "leh-two"]),
        ({"name": "Leh One"}, ("chosen", "leh-one"), "leh-ladakh-in", ["leh-one"]),
    ],
)  # fmt: skip
def test_each_part_can_be_put_right(
    get: Get, by: Json, what: tuple[str, str], place: str | None, doctors: list[str]
) -> None:
    answer = get("search/", q="myoclonus near leh", **by)
    assert (answer["query"]["what"]["status"], answer["query"]["what"]["match"]["slug"]) == what
    assert answer["query"]["place"]["match"]["slug"] == (place or by["place"])
    assert slugs(answer["doctors"]["results"]) == doctors


def test_the_intent_can_be_put_right(get: Get) -> None:
    asked = get("search/", q="myoclonus near leh")["query"]["intent"]
    assert asked["value"] == "doctors"
    assert asked["alternatives"] == [{"value": "article", "section": None}]
    assert get("search/", q="myoclonus near leh", intent="article")["query"]["intent"]["value"] == "article"


def test_near_me_is_where_the_caller_is(get: Get) -> None:
    without = get("search/", q="neurologist near me")
    assert without["query"]["here"] is True
    assert without["doctors"] is None
    there = get("search/", q="neurologist near me", lat=LEH[0], lng=LEH[1])
    assert there["query"]["point"] == {"lat": LEH[0], "lng": LEH[1]}
    assert slugs(there["doctors"]["results"]) == ["leh-one", "leh-two"]


def test_a_place_that_there_is_not_gives_no_doctors(get: Get) -> None:
    answer = get("search/", q="myoclonus in qwxyzzy", lat=LEH[0], lng=LEH[1])
    assert answer["query"]["place"]["status"] == "none"
    assert answer["doctors"] is None
    assert answer["article"]["slug"] == "myoclonus"


def test_what_fits_by_its_text_is_offered_and_not_taken(get: Get) -> None:
    answer = get("search/", q="brief jerk of one hand", lat=LEH[0], lng=LEH[1])
    assert answer["query"]["what"]["status"] == "text"
    assert answer["query"]["what"]["match"] is None
    assert "myoclonus" in slugs(answer["conditions"])
    assert answer["doctors"] is None
    assert answer["article"] is None


def test_a_doctor_is_found_by_name_wherever(get: Get) -> None:
    answer = get("search/", q="dr heart")
    assert answer["query"]["what"]["match"]["slug"] == "heart"
    (doctor,) = answer["doctors"]["results"]
    assert doctor["distance_km"] is None
    assert answer["doctors"]["parameters"] is None
    assert answer["doctors"]["next"] is None


@pytest.mark.parametrize(
    ("q", "status", "number"), [("dr leh two", "exact", 1), ("dr haert", "approximate", 1), ("dr nobody", "none", 0)]
)  # fmt: skip
def test_how_well_a_name_fits_is_told(get: Get, q: str, status: str, number: int) -> None:
    answer = get("search/", q=q)
    assert answer["query"]["what"]["status"] == status
    assert len(answer["doctors"]["results"]) == number


def test_who_is_in_danger_is_told_so_beside_the_results(get: Get) -> None:
    answer = get("search/", q="myoclonus near leh, can't breathe")
    assert answer["notice"] == {
        "kind": "emergency",
        "locale": "en",
        "text": "If this is happening now, call your local emergency number.",
    }
    assert answer["query"]["what"]["match"]["slug"] == "myoclonus"
    assert answer["doctors"]["results"]
    assert get("search/", q="myoclonus near leh")["notice"] is None
    suggested = get("suggest/", q="suicide", locale="fr")["notice"]
    assert (suggested["kind"], suggested["locale"]) == ("crisis", "fr")
    assert get("suggest/", q="suic")["notice"] is None


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({}, {"q"}),
        ({"q": ""}, {"q"}),
        ({"q": "?!"}, {"q"}),
        ({"q": "x" * 201}, {"q"}),
        ({"q": "a\x00b"}, {"q"}),
        ({"q": "leh", "lat": 1}, {"lng"}),
        ({"q": "leh", "intent": "buy"}, {"intent"}),
        ({"q": "leh", "country": "IND"}, {"country"}),
        ({"q": "leh", "page_size": 0}, {"page_size"}),
        ({"q": "leh", "condition": "a b"}, {"condition"}),
        ({"q": "leh", "name": "?"}, {"name"}),
        ({"q": "leh", "near": "leh"}, {"near"}),
    ],
)
def test_wrong_parameters_are_named(get: Get, params: Json, named: set[str]) -> None:
    assert set(get("search/", status=400, **params)["errors"]) == named
    if not params.keys() - {"q", "lat", "country", "near"}:
        assert set(get("suggest/", status=400, **params)["errors"]) == named


def test_what_is_chosen_must_exist(get: Get) -> None:
    get("search/", status=404, q="leh", condition="unicornitis")
    get("search/", status=404, q="leh", specialty="alchemy")
    assert get("search/", status=422, q="leh", place="dumkhaar-ladakh-in")["suggestions"]


# --- /suggest/


def test_completions_come_in_groups(get: Get) -> None:
    answer = get("suggest/", q="le")
    assert "leh-ladakh-in" in slugs(get("suggest/", q="leh")["places"])
    assert [phrase["text"] for phrase in answer["phrases"]] == ["legs that will not keep still"]
    assert slugs(get("suggest/", q="myo")["conditions"])[0] == "myoclonus"
    assert slugs(get("suggest/", q="neuro")["specialties"]) == ["neurology"]
    assert slugs(get("suggest/", q="dr hear")["doctors"]) == ["heart"]


def test_a_name_by_another_word_of_it(get: Get) -> None:
    (found,) = get("suggest/", q="legs syn")["conditions"]
    assert (found["slug"], found["matched_name"]) == (RLS, "Restless legs syndrome")


def test_a_typo_is_mended_from_four_letters_on(get: Get) -> None:
    answer = get("suggest/", q="mioc")
    assert slugs(answer["conditions"])[0] == "myoclonus"
    assert answer["did_you_mean"].startswith("myoclon")
    assert get("suggest/", q="nurol")["specialties"][0]["slug"] == "neurology"
    assert get("suggest/", q="mio")["conditions"] == []


def test_what_matches_only_exactly_is_not_suggested_for_a_typo(get: Get) -> None:
    assert slugs(get("suggest/", q="wed")["conditions"]) == [RLS]
    assert RLS not in slugs(get("suggest/", q="wedd")["conditions"])


def test_a_place_is_completed_behind_what_is_looked_for(get: Get) -> None:
    (first, *_) = get("suggest/", q="neurologist domkh")["places"]
    assert first["text"] == "neurologist Domkhar Dho"


def test_what_follows_a_preposition_is_completed_as_a_place(get: Get) -> None:
    (first, *_) = get("suggest/", q="myoclonus doctor near domkh")["places"]
    assert first["text"] == "myoclonus doctor near Domkhar Dho"
    assert get("suggest/", q="near leh")["places"]


def test_a_group_has_no_more_than_asked_for(get: Get) -> None:
    answer = get("suggest/", q="s", limit=2)
    assert len(answer["places"]) == 2


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # fmt: skip
@given(q=st.text(max_size=210), lat=st.none() | st.floats(-90, 90))
def test_whatever_is_typed_is_answered(q: str, lat: float | None) -> None:
    params: Json = {"q": q} if lat is None else {"q": q, "lat": lat, "lng": lat}
    for path in ("search/", "suggest/"):
        try:
            response = Client().get(f"/api/v1/{path}", params)
        except UnicodeEncodeError:
            return
        assert response.status_code in (200, 400), response.content[:300]


def test_a_name_beside_a_specialty_chooses_among_its_doctors(get: Get) -> None:
    answer = get("search/", q="leh", specialty="neurology", name="two")
    assert slugs(answer["doctors"]["results"]) == ["leh-two"]
    assert answer["query"]["what"]["name"] == "two"
