"""Telephone numbers, opening hours, time zones and accessibility, without a database."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from cms.doctors.countries import COUNTRIES
from cms.doctors.opening_hours import WEEK, Row, check_row, overlapping
from cms.doctors.phone import is_normalised, normalised
from cms.doctors.practices import ACCESSIBILITY, check_accessibility
from cms.doctors.time_zones import ZONES, only_zone, time_zone_choices


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("+1 202 555 0143", "IN", "+12025550143"),
        ("(202) 555-0143", "US", "+12025550143"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("00 44 20 7946 0018", "FR", "+442079460018"),
        ("tel:+12025550143", "US", "+12025550143"),
        ("२०२५५५०१४३", "US", "+12025550143"),
    ],
)
def test_a_telephone_number_is_kept_in_e164(text: str, country: str, number: str) -> None:
    assert normalised(text, country) == number
    assert is_normalised(number)
    assert not is_normalised(text) or text == number


@pytest.mark.parametrize(
    ("text", "country", "said"),
    [
        ("call the reception", "IN", "no telephone number"),
        ("108", "IN", "no such telephone number in +91"),
        ("+91 1", "IN", "no telephone number"),
        ("+1 202 555 01431", "US", "under +1"),
        ("+999 123456", "IN", "no telephone number"),
        ("2025550143", "AQ", "no telephone number"),  # without a plan of its own
        ("+1 202 555 0143 ext. 12", "US", "extension"),
        ("1" * 300, "US", "no telephone number"),
        ("\x00", "US", "no telephone number"),
    ],
)
def test_what_is_no_telephone_number_is_refused(text: str, country: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        normalised(text, country)
    assert said.replace("in +", "under +") in refused.value.messages[0]
    assert not is_normalised(text)


@given(st.text(max_size=40), st.sampled_from([*COUNTRIES]))
def test_any_text_is_a_number_or_refused(text: str, country: str) -> None:
    try:
        number = normalised(text, country)
    except ValidationError:
        return
    assert is_normalised(number)


NINE, NOON, TWO, SIX, TEN_PM, MIDNIGHT = (time(hour) for hour in (9, 12, 14, 18, 22, 0))


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([(0, NINE, NOON), (0, TWO, SIX)], set()),
        ([(0, NINE, NOON), (0, NOON, SIX)], set()),  # one ends when the other begins
        ([(0, NINE, TWO), (0, NOON, SIX)], {1}),
        ([(0, NINE, SIX), (0, NOON, TWO)], {1}),
        ([(0, NINE, NOON), (1, NINE, NOON)], set()),
        ([(0, NINE, NOON), (0, NINE, NOON)], {1}),
        ([(0, TEN_PM, NINE), (1, NINE, NOON)], set()),  # over night
        ([(0, TEN_PM, NOON), (1, NINE, NOON)], {1}),
        ([(6, TEN_PM, NOON), (0, NINE, NOON)], {1}),  # from Sunday into Monday
        ([(0, NINE, NOON), (6, TEN_PM, NOON)], {1}),
        ([(day, MIDNIGHT, MIDNIGHT) for day in range(7)], set()),  # always open
        ([(3, MIDNIGHT, MIDNIGHT), (3, NINE, NOON)], {1}),
        ([(3, NINE, MIDNIGHT), (4, MIDNIGHT, NINE)], set()),
    ],
)
def test_overlaps_are_found(rows: list[Row], found: set[int]) -> None:
    assert overlapping(rows) == found


@st.composite
def some_rows(draw: st.DrawFn) -> list[Row]:
    times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
    return draw(st.lists(st.tuples(st.integers(0, 6), times, times), max_size=6))


@given(some_rows())
def test_rows_overlap_when_a_minute_is_in_both(rows: list[Row]) -> None:
    taken: set[int] = set()
    expected = set()
    for number, (day, opens, closes) in enumerate(rows):
        begins, ends = (day * 1440 + at.hour * 60 + at.minute for at in (opens, closes))
        minutes = {minute % WEEK for minute in range(begins, ends if ends > begins else ends + 1440)}
        if minutes & taken:
            expected.add(number)
        taken |= minutes
    assert overlapping(rows) == expected


def test_hours_that_are_none_are_refused() -> None:
    check_row(MIDNIGHT, MIDNIGHT)
    check_row(TEN_PM, NINE)
    check_row(None, NINE)
    for opens, closes in ((NINE, NINE), (time(9, 0, 1), NOON), (NINE, time(12, 0, 0, 1))):
        with pytest.raises(ValidationError):
            check_row(opens, closes)


def test_time_zones_are_those_of_the_iana_database() -> None:
    names = [name for name, _ in time_zone_choices()]
    assert len(names) == len(set(names)) > 400
    assert all(ZoneInfo(name) for name in names)
    assert set(ZONES) <= set(COUNTRIES)
    assert (only_zone("IN"), only_zone("FJ"), only_zone("US"), only_zone("HM")) == (
        "Asia/Kolkata",
        "Pacific/Fiji",
        "",
        "",
    )


@pytest.mark.parametrize("value", ["lift", ["spa"], ["lift", "lift"], [["lift"]], {"lift": 1}, None, [None]])
def test_accessibility_is_a_list_of_what_is_known(value: object) -> None:
    check_accessibility([*ACCESSIBILITY])
    check_accessibility([])
    with pytest.raises(ValidationError):
        check_accessibility(value)
