"""Postal codes: which one a text or slug means, and the area of the places that it serves. Functions over a
Store."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

from search_service import geo
from search_service.places import names, ranking
from search_service.places.areas import area_keys, covers
from search_service.places.matching import NO_WISH, OFFERED, Asked, Meant, Wish
from search_service.places.model import POSTAL_CODE, Alternative, Area, Assumption, Place, Resolution
from search_service.places.ranking import Point
from search_service.places.store import Hit, PostalRow, Row, Store, place, postal_key

# Which letters are written before a code to say of which country it is: D-10115.
_BEFORE = {"AT": "a", "BE": "b", "DE": "d", "ES": "e", "FR": "f", "HU": "h", "IT": "i", "LU": "l", "SE": "s"}
# So many words make a code at most, with one digit at least, and so many letters and digits.
_MOST_WORDS = 3
_LENGTHS = range(2, 11)
# A text of more words is no code with what it lies in.
_MOST_BESIDE = 8
# Of those a code serves, so many are offered.
_SERVED = 20
# How far the places of a name may be from where the code serves one of that name; and from any place that it
# serves, to be what stands beside the code in a text (75001 Paris).
_SAME_KM, _BESIDE_KM = 15.0, 50.0
# A place in reach of these tells which of two countries' codes is meant.
_AROUND_KM = 20.0

# Whole codes of which GeoNames knows the first part only, and what that is.
_PARTS = [
    re.compile(pattern)
    for pattern in (
        r"([A-Z]{1,2}\d[A-Z\d]?)\d[A-Z]{2}",  # GB: SW1A 1AA
        r"([A-Z]\d[A-Z])\d[A-Z]\d",  # CA: K1A 0B1
        r"(\d{5})\d{4}",  # US: 10001-1234
        r"(\d{4})[A-Z]{2}",  # NL: 1012 AB
        r"([A-Z]\d[\dW])[A-Z\d]{4}",  # IE: D02 X285
    )
]
# A word or two with digits, such as 75001, 12e or SW1A 1AA, that is no code of the gazetteer's.
_NUMBER = re.compile(r"(?<!\w)(?:[A-Za-z]{1,2}-)?(?=\w*\d)\w{3,10}(?:[ -](?=\w*\d)\w{1,4})?(?!\w)")
_SLUG = re.compile(r"postal-([a-z0-9]{2,12})-([a-z]{2})")


@dataclass(frozen=True, slots=True)
class _Code:
    """A postal code of one country: its rows, the points of those that can be trusted, and the middle of
    them on the sphere. Without any to be trusted, that is where their district or region has its seat, or
    the point that the source gives for want of a better."""

    rows: list[PostalRow]
    points: dict[PostalRow, Point]
    middle: Point

    @property
    def country(self) -> str:
        return self.rows[0].country


def _codes(store: Store, rows: Iterable[PostalRow]) -> list[_Code]:
    """The codes of all countries in some rows of one code. Of which nothing tells where it is, is left out."""
    codes = []
    for _, group in groupby(rows, attrgetter("country")):
        of_country = [*group]
        given = {row: (row.lat, row.lng) for row in of_country if row.lat is not None and row.lng is not None}
        points = {row: point for row, point in given.items() if not row.is_shared}
        if middle := _middle(points.values() or _seat(store, of_country) or given.values()):
            codes.append(_Code(of_country, points, middle))
    return codes


def _seat(store: Store, rows: Sequence[PostalRow]) -> list[Point]:
    for row in rows:
        for called in filter(None, (row.district, row.region)):
            for hit in store.named(names.key(called), limit=50):
                if hit.place.country == row.country:
                    return [(hit.place.lat, hit.place.lng)]
    return []


def _middle(points: Collection[Point]) -> Point | None:
    if not points:
        return None
    x, y, z = map(math.fsum, zip(*(geo.unit_vector(*point) for point in points), strict=True))
    return (
        round(math.degrees(math.atan2(z, math.hypot(x, y))), 6),
        round(math.degrees(math.atan2(y, x)), 6),
    )


def resolve_text(asked: Asked) -> Resolution | None:
    """A postal code, alone or beside the country, region, district or place where it is; None if it is none."""
    for codes, rest, assumed in _written(asked):
        agreeing = [
            code
            for code in codes
            if _lies_in(asked.store, code, rest) or _serves(code, rest) or _beside(asked.store, code, rest)
        ]
        if agreeing:
            return _resolution(asked.store, agreeing, asked.wish, assumed)
    return None


def village(asked: Asked) -> Meant | None:
    """Of `Domkhar 194106` the village: its postal code only says which one."""
    for codes, rest, _ in _written(asked):
        for code in codes:
            if rest and not _lies_in(asked.store, code, rest):
                hits = [
                    hit for hit in _beside(asked.store, code, rest) if hit.place.population < ranking.TOWN
                ]
                if hits and len(code.rows) > 1:
                    return Meant(hits, "")
    return None


def beside_unknown(asked: Asked) -> Meant | None:
    """Of `75001 Paris` what is beside the postal code, where no such code is known."""
    if not _has_digit(asked.text) or len(asked.text) > names.MAX_LENGTH or next(_written(asked), None):
        return None
    rest = _NUMBER.sub(" ", asked.text)
    meant = Asked(asked.store, rest, asked.wish).meant() if rest != asked.text else None
    return replace(meant, assumed="postal_code") if meant else None


def elsewhere(asked: Asked) -> list[Place]:
    """The postal codes in the text, though the rest of it does not agree with them."""
    found = next(_written(asked), None)
    return [_area(asked.store, code) for code in found[0]] if found else []


def resolve_slug(store: Store, slug: str) -> Resolution | None:
    """Understands `postal-194106-in`."""
    found = _SLUG.fullmatch(slug)
    codes = _codes(store, store.postal(found[1].upper(), found[2].upper())) if found else []
    return _resolution(store, codes, NO_WISH, None) if codes else None


def beginning(store: Store, text: str, wish: Wish, limit: int) -> list[Place]:
    """The areas of the postal codes that begin like a text with a digit in it, the likeliest first."""
    words = _words(text)
    key = postal_key("".join(words))
    if not (0 < len(words) <= _MOST_WORDS and len(key) in _LENGTHS and _has_digit(key)):
        return []
    rows = store.postal_beginning(key, wish.country, limit) if wish.country else []
    rows += store.postal_beginning(key, None, limit)
    begun = dict.fromkeys((row.key, row.country) for row in rows)
    codes = [found for key, country in begun for found in _codes(store, store.postal(key, country))]
    focus = wish.focus
    if focus:
        codes.sort(key=lambda code: geo.distance_km(*focus, *code.middle))
    return [_area(store, code) for code in codes[:limit]]


def _area(store: Store, code: _Code) -> Place:
    """The middle of the places that the code serves, and what all of them lie in."""
    first = code.rows[0]
    region, district = (_common(code.rows, name) for name in ("region", "district"))
    scopes = store.areas.scopes(names.key(region)) if region else set()
    regions = sorted(scope.region for scope in scopes if scope.country == code.country and scope.region)
    in_region = Area(regions[0] if regions else "", region)
    nearest = _nearest(store, code)
    if nearest and names.key(nearest.district_name) == names.key(district) != "":
        # Postal codes have the regions of years ago: Leh is in Ladakh, no more in Jammu & Kashmir.
        in_region = store.areas.region(nearest.country, nearest.region)
    lat, lng = code.middle
    return Place(
        id=None,
        name=first.code,
        ascii_name=first.code,
        lat=lat,
        lng=lng,
        kind=POSTAL_CODE,
        country=store.areas.country(first.country),
        region=in_region,
        district=Area("", district),
        population=0,
        timezone="",
        slug=f"postal-{first.key}-{first.country}".lower(),
        spread_km=round(
            max((geo.distance_km(lat, lng, *point) for point in code.points.values()), default=0.0), 1
        ),
    )


def _nearest(store: Store, code: _Code) -> Row | None:
    """The place of the code's country that is nearest to its middle."""
    return next((row for row, _ in store.near(*code.middle, 5) if row.country == code.country), None)


