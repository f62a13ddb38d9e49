"""The words of names that answer to a word, also to a misspelt one. Each is a term of its own."""

from __future__ import annotations

from collections.abc import Iterable
from sqlite3 import Connection

from rapidfuzz import process
from rapidfuzz.distance import OSA

# The facet of these terms.
NAME = "name"

# From so many bytes on, a word stands for all that begin with it: three letters of the Latin alphabet.
_BEGINNING = 3
# From so many letters on, one may be wrong.
_LETTERS = 4
# Sorts after all that begins so.
LAST = "\U0010ffff"

_TERMS = "SELECT term, postings FROM term WHERE kind = ? AND facet = ? AND postings > 0 AND value"


def named(connection: Connection, kind: str, word: str) -> list[tuple[int, int]]:
    """Numbers of terms, and in how many postings each is."""
    if len(word.encode()) < _BEGINNING:
        return connection.execute(f"{_TERMS} = ?", (kind, NAME, word)).fetchall()
    found = connection.execute(f"{_TERMS} >= ? AND value < ?", (kind, NAME, word, word + LAST)).fetchall()
    if not found and len(word) >= _LETTERS:
        for alike in _spelt_like(connection, kind, word):
            found += connection.execute(f"{_TERMS} = ?", (kind, NAME, alike)).fetchall()
    return found


# There are three ways to find what is spelt like something, each for its size. Here are words by the ten thousand:
# those that share a half are few and are read in 0.03 ms; to look up each spelling with one letter off, as places do
# (places/typos.py), took 15 times as long. Of places' millions of names too many share a half. And the words of
# phrases (words.py) are so few that all of them are compared, in memory, by any number of letters.
def _spelt_like(connection: Connection, kind: str, word: str) -> Iterable[str]:
    """The words that there were in names and that differ in one letter."""
    # A wrong letter leaves one half as it is. Only two letters that changed places at the middle touch both.
    middle = len(word) // 2
    start, end = word[:middle], word[middle:][::-1]
    swapped = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    lengths = (len(word) - 1, len(word) + 1)
    starting = connection.execute(
        "SELECT value FROM term WHERE kind = ? AND facet = ? AND value >= ? AND value < ?"
        " AND length(value) BETWEEN ? AND ?",
        (kind, NAME, start, start + LAST, *lengths),
    )
    ending = connection.execute(
        "SELECT reversed FROM name_end"
        " WHERE kind = ? AND reversed >= ? AND reversed < ? AND length(reversed) BETWEEN ? AND ?",
        (kind, end, end + LAST, *lengths),
    )
    found = {swapped} | {text for (text,) in starting} | {text[::-1] for (text,) in ending}
    return [
        alike for alike, _, _ in process.extract(word, found, scorer=OSA.distance, score_cutoff=1, limit=None)
    ]
