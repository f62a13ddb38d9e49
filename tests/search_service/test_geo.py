"""Geometry against brute force: haversine for distances, a scan of all points for cells."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from search_service.geo import (
    CELLS,
    EARTH_RADIUS_KM,
    HALF_CIRCUMFERENCE_KM,
    Square,
    cell,
    cells_and_vectors,
    cells_between,
    cells_within,
    chord2,
    chord2_from_km,
    distance_km,
    is_valid_point,
    km_from_chord2,
    unit_vector,
)

# Hypothesis by itself seldom draws the places where such code goes wrong.
lats = st.floats(-90, 90) | st.sampled_from([-90.0, -89.99999, -0.0, 0.0, 1e-9, 45.0, 89.9999, 90.0])
lngs = st.floats(-180, 180) | st.sampled_from([-180.0, -179.99999, -90.0, 0.0, 90.0, 179.99999999, 180.0])
points = st.tuples(lats, lngs)
radii = (
    st.floats(0, 25_000)
    | st.floats(0, 300)
    | st.sampled_from([0.0, 1e-6, HALF_CIRCUMFERENCE_KM / 2, HALF_CIRCUMFERENCE_KM, math.inf])
)
offsets = st.floats(-1, 1) | st.sampled_from([-1.0, 0.0, 1.0])


def haversine_km(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    h = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lng2 - lng1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))


def tolerance_km(km: float) -> float:
    """What rounding may do to a distance: nothing to speak of, but decimetres near the antipode."""
    return 1e-9 + km * 1e-12 + (1e-3 if km > 20_000 else 0)


def destination(lat: float, lng: float, bearing: float, km: float) -> tuple[float, float]:
    phi, angle = math.radians(lat), km / EARTH_RADIUS_KM
    sin_phi = math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(bearing)
    east = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(phi), math.cos(angle) - math.sin(phi) * sin_phi
    )
    return math.degrees(math.asin(max(-1.0, min(1.0, sin_phi)))), (
        lng + math.degrees(east) + 540.0
    ) % 360.0 - 180.0


def found(lat: float, lng: float, ranges: list[tuple[int, int]]) -> bool:
    return any(low <= cell(lat, lng) <= high for low, high in ranges)


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        ((48.8566, 2.3522), (51.5074, -0.1278), 343.556),
        ((0, 0), (0, 180), HALF_CIRCUMFERENCE_KM),
        ((90, 0), (-90, 0), HALF_CIRCUMFERENCE_KM),
        ((0, 0), (0, 90), HALF_CIRCUMFERENCE_KM / 2),
        ((0, 179.5), (0, -179.5), HALF_CIRCUMFERENCE_KM / 180),
        ((90, 12), (90, -77), 0),
        ((-18, 180), (-18, -180), 0),
    ],
)
def test_known_distances(a: tuple[float, float], b: tuple[float, float], km: float) -> None:
    assert distance_km(*a, *b) == pytest.approx(km, rel=1e-5, abs=1e-12)


@given(points, points)
@example((0.0, 0.0), (0.0, 180.0))
@example((12.5, 180.0), (12.5, -180.0))
def test_distance_is_the_great_circle(a: tuple[float, float], b: tuple[float, float]) -> None:
    km = haversine_km(*a, *b)
    assert distance_km(*a, *b) == pytest.approx(km, abs=tolerance_km(km))


@given(points, points, points)
def test_chord_orders_as_the_great_circle(
    centre: tuple[float, float], a: tuple[float, float], b: tuple[float, float]
) -> None:
    km_a, km_b = haversine_km(*centre, *a), haversine_km(*centre, *b)
    assume(km_a + tolerance_km(km_a) < km_b - tolerance_km(km_b))
    origin = unit_vector(*centre)
    assert chord2(origin, unit_vector(*a)) < chord2(origin, unit_vector(*b))


@given(points)
def test_coincident_points_are_at_distance_nought(point: tuple[float, float]) -> None:
    lat, lng = point
    assert chord2(unit_vector(lat, lng), unit_vector(lat, lng)) == 0
    assert chord2(unit_vector(lat, 180), unit_vector(lat, -180)) == 0
    assert cell(lat, 180) == cell(lat, -180)
    assert chord2(unit_vector(90, lng), unit_vector(90, 0)) == 0


@given(points)
def test_unit_vectors_have_length_one(point: tuple[float, float]) -> None:
    assert math.hypot(*unit_vector(*point)) == pytest.approx(1, abs=1e-15)


@given(st.floats(0, HALF_CIRCUMFERENCE_KM))
def test_chord_and_km_convert_back(km: float) -> None:
    assert km_from_chord2(chord2_from_km(km)) == pytest.approx(km, abs=tolerance_km(km))


@given(st.floats(0, 25_000), st.floats(0, 25_000))
def test_conversions_are_monotone_and_clamped(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert 0 <= chord2_from_km(low) <= chord2_from_km(high) <= 4
    low, high = sorted((chord2_from_km(a), chord2_from_km(b)))
    assert 0 <= km_from_chord2(low) <= km_from_chord2(high) <= HALF_CIRCUMFERENCE_KM
    assert km_from_chord2(4.000000000001) == HALF_CIRCUMFERENCE_KM


@pytest.mark.parametrize("lat", [math.nan, math.inf, -math.inf, 90.0001, -91])
def test_points_off_the_globe(lat: float) -> None:
    assert not is_valid_point(lat, 0)
    assert not is_valid_point(0, 2 * lat)


@given(points)
def test_points_on_the_globe(point: tuple[float, float]) -> None:
    assert is_valid_point(*point)
    assert 0 <= cell(*point) < CELLS


@given(points, points)
def test_points_in_one_cell_are_near(a: tuple[float, float], b: tuple[float, float]) -> None:
    # Cells must tell points apart, or a range of them would be the whole Earth and still be "right".
    if cell(*a) == cell(*b):
        assert distance_km(*a, *b) < 0.001


@given(points, points, radii)
@example((0.0, 0.0), (0.0, 180.0), HALF_CIRCUMFERENCE_KM - 1e-9)
@example((90.0, 0.0), (-90.0, 0.0), HALF_CIRCUMFERENCE_KM - 1e-9)
@example((-50.625, -2.1), (-50.62500000000001, -2.1), 0.0)  # one vector, two cells
@example((-18.0, 179.9), (-18.0, -180.0), 50.0)
@example((-18.0, -179.9), (-18.0, 180.0), 50.0)
def test_cells_within_hold_any_point_within(
    centre: tuple[float, float], point: tuple[float, float], radius_km: float
) -> None:
    if radius_km == math.inf or chord2(unit_vector(*centre), unit_vector(*point)) <= chord2_from_km(
        radius_km
    ):
        assert found(*point, cells_within(*centre, radius_km))


@given(points, radii, st.floats(0, 2 * math.pi), offsets)
@example((89.9, 10.0), 11.119510500, 0.0, 1.0)
@example((60.0, 10.0), 3335.85, 0.0, 1.0)
def test_cells_within_hold_points_at_the_rim(
    centre: tuple[float, float], radius_km: float, bearing: float, offset: float
) -> None:
    radius_km = min(radius_km, HALF_CIRCUMFERENCE_KM)
    # Within a millimetre of the rim, where a cover that is too tight would lose points.
    km = min(max(0.0, radius_km + offset * 1e-6), HALF_CIRCUMFERENCE_KM)
    point = destination(*centre, bearing, km)
    if chord2(unit_vector(*centre), unit_vector(*point)) <= chord2_from_km(radius_km):
        assert found(*point, cells_within(*centre, radius_km))


@given(points, radii)
def test_cells_within_are_few_apart_and_ascending(centre: tuple[float, float], radius_km: float) -> None:
    ranges = cells_within(*centre, radius_km)
    assert 1 <= len(ranges) <= 12
    flat = [bound for low_high in ranges for bound in low_high]
    assert flat == sorted(flat)
    assert all(high < low for (_, high), (low, _) in itertools.pairwise(ranges))
    assert flat[0] >= 0
    assert flat[-1] < CELLS


@given(st.floats(-85, 85), lngs, st.floats(0.01, 2000))
def test_cells_within_are_not_much_more_than_the_circle(lat: float, lng: float, radius_km: float) -> None:
    north_km = (90 - abs(lat)) * HALF_CIRCUMFERENCE_KM / 180
    assume(radius_km < north_km / 2)
    square_degrees = (
        sum(high - low + 1 for low, high in cells_within(lat, lng, radius_km)) * 360 * 180 / CELLS
    )
    radius = radius_km * 180 / HALF_CIRCUMFERENCE_KM + 1e-5
    box = 4 * radius * radius / math.cos(math.radians(abs(lat) + radius))
    assert square_degrees < 8 * box


def test_whole_earth_is_one_range() -> None:
    assert cells_within(12, 34, HALF_CIRCUMFERENCE_KM) == [(0, CELLS - 1)]
    assert cells_within(12, 34, math.inf) == [(0, CELLS - 1)]


@pytest.mark.parametrize("radius_km", [-1.0, math.nan])
def test_a_radius_that_is_none(radius_km: float) -> None:
    with pytest.raises(ValueError, match="radius_km"):
        cells_within(0, 0, radius_km)


def test_types_are_plain_numbers() -> None:
    ranges: list[Any] = cells_within(34, 76, 10)
    assert all(type(bound) is int for low_high in ranges for bound in low_high)


@given(lngs, lngs, points, points)
@example(-180.0, 180.0, (-85.0, 0.0), (85.0, 12.0))
@example(170.0, 180.0, (-1.0, 0.0), (1.0, -180.0))
@example(180.0, -170.0, (-1.0, 0.0), (1.0, -180.0))
def test_cells_between_hold_all_that_lies_there(
    west: float, east: float, one: tuple[float, float], point: tuple[float, float]
) -> None:
    lat, lng = point
    south, north = sorted((one[0], lat))
    same = {lng, -lng} if abs(lng) == 180.0 else {lng}
    inside = any(west <= at <= east if west <= east else at >= west or at <= east for at in same)
    assume(inside or abs(lat) == 90.0)
    ranges = cells_between(west, south, east, north)
    assert found(lat, lng, ranges)
    assert len(ranges) <= 14  # with the poles


def test_cells_between_are_of_a_hemisphere_even_at_the_poles() -> None:
    ranges = cells_between(0.0, -90.0, 179.9, 90.0)
    assert sum(high - low + 1 for low, high in ranges) < 0.6 * CELLS
    for lng in (-180.0, -90.0, 0.0, 90.0, 180.0):
        assert found(90.0, lng, ranges)
        assert found(-90.0, lng, ranges)


@given(points, points, st.integers(0, 26))
@example((90.0, 0.0), (89.9, 180.0), 3)
@example((0.0, 180.0), (0.0, -179.9), 4)
def test_no_point_of_a_square_is_nearer_than_the_square_can_be(
    one: tuple[float, float], point: tuple[float, float], level: int
) -> None:
    square = Square(level, cell(*point) >> 2 * (26 - level))
    low, high = square.cells
    assert low <= cell(*point) <= high
    vector = unit_vector(*one)
    assert square.least_chord2(vector) <= chord2(vector, unit_vector(*point))
    if square.is_divisible:
        quarters = [quarter.cells for quarter in square.quarters()]
        assert [quarters[0][0], quarters[-1][1]] == [low, high]
        assert all(high + 1 == low for (_, high), (low, _) in itertools.pairwise(quarters))


@given(st.lists(points))
@example([(90.0, 12.0), (-90.0, 180.0), (12.5, 180.0), (12.5, -180.0), (0.0, 0.0)])
def test_many_points_at_once_have_the_cells_and_vectors_of_each(found: list[tuple[float, float]]) -> None:
    cells, (x, y, z) = cells_and_vectors([lat for lat, _ in found], [lng for _, lng in found])
    assert cells == [cell(*point) for point in found]
    for point, vector in zip(found, zip(x, y, z, strict=True), strict=True):
        assert vector == pytest.approx(unit_vector(*point), abs=1e-15)
