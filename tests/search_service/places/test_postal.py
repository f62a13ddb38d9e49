"""Postal codes as text and as slugs: of made-up rows in GeoNames' format, beside a few places."""

from __future__ import annotations

from pathlib import Path

import pytest

from search_service import geo
from search_service.places.gazetteer import Gazetteer
from search_service.places.importer import import_places
from search_service.places.model import Resolution
from tests.search_service.places.dump import row, write


def postal(
    country: str,
    code: str,
    name: str,
    region: str,
    district: str,
    lat: object,
    lng: object,
    accuracy: object = 4,
) -> str:
    """A row of a file of postal codes."""
    fields = [country, code, name, region, "", district, "", "", "", lat, lng, accuracy]
    return "\t".join(map(str, fields))


PLACES = [
    row(1, "Domkhar Dho", alternates="Domkhar", district="003", lat=34.394, lng=76.760, population=504),
    row(2, "Temisgam", district="003", lat=34.325, lng=76.990, population=1200),
    row(3, "Leh", district="003", lat=34.165, lng=77.585, population=30_000),
    row(4, "Berlin", country="DE", region="16", lat=52.52, lng=13.41, population=3_400_000, kind="PPLC"),
    row(5, "New York City", country="US", region="NY", lat=40.71, lng=-74.0, population=8_000_000),
    row(6, "Cáceres", country="ES", region="57", lat=39.47, lng=-6.37, population=90_000),
    row(7, "London", country="GB", region="ENG", lat=51.51, lng=-0.13, population=8_900_000, kind="PPLC"),
    row(8, "Paris", country="FR", region="11", lat=48.853, lng=2.349, population=2_100_000, kind="PPLC"),
    row(9, "Domkhar", country="DE", region="16", lat=52.6, lng=13.5),
    row(10, "Sector 101", lat=30.0, lng=77.0),
]
CODES = [
    # One code of several villages, in a state that they are no more in.
    postal("IN", "194106", "Domkhar Dho", "Jammu & Kashmir", "Leh", 34.394, 76.760),
    postal("IN", "194106", "Temisgam", "Jammu & Kashmir", "Leh", 34.325, 76.990),
    postal("IN", "194106", "Nowhere Known", "Jammu & Kashmir", "Leh", 34.400, 76.800),
    postal("DE", "10115", "Berlin", "Berlin", "", 52.532, 13.384),
    postal("US", "10001", "New York", "New York", "New York", 40.748, -73.997),
    postal("ES", "10001", "Cáceres", "Extremadura", "Cáceres", 39.476, -6.372),
    postal("GB", "SW1A", "Westminster", "England", "Greater London", 51.501, -0.142),
    postal("GB", "SW1P", "Pimlico", "England", "Greater London", 51.496, -0.138),
    postal("FR", "75001", "Paris 01", "Île-de-France", "Paris", 48.859, 2.347),
    # One point for too many codes, and no such place.
    *(postal("IN", f"1942{n:02}", f"Nobody {n}", "Ladakh", "Leh", 34.5, 75.5) for n in range(8)),
]


@pytest.fixture(scope="module")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    folder = tmp_path_factory.mktemp("postal")
    files = [write(folder / "places.txt", *PLACES), write(folder / "codes.txt", *CODES)]
    import_places(files, folder / "places")
    return Gazetteer(folder / "places")


def understood(resolution: Resolution) -> tuple[str, str | None]:
    return resolution.status, resolution.match.slug if resolution.match else None


def test_a_code_of_many_villages_is_their_area_and_none_of_them(gazetteer: Gazetteer) -> None:
    resolution = gazetteer.resolve_text("194106")
    match = resolution.match
    assert resolution.status == "exact"
    assert match is not None
    assert (match.id, match.kind, match.name, match.slug) == (
        None,
        "postal_code",
        "194106",
        "postal-194106-in",
    )
    assert match.label == "194106, Leh, Ladakh, India"
    points = [(34.394, 76.760), (34.325, 76.990), (34.400, 76.800)]
    distances = [geo.distance_km(match.lat, match.lng, *point) for point in points]
    assert match.spread_km == pytest.approx(max(distances), abs=0.06)
    assert (match.lat, match.lng) == pytest.approx((34.373, 76.850), abs=0.001)
    assert [(other.place.name, other.why) for other in resolution.alternatives] == [
        ("Temisgam", "served"),
        ("Domkhar Dho", "served"),
    ]


def test_the_slug_of_a_code_leads_back_to_it(gazetteer: Gazetteer) -> None:
    for text in ("194106", "SW1A", "75001"):
        resolution = gazetteer.resolve_text(text)
        assert resolution.match is not None
        assert gazetteer.resolve_slug(resolution.match.slug) == resolution
    assert gazetteer.resolve_slug("postal-999999-in").status == "none"
    assert gazetteer.resolve_slug("postal-194106-bt").status == "none"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("194106 India", "postal-194106-in"),
        ("194106, Leh", "postal-194106-in"),
        ("Leh 194106", "postal-194106-in"),
        ("Leh, Ladakh 194106, India", "postal-194106-in"),
        ("194 106", "postal-194106-in"),
        ("१९४१०६", "postal-194106-in"),
        ("Nowhere Known 194106", "postal-194106-in"),
        ("10115 Berlin", "postal-10115-de"),
        ("10115 Deutschland", "postal-10115-de"),
        ("D-10115 Berlin", "postal-10115-de"),
        ("10001 US", "postal-10001-us"),
        ("New York, NY 10001", "postal-10001-us"),
        ("10001 España", "postal-10001-es"),
        ("75001 Paris", "postal-75001-fr"),
        ("Paris 75001 France", "postal-75001-fr"),
        ("sw1a", "postal-sw1a-gb"),
        ("London SW1P", "postal-sw1p-gb"),
    ],
)
def test_a_code_and_what_it_lies_in(gazetteer: Gazetteer, text: str, slug: str) -> None:
    assert understood(gazetteer.resolve_text(text)) == ("exact", slug)
    assert gazetteer.search(text)[0].place.slug == slug


