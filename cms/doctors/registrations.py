"""Numbers in the registers of practitioners, and their check digits. Imports no models."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.db import models


class Scheme(models.TextChoices):
    """A numbering of which the form is known. Of most registers it is not: theirs is empty."""

    NPI = "npi", "NPI (United States)"


def check_registration(scheme: str, number: str) -> None:
    """Raise ValidationError for the field `number` unless it has the form, and the check digit, of the scheme."""
    if scheme == Scheme.NPI and (problem := _npi_problem(number)):
        raise ValidationError({"number": problem})


def _npi_problem(number: str) -> str:
    if not re.fullmatch(r"[12][0-9]{9}", number):
        return "An NPI has ten digits, without spaces, and begins with 1 or 2."
    expected = npi_check_digit(number[:9])
    if number[9] != expected:
        return (
            f"A digit is wrong: after {number[:9]} the last one, the check digit, would be {expected}. "
            "Compare it with the register."
        )
    return ""


def npi_check_digit(nine_digits: str) -> str:
    """The tenth digit: Luhn's over the number with the prefix 80840, which stands for health, United States."""
    total = 0
    for place, digit in enumerate(reversed(f"80840{nine_digits}")):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
