"""Who is near whom, compared with a look at each pair."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from search_service import geo
from search_service.sitemaps.nearness import Array, in_reach, places_of
from tests.search_service.index.directory import SPOTS

# Near each other, on both sides of the date line and at the poles among them.
near = st.tuples(st.floats(-0.9, 0.9), st.floats(-0.9, 0.9))


@st.composite
def points(draw: st.DrawFn) -> tuple[float, float]:
    (lat, lng), (north, east) = draw(st.sampled_from(SPOTS)), draw(st.just((0.0, 0.0)) | near)
    return max(-90.0, min(90.0, lat + north)), (lng + east + 180.0) % 360.0 - 180.0


Spots = list[tuple[float, float]]
some = st.lists(points(), min_size=1, max_size=30)


def vectors(of: Spots) -> Array:
    return np.array([geo.unit_vector(*point) for point in of])


@settings(max_examples=100, deadline=None)
@given(
    some, some, st.lists(st.integers(0, 5), min_size=30, max_size=30), st.integers(1, 4), st.floats(1, 120)
)
def test_in_reach(places: Spots, listings: Spots, of: list[int], shown: int, km: float) -> None:
    of = sorted(of[: len(listings)])
    published = [[3, 0, 7, 7, 1, 9], [0, 0, 1, 2, 3, 4]]
    numbers, latest = in_reach(
        vectors(places), vectors(listings), np.array(of), np.array(published), km, shown
    )
    for n, place in enumerate(places):
        at = geo.unit_vector(*place)
        nearest: dict[int, float] = {}
        for entity, listing in zip(of, listings, strict=True):
            c2 = geo.chord2(geo.unit_vector(*listing), at)
            if c2 <= geo.chord2_from_km(km):
                nearest[entity] = min(c2, nearest.get(entity, c2))
        first = sorted((c2, entity) for entity, c2 in nearest.items())[:shown]
        assert numbers[n] == len(nearest)
        for row, dates in enumerate(published):
            assert latest[row, n] == max((dates[entity] for _, entity in first), default=0)


@settings(max_examples=100, deadline=None)
@given(some, some, st.lists(st.integers(0, 3), min_size=30, max_size=30))
def test_places_of(practices: Spots, places: Spots, people: list[int]) -> None:
    people = people[: len(places)]
    found = places_of(vectors(practices), vectors(places), np.array(people), 3.0, 20.0)
    for practice, (own, town) in zip(practices, found.tolist(), strict=True):
        at = geo.unit_vector(*practice)
        distances = [geo.chord2(geo.unit_vector(*place), at) for place in places]
        largest = {
            km: min(
                (-number, c2, row)
                for row, (c2, number) in enumerate(zip(distances, people, strict=True))
                if c2 <= geo.chord2_from_km(km)
            )[2]
            for km in (3.0, 20.0)
            if min(distances) <= geo.chord2_from_km(km)
        }
        nearest = distances.index(min(distances)) if largest else -1
        assert (own, town) == (largest.get(3.0, nearest), largest.get(20.0, -1))
