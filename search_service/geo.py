"""Points on the globe: distances, and the cells by which an index finds points near another.

Coordinates are decimal degrees (WGS 84); the Earth is taken as a sphere. Where a point is taken it must
be one for which `is_valid_point` holds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# The mean radius R1 of the IUGG.
EARTH_RADIUS_KM = 6371.0088
# No two points are further apart than this.
HALF_CIRCUMFERENCE_KM = math.pi * EARTH_RADIUS_KM

Vector = tuple[float, float, float]

_BITS = 26
_SIDE = 1 << _BITS
CELLS = _SIDE * _SIDE

# `cells_within` never answers with more ranges than this: each costs an index a seek, while fewer and
# coarser ones make it read more points that lie outside the circle.
_MAX_RANGES = 12

# Slack around a circle, in degrees (about a metre), so that rounding loses no point on its rim. The worst
# case is the antipode, where a distance got from a chord is off by up to 4e-6 degrees.
_SLACK = 1e-5


def is_valid_point(lat: float, lng: float) -> bool:
    """Whether this is a point on the globe. False for NaN and infinities."""
    return -90.0 <= lat <= 90.0 and -180.0 <= lng <= 180.0


def unit_vector(lat: float, lng: float) -> Vector:
    """The point on the unit sphere. One point has one vector: longitude 180 is -180, a pole has none."""
    if abs(lat) == 90.0:
        return (0.0, 0.0, math.copysign(1.0, lat))
    phi = math.radians(lat)
    theta = math.radians(-180.0 if lng == 180.0 else lng)
    cos_phi = math.cos(phi)
    return (cos_phi * math.cos(theta), cos_phi * math.sin(theta), math.sin(phi))


def chord2(a: Vector, b: Vector) -> float:
    """The square of the straight line between two unit vectors, 0 to 4: orders as the great circle does.

    Kept instead of the dot product because it is precise where it matters, between near points.
    """
    dx, dy, dz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
    return dx * dx + dy * dy + dz * dz


def km_from_chord2(c2: float) -> float:
    """Great-circle kilometres of a squared chord."""
    return 2.0 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(c2) / 2.0))


def chord2_from_km(km: float) -> float:
    """Squared chord of great-circle kilometres; 4 from half the circumference on."""
    if km >= HALF_CIRCUMFERENCE_KM:
        return 4.0
    chord = 2.0 * math.sin(km / (2.0 * EARTH_RADIUS_KM))
    return chord * chord


def distance_km(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """Great-circle kilometres between two points."""
    return km_from_chord2(chord2(unit_vector(lat1, lng1), unit_vector(lat2, lng2)))


def cell(lat: float, lng: float) -> int:
    """The Morton code of a point, 0 to 2**52 - 1: points with near codes are near to each other.

    A cell is about 0.3 m high and at most 0.6 m wide. A pole is in one cell, whatever its longitude is said to be.
    """
    column = 0 if abs(lat) == 90.0 else _column(lng)
    return _spread(column) << 1 | _spread(_row(lat))


def cells_and_vectors(
    lats: Sequence[float], lngs: Sequence[float]
) -> tuple[list[int], tuple[list[float], list[float], list[float]]]:
    """`cell` of each point, and the x, y and z of its `unit_vector`: ten times as fast for many."""
    lat, lng = np.array(lats, dtype=np.float64), np.array(lngs, dtype=np.float64)
    at_pole = np.abs(lat) == 90.0
    columns = np.floor((lng + 180.0) / 360.0 * _SIDE).astype(np.int64) % _SIDE
    columns[at_pole] = 0
    rows = np.minimum(((lat + 90.0) / 180.0 * _SIDE).astype(np.int64), _SIDE - 1)
    phi, theta = np.radians(lat), np.radians(np.where(lng == 180.0, -180.0, lng))
    cos_phi = np.where(at_pole, 0.0, np.cos(phi))
    vectors = cos_phi * np.cos(theta), cos_phi * np.sin(theta), np.sin(phi)
    x, y, z = (values.tolist() for values in vectors)
    return (_spread_all(columns) << 1 | _spread_all(rows)).tolist(), (x, y, z)


def _spread_all(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """`_spread` of each."""
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        values = (values | values << shift) & mask
    return values


def cells_within(lat: float, lng: float, radius_km: float) -> list[tuple[int, int]]:
    """Inclusive (low, high) ranges of `cell`, ascending and apart, at most 12, that hold every point
    within `radius_km` of this one (and others besides: the caller checks the distance).

    Raises ValueError if the radius is negative or not a number.
    """
    if not radius_km >= 0.0:
        raise ValueError(f"radius_km must be 0 or more, not {radius_km}")
    radius = math.degrees(radius_km / EARTH_RADIUS_KM) + _SLACK
    south, north = lat - radius, lat + radius
    rows = _row(max(south, -90.0)), _row(min(north, 90.0))
    if south <= -90.0 or north >= 90.0:
        return _cover(rows, [(0, _SIDE - 1)])
    ratio = math.sin(math.radians(radius)) / math.cos(math.radians(lat))
    half_width = math.degrees(math.asin(min(1.0, ratio))) + _SLACK
    west, east = _column(lng - half_width), _column(lng + half_width)
    if west <= east:
        return _cover(rows, [(west, east)])
    # Across the date line.
    return _cover(rows, [(0, east), (west, _SIDE - 1)])


def cells_between(west: float, south: float, east: float, north: float) -> list[tuple[int, int]]:
    """As `cells_within`, of what lies between two meridians and two parallels, edges included; across the date
    line if `west` is greater than `east`. A pole is on every meridian, so that there may be two ranges more; across the
    date line, ranges may overlap."""
    rows = _row(south), _row(north)
    first, last = _column(west), _column(east)
    if last < first and east - west < 360.0:
        # Across the date line, or up to it: longitude 180 is -180.
        spans = [(0, last), (first, _SIDE - 1)]
    elif west <= east and east - west < 360.0:
        spans = [(first, last)]
    else:
        spans = [(0, _SIDE - 1)]
    ranges = _cover(rows, spans)
    poles = [cell(lat, -180.0) for lat in (-90.0, 90.0) if south <= lat <= north]
    apart = [pole for pole in poles if not any(low <= pole <= high for low, high in ranges)]
    return sorted(ranges + [(pole, pole) for pole in apart])


class Square(NamedTuple):
    """A square of the grid of cells, `level` times halved: all points whose code begins with the 2 * `level` bits
    `prefix`."""

    level: int
    prefix: int

    @property
    def cells(self) -> tuple[int, int]:
        """The inclusive range of its codes."""
        shift = 2 * (_BITS - self.level)
        return self.prefix << shift, ((self.prefix + 1) << shift) - 1

    @property
    def is_divisible(self) -> bool:
        return self.level < _BITS

    def quarters(self) -> list[Square]:
        return [Square(self.level + 1, self.prefix << 2 | quarter) for quarter in range(4)]

    def least_chord2(self, vector: Vector) -> float:
        """A bound that no point in it is nearer than (a squared chord)."""
        if self.level < 2:
            return 0.0
        height, width = 180.0 / (1 << self.level), 360.0 / (1 << self.level)
        south = _gathered(self.prefix) * height - 90.0
        west = _gathered(self.prefix >> 1) * width - 180.0
        middle = unit_vector(south + height / 2, west + width / 2)
        # On each parallel the edges are furthest from the middle, and on each edge its ends.
        corners = (unit_vector(lat, west) for lat in (south, south + height))
        reach = max(_angle(chord2(middle, corner)) for corner in corners)
        angle = _angle(chord2(middle, vector)) - reach - _SLACK
        return 0.0 if angle <= 0.0 else (2.0 * math.sin(angle / 2.0)) ** 2


def _angle(c2: float) -> float:
    """Radians of a squared chord."""
    return 2.0 * math.asin(min(1.0, math.sqrt(c2) / 2.0))


def _gathered(code: int) -> int:
    """Every second bit of `code`, the last one included."""
    return int(f"{code:b}"[::-2][::-1], 2)


def _row(lat: float) -> int:
    return min(int((lat + 90.0) / 180.0 * _SIDE), _SIDE - 1)


def _column(lng: float) -> int:
    return math.floor((lng + 180.0) / 360.0 * _SIDE) % _SIDE


def _spread(value: int) -> int:
    """The bits of `value` with a zero before each."""
    return int(f"{value:b}", 4)


def _cover(rows: tuple[int, int], spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges of Morton codes that hold these rows in each span of columns.

    The rectangles are cut along the finest grid that cuts them into at most `_MAX_RANGES` pieces. Within
    one square of the grid, the code grows with row and with column: the corners of a piece bound it.
    """
    height = rows[1] - rows[0]
    width = sum(last - first for first, last in spans)
    # Any finer grid makes more pieces than that by far.
    shift = max(0, max(width, height).bit_length() - 4, ((width * height).bit_length() - 4) // 2)
    while _parts(*rows, shift) * sum(_parts(*span, shift) for span in spans) > _MAX_RANGES:
        shift += 1
    bands = _cut(*rows, shift)
    columns = [part for span in spans for part in _cut(*span, shift)]
    pieces = sorted(
        (left << 1 | bottom, right << 1 | top) for left, right in columns for bottom, top in bands
    )
    ranges = [pieces[0]]
    for low, high in pieces[1:]:
        # Squares that follow each other on the curve make one range.
        if low >> 2 * shift == (ranges[-1][1] >> 2 * shift) + 1:
            ranges[-1] = (ranges[-1][0], high)
        else:
            ranges.append((low, high))
    return ranges


def _parts(first: int, last: int, shift: int) -> int:
    """How many parts `_cut` makes."""
    return (last >> shift) - (first >> shift) + 1


def _cut(first: int, last: int, shift: int) -> list[tuple[int, int]]:
    """The interval cut where the bits above `shift` change; both ends of each part, spread."""
    cuts = [part << shift for part in range((first >> shift) + 1, (last >> shift) + 1)]
    return [
        (_spread(start), _spread(stop - 1))
        for start, stop in zip([first, *cuts], [*cuts, last + 1], strict=True)
    ]
