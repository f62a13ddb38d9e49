"""Pages of a search, on an index."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

from search_service.index.protocol import Total
from search_service.index.sqlite import SQLiteIndex
from search_service.query import doctors
from search_service.query.doctors import Search
from search_service.query.what import What
from tests.search_service.index.directory import LEH, at, doctor, gone, ids, puts

TODAY = date(2026, 11, 22)


def test_further_pages_have_the_number_of_the_first(tmp_path: Path) -> None:
    """Nothing is counted for them."""
    index, search = SQLiteIndex(tmp_path, "en"), Search(What(), *LEH, "en")
    with closing(index.create()) as writer:
        writer.apply(puts(*(doctor(number, LEH) for number in range(1, 8))), at(1))
        first = doctors.find(writer, search, TODAY, limit=2, with_facets=True)
        assert (ids(first.found.hits), first.found.counts.total) == ([1, 2], Total(7, "eq"))
        assert first.found.counts.since
        writer.apply([gone(1), gone(4)], at(2))
        second = doctors.find(writer, search, TODAY, limit=2, after=first.next, with_facets=True)
        assert (ids(second.found.hits), second.found.counts.total) == ([3, 5], Total(7, "eq"))
        assert not second.found.counts.since
        third = doctors.find(writer, search, TODAY, limit=2, after=second.next)
        assert (ids(third.found.hits), third.found.counts.total, third.next) == ([6, 7], Total(7, "eq"), None)
        # As if the first had counted otherwise.
        assert second.next
        marked = replace(second.next, total=Total(10_000, "gte"))
        third = doctors.find(writer, search, TODAY, limit=1, after=marked)
        assert third.found.counts.total == Total(10_000, "gte")
        assert third.next
        assert third.next.total == Total(10_000, "gte")
