"""The numbers of terms."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from sqlite3 import Connection

from search_service.index.protocol import FLAGS, Term
from search_service.index.sqlite import postings
from search_service.index.sqlite.names import NAME

# Facets of few values by which is often filtered: as long as there are bits, their terms are one, too.
_WITH_BITS = frozenset({"language"})

# So many terms of a kind are remembered: there is one of each practice.
_REMEMBERED = 200_000


class TermNumbers:
    """Gives numbers to terms, and remembers them. To be cleared when a transaction in which it was used was
    rolled back."""

    def __init__(self) -> None:
        self._numbers: defaultdict[str, dict[Term, int]] = defaultdict(dict)
        # Of those that have a list, too.
        self._bits: dict[int, int] = {}
        # By kind and facet: the number for its next value, and the first that it cannot have.
        self._next: dict[tuple[str, str], tuple[int, int]] = {}

    def clear(self) -> None:
        self._numbers.clear()
        self._bits.clear()
        self._next.clear()

    def of(self, connection: Connection, kind: str, terms: Iterable[Term]) -> set[int]:
        """The numbers of terms, given to them now if they are new.

        Raises ValueError when there are no numbers left.
        """
        numbers = self._numbers[kind]
        return {numbers[term] if term in numbers else self._number(connection, kind, term) for term in terms}

    def split(self, numbers: AbstractSet[int]) -> tuple[int, list[int]]:
        """The flags of terms, and the numbers of those that have lists, in order."""
        in_order = sorted(numbers)
        listed = bisect_left(in_order, postings.FLAGS)
        flags = 0
        for bit in in_order[:listed]:
            flags |= 1 << bit
        for number in self._bits.keys() & numbers:
            flags |= 1 << self._bits[number]
        return flags, in_order[listed:]

    def _number(self, connection: Connection, kind: str, term: Term) -> int:
        row = (kind, *term)
        found = connection.execute(
            "SELECT term, bit FROM term WHERE kind = ? AND facet = ? AND value = ?", row
        ).fetchone()
        if found is None:
            bit = _next_bit(connection) if term.facet in FLAGS | _WITH_BITS else None
            if bit is not None and term.facet in FLAGS:
                found = bit, bit
            else:
                found = self._next_number(connection, kind, term.facet), bit
            connection.execute(
                "INSERT INTO term (kind, facet, value, term, bit) VALUES (?, ?, ?, ?, ?)", (*row, *found)
            )
            if term.facet == NAME:
                connection.execute("INSERT OR IGNORE INTO name_end VALUES (?, ?)", (kind, term.value[::-1]))
        if len(self._numbers[kind]) >= _REMEMBERED:
            self._numbers[kind].clear()
        number, bit = found
        self._numbers[kind][term] = number
        if bit is not None:
            self._bits[number] = bit
        return int(number)

    def _next_number(self, connection: Connection, kind: str, facet: str) -> int:
        if (kind, facet) not in self._next:
            self._next[kind, facet] = _listed(connection, kind, facet)
        number, end = self._next[kind, facet]
        if number >= end:
            raise ValueError(f"there are too many facets, or values of {facet}")
        self._next[kind, facet] = number + 1, end
        return int(number)


def _next_bit(connection: Connection) -> int | None:
    (bit,) = connection.execute("SELECT coalesce(max(bit) + 1, 0) FROM term WHERE bit IS NOT NULL").fetchone()
    return int(bit) if bit < postings.FLAGS else None


def _listed(connection: Connection, kind: str, facet: str) -> tuple[int, int]:
    """The number for the next value of a facet, and the first that it cannot have."""
    connection.execute("INSERT OR IGNORE INTO facet (kind, name) VALUES (?, ?)", (kind, facet))
    (of_facet,) = connection.execute(
        "SELECT facet FROM facet WHERE kind = ? AND name = ?", (kind, facet)
    ).fetchone()
    first, end = of_facet << postings.VALUE_BITS, (of_facet + 1) << postings.VALUE_BITS
    (number,) = connection.execute(
        "SELECT coalesce(max(term) + 1, ?1) FROM term WHERE term >= ?1 AND term < ?2", (first, end)
    ).fetchone()
    return int(number), min(end, 1 << postings.TERM.itemsize * 8)
