"""What an engine that keeps places must offer. Nothing here or above may assume an engine."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

from search_service.places import names
from search_service.places.areas import Areas, Scope
from search_service.places.model import Area, Place


class Row(NamedTuple):
    """A place as it is stored: codes instead of areas. `shares_slug` says that a more important place
    has the slug without the id."""

    id: int
    name: str
    ascii_name: str
    lat: float
    lng: float
    kind: str
    country: str
    region: str
    district: str
    district_name: str
    population: int
    timezone: str
    importance: int
    shares_slug: int


class Hit(NamedTuple):
    """A stored place, the name under which it was found, with its key, and what that is to it (see ranking).
    `is_begun`: more than the beginning of the name was not asked for."""

    found: str
    key: str
    name_class: int
    place: Row
    is_begun: bool = False
    wrong_letters: int = 0


class Whereabouts(NamedTuple):
    """Codes of the country, region and district that a place lies in, and the district's name."""

    country: str
    region: str
    district: str
    district_name: str

    @classmethod
    def of(cls, row: Row) -> Whereabouts:
        return cls(row.country, row.region, row.district, row.district_name)


class PostalRow(NamedTuple):
    """A postal code at one of the places that it serves. `key` is its `postal_key`, `code` is as its country
    writes it, `region` and `district` are names, maybe empty.

    `lat` and `lng` are None where nothing is known; `is_shared` says that the source gives this very point to
    so many codes that it is no place of any. `accuracy` is GeoNames': 1 (estimated) to 6 (centroid), 4 where it
    is a place of the gazetteer, 0 unknown.
    """

    key: str
    country: str
    code: str
    place_name: str
    region: str
    district: str
    lat: float | None
    lng: float | None
    accuracy: int
    is_shared: bool = False


class Store(Protocol):
    """One generation of places, for reading by one thread."""

    @property
    def areas(self) -> Areas: ...

    def get(self, id: int) -> Row | None: ...

    def named(self, key: str, scope: Scope | None = None, limit: int = 1000) -> list[Hit]:
        """Places that have a name of just this key, in that country or region; the likeliest first."""

    def beginning(self, words: Sequence[str], limit: int, country: str | None = None) -> list[Hit]:
        """Places that have a name with all these words, in any order and the last maybe unfinished; the
        likeliest first, each once, under its likeliest such name. In a country, of the likeliest anywhere."""

    def known(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys that a name has."""

    def whereabouts(self, key: str, limit: int) -> list[Whereabouts]:
        """Where the likeliest of the places lie that have a name of just this key."""

    def named_at(self, key: str, places: Sequence[Whereabouts], limit: int) -> list[Hit]:
        """As `named`, of those that lie there."""

    def spelt_like(self, key: str, letters: int) -> Iterator[list[str]]:
        """Keys that may be this one with at most so many wrong letters, some of them with more. First all
        that differ in one letter or in two that changed places; then, read only if asked for, those with
        the same beginning or end; then those with one letter wrong in the beginning. For more than one wrong
        letter, some may be missing."""

    def sounding_like(self, key: str) -> list[str]:
        """Keys that begin with the same consonants, whatever the vowels between."""

    def largest(self, scope: Scope, limit: int) -> list[Row]:
        """The largest places of a country or region."""

    def populated(self) -> Iterator[tuple[int, int, float, float]]:
        """All populated places, in no order: id, how many people live there, latitude and longitude."""

    def near(
        self,
        lat: float,
        lng: float,
        limit: int,
        radius_km: float | None = None,
        exclude: Collection[int] = (),
    ) -> list[tuple[Row, float]]:
        """The populated places nearest to a point with their distances in km, nearest first."""

    def near_beginning(
        self, lat: float, lng: float, limit: int, radius_km: float, key: str
    ) -> list[tuple[str, Row]]:
        """Of the `limit` nearest populated places, those whose own name begins so, with its key; nearest first."""

    def local_names(self, ids: Collection[int], locale: str) -> dict[int, str]:
        """What the places are called in the locale, or in its language; those of which it is known, and which
        are not called so anyway."""

    def postal(self, code_key: str, country: str | None) -> list[PostalRow]:
        """The places that a postal code serves, country by country. `code_key` is the code's `postal_key`."""

    def postal_beginning(self, code_key: str, country: str | None, limit: int) -> list[PostalRow]:
        """Postal codes that begin like this, in their order, each once for each country that has it."""


def postal_key(code: str) -> str:
    """What a postal code is looked up by: its letters and digits.

    >>> postal_key("sw1a 1AA"), postal_key("00-950")
    ('SW1A1AA', '00950')
    """
    return "".join(filter(str.isalnum, code.upper()))


def base_slug(own: str, kind: str, country: str, region_slug: str) -> str:
    """`<name>-<region>-<country>`, the slug of the most important place of that name there; without the
    region where it is unknown or is the place itself. `own` is the name as part of a slug."""
    within = "" if kind.startswith(("ADM1", "PCL")) else region_slug
    return "-".join(part for part in (own, within, country.lower()) if part)


def place(areas: Areas, row: Row) -> Place:
    """The stored place as the gazetteer answers it."""
    own = names.slug(names.key(row.name)) or names.slug(names.key(row.ascii_name))
    region_slug = areas.region_slug(row.country, row.region)
    slug = base_slug(own, row.kind, row.country, region_slug) if own else "place"
    return Place(
        id=row.id,
        name=row.name,
        ascii_name=row.ascii_name,
        lat=row.lat,
        lng=row.lng,
        kind=row.kind,
        country=areas.country(row.country),
        region=areas.region(row.country, row.region),
        district=Area(row.district, row.district_name),
        population=row.population,
        timezone=row.timezone,
        slug=slug if own and not row.shares_slug else f"{slug}-{row.id}",
    )
