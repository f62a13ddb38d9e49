from __future__ import annotations

import heapq
import random
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search_service import geo
from search_service.places.gazetteer import Gazetteer
from tests.search_service.places.dump import row

Make = Callable[..., Gazetteer]


# --- Completion.


@pytest.mark.parametrize(
    "text", ["do", "dom", "domk", "domkh", "domkhar", "Domkhar D", "domkhar, lad", "domkhar lad"]
)
def test_a_village_is_found_while_it_is_typed(shipped: Gazetteer, text: str) -> None:
    found = shipped.search(text, focus=(34.3, 76.9), limit=10)
    assert "Domkhar Dho" in [match.place.name for match in found]


def test_the_likeliest_comes_first_and_each_once(shipped: Gazetteer) -> None:
    found = shipped.search("lond", limit=10)
    assert found[0].place.slug == "london-england-gb"
    assert found[0].name == "London"
    assert len({match.place.id for match in found}) == len(found) == 10


@pytest.mark.parametrize("text", ["a", "b", "s", "sa", "san"])
def test_of_thousands_the_likeliest_are_found(shipped: Gazetteer, text: str) -> None:
    found = shipped.search(text, limit=5)
    assert all(match.place.population > 500_000 for match in found[1:])
    assert len(shipped._live()[0].beginning([text], 5)) == 5


def test_words_in_any_order_and_in_any_script(shipped: Gazetteer) -> None:
    assert shipped.search("york new c")[0].place.slug == "new-york-city-new-york-us"
    assert shipped.search("北")[0].place.country.code == "CN"
    assert shipped.search("लेह")[0].place.slug == "leh-ladakh-in"


@pytest.mark.parametrize(
    "text",
    [
        "Leh",
        "Paris",
        "paris tx",
        "Springfield",
        "San Isidro",
        "Domkhar",
        "Portland, OR",
        "Domkarh",
        "Ladakh",
        "Par",
    ],
)
def test_a_finished_text_means_the_same_as_when_it_is_resolved(shipped: Gazetteer, text: str) -> None:
    resolution = shipped.resolve_text(text)
    meant = resolution.match or resolution.suggestions[0]
    assert shipped.search(text)[0].place == meant


def test_near_places_come_before_larger_ones_far_away(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(1, "Domodedovo", population=100_000, lat=55.4, lng=37.7),
        row(2, "Domkhar", population=500, lat=34.4, lng=76.8),
    )
    assert [match.place.id for match in gazetteer.search("dom")] == [1, 2]
    assert [match.place.id for match in gazetteer.search("dom", focus=(34.2, 77.5))] == [2, 1]


def test_a_city_of_many_names_does_not_crowd_out_others(gazetteer_of: Make) -> None:
    names = ",".join(f"Paris{chr(97 + i)}" for i in range(20))
    gazetteer = gazetteer_of(
        row(1, "Paris", alternates=names, population=9_000_000), row(2, "Parisville"), row(3, "Parisot")
    )
    assert [match.place.id for match in gazetteer.search("paris", limit=3)] == [1, 2, 3]


# --- Nearest.


def test_nearest_to_domkhar(shipped: Gazetteer) -> None:
    domkhar = shipped.get(801411805)
    assert domkhar is not None
    near = shipped.nearest(domkhar.lat, domkhar.lng, limit=5)
    assert near[0].place == domkhar
    assert near[0].distance_km == 0
    others = shipped.nearest(domkhar.lat, domkhar.lng, limit=4, exclude={801411805})
    assert others == near[1:]
    assert all(
        km.distance_km == pytest.approx(geo.distance_km(domkhar.lat, domkhar.lng, km.place.lat, km.place.lng))
        for km in near
    )


def test_only_populated_places_are_near(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(row(1, "Paro", class_="A", kind="ADM1"), row(2, "Paro", kind="PPLA", lat=35))
    assert [near.place.id for near in gazetteer.nearest(34, 77)] == [2]


def test_a_radius_bounds_what_is_near(shipped: Gazetteer) -> None:
    near = shipped.nearest(34.39375, 76.7603, limit=100, radius_km=10)
    assert 3 < len(near) < 100
    assert max(place.distance_km for place in near) <= 10
    beyond = shipped.nearest(34.39375, 76.7603, limit=len(near) + 1)[-1]
    assert beyond.distance_km > 10


def test_fewer_than_asked_for_are_all_there_are(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(1, "Leh"), row(2, "Quito", lat=-0.2, lng=-78.5), row(3, "Suva", lat=-18.1, lng=178.4)
    )
    assert [near.place.id for near in gazetteer.nearest(-17, -179.9, limit=9)] == [3, 2, 1]


@pytest.fixture(scope="module")
def points(shipped: Gazetteer) -> list[tuple[int, geo.Vector]]:
    rows = shipped._live()[0]._db.execute("SELECT p.id, p.lat, p.lng FROM place p WHERE kind NOT LIKE 'ADM%'")
    return [(id_, geo.unit_vector(lat, lng)) for id_, lat, lng in rows]


@settings(deadline=None, max_examples=40)
@given(lat=st.floats(-90, 90), lng=st.floats(-180, 180), limit=st.integers(1, 6))
@example(lat=90, lng=0, limit=3)
@example(lat=-90, lng=180, limit=3)
@example(lat=-17, lng=180, limit=6)
@example(lat=-17, lng=-180, limit=6)
def test_nearest_is_what_brute_force_finds(
    shipped: Gazetteer, points: list[tuple[int, geo.Vector]], lat: float, lng: float, limit: int
) -> None:
    here = geo.unit_vector(lat, lng)
    expected = heapq.nsmallest(limit, ((geo.chord2(here, point), id_) for id_, point in points))
    assert [near.place.id for near in shipped.nearest(lat, lng, limit=limit)] == [id_ for _, id_ in expected]


def test_nearest_finds_coincident_places_in_order_of_their_ids(gazetteer_of: Make) -> None:
    ids = list(range(1, 30))
    random.Random(1).shuffle(ids)
    gazetteer = gazetteer_of(*(row(id_, f"Place {id_}") for id_ in ids))
    assert [near.place.id for near in gazetteer.nearest(34, 77, limit=7)] == [1, 2, 3, 4, 5, 6, 7]
