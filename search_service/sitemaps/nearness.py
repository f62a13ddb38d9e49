"""Who is near whom, for very many points at once, and exact to the last bit as a search is.

Points are unit vectors (`geo.unit_vector`) in rows. Those that are near each other are looked at together, with all that
is around them: what is held at a time is bounded by how much there is in one region, not by how much there is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_service.geo import chord2_from_km

Array = NDArray[Any]

# To divide points costs as much as so many distances.
_FEW = 16_000
# So many distances are held at a time.
_AT_A_TIME = 1_000_000
# Rounding loses nobody: a millimetre, in units of the Earth's radius.
_SLACK = 1e-9


def in_reach(
    places: Array, listings: Array, entities: Array, published: Array, km: float, shown: int
) -> tuple[Array, Array]:
    """By place: the number of the entities that have a listing within so many km, and the latest of what was `published`
    (by column) of the `shown` nearest of them, by row, 0 where there is none.

    `entities` are the numbers of the entities that listings are of, ascending; of those that are as near, the first are
    nearer. `published` has, in rows, whole numbers by entity.
    """
    most = chord2_from_km(km)
    numbers = np.zeros(len(places), np.int64)
    latest = np.zeros((len(published), len(places)), np.int64)
    for group, near in _regions(places, listings, km):
        of = entities.take(near)
        firsts = np.flatnonzero(np.diff(of, prepend=-1))
        of = of.take(firsts)
        around = listings.take(near, axis=0)
        for some in _parts(group, len(near)):
            # Each entity at its nearest.
            chord2 = np.minimum.reduceat(_chord2(places.take(some, axis=0), around), firsts, axis=1)
            within = chord2 <= most
            numbers[some] = np.count_nonzero(within, axis=1)
            within &= _nearest(chord2, shown)
            for row, dates in enumerate(published):
                latest[row, some] = np.where(within, dates.take(of), 0).max(axis=1)
    return numbers, latest


def places_of(practices: Array, places: Array, population: Array, own_km: float, town_km: float) -> Array:
    """By practice, the rows of two places, -1 for none: where it is, which is the place with the most people within
    `own_km`, else the nearest; and the one with the most people within `town_km`. No place is further than that."""
    found = np.full((len(practices), 2), -1)
    own, town = chord2_from_km(own_km), chord2_from_km(town_km)
    for group, near in _regions(practices, places, town_km):
        people, around = population.take(near), places.take(near, axis=0)
        for some in _parts(group, len(near)):
            chord2 = _chord2(practices.take(some, axis=0), around)
            within = np.where((chord2 <= own).any(axis=1), _most(people, chord2, own), chord2.argmin(axis=1))
            is_near = chord2.min(axis=1) <= town
            found[some, 0] = np.where(is_near, near.take(within), -1)
            found[some, 1] = np.where(is_near, near.take(_most(people, chord2, town)), -1)
    return found


def _most(people: Array, chord2: Array, reach: float) -> Array:
    """By row, the column with the most people of those in reach, the nearest of several."""
    inside = np.where(chord2 <= reach, people, -1)
    is_largest = inside == inside.max(axis=1, keepdims=True)
    column: Array = np.where(is_largest, chord2, np.inf).argmin(axis=1)
    return column


def _nearest(chord2: Array, number: int) -> Array:
    """By row, which are the first so many; of those that are as near, the first columns."""
    if chord2.shape[1] <= number:
        return np.ones(chord2.shape, bool)
    last = np.partition(chord2, number - 1, axis=1)[:, number - 1 : number]
    nearer, as_near = chord2 < last, chord2 == last
    left = number - np.count_nonzero(nearer, axis=1)
    first: Array = nearer | as_near & (as_near.cumsum(axis=1) <= left[:, None])
    return first


def _regions(some: Array, others: Array, km: float) -> Iterator[tuple[Array, Array]]:
    """The rows of some points that are looked at together, with the rows, ascending, of all others that are within so many
    km of any of these, and of a few that are not. Those that have nobody around are left out."""
    reach = math.sqrt(chord2_from_km(km)) + _SLACK
    left = [(np.arange(len(some)), np.arange(len(others)))] if len(some) else []
    while left:
        group, near = left.pop()
        vectors = some.take(group, axis=0)
        low, high = vectors.min(axis=0), vectors.max(axis=0)
        middle, extents = (low + high) / 2, high - low
        most = math.sqrt(_chord2(middle[None], vectors).max()) + reach
        near = near[_chord2(middle[None], others.take(near, axis=0))[0] <= most * most]
        if not len(near):
            continue
        if len(group) * len(near) <= _FEW or extents.max() <= reach / 4:
            yield group, near
            continue
        # In halves, across where they are furthest from each other.
        half = len(group) // 2
        order = group.take(np.argpartition(vectors[:, extents.argmax()], half))
        left += [(order[:half], near), (order[half:], near)]


def _parts(rows: Array, columns: int) -> Iterator[Array]:
    size = max(1, _AT_A_TIME // columns)
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _chord2(some: Array, others: Array) -> Array:
    """Squared chords, some in rows and the others in columns, to the last bit as `geo.chord2` gives them."""
    x, y, z = (others[:, axis][None] - some[:, axis][:, None] for axis in range(3))
    chord2: Array = x * x + y * y + z * z
    return chord2
