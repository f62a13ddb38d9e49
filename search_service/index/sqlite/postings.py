"""Postings, packed: what a search needs to know of a listing, in blocks that NumPy reads as they lie.

A posting is a *head* and a *tail* of fixed size and the numbers of its terms. A block is the heads of some hundred
postings, one after the other in no order, and all their tails and all their terms in the same order. Most searches need
heads only.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from search_service.geo import Vector
from search_service.index.protocol import Document

Array = NDArray[Any]

# Smaller numbers are bits of `flags`; the others are of terms, and their upper bits say of which facet.
FLAGS = 64
VALUE_BITS = 24
# A new block holds so many postings at most; one that has grown beyond twice as many is divided.
BLOCK = 256
# Numbers a posting's terms, and so limits them.
MAX_TERMS = 65_535
# Before any day, and after any year: what is not known passes neither.
UNVERIFIED, NEVER = -(2**31), 2**31 - 1

# What finds the nearest: where it is (a unit vector), what it is filtered by most often, and whose it is. `hi` and `lo` are
# the halves of the document's id.
HEAD = np.dtype(
    [
        ("listing", "<i8"),
        ("hi", "<u8"),
        ("lo", "<u8"),
        ("point", "<f8", 3),
        ("flags", "<u8"),
    ]
)
# The rest. `name` is the first eight bytes of the document's `sort_name`, as a number that sorts alike; `listings` how many
# the document has; `verified` a day as `date.toordinal` gives it; `terms` how many terms belong to the posting.
TAIL = np.dtype(
    [
        ("lat", "<f8"),
        ("lng", "<f8"),
        ("name", "<u8"),
        ("listings", "<u4"),
        ("since", "<i4"),
        ("verified", "<i4"),
        ("terms", "<u2"),
        ("", "<u2"),
    ]
)
# What is told of a posting besides, so that many can be looked over without their heads.
MARK = np.dtype([("flags", "<u8"), ("since", "<i4"), ("verified", "<i4")])
# What holds for all postings of a block, or of some blocks: a box around their points (the least x, y and z, and the
# greatest with the opposite sign); the `flags` that any of them has; the least year that is known, and the latest day;
# the `cell` and `listing` of the first one along the curve. `number` is that of what it is a node of.
NODE = np.dtype(
    [
        ("box", "<f8", 6),
        ("flags", "<u8"),
        ("since", "<i4"),
        ("verified", "<i4"),
        ("cell", "<i8"),
        ("listing", "<i8"),
        ("number", "<i8"),
    ]
)
_HEAD = struct.Struct("<qQQdddQ")
_TAIL = struct.Struct("<ddQIiiHxx")
assert (_HEAD.size, _TAIL.size) == (HEAD.itemsize, TAIL.itemsize)
TERM = np.dtype("<u4")
_HALF = (1 << 64) - 1


def name_prefix(sort_name: str) -> int:
    """Sorts as the name does, as far as eight bytes tell."""
    return int.from_bytes(sort_name.encode()[:8].ljust(8, b"\0"), "big")


def beginning(name_prefix: int) -> bytes:
    """What no name with this prefix sorts before."""
    return name_prefix.to_bytes(8, "big").rstrip(b"\0")


def halves(id: UUID) -> tuple[int, int]:
    """As a head has them."""
    return id.int >> 64, id.int & _HALF


def whole(hi: int, lo: int) -> UUID:
    """The id of these halves."""
    return UUID(int=hi << 64 | lo)


def packer_of(
    document: Document,
) -> Callable[[int, tuple[float, float], Vector, int, int], tuple[bytes, bytes]]:
    """What makes the head and the tail of each of a document's listings, of its number, point (latitude and longitude) and
    vector, flags, and how many terms it has."""
    hi, lo = halves(document.id)
    since, verified_on = document.since, document.verified_on
    of_document = (
        name_prefix(document.sort_name),
        len(document.listings),
        NEVER if since is None else since,
        UNVERIFIED if verified_on is None else verified_on.toordinal(),
    )

    def packed(
        number: int, point: tuple[float, float], vector: Vector, flags: int, terms: int
    ) -> tuple[bytes, bytes]:
        lat, lng = point
        lng = -180.0 if lng == 180.0 else lng
        return _HEAD.pack(number, hi, lo, *vector, flags), _TAIL.pack(lat, lng, *of_document, terms)

    return packed


def are_first(values: Array) -> Array:
    """Which of the values, equal ones beside each other, are the first of their kind."""
    first = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return first


def join(some: Sequence[Array]) -> Array:
    """One after the other, arrays of the same type."""
    # As bytes: NumPy is slow to find out that types of many fields are the same.
    as_bytes = np.dtype(f"V{some[0].itemsize}")
    joined: Array = np.concatenate([these.view(as_bytes) for these in some]).view(some[0].dtype)
    return joined


def term_bytes(terms: Sequence[int]) -> bytes:
    """The terms of a posting, packed."""
    return struct.pack(f"<{len(terms)}I", *terms)


class AnyOf(NamedTuple):
    """Bits of `flags` and numbers of terms, of which a posting has any or not."""

    bits: int
    terms: tuple[int, ...]


_TYPES = (HEAD, TAIL, TERM)
_NO_TAILS, _NO_TERMS = np.zeros(0, TAIL), np.zeros(0, TERM)
_OF_HEADS = frozenset(HEAD.names or ())


class Postings:
    """Some postings: `heads` of type `HEAD`; `tails` of type `TAIL`, if somebody asks for any; and, with tails, the terms of
    them all."""

    def __init__(self, heads: Array, tails: Array = _NO_TAILS, terms: Array = _NO_TERMS) -> None:
        self.heads = heads
        self.tails = tails
        self.terms = terms
        self._facets: dict[int, Array] = {}

    @classmethod
    def unpack(cls, blocks: Iterable[Sequence[bytes]]) -> Postings:
        """From the heads of blocks, or of single postings; their tails, or not; and their terms, or not."""
        columns = zip(*blocks, strict=True)
        packed = [
            np.frombuffer(b"".join(column), type_) for column, type_ in zip(columns, _TYPES, strict=False)
        ]
        return cls(*packed or [np.zeros(0, type_) for type_ in _TYPES])

    @classmethod
    def join(cls, some: Sequence[Postings]) -> Postings:
        if len(some) == 1:
            return some[0]
        if not some:
            return cls.unpack([])
        heads, tails, terms = zip(*((these.heads, these.tails, these.terms) for these in some), strict=True)
        # All have tails, or none has; and likewise terms.
        return cls(
            join(heads),
            _NO_TAILS if tails[0] is _NO_TAILS else join(tails),
            _NO_TERMS if terms[0] is _NO_TERMS else join(terms),
        )

    @property
    def without_terms(self) -> Postings:
        return Postings(self.heads, self.tails)

    @property
    def without_tails(self) -> Postings:
        return Postings(self.heads)

    def __getitem__(self, column: str) -> Array:
        """A column of the heads or the tails."""
        if column in _OF_HEADS:
            return self.heads[column]
        if self.tails is _NO_TAILS:
            raise KeyError(f"{column}: no tails were read")
        return self.tails[column]

    def __len__(self) -> int:
        return len(self.heads)

    @cached_property
    def rows(self) -> Array:
        """To which posting each of the terms belongs."""
        return np.repeat(np.arange(len(self.heads)), self.tails["terms"])

    def have(self, wanted: AnyOf) -> Array:
        """Which of the postings have any of these."""
        if wanted.bits:
            have: Array = self.heads["flags"] & np.uint64(wanted.bits) != 0
        else:
            have = np.zeros(len(self.heads), bool)
        if wanted.terms:
            have[self._owners(self._which(wanted.terms))] = True
        return have

    def least(self, places: Mapping[int, int]) -> Array:
        """The least of the places of the terms that each posting has, -1 without any."""
        none = np.iinfo(np.int16).max
        least = np.full(len(self.heads), none, np.int16)
        listed = sorted(term for term in places if term >= FLAGS)
        if listed:
            which = self._which(listed)
            at = np.searchsorted(np.array(listed, TERM), self.terms[which])
            np.minimum.at(
                least, self._owners(which), np.array([places[term] for term in listed], np.int16)[at]
            )
        for term in places.keys() - set(listed):
            has = self.have(AnyOf(1 << term, ()))
            least[has] = np.minimum(least[has], places[term])
        least[least == none] = -1
        return least

    def _which(self, listed: Sequence[int]) -> Array:
        """Where in `terms` any of these is."""
        if len(listed) == 1:
            return np.flatnonzero(self.terms == listed[0])
        facets = {term >> VALUE_BITS for term in listed}
        if len(facets) == 1:
            of_facet = self.of_facet(facets.pop())
            return of_facet[np.isin(self.terms.take(of_facet), listed)]
        return np.flatnonzero(np.isin(self.terms, listed))

    def of_facet(self, facet: int) -> Array:
        """Where in `terms` those of a facet are."""
        if facet not in self._facets:
            self._facets[facet] = np.flatnonzero(self.terms >> VALUE_BITS == facet)
        return self._facets[facet]

    def _owners(self, which: Array) -> Array:
        """To which postings the terms at these places belong."""
        return np.searchsorted(self.first_terms, which, side="right") - 1

    def chord2(self, point: Vector) -> Array:
        """Squared chords to a unit vector, as `geo.chord2` gives them, to the last bit."""
        between = self.heads["point"] - np.array(point)
        between *= between
        distance: Array = between[:, 0] + between[:, 1] + between[:, 2]
        return distance

    @cached_property
    def first_terms(self) -> Array:
        """Where the terms of each begin."""
        numbers = self.tails["terms"].astype(np.int64)
        first: Array = np.cumsum(numbers) - numbers
        return first

    def thinned(self, which: Array) -> Postings:
        """All as they are or, if those at these places are few, only these: copying more costs what it saves."""
        return self.take(which) if len(which) < len(self) / 2 else self

    def take(self, which: Array) -> Postings:
        """The postings at these places, in this order."""
        # `take` copies heads six times as fast as an index in brackets.
        heads = self.heads.take(which)
        if self.tails is _NO_TAILS:
            return Postings(heads)
        tails = self.tails.take(which)
        if self.terms is _NO_TERMS:
            return Postings(heads, tails)
        numbers = tails["terms"].astype(np.int64)
        ends = np.cumsum(numbers)
        at = np.repeat(self.first_terms.take(which) - ends + numbers, numbers)
        at += np.arange(len(at))
        return Postings(heads, tails, self.terms.take(at))


@dataclass(frozen=True, slots=True)
class Block:
    """Some postings of one term, and their `node`, whose `number` is yet to be given."""

    term: int
    node: bytes
    marks: bytes
    heads: bytes
    tails: bytes
    terms: bytes


def pack(cells: Array, postings: Postings) -> Iterator[Block]:
    """The blocks, by term and cell, of postings that are in the order of their cells and listings."""
    by_term = np.argsort(postings.terms, kind="stable")
    terms, rows = postings.terms[by_term], postings.rows[by_term]
    starts = np.flatnonzero(are_first(terms))
    # None, where there is no term.
    stops = np.append(starts, len(terms))[1:]
    divided = [
        start + np.array(parts(cells.take(rows[start:stop]), BLOCK))
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)
        if stop - start > BLOCK
    ]
    firsts = np.unique(np.concatenate([starts, *divided]))
    ends = np.append(firsts, len(terms))[1:]

    # Some blocks at a time, so that little is copied at once.
    for some in np.array_split(np.arange(len(firsts)), max(1, len(terms) // _AT_A_TIME)):
        if not len(some):
            continue
        begin, end = firsts[some[0]], ends[some[-1]]
        which = rows[begin:end]
        copied = postings.take(which)
        marked = marks(copied)
        at = np.append(firsts[some], end) - begin
        terms_at = np.append(copied.first_terms, len(copied.terms))[at]
        packed = nodes(copied, marked, at[:-1], cells.take(which[at[:-1]]))
        yield from map(
            Block,
            terms[firsts[some]].tolist(),
            _cut(packed.tobytes(), np.arange(len(at)) * NODE.itemsize),
            _cut(marked.tobytes(), at * MARK.itemsize),
            _cut(copied.heads.tobytes(), at * HEAD.itemsize),
            _cut(copied.tails.tobytes(), at * TAIL.itemsize),
            _cut(copied.terms.tobytes(), terms_at * TERM.itemsize),
        )


def parts(cells: Array, size: int) -> list[int]:
    """Where parts of about this size begin, of what lies in the order of these cells. They are cut where it leaves the
    largest squares of the grid, so that each part is in as small a box as may be."""
    number = -(-len(cells) // size)
    if number < 2:
        return [0]
    leaps, shift = cells[1:] ^ cells[:-1], int(_SHIFT * len(cells) / number)
    firsts = [0]
    for nth in range(1, number):
        first = nth * len(cells) // number - shift
        firsts.append(first + int(leaps[first - 1 : first + 2 * shift].argmax()))
    return firsts


_AT_A_TIME = 50_000
# By so much of its size the end of a part may be moved: less than half, so that none is twice as large.
_SHIFT = 0.45


def _cut(packed: bytes, at: Array) -> Iterator[bytes]:
    return (packed[start:end] for start, end in pairwise(at.tolist()))


def marks(some: Postings) -> Array:
    """Of type `MARK`."""
    marked = np.empty(len(some), MARK)
    for column in ("flags", "since", "verified"):
        marked[column] = some[column]
    return marked


def nodes(some: Postings, marked: Array, firsts: Array, cells: Array) -> Array:
    """Of type `NODE`, of the postings from each of `firsts` up to the next, with their marks; the first ones are in these
    cells."""
    made = np.zeros(len(firsts), NODE)
    points = some.heads["point"]
    made["box"][:, :3] = np.minimum.reduceat(points, firsts)
    made["box"][:, 3:] = -np.maximum.reduceat(points, firsts)
    made["flags"] = np.bitwise_or.reduceat(marked["flags"], firsts)
    made["since"] = np.minimum.reduceat(marked["since"], firsts)
    made["verified"] = np.maximum.reduceat(marked["verified"], firsts)
    made["cell"], made["listing"] = cells, some.heads["listing"].take(firsts)
    return made
