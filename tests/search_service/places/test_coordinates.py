"""Coordinates typed as text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search_service.places import coordinates
from search_service.places.coordinates import OffTheGlobe
from search_service.places.gazetteer import Gazetteer

# ruff: noqa: RUF001 (signs that look alike are the subject)

lats = st.decimals(-90, 90, places=6).map(float)
lngs = st.decimals(-180, 180, places=6).map(float)


@pytest.mark.parametrize(
    "text",
    [
        "34.39, 76.76",
        "34.39,76.76",
        " 34.39  76.76 ",
        "34.39;76.76",
        "(34.39, 76.76)",
        "[34.39,76.76]",
        "geo:34.39,76.76",
        "@34.39,76.76",
        "+34.39 +76.76",
        "34.39 N 76.76 E",
        "34.39N, 76.76E",
        "34.39N76.76E",
        "N 34.39 E 76.76",
        "n34.39 e76.76",
        "76.76 E, 34.39 N",
        "34.39° 76.76°",
        "34.39° N, 76.76° E",
        "34°23.4'N 76°45.6'E",
        "34°23'24\"N 76°45'36\"E",
        "34° 23′ 24″ N, 76° 45′ 36″ E",
        "34°23’24”N 76°45’36”E",
        "34°23'24''N 76°45'36''E",
        "N34°23'24\" E76°45'36\"",
        "34 23 24 N 76 45 36 E",
        "34 23.4 N, 76 45.6 E",
        "34,39 76,76",
        "34,39; 76,76",
        "lat 34.39 lng 76.76",
        "Latitude: 34.39, Longitude: 76.76",
        "३४.३९, ७६.७६",
    ],
)
def test_ways_to_write_a_point(text: str) -> None:
    assert coordinates.read(text) == (34.39, 76.76)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("-33.9 18.4", (-33.9, 18.4)),
        ("−33.9, −18.4", (-33.9, -18.4)),
        ("33.9 S 18.4 W", (-33.9, -18.4)),
        ("40°30'S 0°7'30\"W", (-40.5, -0.125)),
        ("34N 76E", (34.0, 76.0)),
        ("-34, 76", (-34.0, 76.0)),
        ("0.0, -0.0", (0.0, 0.0)),
        ("90.0, 180.0", (90.0, 180.0)),
    ],
)
def test_signs_and_letters(text: str, point: tuple[float, float]) -> None:
    assert coordinates.read(text) == point


@pytest.mark.parametrize(
    "text",
    [
        *("", "34.39", "34, 76", "10001 20002", "34.39 76.76 12.1", "34.39, 76.76, Leh", "Leh 34.39, 76.76"),
        *("1.2.3, 4", "34.39 N 76.76 N", "-34.39 S 76.76 E", "34°70'N 76°E", "34.5°30'N 76°E", "34°N"),
        *("34.39,76.76,", "nan, inf", "1e3, 4.5", "0x10, 4.5", "N, E", "34.39 / 76.76", "sector 1.5"),
        *("9" * 90 + ".1, 2", "1 " * 60, "194106", "75001 Paris", "Route 66 N 12"),
    ],
)
def test_what_is_no_point(text: str) -> None:
    assert coordinates.read(text) is None


@pytest.mark.parametrize("text", ["90.1, 0", "34.39, 180.5", "134.39, 76.76", "91 N 4 E", "-90.000001, 0.1"])
def test_off_the_globe_is_said(text: str) -> None:
    with pytest.raises(OffTheGlobe, match="latitude, -90 to 90, then the longitude"):
        coordinates.read(text)


@given(lats, lngs)
@example(-0.0000004, 0.0)
@example(-90.0, -180.0)
def test_points_are_read_back_however_they_are_written(lat: float, lng: float) -> None:
    point = coordinates.from_slug(coordinates.slug(lat, lng))
    assert point == pytest.approx((lat, lng), abs=1e-6)
    assert coordinates.read(f"{lat:.6f}, {lng:.6f}") == point
    letters = ("N" if lat >= 0 else "S", "E" if lng >= 0 else "W")
    halves = []
    for degrees, letter in zip((abs(lat), abs(lng)), letters, strict=True):
        minutes, seconds = divmod(round(degrees * 3600, 3), 60)
        halves.append(f"{int(minutes // 60)}°{int(minutes % 60)}'{seconds:.3f}\"{letter}")
    assert coordinates.read(" ".join(halves)) == pytest.approx((lat, lng), abs=1e-6)
    assert coordinates.read(", ".join(reversed(halves))) == pytest.approx((lat, lng), abs=1e-6)


@given(st.text(alphabet="0123456789.,;:-+°'\"NSEW nsew", max_size=40) | st.text(max_size=110))
def test_any_text_is_a_point_or_none(text: str) -> None:
    try:
        point = coordinates.read(text)
    except OffTheGlobe:
        return
    assert point is None or (abs(point[0]) <= 90 and abs(point[1]) <= 180)


def test_a_point_is_answered_with_the_nearest_place(shipped: Gazetteer) -> None:
    resolution = shipped.resolve_text("34.39, 76.76")
    assert resolution.status == "exact"
    match = resolution.match
    assert match is not None
    assert (match.id, match.kind, match.lat, match.lng) == (None, "point", 34.39, 76.76)
    assert match.label == match.name == "34.39, 76.76"
    assert [resolution.nearest] == shipped.nearest(34.39, 76.76, limit=1)
    assert shipped.resolve_slug(match.slug) == resolution
    assert [found.place for found in shipped.search("34.39, 76.76")] == [match]


def test_a_point_off_the_globe_is_no_place(shipped: Gazetteer) -> None:
    for resolution in (shipped.resolve_text("94.39, 76.76"), shipped.resolve_slug("94.39,76.76")):
        assert resolution.status == "none"
        assert "not on the globe" in resolution.reason
    assert shipped.search("94.39, 76.76") == []
