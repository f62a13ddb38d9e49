"""Which blocks a term has, and where: a tree of nodes by term, whose leaves are its blocks of postings.

A node (see `postings.NODE`) tells what holds for all postings of a block, or of a *branch* of such nodes. The nodes of a
term's blocks lie one after the other in one row; once they are too many for that, they are divided into branches, and
the row has the nodes of these.
"""

# ruff: noqa: S608 - only numbers of parameters are put into the SQL, never a value

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby, pairwise
from sqlite3 import Connection
from typing import NamedTuple

import numpy as np

from search_service import geo
from search_service.geo import Vector
from search_service.index.sqlite.postings import NODE, Array, Block, parts
from search_service.index.sqlite.schema import ReaderConnection, by_keys

# What a row holds at most when it is made; one that has grown beyond twice as much is divided.
BRANCH = 128

# The cell and listing by which a list is in order.
Key = tuple[int, int]


def insert_blocks(connection: Connection, blocks: Iterable[Block]) -> tuple[list[int], Array]:
    """Keep blocks. Their terms, and their nodes."""
    (last,) = connection.execute("SELECT coalesce(max(block), 0) FROM packed").fetchone()
    terms, packed_nodes = [], []

    def packed() -> Iterator[tuple[int, bytes, bytes, bytes, bytes]]:
        for number, block in enumerate(blocks, last + 1):
            terms.append(block.term)
            packed_nodes.append(block.node)
            yield number, block.marks, block.heads, block.tails, block.terms

    connection.executemany("INSERT INTO packed VALUES (?, ?, ?, ?, ?)", packed())
    nodes = np.frombuffer(bytearray().join(packed_nodes), NODE)
    nodes["number"] = np.arange(last + 1, last + 1 + len(nodes))
    return terms, nodes


def plant(connection: Connection, term: int, nodes: Array) -> None:
    """Keep the nodes of all blocks of a term, which has none so far."""
    divided = _parted(nodes)
    if len(divided) > 1:
        nodes = _join([_keep_branch(connection, None, part) for part in divided])
    if len(nodes):
        connection.execute("INSERT INTO tree VALUES (?, ?, ?)", (term, len(divided) > 1, nodes.tobytes()))


def change(
    connection: Connection, term: int, keys: Sequence[Key], replace: Callable[[int, Key, slice], Array]
) -> None:
    """Change the blocks of a term to which these ascending keys belong. `replace`, given the number of a block, its key,
    and which of the keys belong to it, says the nodes of what takes its place. If the term has no blocks, the number is
    0."""
    row = connection.execute("SELECT is_divided, nodes FROM tree WHERE term = ?", (term,)).fetchone()
    is_divided, held = row or (False, b"")

    def replace_branch(branch: int, _: Key, which: slice) -> Array:
        ((of_branch,),) = by_keys(connection, "nodes", "branch", [branch])
        divided = _parted(_changed(np.frombuffer(of_branch, NODE), keys, which, replace))
        if len(divided) == 1:
            return _keep_branch(connection, branch, divided[0])
        connection.execute("DELETE FROM branch WHERE branch = ?", (branch,))
        return _join([_keep_branch(connection, None, part) for part in divided])

    whole = slice(0, len(keys))
    nodes = _changed(np.frombuffer(held, NODE), keys, whole, replace_branch if is_divided else replace)
    if held and len(nodes) and (is_divided or len(nodes) <= 2 * BRANCH):
        # What keeps its size is overwritten where it lies, in the pages that differ.
        connection.execute("UPDATE tree SET nodes = ? WHERE term = ?", (nodes.tobytes(), term))
    else:
        connection.execute("DELETE FROM tree WHERE term = ?", (term,))
        plant(connection, term, nodes)


