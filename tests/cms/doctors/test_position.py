"""Where a practice can be, and the tables of countries and languages; without a database."""

from __future__ import annotations

import math
import re

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from cms.doctors.countries import COUNTRIES, country_choices
from cms.doctors.languages import LANGUAGES, language_choices
from cms.doctors.practices import check_position


@given(lat=st.floats(-90, 90), lng=st.floats(-180, 180))
def test_every_point_of_the_globe_but_0_0_is_taken(lat: float, lng: float) -> None:
    if (lat, lng) != (0, 0):
        check_position(lat, lng)


@given(beyond=st.floats(allow_nan=False).filter(lambda x: abs(x) > 180))
def test_nothing_beyond_the_globe_is_taken(beyond: float) -> None:
    for lat, lng, field in ((beyond, 1.0, "lat"), (1.0, beyond, "lng")):
        with pytest.raises(ValidationError) as refused:
            check_position(lat, lng)
        assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize(
    ("lat", "lng", "field"),
    [
        (90.0001, 0.0, "lat"),
        (math.nan, 1.0, "lat"),
        (1.0, math.inf, "lng"),
        (0.0, 0.0, "lat"),
        (-0.0, 0.0, "lat"),
    ],
)
def test_no_place_for_a_practice(lat: float, lng: float, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        check_position(lat, lng)
    assert list(refused.value.message_dict) == [field]


def test_a_missing_coordinate_is_left_to_the_field() -> None:
    check_position(None, 0)
    check_position(0, None)


def test_points_on_the_equator_and_on_the_meridian_are_taken() -> None:
    check_position(0, 32.58)
    check_position(51.48, 0)


def test_countries_have_their_iso_codes() -> None:
    assert len(COUNTRIES) == 249 + 1  # and Kosovo
    assert all(re.fullmatch("[A-Z]{2}", code) for code in COUNTRIES)
    assert {"IN", "BT", "FJ", "US", "NP", "GB"} <= set(COUNTRIES)
    names = [name for _, name in country_choices()]
    assert names == sorted(names)
    assert len(set(names)) == len(names)


def test_languages_are_bcp_47_tags() -> None:
    """As the feed's contract writes a locale; ISO 639-1 has 183 codes in use."""
    assert all(re.fullmatch("[a-z]{2,3}", code) for code in LANGUAGES)
    assert sum(len(code) == 2 for code in LANGUAGES) == 183
    assert {"en", "hi", "bo", "dz", "lbj", "ur", "zh"} <= set(LANGUAGES)
    names = [name for _, name in language_choices()]
    assert len(set(names)) == len(names)
