"""The search: which listings match, and in which order.

A circle on the globe is a few ranges of cells, and so some blocks of postings, each within a ball. Which circle
to read for the nearest is told by a first look at the neighbours of the point along the curve of cells: they need
not be the nearest, but the nearest are not further off than they. What is found in a circle is exact,
however the circle was chosen.
"""

# ruff: noqa: S608 - only numbers of parameters are put into the SQL, never a value

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
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

# Longer than any squared chord, rounding included.
_WHOLE_EARTH = 5.0
# About half a kilometre: the least circle that is tried on a further page.
_LEAST = 6e-9
# So many blocks, of all lists together, are looked at on either side of the point at most, until there are enough
# hits among them.
_MOST_LOOKED = 64
# So many blocks of a circle are read first, and then twice as many each time.
_FIRST = 4
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
    """Postings that match: their heads, squared chords, ranks, and groups if the query has such."""

    heads: Array
    chord2: Array
    ranks: Array
    groups: Array

    def at(self, which: Array) -> Rows:
        """Those at these places."""
        return Rows(*(column.take(which) for column in self))

    @classmethod
    def join(cls, some: Iterable[Rows]) -> Rows:
        heads, *others = zip(*some, strict=True)
        return cls(postings.join_heads(heads), *map(np.concatenate, others))


class Condition(NamedTuple):
    """What heads, marks and bounds of blocks tell: `column` compared with `value` says of a block that all in it
    fail."""

    column: str
    value: int

    def passed_by(self, some: Array) -> Array:
        """Which of these heads or marks pass."""
        if self.column == _HAS_NONE:
            passed: Array = some["flags"] & np.uint64(self.value & _ALL_BITS) != 0
        elif self.column == _IS_LATER:
            passed = some["since"] <= self.value
        else:
            passed = some["verified"] >= self.value
        return passed


