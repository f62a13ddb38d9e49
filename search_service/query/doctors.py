"""The doctors nearest to a point who treat what is looked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from search_service.index.protocol import Hit, NearestQuery, Reader, SortKey, Total
from search_service.query.what import What

DEFAULT_RADIUS_KM = 50.0
# With nobody inside, the circle is widened to the first of these that has somebody. Beyond the last
# nobody is "near" any more.
WIDER_KM = (50.0, 100.0, 200.0, 500.0)
MAX_RADIUS_KM = WIDER_KM[-1]


@dataclass(frozen=True, slots=True)
class Reach:
    """The circle that is searched. `widened_to_km` says when it is larger than what was asked for."""

    radius_km: float
    widened_to_km: float | None = None

    @property
    def searched_km(self) -> float:
        return self.widened_to_km or self.radius_km


@dataclass(frozen=True, slots=True)
class Found:
    hits: list[Hit]
    total: Total
    reach: Reach
    next: SortKey | None


def find(
    reader: Reader,
    what: What,
    lat: float,
    lng: float,
    *,
    locale: str,
    limit: int,
    radius_km: float = DEFAULT_RADIUS_KM,
    reach: Reach | None = None,
    after: SortKey | None = None,
) -> Found:
    """One page of doctors, nearest first.

    A first page widens the circle if need be; a further one passes on the `reach` and the `next` of
    the page before, so that all pages search the same circle.
    """
    query = NearestQuery(lat=lat, lng=lng, terms=what.terms, locale=locale, limit=limit + 1, after=after)
    reach = reach or _reach(reader, query, radius_km)
    query = replace(query, radius_km=reach.searched_km)
    hits = reader.nearest(query)
    more = len(hits) > limit
    hits = hits[:limit]
    return Found(hits, reader.count(query), reach, hits[-1].key if more else None)


def _reach(reader: Reader, query: NearestQuery, radius_km: float) -> Reach:
    nearest = reader.nearest(replace(query, radius_km=MAX_RADIUS_KM, limit=1))
    if not nearest or nearest[0].distance_km <= radius_km:
        return Reach(radius_km)
    wide_enough = (step for step in WIDER_KM if step >= nearest[0].distance_km)
    return Reach(radius_km, next(wide_enough, MAX_RADIUS_KM))


def identity(what: What, lat: float, lng: float, radius_km: float) -> tuple[object, ...]:
    """What makes two requests pages of one search: a cursor is bound to it.

    Not the terms: when editors change which specialties treat a condition, who is paging goes on.
    """
    return (sorted(reference["id"] for reference in what.asked.values()), lat, lng, radius_km)
