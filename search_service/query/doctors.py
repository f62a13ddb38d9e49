"""The doctors nearest to a point, or in a box, who treat what is looked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from search_service.geo import distance_km
from search_service.index.protocol import Box, Counted, Counts, Found, Query, Reader, SortKey, Total
from search_service.query import best, facets
from search_service.query.what import What

DEFAULT_RADIUS_KM = 50.0
# So many are on a page, unless told.
SHOWN = 20
# With nobody inside, the circle is widened to the first of these that has somebody. Beyond the last
# nobody is "near" any more.
WIDER_KM = (50.0, 100.0, 200.0, 500.0)
MAX_RADIUS_KM = WIDER_KM[-1]

Sort = Literal["distance", "best", "name"]


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for, whichever page of it.

    Distances are from the point `lat`, `lng`. `radius_km` is None where distance is no limit: with a `box`, or
    for the nearest wherever they are. `filters` are values by facet of the index. `telehealth_in` is a country
    (ISO 3166-1 alpha-2).
    """

    what: What
    lat: float
    lng: float
    locale: str
    radius_km: float | None = DEFAULT_RADIUS_KM
    widen: bool = True
    box: Box | None = None
    name: tuple[str, ...] = ()
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    min_years: int | None = None
    verified_since: date | None = None
    telehealth_in: str | None = None
    sort: Sort = "distance"

    def identity(self) -> tuple[object, ...]:
        """What makes two requests pages of one search: a cursor is bound to it."""
        return (
            self.what.identity(),
            (self.lat, self.lng, self.radius_km, self.widen, self.box),
            self.name,
            sorted((facet, sorted(values)) for facet, values in self.filters.items()),
            (self.min_years, self.verified_since, self.telehealth_in, self.sort),
        )


@dataclass(frozen=True, slots=True)
class Reach:
    """The circle that is searched. `widened_to_km` says when it is larger than what was asked for."""

    radius_km: float | None
    widened_to_km: float | None = None

    @property
    def searched_km(self) -> float | None:
        return self.widened_to_km or self.radius_km


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ended, and what stays as it was on those that follow: the circle, the day from which years and
    months are counted back, and the number of all."""

    reach: Reach
    today: date
    total: Total
    key: SortKey


@dataclass(frozen=True, slots=True)
class Page:
    """`telehealth` is who may help from afar, where that was asked for and nobody is in reach; `next` is None
    on the last page."""

    found: Found
    reach: Reach
    today: date
    telehealth: Found | None = None
    next: Mark | None = None


def find(
    reader: Reader,
    search: Search,
    today: date,
    *,
    limit: int,
    after: Mark | None = None,
    with_facets: bool = False,
) -> Page:
    """At most `limit` doctors in the order asked for, with the number of all who match.

    A first page widens the circle if need be, and counts; a further one passes on the `next` of the page before, and
    has its number and no facets.
    """
    if after:
        query = _query(search, after.reach, after.today, limit + 1, after.key)
        hits = reader.search(query).hits
        return _page(Found(hits, Counts(after.total)), after.reach, after.today, limit)
    reach = Reach(search.radius_km)
    query = _query(search, reach, today, limit + 1)
    counted = facets.counted(today) if with_facets else Counted()
    found = reader.search(query, counted)
    telehealth = None
    if not found.hits:
        if wider_km := _wider(reader, search, query):
            reach = replace(reach, widened_to_km=wider_km)
            found = reader.search(replace(query, radius_km=wider_km), counted)
        elif search.telehealth_in:
            telehealth = _from_afar(reader, query, search.telehealth_in, limit)
    return _page(found, reach, today, limit, telehealth)


def _page(found: Found, reach: Reach, today: date, limit: int, telehealth: Found | None = None) -> Page:
    """Of hits of which one more was asked for than are shown."""
    hits, total = found.hits[:limit], found.counts.total
    assert total  # it is always asked for
    more = len(found.hits) > limit
    return Page(
        Found(hits, found.counts),
        reach,
        today,
        telehealth,
        Mark(reach, today, total, hits[-1].key) if more else None,
    )


def middle(box: Box) -> tuple[float, float]:
    """Latitude and longitude of the middle of a box."""
    width = box.east - box.west + (360.0 if box.west > box.east else 0.0)
    lng = box.west + width / 2
    return (box.south + box.north) / 2, lng - 360.0 if lng > 180.0 else lng


def is_local(box: Box) -> bool:
    """Whether no side of a box is longer than the widest circle: no more than that is sorted by anything but
    distance."""
    width = box.east - box.west + (360.0 if box.west > box.east else 0.0)
    sides = [distance_km(box.south, 0.0, box.north, 0.0)]
    sides += [distance_km(lat, 0.0, lat, min(width, 180.0)) for lat in (box.south, box.north)]
    # Where it lies across the equator, it is widest there.
    if box.south < 0.0 < box.north:
        sides.append(distance_km(0.0, 0.0, 0.0, min(width, 180.0)))
    return max(sides) <= 2 * MAX_RADIUS_KM


def _query(search: Search, reach: Reach, today: date, limit: int, after: SortKey | None = None) -> Query:
    return Query(
        lat=search.lat,
        lng=search.lng,
        terms=tuple(search.what.reasons()),
        locale=search.locale,
        radius_km=reach.searched_km,
        box=search.box,
        filters={**search.filters, **search.what.filters()},
        since_to=None if search.min_years is None else today.year - search.min_years,
        verified_from=search.verified_since,
        name=search.name,
        sort=best.order(today) if search.sort == "best" else search.sort,
        limit=limit,
        after=after,
    )


def _wider(reader: Reader, search: Search, query: Query) -> float | None:
    """How far the circle must be widened for anybody to be in it; None if that is not wanted or in vain."""
    if not search.widen or search.radius_km is None or search.radius_km >= MAX_RADIUS_KM:
        return None
    nearest = reader.search(replace(query, sort="distance", radius_km=MAX_RADIUS_KM, limit=1)).hits
    if not nearest:
        return None
    wide_enough = (step for step in WIDER_KM if step >= nearest[0].distance_km)
    return next(wide_enough, MAX_RADIUS_KM)


def from_afar(reader: Reader, search: Search, today: date, country: str, limit: int) -> Found:
    """Who may treat patients in that country (ISO 3166-1 alpha-2) by telehealth, the nearest first, wherever they
    are."""
    return _from_afar(reader, _query(search, Reach(None), today, limit), country, limit)


def is_in_reach(reader: Reader, search: Search, today: date, lat: float, lng: float) -> bool:
    """Whether a search would find anybody from another point, by widening its circle if need be."""
    query = replace(_query(search, Reach(MAX_RADIUS_KM), today, 1), lat=lat, lng=lng, sort="distance")
    return bool(reader.search(query).hits)


def _from_afar(reader: Reader, query: Query, country: str, limit: int) -> Found:
    filters = {**query.filters, "telehealth_in": {country}}
    anywhere = replace(query, radius_km=None, box=None, filters=filters, sort="distance", limit=limit)
    return reader.search(anywhere, Counted())
