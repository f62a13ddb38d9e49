from __future__ import annotations

import pytest

from search_service.places.areas import Areas, Country, Region, Scope, covers

AREAS = Areas(
    [Country("IN", "IND", "India"), Country("US", "USA", "United States"), Country("SG", "SGP", "Singapore")],
    [
        Region("IN", "41", "Ladakh", "Ladakh"),
        Region("IN", "12", "Jammu and Kashmir", "Jammu and Kashmir"),
        Region("US", "TX", "Texas", "Texas"),
        Region("US", "VA", "Virginia", "Virginia"),
        Region("US", "WV", "West Virginia", "West Virginia"),
    ],
)


@pytest.mark.parametrize(
    ("slug", "readings"),
    [
        ("leh-ladakh-in", [("leh", "IN", {"41"}), ("leh-ladakh", "IN", set())]),
        ("a-b-jammu-and-kashmir-in", [("a-b", "IN", {"12"}), ("a-b-jammu-and-kashmir", "IN", set())]),
        (
            "new-west-virginia-us",
            [("new", "US", {"WV"}), ("new-west", "US", {"VA"}), ("new-west-virginia", "US", set())],
        ),
        ("ladakh-in", [("ladakh", "IN", set())]),
        ("singapore-sg", [("singapore", "SG", set())]),
        ("leh-ladakh-xx", [("leh-ladakh", "XX", set())]),
        ("in", []),
        ("leh", []),
        ("leh-12", []),
    ],
)
def test_ways_to_read_a_slug(slug: str, readings: list[tuple[str, str, set[str]]]) -> None:
    assert [
        (name, country, set(codes)) for name, country, codes in AREAS.split_slug(slug.split("-"))
    ] == readings


@pytest.mark.parametrize(
    ("words", "inside"),
    [
        ("texas", True),
        ("tx", True),
        ("texas usa", True),
        ("texas united states of america", True),
        ("us", True),
        ("", True),
        ("ladakh", False),
        ("texas india", False),
        ("texas town", False),
    ],
)
def test_what_covers_a_place_in_texas(words: str, inside: bool) -> None:
    assert covers(AREAS.keys("US", "TX"), words.split()) is inside


def test_an_area_may_go_without_its_sort() -> None:
    areas = Areas([], [Region("BT", "20", "Thimphu District", "Thimphu District")])
    assert areas.scopes("thimphu") == areas.scopes("thimphu district") == {Scope("BT", "20")}


def test_unknown_codes_are_areas_without_a_name() -> None:
    assert AREAS.region("IN", "99").name == AREAS.country("ZZ").name == ""
    assert AREAS.region_slug("IN", "99") == ""
    assert AREAS.keys("ZZ", "99") == frozenset()


def test_burma_is_not_taken_for_a_country() -> None:
    """Barma is a part of many villages' names, Domkhar's among them."""
    assert AREAS.scopes("burma") == AREAS.scopes("barma") == set()
