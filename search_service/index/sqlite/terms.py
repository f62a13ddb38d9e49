"""The numbers of terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from sqlite3 import Connection
from typing import NamedTuple

from search_service.index.protocol import FLAGS
from search_service.index.sqlite import postings
from search_service.index.sqlite.names import NAME

# Facets of few values by which is often filtered: as long as there are bits, their terms are one, too.
_WITH_BITS = frozenset({"language"})

# So many terms of a kind are remembered: there is one of each practice.
_REMEMBERED = 200_000


# Of a term: its kind, facet and value.
FIND = "SELECT term, bit, postings FROM term WHERE kind = ? AND facet = ? AND value = ?"


class Number(NamedTuple):
    """Of a term: its list of so many `postings`, its bit if it has one. One below `FLAGS` is no list but the bit."""

    term: int
    bit: int | None
    postings: int


class TermNumbers:
    """Gives numbers to terms, and remembers them. To be cleared when a transaction in which it was used was
    rolled back."""

    def __init__(self) -> None:
        # By kind: the flag that a term is, or 0, and the number of its list, or 0.
        self._known: defaultdict[str, dict[tuple[str, str], tuple[int, int]]] = defaultdict(dict)
        # By kind and facet: the number for its next value, and the first that it cannot have.
        self._next: dict[tuple[str, str], tuple[int, int]] = {}

    def clear(self) -> None:
        self._known.clear()
        self._next.clear()

    def of(self, connection: Connection, kind: str, terms: Iterable[tuple[str, str]]) -> tuple[int, set[int]]:
        """The flags of terms, and the numbers of the lists of those that have such, given to them now if they are
        new.

        Raises ValueError when there are no numbers left.
        """
        known, flags, listed = self._known[kind], 0, set()
        for term in terms:
            flag, number = known.get(term) or self._number(connection, kind, term)
            flags |= flag
            if number:
                listed.add(number)
        return flags, listed

    def _number(self, connection: Connection, kind: str, term: tuple[str, str]) -> tuple[int, int]:
        row, (facet, value) = (kind, *term), term
        if found := connection.execute(FIND, row).fetchone():
            number, bit, _ = found
        else:
            bit = _next_bit(connection) if facet in FLAGS | _WITH_BITS else None
            is_list = bit is None or facet not in FLAGS
            number = self._next_number(connection, kind, facet) if is_list else bit
            connection.execute(
                "INSERT INTO term (kind, facet, value, term, bit) VALUES (?, ?, ?, ?, ?)", (*row, number, bit)
            )
            if facet == NAME:
                connection.execute("INSERT OR IGNORE INTO name_end VALUES (?, ?)", (kind, value[::-1]))
        if len(self._known[kind]) >= _REMEMBERED:
            self._known[kind].clear()
        flag = 0 if bit is None else 1 << bit
        self._known[kind][term] = numbered = flag, number if number >= postings.FLAGS else 0
        return numbered

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
