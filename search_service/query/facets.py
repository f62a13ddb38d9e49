"""What choosing a value of a filter would give: numbers of doctors, over all that a search matches."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any
from uuid import UUID

import orjson

from search_service.index.protocol import Counted, Counts, Reader, Term

Json = dict[str, Any]

# An answer holds at most so many values of a filter, the most frequent.
VALUES = 20
YEARS = (5, 10, 20, 30)
MONTHS = (6, 12, 24)


@lru_cache(maxsize=2)
def counted(today: date) -> Counted:
    """What to count, the same all day."""
    return Counted(
        facets=("language", "gender", "telehealth", "accepting_new_patients", "specialty", "practice"),
        since=tuple(today.year - years for years in YEARS),
        verified=tuple(months_before(today, months) for months in MONTHS),
    )


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or its last if that one is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def answer(reader: Reader, counts: Counts, today: date, locale: str) -> Json:
    """By parameter, what to give it and how many doctors that leaves; by name where a value has one."""

    def plain(facet: str) -> list[Json]:
        return [{"value": value, "count": count} for value, count in _most(counts, facet)]

    return {
        "language": plain("language"),
        "gender": plain("gender"),
        "telehealth": plain("telehealth"),
        "accepting_new_patients": plain("accepting_new_patients"),
        "specialty": _specialties(reader, counts, locale),
        "practice": _practices(reader, counts),
        "min_years": [{"value": years, "count": counts.since[today.year - years]} for years in YEARS],
        "verified_since": [{"value": day, "count": count} for day, count in counts.verified.items()],
        "exact": counts.exact,
    }


def _specialties(reader: Reader, counts: Counts, locale: str) -> list[Json]:
    most = [(UUID(value), count) for value, count in _most(counts, "specialty")]
    found = reader.cards("specialty", [id_ for id_, _ in most], locale)
    answer = []
    for id_, count in most:
        if id_ in found:
            card = orjson.loads(found[id_])
            answer.append({"value": card["slug"], "name": card["name"], "count": count})
    return answer


def _practices(reader: Reader, counts: Counts) -> list[Json]:
    most = [(Term("practice", value), count) for value, count in _most(counts, "practice")]
    found = reader.listing_cards("doctor", [term for term, _ in most])
    answer = []
    for term, count in most:
        if card := found.get(term):
            name = orjson.loads(card)["practice"]["name"]
            answer.append({"value": term.value, "name": name, "count": count})
    return answer


def _most(counts: Counts, facet: str) -> Iterable[tuple[str, int]]:
    return islice(counts.facets.get(facet, {}).items(), VALUES)
