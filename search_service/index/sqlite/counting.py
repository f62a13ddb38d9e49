"""How many match, in all and by each value of facets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from search_service.index.protocol import EXACT_TO, FACET_VALUES, Counted, Counts, Total
from search_service.index.sqlite import postings
from search_service.index.sqlite.postings import Array, Postings
from search_service.index.sqlite.schema import MAX_LISTINGS
from search_service.index.sqlite.search import SINCE, VERIFIED, Judged, Rows, Search

# So many blocks are judged at a time.
_AT_A_TIME = 64
# What a search may have cost when a total, and counts by facet, stop, where to judge a posting costs 1.
MOST, MOST_BY_FACET = 70_000, 32_000
# What a kept posting misses: none of the conditions; two, or one that no count leaves out.
_NOTHING, _TOO_MUCH = np.int16(-1), np.int16(-2)
_VALUE = (1 << postings.VALUE_BITS) - 1


def search_and_count(search: Search, counted: Counted | None) -> tuple[Rows, Counts]:
    """The query's page, and what is to be counted of all that match."""
    if counted is None:
        return search.page(), Counts()
    tally = _Tally(search, counted)
    is_all = has_all = tally.count()
    total = tally.total(is_all=is_all)
    if tally.is_by_facet and not is_all:
        # The filters may lead to shorter lists, which a count by facets cannot use.
        search.forget()
        if counted.total and _is_unsure(total):
            of_filters = _Tally(search, Counted())
            has_all = of_filters.count()
            total = of_filters.total(is_all=has_all)
    # What was looked through for the counts may have all hits in it.
    hits = search.hits(search.within) if has_all else search.page()
    if _is_unsure(total):
        # The page looked further.
        number, query = len(hits), search.query
        is_whole = query.after is None and number < query.limit
        total = Total(number, "eq") if is_whole else Total(max(number, total.value), "gte")
    return hits, tally.counts(total if counted.total else None, is_all=is_all)


def _is_unsure(total: Total) -> bool:
    return total.relation == "gte" and total.value < EXACT_TO