_NOTHING = Rows(np.zeros(0, postings.HEAD), np.zeros(0), np.zeros(0, np.int16), np.zeros(0, np.int16))


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
        self._failing = tuple(condition.column for condition in self._marked.values())
        self._failing_values = [condition.value for condition in self._marked.values()]
        # What is nearer than this was on earlier pages.
        self._from_chord2 = 0.0
        if query.after and query.sort == "distance":
            self._from_chord2 = max(0.0, query.after.chord2)
        self._found: list[Rows] = []
        # The blocks of which all that matches was found.
        self.seen: set[int] = set()
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
                # SQLite's integers have a sign.
                marked[facet] = Condition(_HAS_NONE, any_of.bits - (any_of.bits >> 63 << 64))
        if query.since_to is not None:
            marked[SINCE] = Condition(_IS_LATER, query.since_to)
        if query.verified_from is not None:
            marked[VERIFIED] = Condition(_IS_EARLIER, query.verified_from.toordinal())
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

    def judge(self, some: Postings, term: int | None = None, *, from_chord2: float = 0.0) -> Judged:
        """Postings, of which all may be known to have a term. Those may be left out that are not judged to lie where
        they should, or are nearer than `from_chord2`."""
        self.cost += len(some)
        chord2 = some.chord2(self._point)
        lies = chord2 <= self.within
        if from_chord2:
            lies &= chord2 >= from_chord2
        if self._box:
            lies &= _is_inside(self._box, some.heads["lat"], some.heads["lng"])
        some, chord2, lies = _thinned(some, chord2, lies)
        for name in self._named:
            some, chord2, lies = _thinned(some, chord2, lies & some.have(name))
        ranks = self._ranks(some, term)
        lies &= ranks >= 0
        passes = {facet: some.have(any_of) for facet, any_of in self._listed.items()}
        passes |= {name: condition.passed_by(some.heads) for name, condition in self._marked.items()}
        return Judged(some, chord2, ranks, lies, passes)

    def _ranks(self, some: Postings, term: int | None) -> Array:
        """The place of the first of the query's terms that each has, -1 without one."""
        first = self._terms[0]
        if first and (first.term == term or (self.query.terms or (ANY,))[0] == ANY):
            return np.zeros(len(some), np.int16)
        places = {number.term: rank for rank, number in reversed([*enumerate(self._terms)]) if number}
        return some.least(places)

    def take(self, judged: Judged) -> None:
        """Put those that match to what was found."""
        rows = Rows(judged.postings.heads, judged.chord2, judged.ranks, self._groups(judged))
        self._found.append(rows.at(np.flatnonzero(judged.matches)))
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
        verified = judged.postings.heads["verified"] >= best.verified_from.toordinal()
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

        return list(dict.fromkeys(number.term for number in min(ways, key=cost)))

    def blocks(
        self, lists: Sequence[int], reach: float, *, beyond: float = 0.0, may_fail: int = 0
    ) -> list[tuple[float, int]]:
        """The blocks in which there may be what lies in a circle and in the box and fails so many conditions at
        most, after the chord that is nearest to all that is in them, in this order. Those are left out
        in which all is nearer than the chord `beyond`."""
        if not lists:
            return []
        ranges, box = [(0, geo.CELLS - 1)], self._box
        if reach < _WHOLE_EARTH:
            ranges = geo.cells_within(self.query.lat, self.query.lng, geo.km_from_chord2(reach))
        if box:
            ranges = _in_both(ranges, geo.cells_between(box.west, box.south, box.east, box.north))
        if not ranges:
            return []
        found = self.connection.execute(
            _blocks_sql(self._failing, len(lists), len(ranges)),
            (
                *(*self._point, math.sqrt(reach), may_fail),
                *self._failing_values,
                *lists,
                *(bound for range_ in ranges for bound in range_),
            ),
        )
        return sorted(
            {
                (math.sqrt(chord2) - radius, block)
                for block, chord2, radius in found
                if math.sqrt(chord2) + radius >= beyond
            }
        )

    def read(self, blocks: Sequence[int]) -> Postings:
        self.cost += _READ * len(blocks)
        return Postings.unpack(by_keys(self.connection, "heads, terms", "packed", blocks))

    def sift(self, blocks: Sequence[int], *, may_fail: int = 0) -> Postings:
        """As `read`, but it may leave out postings of which their marks tell that they fail more conditions: where
        these are many, most is not read."""
        if len(self._failing) <= may_fail:
            return self.read(blocks)
        if self._sift_pays:
            blocks, number = self._look_over(blocks, may_fail), len(blocks)
            self._sift_pays = len(blocks) < number / 2
        some = self.read(blocks)
        return some.thinned(np.flatnonzero(self._fails(some.heads) <= may_fail))

    def _look_over(self, blocks: Sequence[int], may_fail: int) -> list[int]:
        """Those of these blocks in which some posting fails no more conditions, by their marks."""
        self.cost += _LOOK_OVER * len(blocks)
        numbers, packed = zip(*by_keys(self.connection, "block, marks", "packed", blocks), strict=True)
        may_match = self._fails(np.frombuffer(b"".join(packed), postings.MARK)) <= may_fail
        ends = np.cumsum([len(marks) // postings.MARK.itemsize for marks in packed])
        wanted = np.logical_or.reduceat(may_match, np.append(0, ends[:-1]))
        return [block for block, is_wanted in zip(numbers, wanted.tolist(), strict=True) if is_wanted]

    def _fails(self, some: Array) -> Array:
        """How many conditions each of these heads or marks fails, of those that marks tell of."""
        fails = np.zeros(len(some), np.int8)
        for condition in self._marked.values():
            fails += ~condition.passed_by(some)
        return fails

    # The page

    def page(self) -> Rows:
        """The query's hits, in order."""
        if self.query.limit < 1:
            return _NOTHING
        lists = self.lists(filtered=True)
        circles = self._circles(lists)
        while True:
            reach = min(next(circles), self.within)
            self._read_circle(lists, reach)
            in_order = self._in_order(reach)
            if reach == self.within or len(in_order) == self.query.limit:
                return self._at(in_order)

    def _circles(self, lists: Sequence[int]) -> Iterator[float]:
        """The circles to look for hits in, as squared chords: what comes before others is in the smaller."""
        if isinstance(self.query.sort, Best):
            yield from map(_chord2, self.query.sort.bands_km)
        elif self.query.sort == "distance":
            first = self._first_reach(lists)
            yield from (first * 4**n for n in range(40))
        yield _WHOLE_EARTH

    def _first_reach(self, lists: Sequence[int]) -> float:
        """A circle that is likely to hold the hits, as a squared chord."""
        if self._found:
            # It was looked around for a count.
            hits = self._in_order(_WHOLE_EARTH)
            return self._just_beyond(hits) if len(hits) == self.query.limit else _WHOLE_EARTH
        if self.query.after is not None:
            # As many again as came before.
            return max(2 * self.query.after.chord2, _LEAST)
        number = 1
        if self._box and not _is_inside(self._box, np.array([self.query.lat]), np.array([self.query.lng]))[0]:
            # Those around the point are of no use.
            return _WHOLE_EARTH
        while number * len(lists) <= _MOST_LOOKED and (blocks := self._look(lists, number)):
            self._take(lists, blocks)
            found = len(self.found().heads)
            if found >= self.query.limit and len(hits := self._in_order(_WHOLE_EARTH)) == self.query.limit:
                return self._just_beyond(hits)
            # As many as it takes if there are as many hits everywhere, and some more.
            number *= min(8, max(2, math.ceil(1.2 * self.query.limit / max(1, found))))
        return _WHOLE_EARTH

    def _just_beyond(self, hits: Array) -> float:
        """The circle that has all these hits, as a squared chord."""
        return max(float(self.found().chord2[hits[-1]]), _LEAST)

    def _look(self, lists: Sequence[int], number: int) -> list[int]:
        """The blocks around the point along the curve that were not read yet."""
        here = geo.cell(self.query.lat, self.query.lng)
        return [
            block
            for term in lists
            for (block,) in self.connection.execute(
                _look_sql(self._failing), (term, here, number, 0, *self._failing_values)
            )
            if block not in self.seen
        ]

    def _read_circle(self, lists: Sequence[int], reach: float) -> None:
        """Read all that may be among the hits and is in this circle."""
        blocks = [
            (nearest, block)
            for nearest, block in self.blocks(lists, reach, beyond=math.sqrt(self._from_chord2))
            if block not in self.seen
        ]
        start, size = 0, _FIRST
        while start < len(blocks):
            if self._found and self.query.sort == "distance":
                # The nearest were read first: they may be all that is wanted.
                hits = self._in_order(reach)
                nearest = max(0.0, blocks[start][0])
                if len(hits) == self.query.limit and self.found().chord2[hits[-1]] < nearest * nearest:
                    return
            self._take(lists, [block for _, block in blocks[start : start + size]])
            start, size = start + size, 2 * size

    def _take(self, lists: Sequence[int], blocks: list[int]) -> None:
        some = self.read(blocks) if len(blocks) <= _FEW else self.sift(blocks)
        term = lists[0] if len(lists) == 1 else None
        # What is nearer was on earlier pages; whoever is further is looked up for it (see `_have_nearer`).
        self.take(self.judge(some, term, from_chord2=self._from_chord2))
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
        docs = some.heads["listing"] // MAX_LISTINGS
        order = np.lexsort((some.heads["listing"], some.chord2, docs))
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
            heads, chord2 = found.heads.take(some), found.chord2.take(some)
            in_order = some.take(np.lexsort((heads["listing"], heads["lo"], heads["hi"], chord2)))
            # The first of each document; as many as are wanted.
            docs = (found.heads["listing"].take(in_order) // MAX_LISTINGS).tolist()
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
            is_later = (rows.heads["hi"] > hi) | (rows.heads["hi"] == hi) & (rows.heads["lo"] > lo)
            some = some[((rows.chord2 > after.chord2) | is_later) & ~self._have_nearer(rows)]
            new.append(some)
            number += len(some)
            if number >= limit:
                break
        return np.concatenate(new) if new else in_order

    def _have_nearer(self, rows: Rows) -> Array:
        """Which of the documents match at another listing that is nearer, be it in a block that was not read."""
        docs = rows.heads["listing"] // MAX_LISTINGS
        judged = self.judge(
            Postings.unpack(
                listing
                for doc in docs[rows.heads["listings"] > 1].tolist()
                for listing in self.connection.execute(
                    "SELECT head, terms FROM listing WHERE listing BETWEEN ? AND ?", listings_of(doc)
                )
            )
        )
        matching = judged.postings.heads["listing"][judged.matches] // MAX_LISTINGS
        order = np.argsort(docs)
        at = order.take(np.searchsorted(docs, matching, sorter=order))
        nearer = at[judged.chord2[judged.matches] < rows.chord2.take(at)]
        have: Array = np.isin(np.arange(len(docs)), nearer)
        return have

    def _by_group(self, once: Array) -> Array:
        rows, after = self.found().at(once), self.query.after
        keys = [rows.heads["lo"], rows.heads["hi"], rows.chord2, rows.groups]
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
        once = once.take(np.argsort(self.found().heads["name"].take(once)))
        prefixes = self.found().heads["name"].take(once)
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
        docs = (self.found().heads["listing"].take(some) // MAX_LISTINGS).tolist()
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


def _in_both(some: Iterable[tuple[int, int]], others: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """What ranges have in common with others."""
    both = [
        (max(low, other_low), min(high, other_high)) for low, high in some for other_low, other_high in others
    ]
    return [(low, high) for low, high in both if low <= high]


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


_ALL_BITS = (1 << 64) - 1
# Columns of blocks, compared with a value that follows: all in a block fail.
_HAS_NONE, _IS_LATER, _IS_EARLIER = "0 = flags &", "since >", "verified <"


@lru_cache(maxsize=256)
def _look_sql(failing: tuple[str, ...]) -> str:
    may_match = _may_match(failing, first=4)
    return f"""
    SELECT * FROM (SELECT block FROM block WHERE term = ?1 AND cell <= ?2 AND {may_match}
    ORDER BY cell DESC, listing DESC LIMIT ?3)
    UNION ALL
    SELECT * FROM (SELECT block FROM block WHERE term = ?1 AND cell > ?2 AND {may_match}
    ORDER BY cell, listing LIMIT ?3)"""


def _may_match(failing: tuple[str, ...], first: int) -> str:
    """That not more of these hold of a block than the first parameter says; those that follow are their values."""
    fails = [f"({fails} ?{number})" for number, fails in enumerate(failing, first + 1)]
    return f"{' + '.join(fails) or '0'} <= ?{first}"


def _parameters(first: int, rows: int, columns: int) -> str:
    """Rows of numbered parameters for VALUES: `(?7, ?8), (?9, ?10)`."""
    return ", ".join(
        "(" + ", ".join(f"?{first + row * columns + column}" for column in range(columns)) + ")"
        for row in range(rows)
    )


@lru_cache(maxsize=1024)
def _blocks_sql(failing: tuple[str, ...], terms: int, ranges: int) -> str:
    """Blocks that begin in a range of cells, or that may reach into it, and whose ball meets one around the point
    `?1`, `?2`, `?3`, of the radius `?4`."""
    first = 6 + len(failing)
    return f"""
    WITH wanted (term) AS (VALUES {_parameters(first, terms, 1)}),
    stretch (low, high) AS (VALUES {_parameters(first + terms, ranges, 2)})
    SELECT block, (x - ?1) * (x - ?1) + (y - ?2) * (y - ?2) + (z - ?3) * (z - ?3) AS chord2, radius
    FROM wanted CROSS JOIN stretch CROSS JOIN block
    WHERE block.term = wanted.term AND cell BETWEEN coalesce(
        (SELECT max(before.cell) FROM block AS before WHERE before.term = wanted.term AND before.cell < low), low
    ) AND high
    AND chord2 <= (?4 + radius) * (?4 + radius) AND {_may_match(failing, first=5)}"""
