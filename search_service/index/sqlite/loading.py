"""Makes of a generation that was loaded what searches need: all at once, in order, which is much faster than
change by change."""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from pathlib import Path
from sqlite3 import Connection

import numpy as np

from search_service.index.sqlite import postings, tree
from search_service.index.sqlite.postings import Postings
from search_service.index.sqlite.schema import INDEXES, MAX_LISTINGS, SECONDARY, is_ready, open_writer

# So many listings are packed at a time: more blocks are smaller than they might be the less these are, and the
# more, the more memory it takes (about 0.5 kB each).
_LISTINGS = 250_000


def ready(path: Path, default_locale: str) -> None:
    """Make what searches need, bring all to the disk, for good, and let it be read while it is written. Does
    nothing if that was done before.

    Raises sqlite3.DatabaseError if this is no generation.
    """
    connection = open_writer(path)
    try:
        if is_ready(connection):
            return
        # What is sorted at a time (KiB): faster while it fits the processor's own cache.
        connection.execute("PRAGMA cache_size = -16384")
        connection.execute("BEGIN EXCLUSIVE")
        # Not if somebody did so meanwhile, or was killed after it.
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'document_slug'").fetchone():
            for index in INDEXES:
                connection.execute(index)
            _pack_postings(connection, default_locale)
        connection.execute("COMMIT")
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise sqlite3.OperationalError(f"the file system does not allow journal mode WAL, only {mode}")
    finally:
        connection.close()
    for written in path, path.parent:
        descriptor = os.open(written, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def _pack_postings(connection: Connection, default_locale: str) -> None:
    """Of all listings but those of secondary documents."""
    secondary = np.array([doc for (doc,) in connection.execute(SECONDARY, (default_locale,))], np.int64)
    nodes: defaultdict[int, list[bytes]] = defaultdict(list)
    rows = connection.execute("SELECT cell, head, tail, terms FROM listing ORDER BY cell, listing")
    while some := rows.fetchmany(_LISTINGS):
        cells = np.array([row[0] for row in some], np.int64)
        loaded = Postings.unpack(row[1:] for row in some)
        del some
        if len(secondary):
            primary = np.flatnonzero(~np.isin(loaded.heads["listing"] // MAX_LISTINGS, secondary))
            cells, loaded = cells.take(primary), loaded.take(primary)
        for term, node in zip(*tree.insert_blocks(connection, postings.pack(cells, loaded)), strict=True):
            nodes[term].append(node.tobytes())
        terms, added = np.unique(loaded.terms, return_counts=True)
        connection.executemany(
            "UPDATE term SET postings = postings + ? WHERE term = ?",
            zip(added.tolist(), terms.tolist(), strict=True),
        )
    for term, of_term in sorted(nodes.items()):
        tree.plant(connection, term, np.frombuffer(b"".join(of_term), postings.NODE))
