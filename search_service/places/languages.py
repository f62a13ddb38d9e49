"""What countries are called in the languages of the world, by CLDR (which Babel brings along)."""

from __future__ import annotations

import multiprocessing
import re
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib.metadata import version
from typing import NamedTuple

from babel import Locale, localedata

from search_service.places import names

# A locale that names fewer languages and countries is only begun, or a language of few that leaves most as they
# are in English.
_LEAST_LANGUAGES = 400
_LEAST_COUNTRIES = 200
# What some languages call Myanmar is a part of many villages' names: Domkhar Barma, never in Myanmar.
NO_COUNTRIES = frozenset({"", "birma", "barma", "burma"})
_PARENTHESES = re.compile(r"\s*\(.*\)")

ATTRIBUTION = "Unicode CLDR (https://cldr.unicode.org), Unicode License V3"


class CountryName(NamedTuple):
    """`country` is alpha-2, `locale` as in `locales`."""

    country: str
    locale: str
    name: str


def release() -> str:
    """What the names come from."""
    return f"CLDR, in Babel {version('babel')}"


@cache
def country_names() -> list[CountryName]:
    """Names by country and locale, in locales without a territory: some 35,000."""
    # In a process of its own, which takes the 140 MB along in which Babel keeps what it has read.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(_read).result()


def _read() -> list[CountryName]:
    found = []
    for identifier in localedata.locale_identifiers():
        locale = Locale.parse(identifier)
        countries = {code: name for code, name in locale.territories.items() if len(code) == 2}
        if (
            locale.territory is None
            and len(locale.languages) >= _LEAST_LANGUAGES
            and len(countries) >= _LEAST_COUNTRIES
        ):
            tag = identifier.replace("_", "-").lower()
            found += [CountryName(code, tag, name) for code, name in countries.items()]
    return found


@cache
def countries_to_show() -> list[tuple[str, str, str, str]]:
    """Rows of `area_local_name`. English names are GeoNames'."""
    return sorted(
        (name.locale, name.country, "", name.name) for name in country_names() if name.locale != "en"
    )


@cache
def countries_by_key() -> list[tuple[str, str, str]]:
    """Rows of `area_name`."""
    # What CLDR puts after some names in parentheses may be there or not: `Myanmar (Birma)`.
    spelt = [
        (spelling, name.country)
        for name in country_names()
        for spelling in {name.name, _PARENTHESES.sub("", name.name)}
    ]
    keys = names.keys([spelling for spelling, _ in spelt])
    found = {(key, country, "") for key, (_, country) in zip(keys, spelt, strict=True)}
    return sorted(row for row in found if row[0] not in NO_COUNTRIES)
