from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from search_service.places.gazetteer import Gazetteer
from search_service.places.sqlite import SQLiteStore
from tests.search_service.places.dump import row

Make = Callable[..., Gazetteer]


def all_ids(gazetteer: Gazetteer) -> list[int]:
    store = gazetteer._live()[0]
    assert isinstance(store, SQLiteStore)
    return [id_ for (id_,) in store._db.execute("SELECT id FROM place ORDER BY id")]


def test_slugs_lead_back_to_their_places(shipped: Gazetteer) -> None:
    everywhere = all_ids(shipped)
    ladakh_and_bhutan = [id_ for id_ in everywhere if id_ >= 700_000_000]
    seen = set()
    for id_ in ladakh_and_bhutan + random.Random(5).sample(everywhere, 4000):
        place = shipped.get(id_)
        assert place is not None
        resolution = shipped.resolve_slug(place.slug)
        assert (resolution.status, resolution.match) == ("exact", place), place.slug
        assert resolution.matched_name == place.name
        seen.add(place.slug)
    assert len(seen) > 4000


def test_namesakes_all_have_slugs_of_their_own(shipped: Gazetteer) -> None:
    store = shipped._live()[0]
    for key in ("san isidro", "san jose", "springfield", "victoria", "santa maria"):
        found = [shipped.get(hit.place.id) for hit in store.named(key)]
        assert len(found) > 3
        slugs = {place.slug for place in found if place}
        assert len(slugs) == len({hit.place.id for hit in store.named(key)})
        for place in found:
            assert place is not None
            assert shipped.resolve_slug(place.slug).match == place


def test_the_most_important_of_a_region_keeps_the_slug(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(5, "Hanu", population=10),
        row(4, "Hanu", population=900),
        row(3, "Hanu", population=900),
        row(2, "Hanu"),
    )
    slugs = {id_: place.slug for id_ in (2, 3, 4, 5) if (place := gazetteer.get(id_))}
    assert slugs == {3: "hanu-ladakh-in", 4: "hanu-ladakh-in-4", 2: "hanu-ladakh-in-2", 5: "hanu-ladakh-in-5"}
    resolution = gazetteer.resolve_slug("hanu-ladakh-in")
    assert resolution.status == "exact"
    assert [other.place.id for other in resolution.alternatives] == [4, 2, 5]
    for id_, slug in slugs.items():
        assert gazetteer.resolve_slug(slug).match == gazetteer.get(id_)


def test_who_has_the_name_keeps_the_slug_from_who_is_also_called_so(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(1, "Big", alternates="Small", population=90_000), row(2, "Small", population=10)
    )
    resolution = gazetteer.resolve_slug("small-ladakh-in")
    assert (resolution.status, resolution.match) == ("exact", gazetteer.get(2))
    assert [other.place for other in resolution.alternatives] == [gazetteer.get(1)]


@pytest.mark.parametrize(
    ("place", "slug"),
    [
        (row(1, "St. Léh"), "saint-leh-ladakh-in"),
        (row(1, "Singapore", country="SG", region=""), "singapore-sg"),
        (row(1, "Singapore", country="SG", region="99"), "singapore-sg"),
        (row(1, "Ladakh", class_="A", kind="ADM1"), "ladakh-in"),
        (row(1, "India", class_="A", kind="PCLI", region="00"), "india-in"),
        (row(1, "लेह", ascii_name="Leh"), "leh-ladakh-in"),
        (row(1, "लेह", ascii_name=""), "place-1"),
        (row(1, "लेह"), "place-1"),
        (row(1, "!", ascii_name="Leh"), "leh-ladakh-in"),
        (row(1, "Sector 12"), "sector-12-ladakh-in"),
        (row(1, "Nowhere", country="ZZ", region="01"), "nowhere-zz"),
    ],
)
def test_how_slugs_are_made(gazetteer_of: Make, place: str, slug: str) -> None:
    gazetteer = gazetteer_of(place, row(2, "Elsewhere"))
    made = gazetteer.get(1)
    assert made is not None
    assert made.slug == slug
    assert gazetteer.resolve_slug(slug).match == made


def test_a_name_and_region_that_read_like_another_name_and_region(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(1, "Leh West", country="US", region="VA", population=500),
        row(2, "Leh", country="US", region="WV"),
    )
    places = [gazetteer.get(1), gazetteer.get(2)]
    assert [place.slug for place in places if place] == ["leh-west-virginia-us", "leh-west-virginia-us-2"]
    assert [gazetteer.resolve_slug(place.slug).match for place in places if place] == places


def test_any_of_its_names_leads_to_a_place(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(row(1, "Temisgam", alternates="Tingmosgang,St. Tima"))
    for slug in (
        "tingmosgang-ladakh-in",
        "saint-tima-ladakh-in",
        "st-tima-ladakh-in",
        "temisgam-in",
        "1",
        "x-ladakh-in-1",
    ):
        resolution = gazetteer.resolve_slug(slug)
        assert resolution.status == "exact"
        assert resolution.match == gazetteer.get(1)


def test_a_slug_without_a_region_may_be_ambiguous(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(row(1, "Leh"), row(2, "Leh", region="11", lat=31.7, lng=76.9))
    resolution = gazetteer.resolve_slug("leh-in")
    assert (resolution.status, resolution.match) == ("ambiguous", gazetteer.get(1))
    assert [other.place for other in resolution.alternatives] == [gazetteer.get(2)]


@pytest.mark.parametrize(
    "slug",
    [
        "domkhar-bt",
        "domkhar-ladakh-mm",
        "leh-ladakh-xx",
        "99",
        "leh-ladakh-in-9" + "9" * 30,
        "domkar-ladakh-in",
    ],
)
def test_a_slug_is_never_bent(shipped: Gazetteer, slug: str) -> None:
    assert shipped.resolve_slug(slug).match is None


@pytest.mark.parametrize("slug", ["domkar-ladakh-in", "domkhar", "domkhar-bt", "leh-ladakh-in-99"])
def test_but_what_was_meant_is_suggested(shipped: Gazetteer, slug: str) -> None:
    names = [place.name for place in shipped.resolve_slug(slug).suggestions]
    assert {"Domkhar Dho", "Leh"} & set(names)


@pytest.mark.parametrize("text", ["Leh", "LEH", "लेह", "Leh-Ladakh", "Leh, Ladakh", "brazil"])
def test_for_what_is_no_slug_the_places_of_that_name_are_suggested(shipped: Gazetteer, text: str) -> None:
    resolution = shipped.resolve_slug(text)
    assert resolution.status == "none"
    meant = shipped.resolve_text(text.replace("-", " "))
    assert resolution.suggestions[0] == (meant.match or meant.suggestions[0])


@pytest.mark.parametrize(("where", "seats"), [("003", {"district": "leh-ladakh-in"}), ("999", {}), ("", {})])
def test_the_seat_of_a_district_lies_in_it(gazetteer_of: Make, where: str, seats: dict[str, str]) -> None:
    gazetteer = gazetteer_of(row(1, "Leh", district=where), row(2, "Skurbuchan", district="003"))
    village = gazetteer.get(2)
    assert village is not None
    assert village.district.name == "Leh"
    assert gazetteer.seats(village) == seats


def test_the_seat_of_a_region_may_lie_in_any_district(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(row(1, "Ladakh", district="999"), row(2, "Skurbuchan"))
    village = gazetteer.get(2)
    assert village is not None
    assert gazetteer.seats(village) == {"region": "ladakh-ladakh-in"}