def _changed(
    nodes: Array, keys: Sequence[Key], which: slice, replace: Callable[[int, Key, slice], Array]
) -> Array:
    """The nodes, those replaced to which some of the keys belong."""
    if not len(nodes):
        return replace(0, keys[which.start], which)

    def first(at: int) -> Key:
        return int(nodes["cell"][at]), int(nodes["listing"][at])

    def place(key: int) -> int:
        # The first one takes what lies before it.
        return max(0, bisect_right(range(len(nodes)), keys[key], key=first) - 1)

    now, done = [], 0
    for at, some in groupby(range(which.start, which.stop), place):
        belonging = [*some]
        now += [
            nodes[done:at],
            replace(int(nodes["number"][at]), first(at), slice(belonging[0], belonging[-1] + 1)),
        ]
        done = at + 1
    return _join([*now, nodes[done:]])


def _parted(nodes: Array) -> list[Array]:
    """As they are, or in parts if they are too many."""
    firsts = parts(nodes["cell"], BRANCH) if len(nodes) > 2 * BRANCH else [0][: len(nodes)]
    return [nodes[start:stop] for start, stop in pairwise([*firsts, len(nodes)])]


def _keep_branch(connection: Connection, branch: int | None, nodes: Array) -> Array:
    """Keep the nodes of a branch, be it a new one. Its own."""
    if branch is None:
        row = connection.execute("INSERT INTO branch (nodes) VALUES (?)", (nodes.tobytes(),))
        branch = row.lastrowid
    else:
        connection.execute("UPDATE branch SET nodes = ? WHERE branch = ?", (nodes.tobytes(), branch))
    node = nodes[:1].copy()
    node["box"] = nodes["box"].min(axis=0)
    node["flags"] = np.bitwise_or.reduce(nodes["flags"])
    node["since"], node["verified"] = nodes["since"].min(), nodes["verified"].max()
    node["number"] = branch
    return node


def _join(some: Sequence[Array]) -> Array:
    # As bytes: NumPy is slow to find out that types of many fields are the same.
    return np.frombuffer(b"".join([nodes.tobytes() for nodes in some]), NODE)


def blocks_of(connection: Connection, term: int | None) -> list[int]:
    """The numbers of all blocks of a term."""
    row = connection.execute("SELECT is_divided, nodes FROM tree WHERE term = ?", (term,)).fetchone()
    is_divided, nodes = row or (False, b"")
    if is_divided:
        branches = np.frombuffer(nodes, NODE)["number"].tolist()
        nodes = b"".join(held for (held,) in by_keys(connection, "nodes", "branch", branches))
    numbers: list[int] = np.frombuffer(nodes, NODE)["number"].tolist()
    return numbers


def first_block_of(connection: ReaderConnection, term: int) -> int | None:
    """The number of the first block of a term, if it has any."""
    first = f"substr(nodes, 1, {NODE.itemsize})"
    rows = connection.recall(f"SELECT is_divided, {first} FROM tree WHERE term = ?", (term,))
    if not rows:
        return None
    is_divided, node = rows[0]
    if is_divided:
        ((node,),) = connection.recall(f"SELECT {first} FROM branch WHERE branch = ?", (_number(node),))
    return _number(node)


def _number(node: bytes) -> int:
    return int(np.frombuffer(node, NODE)["number"][0])


class Region(NamedTuple):
    """Where to look: not further from a unit vector than `within`, nor nearer than `beyond` (squared chords); if there are
    `ranges` of cells (inclusive), in these; and where `may_match` says of nodes that something may."""

    point: Vector
    within: float = math.inf
    beyond: float = 0.0
    ranges: Sequence[tuple[int, int]] | None = None
    may_match: Callable[[Array], Array] | None = None


