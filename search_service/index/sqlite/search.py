"""The search: which listings match, and in which order.

Which blocks of postings may have something near the point is told by a tree of boxes. The nearest blocks are read first, until
all others are further off than what was found: the hits are exact, however many were read at a time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from itertools import islice
from typing import NamedTuple

import numpy as np

from search_service import geo
from search_service.index.protocol import ANY, Best, Box, Query, SortKey, Term
from search_service.index.sqlite import postings
from search_service.index.sqlite.names import named
from search_service.index.sqlite.postings import AnyOf, Array, Postings
from search_service.index.sqlite.schema import MAX_LISTINGS, ReaderConnection, by_keys, listings_of
from search_service.index.sqlite.terms import FIND, Number
from search_service.index.sqlite.tree import Nearby, Region

# Longer than any squared chord, rounding included.
_WHOLE_EARTH = 5.0
# What is read of postings.
_HEADS, _HEADS_AND_TAILS, _ALL = "heads", "heads, tails", "heads, tails, terms"
# So many blocks of a circle are read first, and then twice as many each time.
_FIRST = 4
# So many are read at first, if filters let few pass.
_MOST_AT_FIRST = 8
# More blocks than these are looked over before they are read.
_FEW = 8
# What it costs to read a block, and to look one over, where to judge a posting costs 1.
_READ, _LOOK_OVER = 64, 16
# So many lists of postings are read beside each other at most; each costs as much as so many postings.
_MOST_LISTS, _LIST = 512, 64
# The edge of a circle cuts, of a list of n postings, blocks of some 70 times the root of n postings. What is inside
# is seldom read as a whole, hence more.
_EDGE = 400
# More names than these are not read to be put in order, but met in the order of all.
_MANY_NAMES = 4_000
# What the conditions are called that are no filters.
SINCE, VERIFIED = " since", " verified"


@dataclass(frozen=True)
class Judged:
    """Postings, each with its squared chord from the query's point and the place of its term in the query; whether
    it `lies` where it should and has one of the terms and the name; and whether it passes each of the
    other conditions, by the filter's facet, `SINCE` and `VERIFIED`."""

    postings: Postings
    chord2: Array
    ranks: Array
    lies: Array
    passes: dict[str, Array]

    @property
    def matches(self) -> Array:
        matches = self.lies
        for passes in self.passes.values():
            matches = matches & passes
        return matches


class Rows(NamedTuple):
    """Postings that match: their squared chords, ranks, and groups if the query has such."""

    postings: Postings
    chord2: Array
    ranks: Array
    groups: Array

    def at(self, which: Array) -> Rows:
        """Those at these places."""
        some, *others = self
        return Rows(some.take(which), *(column.take(which) for column in others))

    def __len__(self) -> int:
        return len(self.chord2)

    @classmethod
    def join(cls, some: Iterable[Rows]) -> Rows:
        of_each, *others = zip(*some, strict=True)
        return cls(Postings.join(of_each), *map(np.concatenate, others))


# Columns that postings, marks and nodes have.
_FLAGS, _SINCE, _VERIFIED = "flags", "since", "verified"
# The flags as well, of which not any must be there, but all.
_ALL_FLAGS = "all flags"


class Condition(NamedTuple):
    """What postings and marks tell, and nodes of all that is in them: how `column` compares with `value`."""

    column: str
    value: int

    def passed_by(self, some: Postings | Array) -> Array:
        """Which of these postings or marks pass, or nodes may have something that does."""
        if self.column == _ALL_FLAGS:
            flags = np.uint64(self.value)
            passed: Array = some[_FLAGS] & flags == flags
        elif self.column == _FLAGS:
            passed = some[_FLAGS] & np.uint64(self.value) != 0
        elif self.column == _SINCE:
            passed = some["since"] <= self.value
        else:
            passed = some["verified"] >= self.value
        return passed


def _merged(conditions: Iterable[Condition]) -> list[Condition]:
    """What all of them come to, told by fewer: those of one flag by one."""
    flags, others = 0, []
    for condition in conditions:
        if condition.column == _FLAGS and condition.value.bit_count() == 1:
            flags |= condition.value
        else:
            others.append(condition)
    return [Condition(_ALL_FLAGS, flags), *others] if flags else others


_NOTHING = Rows(Postings.unpack([]), np.zeros(0), np.zeros(0, np.int16), np.zeros(0, np.int16))


