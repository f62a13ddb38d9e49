"""How many match, in all and by each value of facets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from search_service.index.protocol import EXACT_TO, FACET_VALUES, Counted, Counts, Total
from search_service.index.sqlite import postings
from search_service.index.sqlite.postings import Array, Postings
from search_service.index.sqlite.schema import MAX_LISTINGS
from search_service.index.sqlite.search import SINCE, VERIFIED, Judged, Match, Search

# So many blocks are judged at a time.
_AT_A_TIME = 64
# So many postings are looked through at most.
MOST = 200_000
# What a kept posting misses: none of the conditions; two, or one that no count leaves out.
_NOTHING, _TOO_MUCH = np.int16(-1), np.int16(-2)
_VALUE = (1 << postings.VALUE_BITS) - 1


def search_and_count(search: Search, counted: Counted | None) -> tuple[list[Match], Counts]:
    """The query's page, and what is to be counted of all that match."""
    if counted is None:
        return search.page(), Counts()
    tally = _Tally(search, counted)
    is_all = tally.count()
    # What was looked through for the counts has all hits in it.
    hits = search.hits(search.within) if is_all else search.anew().page()
    total = tally.total(is_all=is_all) if counted.total else None
    if total and total.relation == "gte" and total.value < EXACT_TO and tally.is_by_facet:
        # The filters may lead to shorter lists, which a count by facets cannot use.
        of_filters = _Tally(search.anew(), Counted())
        total = of_filters.total(is_all=of_filters.count())
    return hits, tally.counts(total, is_all=is_all)


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
        looked_through = matching = 0
        for some, more in self._batches():
            judged = self._search.judge(some)
            self._search.take(judged)
            self._keep(judged)
            looked_through += len(some)
            matching += len(self._kept[-1])
            if more and looked_through >= MOST:
                return False
            if more and not self.is_by_facet and matching > EXACT_TO and len(_docs(self._all())) > EXACT_TO:
                return False
        return True

    def _batches(self) -> Iterator[tuple[Postings, bool]]:
        """Postings, and whether there are more."""
        few = self._search.few()
        if few is not None:
            yield few, False
            return
        lists = self._search.lists(filtered=not self.is_by_facet)
        blocks = [block for _, block in self._search.blocks(lists, self._search.within)]
        for start in range(0, len(blocks), _AT_A_TIME):
            end = start + _AT_A_TIME
            yield self._search.read(blocks[start:end]), end < len(blocks)

    def _keep(self, judged: Judged) -> None:
        missed = np.where(judged.lies, _NOTHING, _TOO_MUCH)
        for condition, passes in judged.passes.items():
            place = np.int16(self._left_out.index(condition)) if condition in self._left_out else _TOO_MUCH
            missed = np.where(passes, missed, np.where(missed == _NOTHING, place, _TOO_MUCH))
        keep = missed != _TOO_MUCH
        self._kept.append(judged.postings[keep])
        self._missed.append(missed[keep])

    def _all(self) -> Postings:
        self._kept = [Postings.join(self._kept)]
        return self._kept[0]

    def _without(self, condition: str) -> Postings:
        """Those that match, leaving this condition out."""
        missed = np.concatenate([np.zeros(0, np.int16), *self._missed])
        counts = missed == _NOTHING
        if condition in self._left_out:
            counts |= missed == self._left_out.index(condition)
        return self._all() if counts.all() else self._all()[counts]

    def total(self, *, is_all: bool) -> Total:
        number = len(_docs(self._without("")))
        if number > EXACT_TO:
            return Total(EXACT_TO, "gte")
        return Total(number, "eq" if is_all else "gte")

    def counts(self, total: Total | None, *, is_all: bool) -> Counts:
        since, verified = self._without(SINCE).heads, self._without(VERIFIED).heads
        known = since["since"] > postings.UNKNOWN
        return Counts(
            total,
            {facet: self._facet(facet) for facet in self._counted.facets},
            {year: len(_documents(since[known & (since["since"] <= year)])) for year in self._counted.since},
            {
                day: len(_documents(verified[verified["verified"] >= day.toordinal()]))
                for day in self._counted.verified
            },
            exact=is_all or not self.is_by_facet,
        )

    def _facet(self, facet: str) -> dict[str, int]:
        """Numbers of documents by the facet's values, the most frequent first."""
        some = self._without(facet)
        docs = some.heads["listing"] // MAX_LISTINGS
        is_one_of_several = _is_one_of_several(docs)
        execute, key = self._search.connection.execute, (self._search.query.kind, facet)
        numbers: Counter[str] = Counter()
        for term, value in execute(
            "SELECT term, value FROM term WHERE kind = ? AND facet = ? AND term < ?", (*key, postings.FLAGS)
        ):
            have = some.have([term])
            alone = np.count_nonzero(have & ~is_one_of_several)
            numbers[value] = int(alone) + len(np.unique(docs[have & is_one_of_several]))
        of_facet = execute("SELECT facet FROM facet WHERE kind = ? AND name = ?", key).fetchone()
        if of_facet:
            which = np.flatnonzero(some.terms >> postings.VALUE_BITS == of_facet[0])
            rows, values = some.rows[which], (some.terms[which] & _VALUE).astype(np.int64)
            several = is_one_of_several[rows]
            pairs = np.unique(docs[rows[several]] << postings.VALUE_BITS | values[several])
            counts = np.bincount(np.concatenate((values[~several], pairs & _VALUE)))
            # All that are as frequent as the last, for ties are broken by value.
            least = (
                1
                if len(counts) <= FACET_VALUES
                else max(1, np.partition(counts, -FACET_VALUES)[-FACET_VALUES])
            )
            for value in np.flatnonzero(counts >= least).tolist():
                term = of_facet[0] << postings.VALUE_BITS | value
                (text,) = execute("SELECT value FROM term WHERE term = ?", (term,)).fetchone()
                numbers[text] = int(counts[value])
        in_order = sorted((-number, value) for value, number in numbers.items() if number)
        return {value: -number for number, value in in_order[:FACET_VALUES]}


def _docs(some: Postings) -> Array:
    return _documents(some.heads)


def _documents(heads: Array) -> Array:
    """The numbers of their documents, each once."""
    return np.unique(heads["listing"] // MAX_LISTINGS)


def _is_one_of_several(docs: Array) -> Array:
    """Of each, whether the same is there again."""
    order = np.argsort(docs)
    same = np.diff(docs[order], prepend=-1) == 0
    several = same.copy()
    several[:-1] |= same[1:]
    by_place = np.empty(len(docs), bool)
    by_place[order] = several
    return by_place