class _Tally:
    """The counts of one search. It keeps the postings that match, and those that miss one condition alone, if
    some count leaves that one out."""

    def __init__(self, search: Search, counted: Counted) -> None:
        self._search = search
        self._counted = counted
        counts = {
            *counted.facets,
            *([SINCE] if counted.since else []),
            *([VERIFIED] if counted.verified else []),
        }
        self.is_by_facet = bool(counts)
        self._left_out = [condition for condition in search.conditions if condition in counts]
        self._kept: list[Postings] = []
        # By the posting, the place in `_left_out` of what it misses.
        self._missed: list[Array] = []

    def count(self) -> bool:
        """Look through what may match. False if that was not all, because it is too much."""
        matching, end = 0, MOST_BY_FACET if self.is_by_facet else MOST
        for some, more in self._batches():
            judged = self._search.judge(some)
            self._search.take(judged)
            self._keep(judged)
            matching += len(self._kept[-1])
            if more and self._search.cost >= end:
                return False
            if (
                more
                and not self.is_by_facet
                and matching > EXACT_TO
                and _Documents.of(self._all()[0]).number > EXACT_TO
            ):
                return False
        return True

    def _batches(self) -> Iterator[tuple[Postings, bool]]:
        """Postings, and whether there are more."""
        lists = self._search.lists(filtered=not self.is_by_facet, for_all=True)
        may_fail = 1 if self._left_out else 0
        blocks = [block for _, block in self._search.blocks(lists, self._search.within, may_fail=may_fail)]
        for start in range(0, len(blocks), _AT_A_TIME):
            some, more = blocks[start : start + _AT_A_TIME], start + _AT_A_TIME < len(blocks)
            self._search.seen.update(some)
            yield self._search.sift(some, may_fail=may_fail) if start else self._search.read(some), more

    def _keep(self, judged: Judged) -> None:
        missed = np.where(judged.lies, _NOTHING, _TOO_MUCH)
        for condition, passes in judged.passes.items():
            place = np.int16(self._left_out.index(condition)) if condition in self._left_out else _TOO_MUCH
            missed = np.where(passes, missed, np.where(missed == _NOTHING, place, _TOO_MUCH))
        keep = missed != _TOO_MUCH
        self._kept.append(judged.postings if keep.all() else judged.postings.take(np.flatnonzero(keep)))
        self._missed.append(missed[keep])

    def _all(self) -> tuple[Postings, Array]:
        """What was kept, and what each misses."""
        if len(self._kept) != 1:
            self._kept = [Postings.join(self._kept)]
            self._missed = [np.concatenate([np.zeros(0, np.int16), *self._missed])]
        return self._kept[0], self._missed[0]

    @cached_property
    def _matching(self) -> _Documents:
        return self._but(_NOTHING)

    def _without(self, condition: str) -> _Documents:
        """Those that match, leaving this condition out."""
        if condition not in self._left_out:
            return self._matching
        return self._but(np.int16(self._left_out.index(condition)))

    def _but(self, place: np.int16) -> _Documents:
        """Those that miss nothing, or only what has this place."""
        kept, missed = self._all()
        count = (missed == _NOTHING) | (missed == place)
        return _Documents.of(kept if count.all() else kept.take(np.flatnonzero(count)))

    def total(self, *, is_all: bool) -> Total:
        number = self._matching.number
        if number > EXACT_TO:
            return Total(EXACT_TO, "gte")
        return Total(number, "eq" if is_all else "gte")

    def counts(self, total: Total | None, *, is_all: bool) -> Counts:
        since = self._without(SINCE).one_of_each["since"] if self._counted.since else np.zeros(0)
        verified = self._without(VERIFIED).one_of_each["verified"] if self._counted.verified else np.zeros(0)
        return Counts(
            total,
            {facet: self._facet(facet) for facet in self._counted.facets},
            {year: int(np.count_nonzero(since <= year)) for year in self._counted.since},
            {day: int(np.count_nonzero(verified >= day.toordinal())) for day in self._counted.verified},
            exact=is_all or not self.is_by_facet,
        )

    def _facet(self, facet: str) -> dict[str, int]:
        """Numbers of documents by the facet's values, the most frequent first."""
        documents = self._without(facet)
        if not documents.number:
            return {}
        numbers = self._numbers_of_bits(documents, facet) | self._numbers_of_listed(documents, facet)
        in_order = sorted((-number, value) for value, number in numbers.items() if number)
        return {value: -number for number, value in in_order[:FACET_VALUES]}

    def _numbers_of_bits(self, documents: _Documents, facet: str) -> dict[str, int]:
        # By the bit, of which there are few: not by the facet, of which there may be any number of values.
        terms = self._recall(
            "SELECT bit, value FROM term WHERE bit IS NOT NULL AND +kind = ? AND +facet = ?", facet
        )
        return {value: documents.by_bit[bit] for bit, value in terms}

    def _numbers_of_listed(self, documents: _Documents, facet: str) -> dict[str, int]:
        without_bit = self._recall(
            "SELECT facet.facet FROM facet JOIN term ON term.kind = facet.kind AND term.facet = facet.name"
            " WHERE facet.kind = ? AND facet.name = ? AND bit IS NULL LIMIT 1",
            facet,
        )
        if not without_bit:
            return {}
        ((of_facet,),) = without_bit
        first = of_facet << postings.VALUE_BITS
        values, numbers = documents.by_value(of_facet)
        if len(numbers) > FACET_VALUES:
            # All that are as frequent as the last, for ties are broken by value.
            frequent = numbers >= np.partition(numbers, -FACET_VALUES)[-FACET_VALUES]
            values, numbers = values[frequent], numbers[frequent]
        recall, texts = self._search.connection.recall, {}
        for value, number in zip(values.tolist(), numbers.tolist(), strict=True):
            ((text,),) = recall("SELECT value FROM term WHERE term = ?", (first | value,))
            texts[text] = number
        return texts

    def _recall(self, sql: str, facet: str) -> list[Any]:
        return self._search.connection.recall(sql, (self._search.query.kind, facet))


@dataclass(frozen=True)
class _Documents:
    """The documents of some postings: one posting of each, and the number by posting."""

    postings: Postings
    by_posting: Array
    one_of_each: Postings
    flags: Array

    @classmethod
    def of(cls, some: Postings) -> _Documents:
        docs = some["listing"] // MAX_LISTINGS
        order = np.argsort(docs)
        is_first = postings.are_first(docs.take(order))
        first = np.flatnonzero(is_first)
        by_posting = np.empty(len(docs), np.int64)
        by_posting[order] = np.cumsum(is_first) - 1
        flags = some["flags"].take(order)
        flags = np.bitwise_or.reduceat(flags, first) if len(first) else flags
        return cls(some, by_posting, some.without_terms.take(order.take(first)), flags)

    @property
    def number(self) -> int:
        return len(self.one_of_each)

    @cached_property
    def by_bit(self) -> list[int]:
        """How many have each bit."""
        bits = np.unpackbits(self.flags.view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
        by_bit: list[int] = bits.sum(axis=0, dtype=np.int64).tolist()
        return by_bit

    def by_value(self, facet: int) -> tuple[Array, Array]:
        """The listed values of a facet that there are, and how many documents have each."""
        which = self.postings.of_facet(facet)
        values = (self.postings.terms.take(which) & _VALUE).astype(np.int64)
        # Each value once by document.
        pairs = self.by_posting.take(self.postings.rows.take(which)) << postings.VALUE_BITS | values
        pairs.sort()
        once = np.sort(pairs[postings.are_first(pairs)] & _VALUE)
        firsts = np.flatnonzero(postings.are_first(once))
        return once.take(firsts), np.diff(firsts, append=len(once))
