"""Places over HTTP: as typed, as points, near to a point, and around doctors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from search_service import stores
from search_service.places.importer import import_places
from tests.search_service.api.conftest import DOMKHAR, KHALTSE, Get
from tests.search_service.fake_feed import FakeFeed
from tests.search_service.places.dump import row, write

pytestmark = pytest.mark.usefixtures("published")

Json = dict[str, Any]


def test_doctors_near_coordinates_are_near_that_very_point(get: Get) -> None:
    by_text = get("doctors/", specialty="neurology", near="34.39375, 76.7603", radius_km=100)
    lat, lng = DOMKHAR
    by_point = get("doctors/", specialty="neurology", lat=lat, lng=lng, radius_km=100)
    assert by_text["results"] == by_point["results"] != []
    understood = by_text["query"]["place"]
    assert understood["status"] == "exact"
    assert understood["match"]["kind"] == "point"
    assert understood["match"]["id"] is None
    assert (understood["match"]["lat"], understood["match"]["lng"]) == DOMKHAR
    assert understood["match"]["country"] == {"code": "", "name": ""}
    assert understood["nearest"]["official_name"] == "Domkhar Dho"
    assert understood["nearest"]["distance_km"] == 0


def test_a_point_has_a_slug_and_a_page(get: Get) -> None:
    slug = get("doctors/", near="34°23'37\"N 76°45'37\"E")["query"]["place"]["match"]["slug"]
    assert slug == "34.393611,76.760278"
    assert get("doctors/", place=slug)["query"]["place"]["match"]["kind"] == "point"
    page = get(f"pages/myoclonus/{slug}/")
    assert page["nearby_places"][0]["official_name"] == "Domkhar Dho"
    assert [crumb["kind"] for crumb in page["breadcrumbs"]] == ["condition", "place"]
    assert get(f"places/{slug}/")["match"]["name"] == "34.393611, 76.760278"


def test_coordinates_off_the_globe_are_an_error_that_says_so(get: Get) -> None:
    problem = get("doctors/", status=422, near="134.39, 76.76")
    assert "latitude, -90 to 90" in problem["detail"]
    assert problem["suggestions"] == []
    assert get("places/", q="134.39, 76.76")["results"] == []


def test_a_country_tells_which_namesake_is_near(get: Get) -> None:
    assert get("doctors/", near="Paris")["query"]["place"]["match"]["country"]["code"] == "FR"
    assert get("doctors/", near="Paris", country="us")["query"]["place"]["match"]["country"]["code"] == "US"
    assert get("doctors/", status=400, place="leh-ladakh-in", country="us")["errors"].keys() == {"country"}
    assert get("places/", q="paris", country="us")["results"][0]["country"]["code"] == "US"


def test_alternatives_say_why_they_are_offered(get: Get) -> None:
    parts = get("doctors/", near="Domkhar")["query"]["place"]["alternatives"]
    assert {other["why"] for other in parts} == {"part"}
    namesakes = get("doctors/", near="Paris")["query"]["place"]["alternatives"]
    assert {other["why"] for other in namesakes} == {"namesake"}


def test_places_nearest_to_a_point(get: Get) -> None:
    lat, lng = KHALTSE
    found = get("places/nearest/", lat=lat, lng=lng, limit=3)["results"]
    assert len(found) == 3
    assert found == sorted(found, key=lambda place: place["distance_km"])
    assert found[0]["name"] == "Khaltse"


def test_in_mid_ocean_the_nearest_is_told_with_its_distance(get: Get) -> None:
    nearest = get("places/nearest/", lat=-48.9, lng=-123.4, limit=1)["results"][0]
    assert nearest["distance_km"] > 2000


def test_names_of_the_locale(get: Get) -> None:
    leh = get("places/leh-ladakh-in/", locale="de")["match"]
    assert leh["country"]["name"] == "Indien"
    assert leh["label"] == "Leh, Ladakh, Indien"
    assert get("places/leh-ladakh-in/")["match"]["country"]["name"] == "India"
    assert get("places/", q="leh", locale="de-AT")["results"][0]["country"]["name"] == "Indien"
    assert get("places/nearest/", lat=34.2, lng=77.6, locale="fr")["results"][0]["country"]["name"] == "Inde"


@pytest.mark.parametrize(
    ("path", "params", "named"),
    [
        ("places/nearest/", {"lat": 34}, {"lng"}),
        ("places/nearest/", {}, {"lat", "lng"}),
        ("places/nearest/", {"lat": 91, "lng": 181}, {"lat", "lng"}),
        ("places/nearest/", {"lat": 34, "lng": 77, "limit": 51, "q": "x"}, {"limit", "q"}),
        ("places/", {"q": "x" * 201}, {"q"}),
        ("places/", {"q": "leh", "country": "IND", "locale": "d!"}, {"country", "locale"}),
        ("places/leh-ladakh-in/", {"country": "in"}, {"country"}),
    ],
)
def test_wrong_parameters_are_named(get: Get, path: str, params: Json, named: set[str]) -> None:
    assert get(path, status=400, **params)["errors"].keys() == named


@pytest.mark.parametrize(
    "text",
    ["\x00", "\x01\x1f", "???", "\u202e\u200f", "\U0001f642\u2764\ufe0f", "%", "1" * 200, "\u0663", "a\nb"],
)
def test_what_is_no_place_is_no_fault(text: str) -> None:
    client = Client()
    assert client.get("/api/v1/places/", {"q": text}).status_code in {200, 400}
    assert client.get("/api/v1/doctors/", {"near": text}).status_code in {200, 400, 422}


@pytest.fixture
def postal_codes(published: FakeFeed, tmp_path: Path, settings: Settings) -> None:
    """Two villages with one postal code, instead of the places that ship."""
    villages = [row(1, "Domkhar", lat=34.394, lng=76.760), row(2, "Temisgam", lat=34.325, lng=76.990)]
    codes = [
        f"IN\t194106\t{name}\tLadakh\t\tLeh\t\t\t\t{lat}\t{lng}\t4"
        for name, lat, lng in [("Domkhar", 34.394, 76.760), ("Temisgam", 34.325, 76.990)]
    ]
    files = [write(tmp_path / "villages.txt", *villages), write(tmp_path / "codes.txt", *codes)]
    settings.PLACES_DIR = tmp_path / "places"
    import_places(files, settings.PLACES_DIR)
    stores.gazetteer.cache_clear()


@pytest.mark.usefixtures("postal_codes")
def test_doctors_and_a_page_near_a_postal_code(get: Get) -> None:
    ways: list[Json] = [{"near": "194106"}, {"near": "194106 India"}, {"place": "postal-194106-in"}]
    for asked in ways:
        place = get("doctors/", **asked, radius_km=100)["query"]["place"]
        assert place["status"] == "exact"
        assert place["match"]["slug"] == "postal-194106-in"
        assert (place["match"]["id"], place["match"]["kind"]) == (None, "postal_code")
        assert 10 < place["match"]["spread_km"] < 12
        assert {(other["name"], other["why"]) for other in place["alternatives"]} == {
            ("Domkhar", "served"),
            ("Temisgam", "served"),
        }
    page = get("pages/myoclonus/postal-194106-in/", radius_km=100)
    assert page["title"] == "Doctors Near You for Myoclonus in 194106"
    assert page["doctors"]["results"]
    assert [crumb["name"] for crumb in page["breadcrumbs"]] == [
        "Myoclonus",
        "India",
        "Ladakh",
        "Leh",
        "194106",
    ]
    assert get("places/", q="1941")["results"][0]["slug"] == "postal-194106-in"
    assert get("places/postal-194106-in/")["match"]["label"] == "194106, Leh, Ladakh, India"
