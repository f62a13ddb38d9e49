"""The rules of a search that need no index."""

from __future__ import annotations

import math
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import signing
from hypothesis import given
from hypothesis import strategies as st

from search_service import geo
from search_service.index.protocol import ANY, Box, SortKey, Term, Total
from search_service.query import best, cursors, doctors, facets
from search_service.query.doctors import Mark, Reach, Search
from search_service.query.what import What, name_words
from tests.search_service import documents

ROOT = Path(__file__).resolve().parents[3]

neurology = documents.specialty("neurology")
cardiology = documents.specialty("cardiology")
myoclonus = documents.condition("myoclonus", specialties=[documents.reference(neurology)])

MYOCLONUS = Term("condition", myoclonus["id"])
NEUROLOGY = Term("specialty", neurology["id"])
CARDIOLOGY = Term("specialty", cardiology["id"])


# --- what is looked for


def test_a_condition_is_looked_for_before_the_specialties_that_treat_it() -> None:
    assert list(What(myoclonus).reasons().items()) == [
        (MYOCLONUS, {"by": "condition", "condition": "myoclonus"}),
        (NEUROLOGY, {"by": "specialty", "specialty": "neurology"}),
    ]
    assert list(What(myoclonus, named_only=True).reasons()) == [MYOCLONUS]
    assert list(What().reasons().items()) == [(ANY, {"by": "any"})]


def test_specialties_are_looked_for_in_their_order_or_choose_beside_a_condition() -> None:
    alone, beside = What(None, (cardiology, neurology)), What(myoclonus, (cardiology,))
    assert (list(alone.reasons()), alone.filters()) == ([CARDIOLOGY, NEUROLOGY], {})
    assert list(beside.reasons()) == [MYOCLONUS, NEUROLOGY]
    assert beside.filters() == {"specialty": {cardiology["id"]}}


def test_an_id_in_capitals_is_the_same_term() -> None:
    assert next(iter(What(myoclonus | {"id": myoclonus["id"].upper()}).reasons())) == MYOCLONUS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Stanzin Angmo", ("stanzin", "angmo")),
        ("Dr. Stanzin ÅNGMO-Dolma", ("stanzin", "angmo", "dolma")),
        ("prof Dr", ("prof", "dr")),
        ("O'Brien", ("obrien",)),
        ("St", ("st",)),
        ("la La", ("la",)),
        ("?!", ()),
    ],
)
def test_the_words_of_a_name(text: str, words: tuple[str, ...]) -> None:
    assert name_words(text) == words


# --- where


longitudes = st.floats(-180, 180)
latitudes = st.floats(-90, 90)


@given(longitudes, longitudes, latitudes, latitudes)
def test_the_middle_of_a_box_lies_in_it_as_far_from_west_as_from_east(
    west: float, east: float, one: float, other: float
) -> None:
    south, north = sorted((one, other))
    lat, lng = doctors.middle(Box(west, south, east, north))
    assert geo.is_valid_point(lat, lng)
    assert lat - south == pytest.approx(north - lat, abs=1e-9)
    assert (lng - west) % 360 == pytest.approx((east - lng) % 360, abs=1e-9) or math.isclose(
        abs((lng - west) % 360 - (east - lng) % 360), 360
    )


@pytest.mark.parametrize(
    ("box", "middle"),
    [
        (Box(76, 33, 78, 35), (34, 77)),
        (Box(170, -20, -170, 0), (-10, 180)),
        (Box(160, 0, -170, 0), (0, 175)),
        (Box(170, 0, -160, 0), (0, -175)),
        (Box(-180, -90, 180, 90), (0, 0)),
    ],
)
def test_the_middle_of_some_boxes(box: Box, middle: tuple[float, float]) -> None:
    assert doctors.middle(box) == middle


# --- in which order


def test_the_group_of_a_key_says_why_a_doctor_is_where_it_is() -> None:
    explained = [
        {
            "band_km": band_km,
            "names_condition": names,
            "accepting_new_patients": accepting,
            "verified_recently": verified,
        }
        for band_km, names, accepting, verified in product(
            (*best.BANDS_KM, None), (True, False), (True, False), (True, False)
        )
    ]
    groups = range(len(explained))
    assert [best.explain(group, of_condition=True) for group in groups] == explained
    assert best.explain(5, of_condition=False) == explained[5] | {"names_condition": None}


def test_the_formula_says_what_is_done_and_is_published() -> None:
    order = best.order(date(2026, 11, 22))
    assert order.verified_from == date(2025, 11, 22)
    *bands, last = (f"{band_km:g}" for band_km in order.bands_km)
    assert f"at {', '.join(bands)} and {last} km" in best.FORMULA
    assert f"{best.RECENT.days} days" in best.FORMULA
    page = " ".join((ROOT / "docs/reference/search.md").read_text().replace("> ", "").split())
    assert best.FORMULA in page


