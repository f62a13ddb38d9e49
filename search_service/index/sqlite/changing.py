"""Changes the blocks of postings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from sqlite3 import Connection
from typing import NamedTuple

import numpy as np

from search_service.geo import cell
from search_service.index.sqlite import postings, tree
from search_service.index.sqlite.postings import Array, Block, Postings
from search_service.index.sqlite.tree import Key


class Posting(NamedTuple):
    """Of one listing: where it is, its number, and what is packed of it."""

    cell: int
    listing: int
    head: bytes
    tail: bytes
    terms: bytes


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

    def replace(block: int, first: Key, which: slice) -> Array:
        of_block = changes[which]
        now = _changed(connection, block, of_block)
        _, nodes = tree.insert_blocks(connection, _divided(term, min(first, of_block[0][0]), now))
        return nodes

    tree.change(connection, term, [key for key, _ in changes], replace)


def _changed(connection: Connection, block: int, changes: Sequence[tuple[Key, Posting | None]]) -> Postings:
    """The postings of a block, if there is one, after these changes; it is taken away."""
    packed = connection.execute("SELECT heads, tails, terms FROM packed WHERE block = ?", (block,)).fetchall()
    connection.execute("DELETE FROM packed WHERE block = ?", (block,))
    if removed := [listing for (_, listing), posting in changes if posting is None]:
        held = Postings.unpack(packed)
        rest = held.take(np.flatnonzero(~np.isin(held.heads["listing"], removed)))
        packed = [(rest.heads.tobytes(), rest.tails.tobytes(), rest.terms.tobytes())]
    return Postings.unpack(packed + [posting[2:] for _, posting in changes if posting])


def _divided(term: int, first: Key, now: Postings) -> Iterable[Block]:
    """These postings of a term as one block or, when they are many, as several."""
    if len(now) <= 2 * postings.BLOCK:
        if len(now):
            yield _block(term, first, now)
        return
    listings = now.heads["listing"]
    cells = np.array([cell(*point) for point in zip(now["lat"].tolist(), now["lng"].tolist(), strict=True)])
    order = np.lexsort((listings, cells))
    cells, now = cells.take(order), now.take(order)
    firsts = postings.parts(cells, postings.BLOCK)
    for start, stop in pairwise([*firsts, len(order)]):
        key = (int(cells[start]), int(listings[order[start]])) if start else first
        yield _block(term, key, now.take(np.arange(start, stop)))


def _block(term: int, first: Key, some: Postings) -> Block:
    marked = postings.marks(some)
    node = postings.nodes(some, marked, np.zeros(1, np.int64), np.array([first[0]]))
    node["listing"] = first[1]
    packed = (part.tobytes() for part in (marked, some.heads, some.tails, some.terms))
    return Block(term, node.tobytes(), *packed)
