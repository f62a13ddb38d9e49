"""Countries, regions and districts: what may stand beside a place's name to say which one is meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple, Protocol

from search_service.places import names
from search_service.places.locales import fallbacks
from search_service.places.model import Area

# What English speakers call them besides. The rest is in GeoNames' own list and in the ISO codes.
_ALSO = {
    "AE": ["UAE", "Emirates"],
    "BA": ["Bosnia"],
    "CD": ["DR Congo", "DRC"],
    "CZ": ["Czech Republic"],
    "GB": ["UK", "Great Britain", "Britain"],
    "KR": ["Korea"],
    "NL": ["Holland"],
    "US": ["United States of America", "America"],
}
# Words that tell what sort of area it is, and that may be there or not.
_SORTS = frozenset({
    "autonomous", "canton", "county", "department", "district", "division", "emirate", "governorate",
    "municipality", "oblast", "of", "parish", "prefecture", "province", "region", "republic", "state",
    "territory", "the", "union",
})  # fmt: skip


class Country(NamedTuple):
    """`id` is its geonameid, 0 where it is not wanted, `languages` its first and official ones (ISO 639)."""

    code: str
    iso3: str
    name: str
    id: int = 0
    languages: frozenset[str] = frozenset()


class Region(NamedTuple):
    country: str
    code: str
    name: str
    ascii_name: str
    id: int = 0


class Scope(NamedTuple):
    """A country, or one region of it."""

    country: str
    region: str | None


class OtherNames(Protocol):
    """What countries and regions are called in other languages: too many to be kept in memory. To be used
    from any thread."""

    def scopes(self, key: str) -> set[Scope]: ...

    def keys(self, scope: Scope) -> set[str]: ...

    def to_show(self, scope: Scope, locale: str) -> str:
        """The name in just this locale (`pt-br`, see `fallbacks`); empty if there is none."""


class NoOtherNames:
    def scopes(self, key: str) -> set[Scope]:
        return set()

    def keys(self, scope: Scope) -> set[str]:
        return set()

    def to_show(self, scope: Scope, locale: str) -> str:
        return ""


class Areas:
    """All countries and regions, in memory: some 4,000. Their names in other languages are read when they
    are asked for."""

    def __init__(
        self,
        countries: Iterable[Country],
        regions: Iterable[Region],
        others: OtherNames | None = None,
    ) -> None:
        self._others = others or NoOtherNames()
        self._countries = {country.code: country for country in countries}
        self._regions = {(region.country, region.code): region for region in regions}
        self._region_slugs = {
            (region.country, region.code): names.slug(names.key(region.name))
            or names.slug(names.key(region.ascii_name))
            for region in self._regions.values()
        }
        self._regions_by_slug: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._scopes: dict[str, set[Scope]] = defaultdict(set)
        self._keys: dict[Scope, frozenset[str]] = {}
        for country in self._countries.values():
            called = [country.name, country.code, country.iso3, *_ALSO.get(country.code, ())]
            self._add(Scope(country.code, None), map(names.key, called))
        for region in self._regions.values():
            called = [region.name, region.ascii_name]
            if region.code.isalpha():
                called.append(region.code)  # TX, ENG; elsewhere the codes are numbers, which nobody knows
            self._add(Scope(region.country, region.code), area_keys(called))

        for (country_code, code), slug in self._region_slugs.items():
            self._regions_by_slug[country_code, slug].add(code)

        # Bounds for the memory: a country has some 130 keys, and there are hundreds of locales.
        self._keys_of = lru_cache(256)(self._read_keys)
        self._to_show = lru_cache(4096)(self._others.to_show)
        self._other_scopes = lru_cache(4096)(self._others.scopes)

    def _add(self, scope: Scope, keys: Iterable[str]) -> None:
        self._keys[scope] = frozenset(filter(None, keys))
        for key in self._keys[scope]:
            self._scopes[key].add(scope)

    def country(self, code: str) -> Area:
        country = self._countries.get(code)
        return Area(code, country.name if country else "")

    def region(self, country: str, code: str) -> Area:
        region = self._regions.get((country, code))
        return Area(code, region.name if region else "")

    def country_name(self, code: str, locale: str) -> str:
        """What the country is called in the locale, else its name; empty if it is unknown."""
        return self._name_to_show(Scope(code, None), locale) or self.country(code).name

    def region_name(self, country: str, code: str, locale: str) -> str:
        """What the region is called in the locale, else its name; empty if it is unknown."""
        return self._name_to_show(Scope(country, code), locale) or self.region(country, code).name

    def _name_to_show(self, scope: Scope, locale: str) -> str:
        found = (self._to_show(scope, fallback) for fallback in fallbacks(locale))
        return next(filter(None, found), "")

    def region_slug(self, country: str, code: str) -> str:
        """A region as part of a slug, empty if it is unknown or has no ASCII form."""
        return self._region_slugs.get((country, code), "")

    def keys(self, country: str, region: str) -> frozenset[str]:
        """Keys of all the names of a country and of a region of it, in whatever language."""
        return self._keys_of(country, region)

    def _read_keys(self, country: str, region: str) -> frozenset[str]:
        scopes = (Scope(country, None), Scope(country, region))
        return frozenset().union(
            *(self._keys.get(scope, frozenset()) for scope in scopes), *map(self._others.keys, scopes)
        )

    def scopes(self, key: str, *, others: bool = True) -> set[Scope]:
        """The countries and regions of that name, in whatever language.

        Without `others`, by English names and codes only: what is a country's name in some language is often a
        town's elsewhere (Norfolk, Granada, Franca).
        """
        found = self._scopes.get(key, set())
        return found | self._other_scopes(key) if others else found

    def own_keys(self, lengths: Iterable[int]) -> list[str]:
        """The keys of such lengths of all countries and regions, by English names and codes."""
        return [key for length in lengths for key in self._own_keys.get(length, ())]

    @cached_property
    def _own_keys(self) -> dict[int, list[str]]:
        """By length."""
        by_length = defaultdict(list)
        for key in self._scopes:
            by_length[len(key)].append(key)
        return by_length

    def __contains__(self, key: object) -> bool:
        """Whether it is the key of a name of a country or region."""
        return isinstance(key, str) and bool(self.scopes(key))

    def are_named(self, words: Sequence[str]) -> bool:
        """Whether the words are nothing but names of countries and regions."""
        return covers(self, words)

    def split_slug(self, words: Sequence[str]) -> Iterator[tuple[str, str, frozenset[str]]]:
        """Every way to read the words of a slug as name, region, country.

        Yields the slug of the name, the country's code, and the codes of the regions that the slug may
        mean: the longest region first, then the reading that there is none in it (an empty set).
        """
        *rest, country = words or [""]
        if len(country) != 2 or not country.isalpha():
            return
        country = country.upper()
        for i in range(1, len(rest)):
            codes = self._regions_by_slug.get((country, "-".join(rest[i:])))
            if codes:
                yield "-".join(rest[:i]), country, frozenset(codes)
        if rest:
            yield "-".join(rest), country, frozenset()


def area_keys(called: Iterable[str]) -> set[str]:
    """Keys of an area's names, with and without words such as "district"."""
    keys = {names.key(name) for name in called}
    keys |= {" ".join(word for word in key.split() if word not in _SORTS) for key in keys}
    return keys - {""}


def covers(keys: Container[str], words: Sequence[str]) -> bool:
    """Whether the words are nothing but names out of `keys`, one after another."""
    if not words:
        return True
    return any(" ".join(words[:i]) in keys and covers(keys, words[i:]) for i in range(len(words), 0, -1))