def _words(text: str) -> list[str]:
    """The words of a text with their digits in ASCII."""
    digits = (str(unicodedata.digit(char, "")) or char if char.isdigit() else char for char in text)
    return names.key("".join(digits)).upper().split() if len(text) <= names.MAX_LENGTH else []


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _written(asked: Asked) -> Iterator[tuple[list[_Code], list[str], Assumption | None]]:
    """Each way to read a code in the text, the longest first: the codes of all countries that have it, and the
    rest of the text."""
    words = _words(asked.text)
    if not any(map(_has_digit, words)) or len(words) > _MOST_BESIDE:
        return
    cuts = [
        (start, start + length)
        for length in range(_MOST_WORDS, 0, -1)
        for start in range(len(words) - length + 1)
    ]
    for whole in (True, False):
        for start, end in cuts:
            key = "".join(words[start:end])
            if not (_has_digit(key) and key.isascii() and len(key) in _LENGTHS):
                continue
            parts = [key] if whole else [found[1] for each in _PARTS if (found := each.fullmatch(key))]
            if codes := _codes(
                asked.store, [row for part in parts for row in asked.store.postal(part, None)]
            ):
                rest = [word.lower() for word in words[:start] + words[end:]]
                yield codes, rest, None if whole else "postal_code"


def _lies_in(store: Store, code: _Code, rest: Sequence[str]) -> bool:
    """Whether the rest of the text is nothing but what the code lies in."""
    return covers(_area_keys(store, code, rest), rest)


