"""Numbers with a check digit; without a database."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from cms.doctors.registrations import check_registration, npi_check_digit

NINE = st.from_regex(r"[12][0-9]{8}", fullmatch=True)


def test_the_example_of_the_standard() -> None:
    """That of the NPI check digit's own specification."""
    check_registration("npi", "1234567893")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("1234567890", "would be 3"),
        ("1243567893", "A digit is wrong"),
        ("123456789", "ten digits"),
        ("12345678931", "ten digits"),
        ("3234567893", "begins with 1 or 2"),
        ("123 456 7893", "without spaces"),
        ("١٢٣٤٥٦٧٨٩٣", "ten digits"),
        ("1234567893\n", "ten digits"),
        ("", "ten digits"),
    ],
)
def test_what_is_no_npi_is_refused_with_the_reason(number: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        check_registration("npi", number)
    assert said in refused.value.message_dict["number"][0]


def test_numbers_of_other_registers_are_taken_as_they_are() -> None:
    check_registration("", "MH/12-345 a")


@given(nine=NINE)
def test_one_check_digit_is_right(nine: str) -> None:
    digit = npi_check_digit(nine)
    check_registration("npi", nine + digit)
    for other in set("0123456789") - {digit}:
        with pytest.raises(ValidationError):
            check_registration("npi", nine + other)


@given(nine=NINE, place=st.integers(1, 8), digit=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_found(nine: str, place: int, digit: str) -> None:
    wrong = nine[:place] + digit + nine[place + 1 :]
    assert (npi_check_digit(wrong) == npi_check_digit(nine)) == (wrong == nine)