class Search:
    """One query, answered from one snapshot.

    Raises ValueError if the query's point, box or radius is none.
    """

    def __init__(self, connection: ReaderConnection, query: Query) -> None:
        self.connection = connection
        self.query = query
        if not geo.is_valid_point(query.lat, query.lng):
            raise ValueError(f"({query.lat}, {query.lng}) is not a point on the globe")
        self._point = geo.unit_vector(query.lat, query.lng)
        self.within = _chord2(query.radius_km)
        self._box = _normal(query.box) if query.box else None
        self._terms = [self._number(term) for term in query.terms or (ANY,)]
        self._filters = {
            facet: [number for value in values if (number := self._number(Term(facet, value)))]
            for facet, values in query.filters.items()
        }
        self._listed, self._marked = self._conditions()
        self._needed = _merged(self._marked.values())
        self._names = [
            [Number(term, None, postings) for term, postings in named(connection, query.kind, word)]
            for word in query.name
            if word
        ]
        self._named = [_any_of(numbers) for numbers in self._names]
        self._preferred = AnyOf(0, ())
        if isinstance(query.sort, Best):
            preferred = self._number(query.sort.preferred)
            self._preferred = _any_of([preferred] if preferred else [])
        # What is nearer than this was on earlier pages.
        self._from_chord2 = 0.0
        if query.after and query.sort == "distance":
            self._from_chord2 = max(0.0, query.after.chord2)
        self._found: list[Rows] = []
        # The blocks of which all that matches was found.
        self.seen: set[int] = set()
        # Whether something beyond the heads is asked of postings.
        self._with_tails = bool(
            query.sort != "distance" or query.after or self._box or {SINCE, VERIFIED} & self._marked.keys()
        )
        # The page of all that was found.
        self._ordered: Array | None = None
        # What was done so far; to judge a posting costs 1.
        self.cost = 0
        self._sift_pays = True

    def _number(self, term: Term) -> Number | None:
        rows = self.connection.recall(FIND, (self.query.kind, *term))
        return Number(*rows[0]) if rows else None

    def _conditions(self) -> tuple[dict[str, AnyOf], dict[str, Condition]]:
        """What is judged by itself, beside where a posting lies: what takes its terms, and what marks tell."""
        listed, marked, query = {}, {}, self.query
        for facet, numbers in self._filters.items():
            any_of = _any_of(numbers)
            if any_of.terms:
                listed[facet] = any_of
            else:
                marked[facet] = Condition(_FLAGS, any_of.bits)
        if query.since_to is not None:
            marked[SINCE] = Condition(_SINCE, query.since_to)
        if query.verified_from is not None:
            marked[VERIFIED] = Condition(_VERIFIED, query.verified_from.toordinal())
        return listed, marked

    def forget(self) -> None:
        """Look again from the beginning."""
        self._found, self.seen, self._ordered = [], set(), None
        self._sift_pays = True

    # What matches

    @property
    def conditions(self) -> list[str]:
        """What is judged by itself, beside where a posting lies."""
        return [*self._listed, *self._marked]

    def judge(
        self,
        some: Postings,
        term: int | None = None,
        *,
        from_chord2: float = 0.0,
        to_chord2: float = _WHOLE_EARTH,
        marked: bool = True,
    ) -> Judged:
        """Postings, of which all may be known to have a term. Those may be left out that are not judged to lie where
        they should, or are nearer than `from_chord2` or further than `to_chord2`. Not `marked`: all are known to
        pass what marks tell."""
        self.cost += len(some)
        chord2 = some.chord2(self._point)
        lies = chord2 <= min(self.within, to_chord2)
        if from_chord2:
            lies &= chord2 >= from_chord2
        if self._box:
            lies &= _is_inside(self._box, some["lat"], some["lng"])
        is_all = self._all_have_first(term)
        if not is_all or self._named or self._listed or (marked and self._marked):
            some, chord2, lies = _thinned(some, chord2, lies)
        for name in self._named:
            some, chord2, lies = _thinned(some, chord2, lies & some.have(name))
        if is_all:
            ranks = np.zeros(len(some), np.int16)
        else:
            ranks = self._ranks(some)
            lies &= ranks >= 0
        passes = {facet: some.have(any_of) for facet, any_of in self._listed.items()}
        if marked:
            passes |= {name: condition.passed_by(some) for name, condition in self._marked.items()}
        return Judged(some, chord2, ranks, lies, passes)

    def _ranks(self, some: Postings) -> Array:
        """The place of the first of the query's terms that each has, -1 without one."""
        places = {number.term: rank for rank, number in reversed([*enumerate(self._terms)]) if number}
        return some.least(places)

    def _all_have_first(self, term: int | None) -> bool:
        """Whether all that has this term has the first of the query's."""
        first = self._terms[0]
        return first is not None and (first.term == term or (self.query.terms or (ANY,))[0] == ANY)

    def take(self, judged: Judged) -> None:
        """Put those that match to what was found."""
        which = np.flatnonzero(judged.matches)
        if self._found and not len(which):
            return
        held = judged.postings.without_terms if self._with_tails else judged.postings.without_tails
        rows = Rows(held, judged.chord2, judged.ranks, self._groups(judged))
        self._found.append(rows.at(which))
        self._ordered = None

    def found(self) -> Rows:
        """What was found so far."""
        if len(self._found) > 1:
            self._found = [Rows.join(self._found)]
        return self._found[0]

    def _groups(self, judged: Judged) -> Array:
        best = self.query.sort
        if not isinstance(best, Best):
            return np.zeros(len(judged.chord2), np.int16)
        ends = [_chord2(km) for km in best.bands_km]
        verified = judged.postings["verified"] >= best.verified_from.toordinal()
        groups: Array = (
            8 * np.searchsorted(ends, judged.chord2, side="left")
            + 4 * (judged.ranks > 0)
            + 2 * ~judged.postings.have(self._preferred)
            + 1 * ~verified
        )
        return groups

    # Reading

    def lists(self, *, filtered: bool, for_all: bool = False) -> list[int]:
        """The terms among whose postings are all that match, those that cost least: to read `for_all`, or for some
        that are near or far. Not `filtered`, also those are among them that do not pass the filters."""
        return list(dict.fromkeys(number.term for number in self._way(filtered=filtered, for_all=for_all)))

    def _way(self, *, filtered: bool, for_all: bool = False) -> Sequence[Number]:
        ways = [[term for term in self._terms if term], *self._names]
        if filtered:
            ways += self._filters.values()
        any_ = self._number(ANY)
        ways = [[any_] if any_ else []] + [
            way
            for way in ways
            if len(way) <= _MOST_LISTS and all(number.term >= postings.FLAGS for number in way)
        ]

        def cost(way: Sequence[Number]) -> float:
            if for_all:
                return sum(number.postings + _LIST for number in way)
            # Many lists have more blocks at the edge of a circle than one with as many postings as all.
            return sum(number.postings + _EDGE * math.sqrt(number.postings) for number in way)

        return min(ways, key=cost)

    def blocks(
        self, lists: Sequence[int], reach: float, *, beyond: float = 0.0, may_fail: int = 0
    ) -> list[tuple[float, int]]:
        """The blocks in which there may be what lies in a circle and in the box and fails so many conditions at most,
        each after what nothing in it is nearer than, in this order. Those are left out in which all is nearer than
        `beyond` (squared chords)."""
        return self._nearby(lists, reach, beyond=beyond, may_fail=may_fail).rest()

    def _nearby(
        self, lists: Sequence[int], reach: float, *, beyond: float = 0.0, may_fail: int = 0
    ) -> Nearby:
        box = self._box
        return Nearby(
            self.connection,
            lists,
            Region(
                self._point,
                math.inf if reach == _WHOLE_EARTH else reach,
                beyond,
                geo.cells_between(box.west, box.south, box.east, box.north) if box else None,
                partial(self._may_match, may_fail) if len(self._marked) > may_fail else None,
            ),
        )

    def read(self, blocks: Sequence[int], columns: str = _ALL) -> Postings:
        self.cost += _READ * len(blocks)
        return Postings.unpack(by_keys(self.connection, columns, "packed", blocks))

    def sift(self, blocks: Sequence[int], columns: str = _ALL, *, may_fail: int = 0) -> Postings:
        """As `read`, but it may leave out postings of which their marks tell that they fail more conditions: where
        these are many, most is not read."""
        if len(self._marked) <= may_fail:
            return self.read(blocks, columns)
        if self._sift_pays:
            blocks, number = self._look_over(blocks, may_fail), len(blocks)
            self._sift_pays = len(blocks) < number / 2
        some = self.read(blocks, columns)
        return some.thinned(np.flatnonzero(self._may_match(may_fail, some)))

    def _look_over(self, blocks: Sequence[int], may_fail: int) -> list[int]:
        """Those of these blocks in which some posting fails no more conditions, by their marks."""
        self.cost += _LOOK_OVER * len(blocks)
        numbers, packed = zip(*by_keys(self.connection, "block, marks", "packed", blocks), strict=True)
        may_match = self._may_match(may_fail, np.frombuffer(b"".join(packed), postings.MARK))
        ends = np.cumsum([len(marks) // postings.MARK.itemsize for marks in packed])
        wanted = np.logical_or.reduceat(may_match, np.append(0, ends[:-1]))
        return [block for block, is_wanted in zip(numbers, wanted.tolist(), strict=True) if is_wanted]

    def _may_match(self, may_fail: int, some: Postings | Array) -> Array:
        """Which of these nodes, postings or marks fail not more conditions, of those that they tell of."""
        if not may_fail:
            return reduce(np.logical_and, [condition.passed_by(some) for condition in self._needed])
        passed = [condition.passed_by(some) for condition in self._marked.values()]
        passes: Array = np.sum(passed, axis=0) >= len(passed) - may_fail
        return passes

    # The page

    def page(self) -> Rows:
        """The query's hits, in order."""
        if self.query.limit < 1:
            return _NOTHING
        lists = self.lists(filtered=True)
        if self.query.sort == "distance":
            return self._nearest(lists)
        bands_km = self.query.sort.bands_km if isinstance(self.query.sort, Best) else ()
        circles = iter([*map(_chord2, bands_km), _WHOLE_EARTH])
        while True:
            reach = min(next(circles), self.within)
            self._read_circle(lists, reach)
            in_order = self._in_order(reach)
            if reach == self.within or len(in_order) == self.query.limit:
                return self._at(in_order)

    def _nearest(self, lists: Sequence[int]) -> Rows:
        """The hits, if the nearest come first. What may be nearest is read first, until all else is further off."""
        nearby = self._nearby(lists, self.within, beyond=self._from_chord2)
        number, limit, read = self._likely(lists), self.query.limit, 0
        in_order, reach = self._in_order(self.within), _WHOLE_EARTH
        while True:
            if len(in_order) == limit:
                reach = float(self.found().chord2[in_order[-1]])
                number = max(number, _FIRST)
            blocks = nearby.take(number, reach)
            if not blocks:
                return self._at(self._in_order(self.within))
            self._take(lists, [block for _, block in blocks if block not in self.seen], reach)
            read += len(blocks)
            if len(self.found()) >= limit:
                in_order = self._in_order(self.within)
            if len(in_order) == limit:
                number *= 2
            else:
                # As many as it takes if there are as many hits everywhere, and some more.
                more = 1.2 * limit / max(1, len(self.found())) - 1
                number = math.ceil(read * min(8.0, max(1.0, more)))

    def _likely(self, lists: Sequence[int]) -> int:
        """In how many blocks of these lists there are likely to be enough hits."""
        every = self._number(ANY)
        conditions = [[term for term in self._terms if term], *self._names, *self._filters.values()]
        likely = 1.2 * self.query.limit / postings.BLOCK
        for numbers in conditions:
            if any(number.term in lists for number in numbers) or not every:
                continue
            # Of bits alone it is not known how many have them.
            listed = sum(number.postings for number in numbers) or every.postings / 2
            likely *= max(1.0, every.postings / max(1, listed))
        return min(_MOST_AT_FIRST, math.ceil(likely))

    def _read_circle(self, lists: Sequence[int], reach: float) -> None:
        """Read all that may be among the hits and is in this circle."""
        nearby = self.blocks(lists, reach, beyond=self._from_chord2)
        blocks = [block for _, block in nearby if block not in self.seen]
        start, size = 0, _FIRST
        while start < len(blocks):
            self._take(lists, blocks[start : start + size])
            start, size = start + size, 2 * size

    def _take(self, lists: Sequence[int], blocks: list[int], reach: float = _WHOLE_EARTH) -> None:
        """Put what matches in these blocks to what was found, but what is further than `reach`."""
        if not blocks:
            return
        term = lists[0] if len(lists) == 1 else None
        columns = _HEADS
        if self._listed or self._named or self._preferred.terms or not self._all_have_first(term):
            columns = _ALL
        elif self._with_tails:
            columns = _HEADS_AND_TAILS
        some = self.sift(blocks, columns) if len(blocks) > _FEW else self.read(blocks, columns)
        if self._marked:
            some = some.take(np.flatnonzero(self._may_match(0, some)))
        # What is nearer was on earlier pages; whoever is further is looked up for it (see `_have_nearer`).
        judged = self.judge(some, term, from_chord2=self._from_chord2, to_chord2=reach, marked=False)
        self.take(judged)
        self.seen.update(blocks)

    def hits(self, reach: float) -> Rows:
        """The query's page of what was found within a circle, in order."""
        return self._at(self._in_order(reach))

    def _at(self, in_order: Array) -> Rows:
        return self.found().at(in_order) if self._found else _NOTHING

    def _in_order(self, reach: float) -> Array:
        """Where the hits of the query's page are among what was found within a circle."""
        if not self._found or self.query.limit < 1:
            return np.zeros(0, np.intp)
        if self.query.sort == "distance":
            return self._nearest_in_order(reach)
        within = np.flatnonzero(self.found().chord2 <= reach)
        # Each document at its nearest.
        some = self.found().at(within)
        listings = some.postings["listing"]
        docs = listings // MAX_LISTINGS
        order = np.lexsort((listings, some.chord2, docs))
        once = within[order[np.flatnonzero(postings.are_first(docs[order]))]]
        return self._by_name(once) if self.query.sort == "name" else self._by_group(once)

    def _nearest_in_order(self, reach: float) -> Array:
        chord2 = self.found().chord2
        if self._ordered is None:
            self._ordered = self._nearest_first()
        # Those of a circle are the first of all.
        return self._ordered[: int(np.searchsorted(chord2.take(self._ordered), reach, side="right"))]

    def _nearest_first(self) -> Array:
        found, limit, after = self.found(), self.query.limit, self.query.after
        every = (
            np.arange(len(found.chord2)) if after is None else np.flatnonzero(found.chord2 >= after.chord2)
        )
        wanted = limit
        while True:
            some = every
            if len(every) > 4 * wanted:
                # To sort some is enough, unless they are of few documents.
                chord2 = found.chord2.take(every)
                some = every[chord2 <= np.partition(chord2, 2 * wanted)[2 * wanted]]
            heads, chord2 = found.postings.heads.take(some), found.chord2.take(some)
            order = np.lexsort((heads["listing"], heads["lo"], heads["hi"], chord2))
            in_order = some.take(order)
            # The first of each document; as many as are wanted.
            docs = (heads["listing"].take(order) // MAX_LISTINGS).tolist()
            once: dict[int, int] = {}
            for doc, place in zip(docs, in_order.tolist(), strict=True):
                once.setdefault(doc, place)
            in_order = np.array([*once.values()], np.intp)
            if after is not None:
                in_order = self._without_earlier(in_order, after)
            if len(in_order) >= limit or len(some) == len(every):
                return in_order[:limit]
            wanted *= 4

    def _without_earlier(self, in_order: Array, after: SortKey) -> Array:
        """Leaves out documents that were on an earlier page, at a listing that is nearer or as near; of so many only
        as are wanted."""
        limit, new, number = self.query.limit, [], 0
        for start in range(0, len(in_order), limit):
            some = in_order[start : start + limit]
            rows = self.found().at(some)
            hi, lo = postings.halves(after.id)
            heads = rows.postings.heads
            is_later = (heads["hi"] > hi) | (heads["hi"] == hi) & (heads["lo"] > lo)
            some = some[((rows.chord2 > after.chord2) | is_later) & ~self._have_nearer(rows)]
            new.append(some)
            number += len(some)
            if number >= limit:
                break
        return np.concatenate(new) if new else in_order

    def _have_nearer(self, rows: Rows) -> Array:
        """Which of the documents match at another listing that is nearer, be it in a block that was not read."""
        docs = rows.postings["listing"] // MAX_LISTINGS
        judged = self.judge(
            Postings.unpack(
                listing
                for doc in docs[rows.postings["listings"] > 1].tolist()
                for listing in self.connection.execute(
                    "SELECT head, tail, terms FROM listing WHERE listing BETWEEN ? AND ?", listings_of(doc)
                )
            )
        )
        matching = judged.postings["listing"][judged.matches] // MAX_LISTINGS
        order = np.argsort(docs)
        at = order.take(np.searchsorted(docs, matching, sorter=order))
        nearer = at[judged.chord2[judged.matches] < rows.chord2.take(at)]
        have: Array = np.isin(np.arange(len(docs)), nearer)
        return have

    def _by_group(self, once: Array) -> Array:
        rows, after = self.found().at(once), self.query.after
        keys = [rows.postings["lo"], rows.postings["hi"], rows.chord2, rows.groups]
        if after is not None:
            beyond = np.zeros(len(once), bool)
            hi, lo = postings.halves(after.id)
            of_after = (lo, hi, after.chord2, after.group)
            for key, value in zip(keys, of_after, strict=True):
                beyond = (key > value) | (key == value) & beyond
            once, keys = once[beyond], [key[beyond] for key in keys]
        in_order: Array = once[np.lexsort(keys)]
        return in_order[: self.query.limit]

    def _by_name(self, once: Array) -> Array:
        after, limit = self.query.after, self.query.limit
        names = self.found().postings["name"]
        once = once.take(np.argsort(names.take(once)))
        prefixes = names.take(once)
        hits: list[int] = []
        first = 0 if after is None else postings.name_prefix(after.name)
        start = int(np.searchsorted(prefixes, np.uint64(first)))
        while start < len(once) and len(hits) < limit:
            # Whole names are read of those only that may be among the first, by how they begin.
            end = start + limit - len(hits)
            if end < len(once):
                end = int(np.searchsorted(prefixes, prefixes[end - 1], side="right"))
            hits += self._by_whole_name(once[start:end], int(prefixes[start]))
            start = end
        return np.array(hits[:limit], np.intp)

    def _by_whole_name(self, some: Array, prefix: int) -> list[int]:
        """The first of these, which are in order of how their names begin, after those of earlier pages."""
        after, limit = self.query.after, self.query.limit
        last = (b"", b"") if after is None else (after.name.encode(), after.id.bytes)
        docs = (self.found().postings["listing"].take(some) // MAX_LISTINGS).tolist()
        if len(docs) <= _MANY_NAMES:
            rows = by_keys(self.connection, "CAST(sort_name AS BLOB), id, doc", "document", docs)
            in_order: Iterable[tuple[bytes, bytes, int]] = sorted(row for row in rows if row[:2] > last)
        else:
            # So many that they are soon met among all there are.
            in_order = self.connection.execute(
                "SELECT sort_name, id, doc FROM document"
                " WHERE kind = ? AND (sort_name, id) > (CAST(? AS TEXT), ?) ORDER BY sort_name, id",
                (self.query.kind, *max(last, (postings.beginning(prefix), b""))),
            )
        places = dict(zip(docs, some.tolist(), strict=True))
        return list(islice((places[doc] for _, _, doc in in_order if doc in places), limit))

    def sort_names(self, listings: Sequence[int]) -> list[str]:
        """Of the documents of listings."""
        docs = [listing // MAX_LISTINGS for listing in listings]
        names = dict(by_keys(self.connection, "doc, sort_name", "document", docs))
        return [names[doc] for doc in docs]


def _thinned(some: Postings, chord2: Array, lies: Array) -> tuple[Postings, Array, Array]:
    """Postings, their chords and whether they lie where they should; if few do only these: to copy more costs what it
    saves."""
    if np.count_nonzero(lies) > len(lies) / 2:
        return some, chord2, lies
    which = np.flatnonzero(lies)
    return some.take(which), chord2.take(which), lies.take(which)


def _chord2(radius_km: float | None) -> float:
    if radius_km is None or radius_km >= geo.HALF_CIRCUMFERENCE_KM:
        return _WHOLE_EARTH
    if not radius_km >= 0:
        raise ValueError(f"radius_km must be 0 or more, not {radius_km}")
    return geo.chord2_from_km(radius_km)


def _normal(box: Box) -> Box:
    """The same box, with longitude 180 as -180, as postings have it."""
    corners = geo.is_valid_point(box.south, box.west) and geo.is_valid_point(box.north, box.east)
    if not corners or box.south > box.north:
        raise ValueError(f"{box} is not a box on the globe")
    if box.west <= -180.0 and box.east == 180.0:
        return box
    return replace(
        box, west=-180.0 if box.west == 180.0 else box.west, east=-180.0 if box.east == 180.0 else box.east
    )


def _is_inside(box: Box, lats: Array, lngs: Array) -> Array:
    west, east = lngs >= box.west, lngs <= box.east
    between = west & east if box.west <= box.east else west | east
    inside: Array = (lats >= box.south) & (lats <= box.north) & (between | (abs(lats) == 90.0))
    return inside


def _any_of(numbers: Iterable[Number]) -> AnyOf:
    bits, terms = 0, []
    for number in numbers:
        if number.bit is None:
            terms.append(number.term)
        else:
            bits |= 1 << number.bit
    return AnyOf(bits, tuple(terms))
