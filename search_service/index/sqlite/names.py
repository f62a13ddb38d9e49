"""Documents by the words of their names, also by misspelt ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from sqlite3 import Connection

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from search_service.index.sqlite.changing import DOC
from search_service.index.sqlite.postings import Array

# From so many letters on, one may be wrong.
_LETTERS = 4
# Sorts after all that begins so.
_LAST = "\U0010ffff"


def named(connection: Connection, kind: str, words: Sequence[str]) -> Array:
    """Numbers of the primary documents that have a name for each of the words, ascending."""
    return reduce(np.intersect1d, (_named(connection, kind, word) for word in words)).astype(np.int64)


def _named(connection: Connection, kind: str, word: str) -> Array:
    docs = [
        found
        for (found,) in connection.execute(
            "SELECT docs FROM name WHERE kind = ? AND word >= ? AND word < ?", (kind, word, word + _LAST)
        )
    ]
    if not docs and len(word) >= _LETTERS:
        for alike in _spelt_like(connection, kind, word):
            docs += connection.execute(
                "SELECT docs FROM name WHERE kind = ? AND word = ?", (kind, alike)
            ).fetchone()
    return np.unique(np.frombuffer(b"".join(docs), DOC))


def _spelt_like(connection: Connection, kind: str, word: str) -> Iterator[str]:
    """The words of names that differ in one letter."""
    # A wrong letter leaves one half as it is. Only two letters that changed places at the middle touch both.
    middle = len(word) // 2
    start, end = word[:middle], word[middle:][::-1]
    swapped = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    lengths = (len(word) - 1, len(word) + 1)
    starting = connection.execute(
        "SELECT word FROM name WHERE kind = ? AND word >= ? AND word < ? AND length(word) BETWEEN ? AND ?",
        (kind, start, start + _LAST, *lengths),
    )
    ending = connection.execute(
        "SELECT reversed FROM name_end"
        " WHERE kind = ? AND reversed >= ? AND reversed < ? AND length(reversed) BETWEEN ? AND ?",
        (kind, end, end + _LAST, *lengths),
    )
    swaps = connection.execute("SELECT word FROM name WHERE kind = ? AND word = ?", (kind, swapped))
    found = {text for (text,) in starting} | {text[::-1] for (text,) in ending} | {text for (text,) in swaps}
    for alike, _, _ in process.extract(word, found, scorer=OSA.distance, score_cutoff=1, limit=None):
        yield alike