def _serves(code: _Code, rest: Sequence[str]) -> bool:
    """Whether the rest of the text is what the source calls a place there, in the gazetteer or not."""
    return " ".join(rest) in area_keys({row.place_name for row in code.rows})


def _area_keys(store: Store, code: _Code, rest: Sequence[str]) -> set[str]:
    regions = area_keys({row.region for row in code.rows})
    keys = set(store.areas.keys(code.country, "")) | regions | {_BEFORE.get(code.country, "")}
    keys |= area_keys({row.district for row in code.rows})
    for country, region in store.areas.scopes(rest[0]) | store.areas.scopes(rest[-1]) if rest else ():
        if country == code.country and names.key(store.areas.region(country, region or "").name) in regions:
            keys |= store.areas.keys(country, region or "")
    if nearest := _nearest(store, code):
        keys |= store.areas.keys(nearest.country, nearest.region) | area_keys([nearest.district_name])
    return keys


def _beside(store: Store, code: _Code, rest: Sequence[str]) -> list[Hit]:
    """Places near to the code whose name is the rest of the text, maybe with what the code lies in."""
    keys = _area_keys(store, code, rest)
    points = [code.middle, *code.points.values()]
    for cut in range(len(rest), 0, -1):
        if covers(keys, rest[cut:]):
            called = " ".join(rest[:cut])
            hits = [
                hit
                for hit in store.named(called, limit=50)
                if hit.place.country == code.country
                and any(_is_near((hit.place.lat, hit.place.lng), point, _BESIDE_KM) for point in points)
            ]
            if hits:
                return hits
    return []


def _likelihood(store: Store, code: _Code, wish: Wish) -> tuple[bool, float]:
    """The code of the country preferred; then what is near to the focus, or to an important place."""
    is_preferred = code.country == wish.country
    if wish.focus:
        return is_preferred, ranking.near(0, geo.distance_km(*code.middle, *wish.focus))
    around = (row.importance for row, _ in store.near(*code.middle, 20, _AROUND_KM))
    return is_preferred, max(around, default=0)


def _resolution(store: Store, codes: list[_Code], wish: Wish, assumed: Assumption | None) -> Resolution:
    first, *others = sorted(codes, key=lambda code: _likelihood(store, code, wish), reverse=True)
    match = _area(store, first)
    if assumed is None and not first.points:
        assumed = "position"
    # Nobody knows which country's code is meant, unless something tells.
    preferred = [_likelihood(store, code, wish) for code in [first, *others[:1]]]
    is_clear = (
        not others
        or preferred[0][0] > preferred[1][0]
        or (wish.focus is not None and preferred[0][1] - preferred[1][1] >= ranking.CLEAR_LEAD)
    )
    served = sorted(_served(store, first), key=lambda row: -row.importance)
    return Resolution(
        "ambiguous" if not is_clear else "approximate" if assumed else "exact",
        match=match,
        matched_name=match.name,
        assumed=assumed,
        alternatives=(
            *(Alternative(_area(store, code), "namesake") for code in others[:OFFERED]),
            *(Alternative(place(store.areas, row), "served") for row in served[:_SERVED]),
        ),
    )


def _served(store: Store, code: _Code) -> Iterator[Row]:
    """The places of the gazetteer that the rows name."""
    seen = set()
    for row in code.rows:
        for hit in store.named(names.key(row.place_name), limit=50) if row.place_name else ():
            found = hit.place
            if row in code.points:
                is_same = _is_near((found.lat, found.lng), code.points[row], _SAME_KM)
            else:
                is_same = names.key(found.district_name) == names.key(row.district) != ""
            if found.country == code.country and is_same and found.id not in seen:
                seen.add(found.id)
                yield found
                break


def _common(rows: Sequence[PostalRow], name: str) -> str:
    """What all rows say of this, if they say the same."""
    values = {getattr(row, name) for row in rows}
    return str(values.pop()) if len(values) == 1 else ""


def _is_near(a: Point, b: Point, km: float) -> bool:
    return geo.distance_km(*a, *b) <= km
