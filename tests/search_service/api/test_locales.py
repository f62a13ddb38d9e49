"""Names of places in the caller's language, wherever places are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from search_service import stores
from search_service.places.importer import import_places
from tests.search_service.api.conftest import Get
from tests.search_service.fake_feed import FakeFeed
from tests.search_service.places.dump import row, write

Json = dict[str, Any]

LEH: Json = {"lat": 34.165, "lng": 77.584}


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few places with names in Hindi."""
    folder = tmp_path_factory.mktemp("towns")
    places = [
        row(1, "Leh", **LEH, population=30_000),
        row(2, "Leh", lat=30.0, lng=70.0, country="PK", region="02", population=20_000),
        row(3, "Choglamsar", lat=34.11, lng=77.59),
    ]
    names = ["11\t1\thi\tलेह\t1\t\t\t\t\t", "12\t2\thi\tलेह\t1\t\t\t\t\t", "13\t3\thi\tचोगलमसर\t\t\t\t\t\t"]
    files = [write(folder / "towns.txt", *places), write(folder / "alternateNamesV2.txt", *names)]
    import_places(files, folder / "places")
    return folder / "places"


@pytest.fixture(autouse=True)
def gazetteer(published: FakeFeed, towns: Path, settings: Settings) -> None:
    """Of these, instead of those that ship."""
    settings.PLACES_DIR = towns
    stores.gazetteer.cache_clear()


def in_hindi(place: Json) -> bool:
    """Whether it and what it lies in are in Hindi: no letter of ours in any."""
    return not (place["name"] + place["country"]["name"]).isascii()


def test_a_page_is_of_places_in_the_language(get: Get) -> None:
    page = get("pages/myoclonus/leh-ladakh-in/", locale="hi")
    assert page["title"] == "Doctors Near You for Myoclonus in लेह"
    assert page["place"]["match"]["name"] == "लेह"
    assert page["place"]["match"]["official_name"] == "Leh"
    assert page["place"]["match"]["country"]["name"] == "भारत"
    assert [level["name"] for level in page["breadcrumbs"]] == ["Myoclonus", "भारत", "Ladakh", "लेह"]
    assert page["nearby_places"]
    assert all(map(in_hindi, page["nearby_places"]))
    as_it_is = get("pages/myoclonus/leh-ladakh-in/")
    assert page["article"] == as_it_is["article"]
    assert as_it_is["breadcrumbs"][1]["name"] == "India"


@pytest.mark.parametrize("by", [{"place": "leh-ladakh-in"}, {"near": "Leh"}])
def test_doctors_are_near_places_in_the_language(get: Get, by: Json) -> None:
    answer = get("doctors/", **by, locale="hi")
    assert in_hindi(answer["query"]["place"]["match"])
    assert answer["results"] == get("doctors/", **by)["results"]


def test_a_cursor_does_for_any_language(get: Get) -> None:
    first = get("doctors/", near="Leh", locale="hi", page_size=1)
    assert get("doctors/", near="Leh", page_size=1, cursor=first["next"])["results"]


@pytest.mark.parametrize("by", [{"q": "myoclonus leh"}, {"q": "myoclonus", "place": "leh-ladakh-in"}])
def test_a_line_is_answered_with_places_in_the_language(get: Get, by: Json) -> None:
    place = get("search/", **by, locale="hi")["query"]["place"]
    assert in_hindi(place["match"])
    assert all(map(in_hindi, place["alternatives"]))
    assert not in_hindi(get("search/", **by)["query"]["place"]["match"])


def test_other_places_of_a_name_are_told_in_the_language(get: Get) -> None:
    (other,) = get("search/", q="myoclonus leh", locale="hi")["query"]["place"]["alternatives"]
    assert (other["name"], other["country"]["name"]) == ("लेह", "पाकिस्तान")


def test_completions_are_in_the_language(get: Get) -> None:
    (first,) = get("suggest/", q="neurologist chog", locale="hi")["places"]
    assert in_hindi(first)
    assert first["text"] == "neurologist चोगलमसर"
    assert get("search/", q=first["text"])["query"]["place"]["match"]["slug"] == first["slug"]


def test_what_may_have_been_meant_is_in_the_language(get: Get) -> None:
    problem = get("doctors/", status=422, near="India", locale="hi")
    assert problem["suggestions"]
    assert all(map(in_hindi, problem["suggestions"]))


PATHS: list[tuple[str, Json]] = [
    ("pages/myoclonus/leh-ladakh-in/", {}),
    ("doctors/", {"near": "Leh"}),
    ("search/", {"q": "leh"}),
    ("suggest/", {"q": "leh"}),
    ("places/", {"q": "leh"}),
    ("places/nearest/", LEH),
    ("places/leh-ladakh-in/", {}),
]


@pytest.mark.parametrize(("path", "params"), PATHS, ids=[path for path, _ in PATHS])
def test_one_rule_of_what_a_locale_is(get: Get, path: str, params: Json) -> None:
    for tag in ("lbj", "bo", "pt-BR", "zh_Hant", "DE", "sr-Latn-RS"):
        get(path, **params, locale=tag)
    for tag in ("xx", "iata", "und", "english", "d!", "", "de-", "\u0434\u0435", "x" * 36):
        assert get(path, status=400, **params, locale=tag)["errors"].keys() == {"locale"}