class Nearby:
    """The blocks of some terms that reach into a region, to be taken the nearest first."""

    def __init__(self, connection: Connection, terms: Sequence[int], region: Region) -> None:
        self._connection = connection
        self._region = region
        rows = connection.execute(_trees_sql(len(terms)), tuple(terms)).fetchall()
        self._blocks = self._measured([nodes for is_divided, nodes in rows if not is_divided])
        self._branches = self._measured([nodes for is_divided, nodes in rows if is_divided])

    def take(self, number: int, reach: float = math.inf) -> list[tuple[float, int]]:
        """So many blocks at most, or all that may have the point itself, none that is wholly beyond the squared chord
        `reach`: each with the one that nothing in it is nearer than. They are not given again."""
        while len(self._branches.nearest) and (next_ := float(self._branches.nearest[0])) <= reach:
            blocks = self._blocks.nearest
            if len(blocks) >= number and blocks[number - 1] < next_:
                break
            # Those in which the point is, or that are as near as the blocks would be; else some more.
            self._divide(
                min(reach, max(0.0, float(blocks[number - 1]) if len(blocks) >= number else 2 * next_))
            )
        nearest, numbers = self._blocks
        # All of those in which the point is.
        number = max(number, int(nearest.searchsorted(0.0, side="right")))
        number = min(number, int(nearest.searchsorted(reach, side="right")))
        self._blocks = _Measured(nearest[number:], numbers[number:])
        return list(zip(nearest[:number].tolist(), numbers[:number].tolist(), strict=True))

    def rest(self) -> list[tuple[float, int]]:
        """All others, as `take` gives them."""
        if len(self._branches.nearest):
            self._divide(math.inf)
        return self.take(len(self._blocks.nearest))

    def _divide(self, reach: float) -> None:
        """Put the blocks of the branches that come so near in their place."""
        nearest, branches = self._branches
        some = int(nearest.searchsorted(reach, side="right"))
        self._branches = _Measured(nearest[some:], branches[some:])
        nodes = by_keys(self._connection, "nodes", "branch", branches[:some].tolist())
        more = self._measured([held for (held,) in nodes])
        if len(self._blocks.nearest):
            columns = zip(self._blocks, more, strict=True)
            more = _in_order(*(np.concatenate(both) for both in columns))
        self._blocks = more

    def _measured(self, rows: Sequence[bytes]) -> _Measured:
        """Of the nodes that reach into the region."""
        if not rows:
            return _NONE
        nodes = np.frombuffer(b"".join(rows), NODE)
        point, within, beyond, ranges, may_match = self._region
        if ranges is not None:
            nodes = nodes[_meet(nodes, rows, ranges)]
        if may_match:
            nodes = nodes.compress(may_match(nodes))
        # How far each side of a box is behind the point, or, below 0, before it.
        sides = nodes["box"].T - np.array([*point, *(-axis for axis in point)])[:, None]
        numbers = nodes["number"]
        gaps = np.maximum(np.maximum(sides[:3], sides[3:]), 0.0)
        # Rounded as the chords of points are: nothing in a box is nearer, to the last bit.
        nearest = (gaps * gaps).sum(axis=0)
        if within < math.inf:
            reaches = nearest <= within
            nearest, numbers, sides = nearest[reaches], numbers[reaches], sides[:, reaches]
        if beyond:
            furthest = np.minimum(sides[:3], sides[3:])
            reaches = (furthest * furthest).sum(axis=0) >= beyond
            nearest, numbers = nearest[reaches], numbers[reaches]
        return _in_order(nearest, numbers)


class _Measured(NamedTuple):
    """Blocks or branches: the squared chords that nothing in them is nearer than, ascending, and their numbers."""

    nearest: Array
    numbers: Array


_NONE = _Measured(np.zeros(0), np.zeros(0, np.int64))


def _in_order(nearest: Array, numbers: Array) -> _Measured:
    order = nearest.argsort()
    return _Measured(nearest.take(order), numbers.take(order))


def _meet(nodes: Array, rows: Sequence[bytes], ranges: Sequence[tuple[int, int]]) -> Array:
    """Which of the nodes, of so many rows, may have something in a range of cells."""
    # Each reaches up to the next one in its row.
    ends = np.append(nodes["cell"][1:], geo.CELLS)
    ends[np.cumsum([len(row) // NODE.itemsize for row in rows])[:-1] - 1] = geo.CELLS
    meet = np.zeros(len(nodes), bool)
    for low, high in ranges:
        meet |= (nodes["cell"] <= high) & (ends >= low)
    return meet


@cache
def _trees_sql(terms: int) -> str:
    return f"SELECT is_divided, nodes FROM tree WHERE term IN ({', '.join('?' * terms)})"