# --- what is counted


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ("2026-11-22", 6, "2026-05-22"),
        ("2026-11-22", 12, "2025-11-22"),
        ("2026-08-31", 6, "2026-02-28"),
        ("2024-08-31", 6, "2024-02-29"),
        ("2024-02-29", 12, "2023-02-28"),
        ("2026-01-31", 24, "2024-01-31"),
        ("2026-12-31", 6, "2026-06-30"),
    ],
)
def test_months_before_a_day(day: str, months: int, before: str) -> None:
    assert facets.months_before(date.fromisoformat(day), months) == date.fromisoformat(before)


@given(st.dates(date(1990, 1, 1)), st.integers(1, 300))
def test_months_before_any_day(day: date, months: int) -> None:
    before = facets.months_before(day, months)
    assert (day.year - before.year) * 12 + day.month - before.month == months
    assert before.day <= day.day


def test_counted_years_and_days_are_what_the_parameters_mean() -> None:
    counted = facets.counted(date(2026, 11, 22))
    assert counted.since == (2021, 2016, 2006, 1996)
    assert counted.verified == (date(2026, 5, 22), date(2025, 11, 22), date(2024, 11, 22))


# --- where the next page begins


def search(**fields: Any) -> Search:
    return Search(What(myoclonus), 34.4, 76.8, "en", **fields)


keys = st.builds(
    SortKey,
    st.integers(0, 63),
    st.text(max_size=100),
    st.floats(0, 4),
    st.uuids(),
)
marks = st.builds(
    Mark,
    st.builds(Reach, st.none() | st.floats(1, 500), st.none() | st.floats(50, 500)),
    st.dates(date(2000, 1, 1)),
    st.builds(Total, st.integers(0, 10_000), st.sampled_from(["eq", "gte"])),
    keys,
)
MARK = Mark(Reach(50.0), date(2026, 1, 1), Total(42, "eq"), SortKey(0, "", 0.1, UUID(int=1)))


@given(marks)
def test_a_cursor_comes_back_as_it_was(mark: Mark) -> None:
    cursor = cursors.encode(search(), mark)
    assert cursors.decode(search(), cursor) == mark


def test_no_cursor_is_longer_than_what_is_taken() -> None:
    from search_service.api.params import MAX_CURSOR

    # Of letters that JSON writes in twelve characters, none the same.
    name = "".join(chr(0x20000 + 97 * number) for number in range(100))
    key = SortKey(63, name, 1 / 3, uuid4())
    mark = Mark(Reach(500.0, 333.3333333333), date(2026, 1, 1), Total(10_000, "gte"), key)
    assert len(cursors.encode(search(), mark)) <= MAX_CURSOR


@pytest.mark.parametrize(
    "other",
    [
        search(radius_km=100.0),
        search(radius_km=None),
        search(widen=False),
        search(box=Box(1, 2, 3, 4)),
        search(name=("stanzin",)),
        search(filters={"language": frozenset({"bo"})}),
        search(min_years=5),
        search(verified_since=date(2026, 1, 1)),
        search(telehealth_in="IN"),
        search(sort="name"),
        Search(What(myoclonus), 34.4, 76.9, "en"),
        Search(What(myoclonus, named_only=True), 34.4, 76.8, "en"),
        Search(What(myoclonus, (cardiology,)), 34.4, 76.8, "en"),
        Search(What(None, (cardiology,)), 34.4, 76.8, "en"),
    ],
    ids=str,
)
def test_a_cursor_is_of_one_search(other: Search) -> None:
    with pytest.raises(cursors.InvalidCursor, match="another search"):
        cursors.decode(other, cursors.encode(search(), MARK))


def test_a_cursor_stays_good_when_editors_change_who_treats_what() -> None:
    cursor = cursors.encode(search(), MARK)
    changed = myoclonus | {"slug": "renamed", "specialties": [documents.reference(cardiology)]}
    assert cursors.decode(Search(What(changed), 34.4, 76.8, "en"), cursor) == MARK


def test_the_order_in_which_values_are_given_makes_no_other_search() -> None:
    one, other = (search(filters={"language": frozenset(values)}) for values in (("bo", "en"), ("en", "bo")))
    assert one.identity() == other.identity()


@given(st.text() | st.binary().map(lambda data: data.hex()))
def test_what_is_no_cursor_of_ours(text: str) -> None:
    with pytest.raises(cursors.InvalidCursor):
        cursors.decode(search(), text)


def test_a_cursor_of_a_version_that_did_not_tell_the_number_is_refused() -> None:
    *which, today, _value, _relation, group, name, chord2, id_ = signing.loads(
        cursors.encode(search(), MARK), salt=cursors._SALT
    )
    former = signing.dumps([*which, today, group, name, chord2, id_], salt=cursors._SALT)
    with pytest.raises(cursors.InvalidCursor, match="Not a cursor"):
        cursors.decode(search(), former)
