"""Changes the blocks of postings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from sqlite3 import Connection
from typing import NamedTuple

import numpy as np

from search_service.geo import cell
from search_service.index.sqlite import postings
from search_service.index.sqlite.postings import Block, Postings

Key = tuple[int, int]


class Posting(NamedTuple):
    """Of one listing: where it is, its number, and what is packed of it."""

    cell: int
    listing: int
    head: bytes
    terms: bytes


def insert_blocks(connection: Connection, blocks: Iterable[Block]) -> None:
    (last,) = connection.execute("SELECT coalesce(max(block), 0) FROM packed").fetchone()
    rows = []

    def packed() -> Iterator[tuple[int, bytes, bytes, bytes]]:
        for number, block in enumerate(blocks, last + 1):
            rows.append((block.term, block.cell, block.listing, *block.bounds, number))
            yield number, block.marks, block.heads, block.terms

    connection.executemany("INSERT INTO packed VALUES (?, ?, ?, ?)", packed())
    connection.executemany("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def change_postings(connection: Connection, removed: Iterable[Posting], added: Iterable[Posting]) -> None:
    """Take postings from the lists of all their terms, and put others into theirs."""
    changes: defaultdict[int, list[tuple[Key, Posting | None]]] = defaultdict(list)
    for posting in removed:
        for term in np.frombuffer(posting.terms, postings.TERM).tolist():
            changes[term].append(((posting.cell, posting.listing), None))
    for posting in added:
        for term in np.frombuffer(posting.terms, postings.TERM).tolist():
            changes[term].append(((posting.cell, posting.listing), posting))
    for term, of_term in sorted(changes.items()):
        # What is removed comes first: it may be added again, in another version.
        of_term.sort(key=lambda change: (change[0], change[1] is not None))
        _change_list(connection, term, of_term)
        more = sum(1 if posting else -1 for _, posting in of_term)
        if more:
            connection.execute("UPDATE term SET postings = postings + ? WHERE term = ?", (more, term))


def _change_list(connection: Connection, term: int, changes: list[tuple[Key, Posting | None]]) -> None:
    """`changes` are in order of their keys; without a posting, one is removed."""
    done = 0
    while done < len(changes):
        key, _ = changes[done]
        block, end = _block_of(connection, term, key)
        start = done
        while done < len(changes) and (end is None or changes[done][0] < end):
            done += 1
        _change_block(connection, term, block, changes[start:done])


def _block_of(connection: Connection, term: int, key: Key) -> tuple[tuple[int, int, int] | None, Key | None]:
    """Cell, listing and number of the block where this key belongs, and the key of the next."""
    before = connection.execute(
        "SELECT cell, listing, block FROM block WHERE term = ? AND (cell, listing) <= (?, ?)"
        " ORDER BY cell DESC, listing DESC LIMIT 1",
        (term, *key),
    ).fetchone()
    after = connection.execute(
        "SELECT cell, listing, block FROM block WHERE term = ? AND (cell, listing) > (?, ?)"
        " ORDER BY cell, listing LIMIT 2",
        (term, *key),
    ).fetchall()
    # The first block takes what lies before it.
    block, *following = [before, *after] if before else (after or [None])
    return block, following[0][:2] if following else None


def _change_block(
    connection: Connection,
    term: int,
    block: tuple[int, int, int] | None,
    changes: Sequence[tuple[Key, Posting | None]],
) -> None:
    packed: list[tuple[bytes, bytes]] = []
    first, _ = changes[0]
    if block is not None:
        *key, number = block
        first = min(first, (key[0], key[1]))
        packed = connection.execute("SELECT heads, terms FROM packed WHERE block = ?", (number,)).fetchall()
        connection.execute("DELETE FROM packed WHERE block = ?", (number,))
        connection.execute("DELETE FROM block WHERE term = ? AND cell = ? AND listing = ?", (term, *key))
    if removed := [listing for (_, listing), posting in changes if posting is None]:
        held = Postings.unpack(packed)
        rest = held.take(np.flatnonzero(~np.isin(held.heads["listing"], removed)))
        packed = [(rest.heads.tobytes(), rest.terms.tobytes())]
    now = Postings.unpack(packed + [(posting.head, posting.terms) for _, posting in changes if posting])
    insert_blocks(connection, _divided(term, first, now))


def _divided(term: int, first: Key, now: Postings) -> Iterable[Block]:
    """These postings of a term as one block or, when they are many, as several."""
    if len(now) <= 2 * postings.BLOCK:
        if len(now):
            yield _block(term, first, now)
        return
    listings = now.heads["listing"]
    cells = np.array(
        [cell(*point) for point in zip(now.heads["lat"].tolist(), now.heads["lng"].tolist(), strict=True)]
    )
    order = np.lexsort((listings, cells))
    for part in np.array_split(order, -(-len(order) // postings.BLOCK)):
        some = now.take(part)
        key = first if part[0] == order[0] else (int(cells[part[0]]), int(listings[part[0]]))
        yield _block(term, key, some)


def _block(term: int, first: Key, some: Postings) -> Block:
    marked = postings.marks(some.heads)
    (bounds,) = postings.bounds(some.heads, marked, np.zeros(1, np.int64))
    return Block(term, *first, bounds, marked.tobytes(), some.heads.tobytes(), some.terms.tobytes())
