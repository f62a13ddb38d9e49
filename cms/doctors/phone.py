"""Telephone numbers, which are kept in E.164: '+911982000000'."""

from __future__ import annotations

import phonenumbers
from django.core.exceptions import ValidationError
from phonenumbers import NumberParseException, PhoneNumberFormat

from cms.doctors.countries import COUNTRIES


def normalised(text: str, country: str) -> str:
    """The number in E.164. It may be written with its country's code, or as one dials it in `country`.

    Raises ValidationError with what is wrong with it, for editors.
    """
    where = COUNTRIES.get(country, country)
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException as error:
        raise ValidationError(
            f"This is no telephone number. Write it as one dials it in {where}, or with '+' and the code of its country."
        ) from error
    if number.extension:
        raise ValidationError("Leave the extension out: the number must be one that can be dialled.")
    if not phonenumbers.is_valid_number(number):
        raise ValidationError(
            f"There is no such telephone number under +{number.country_code}: look for a digit too many, one too few, or a "
            "wrong area code."
        )
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def is_normalised(text: str) -> bool:
    """Whether this is a telephone number in E.164, or empty."""
    try:
        return not text or normalised(text, "") == text
    except ValidationError:
        return False