def test_of_a_village_and_its_code_the_village_is_meant(gazetteer: Gazetteer) -> None:
    assert understood(gazetteer.resolve_text("Domkhar 194106")) == ("exact", "domkhar-dho-ladakh-in")
    assert understood(gazetteer.resolve_text("194106 Domkhar, Ladakh")) == ("exact", "domkhar-dho-ladakh-in")


@pytest.mark.parametrize("text", ["194106, Berlin", "10115 Leh", "75001 Germany"])
def test_a_code_that_lies_elsewhere_is_only_suggested(gazetteer: Gazetteer, text: str) -> None:
    resolution = gazetteer.resolve_text(text)
    assert resolution.status == "none"
    assert resolution.suggestions[0].kind == "postal_code"


def test_one_code_of_several_countries_is_ambiguous(gazetteer: Gazetteer) -> None:
    resolution = gazetteer.resolve_text("10001")
    assert understood(resolution) == ("ambiguous", "postal-10001-us")
    other = resolution.alternatives[0]
    assert (other.place.slug, other.why) == ("postal-10001-es", "namesake")
    assert understood(gazetteer.resolve_text("10001", country="es")) == ("exact", "postal-10001-es")
    madrid = (40.4, -3.7)
    assert understood(gazetteer.resolve_text("10001", focus=madrid)) == ("exact", "postal-10001-es")


@pytest.mark.parametrize("text", ["SW1A 1AA", "sw1a1aa", "London SW1A 1AA, UK"])
def test_of_a_code_of_which_the_first_part_is_known_that_is_taken(gazetteer: Gazetteer, text: str) -> None:
    resolution = gazetteer.resolve_text(text)
    assert understood(resolution) == ("approximate", "postal-sw1a-gb")
    assert resolution.assumed == "postal_code"


def test_codes_with_more_behind_them(gazetteer: Gazetteer) -> None:
    resolution = gazetteer.resolve_text("10001-1234")
    assert resolution.assumed == "postal_code"
    assert gazetteer.resolve_text("1000112").status == "none"


def test_a_point_of_no_place_is_not_trusted(gazetteer: Gazetteer) -> None:
    resolution = gazetteer.resolve_text("194203")
    assert understood(resolution) == ("approximate", "postal-194203-in")
    assert resolution.assumed == "position"
    # The seat of its district, not the point that eight codes share.
    assert resolution.match is not None
    assert (resolution.match.lat, resolution.match.lng) == pytest.approx((34.165, 77.585))
    assert resolution.match.spread_km == 0


def test_codes_are_completed(gazetteer: Gazetteer) -> None:
    assert [found.place.slug for found in gazetteer.search("1941")] == ["postal-194106-in"]
    assert [found.name for found in gazetteer.search("1942", limit=3)] == ["194200", "194201", "194202"]
    assert gazetteer.search("sw1")[0].place.slug == "postal-sw1a-gb"
    assert {found.place.slug for found in gazetteer.search("1000")} == {"postal-10001-us", "postal-10001-es"}
    assert gazetteer.search("1000", country="es")[0].place.slug == "postal-10001-es"
    assert gazetteer.search("1000", focus=(40.4, -3.7))[0].place.slug == "postal-10001-es"


def test_a_name_with_a_number_is_a_name(gazetteer: Gazetteer) -> None:
    assert understood(gazetteer.resolve_text("Sector 101")) == ("exact", "sector-101-ladakh-in")
    assert gazetteer.search("sector 1")[0].place.name == "Sector 101"


@pytest.mark.parametrize(
    "text", ["1", "12", "0" * 200, "1 " * 50, "a1 " * 9, "1a2b3c4d5e6f", "٣٣٣", "²²²", "1' OR 1"]
)
def test_numbers_that_are_none(gazetteer: Gazetteer, text: str) -> None:
    assert gazetteer.resolve_text(text).status == "none"
    gazetteer.search(text)
    gazetteer.resolve_slug(f"postal-{text}-in")


def test_reading_rows_of_a_real_file_needs_no_region(tmp_path: Path) -> None:
    """Some countries have neither regions nor districts, and some rows no point."""
    rows = [postal("MC", "98000", "Monaco", "", "", 43.73, 7.42), postal("MC", "98001", "", "", "", "", "")]
    place = row(1, "Monaco", country="MC", region="", lat=43.73, lng=7.42, kind="PPLC", population=30_000)
    import_places([write(tmp_path / "a.txt", place), write(tmp_path / "b.txt", *rows)], tmp_path / "p")
    gazetteer = Gazetteer(tmp_path / "p")
    resolution = gazetteer.resolve_text("98000")
    assert understood(resolution) == ("exact", "postal-98000-mc")
    assert resolution.match is not None
    assert resolution.match.label == "98000, Monaco"
    assert gazetteer.resolve_text("98001").status == "none"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("75999 Paris", "Paris"),
        ("London ZZ9 9ZZ", "London"),
        ("Paris 12e", "Paris"),
        ("D-99999 Berlin", "Berlin"),
    ],
)
def test_what_is_beside_an_unknown_code_is_taken_and_said(gazetteer: Gazetteer, text: str, name: str) -> None:
    resolution = gazetteer.resolve_text(text)
    assert (resolution.status, resolution.assumed) == ("approximate", "postal_code")
    assert resolution.match is not None
    assert resolution.match.name == name
    assert gazetteer.search(text)[0].place == resolution.match
