"""What documents are found by in words: phrases that mean them, and their text."""

# ruff: noqa: S608 - only numbers of parameters are put into the SQL, never a value

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from sqlite3 import Connection
from typing import NamedTuple

import orjson
from rapidfuzz import process
from rapidfuzz.distance import OSA

from search_service.index.protocol import FORMS, Acquaintance, Document, Form, Phrase
from search_service.index.sqlite.names import LAST, NAME
from search_service.index.sqlite.schema import ReaderConnection

# From so many letters on, a word may have been meant by another one.
_LETTERS = 4
# So many phrases of a form that begin alike are put in order: a letter says little more than that.
_BEGUN_SO = 3_000
# So many phrases with a word are looked at for one that is wanted, at most.
_LOOKED_AT = 1_000
# So many words are looked for in texts.
_WORDS_RANKED = 12
# So many texts with some word are ranked, unless the rarest is in more.
_RANKED = 5_000
# What a word says that may stand for another, beside that one.
_STANDING_IN = 0.8
# What a word weighs in names, summary and body.
_WEIGHTS = "8.0, 3.0, 1.0"
# Endings that make other forms of a word, and how long what is left must be to stand for all that begin so.
_ENDINGS = ("iness", "ness", "ings", "ing", "ies", "es", "ed", "y", "s", "e")
_STEM = 4
# How many texts there are: to count those of `article` itself takes 100 times as long.
_TEXTS = "SELECT count(*) FROM article_docsize"


class Row(NamedTuple):
    """A phrase as it is stored, and the entity that it means."""

    kind: str
    id: bytes
    key: str
    text: str
    form: int
    exact_only: int

    @property
    def phrase(self) -> Phrase:
        return Phrase(self.key, self.text, FORMS[self.form], bool(self.exact_only))


_COLUMNS = "document.kind, document.id, phrase.key, phrase.text, phrase.form, phrase.exact_only"


_BEGUN = f"""
SELECT {_COLUMNS} FROM (
    SELECT phrase FROM (
        SELECT phrase, key FROM phrase WHERE kind = ?1 AND form = ?2 AND key >= ?3 AND key < ?4
        AND (NOT exact_only OR key = ?3) LIMIT {_BEGUN_SO}
    ) ORDER BY length(key), key LIMIT ?5
) CROSS JOIN phrase USING (phrase) CROSS JOIN document USING (doc)"""


# Writing


def replace(
    connection: Connection, dead_docs: Iterable[int], documents: Sequence[tuple[int, Document]]
) -> None:
    """Forget the words of documents, and note those of others, by their numbers."""
    many = connection.executemany
    dead = [(doc,) for doc in dead_docs]
    many("DELETE FROM article WHERE rowid = ?", dead)
    many(
        "INSERT INTO article (rowid, names, summary, body) VALUES (?, ?, ?, ?)",
        ((doc, *document.texts) for doc, document in documents if any(document.texts)),
    )
    before = {
        row
        for doc in dead
        for row in connection.execute(
            "SELECT doc, kind, key, text, form, exact_only FROM phrase WHERE doc = ?", doc
        ).fetchall()
    }
    after = {
        (doc, document.kind, phrase.key, phrase.text, FORMS.index(phrase.form), int(phrase.exact_only))
        for doc, document in documents
        for phrase in document.phrases
    }
    # Most changes leave them as they are, and the vocabulary with them.
    changed = {doc for doc, *_ in before ^ after}
    if not changed:
        return
    gone = [
        row
        for doc in changed
        for row in connection.execute("SELECT phrase, key FROM phrase WHERE doc = ?", (doc,)).fetchall()
    ]
    many(
        "DELETE FROM phrase_word WHERE word = ? AND phrase = ?",
        ((word, phrase) for phrase, key in gone for word in _words(key)),
    )
    many("DELETE FROM phrase WHERE doc = ?", ((doc,) for doc in changed))
    (first,) = connection.execute("SELECT coalesce(max(phrase), 0) + 1 FROM phrase").fetchone()
    new = [*enumerate(sorted(row for row in after if row[0] in changed), first)]
    many("INSERT INTO phrase VALUES (?, ?, ?, ?, ?, ?, ?)", ((number, *row) for number, row in new))
    many(
        "INSERT INTO phrase_word VALUES (?, ?)",
        ((word, number) for number, (_, _, key, *_) in new for word in _words(key)),
    )
    connection.execute("UPDATE vocabulary SET version = version + 1")


def _words(key: str) -> set[str]:
    return set(key.split())


# Phrases


def of_keys(connection: Connection, keys: Collection[str]) -> list[Row]:
    """The phrases of these keys, by key, form and entity, those that match only exactly before others."""
    # A list of rows in their stead makes SQLite 3.40 index all phrases anew, for each query of 300 keys or more.
    sql = f"""
    SELECT {_COLUMNS} FROM json_each(?) AS asked CROSS JOIN phrase ON phrase.key = asked.value
    CROSS JOIN document USING (doc)
    ORDER BY phrase.key, phrase.form, document.kind, document.id, phrase.exact_only DESC"""
    return _rows(connection, sql, (orjson.dumps([*keys]).decode(),))


def completed(
    connection: Connection, kind: str, words: Sequence[str], limit: int, forms: Collection[Form]
) -> list[Row]:
    """Phrases that have all of the words, the last maybe unfinished, in order: more than `limit`, for some may be
    of the same entity."""
    if not words:
        return []
    begun, looked_at = " ".join(words), 4 * limit
    rows: list[Row] = []
    for form in sorted(map(FORMS.index, forms)):
        if len(rows) < looked_at:
            rows += _rows(connection, _BEGUN, (kind, form, begun, begun + LAST, looked_at - len(rows)))
    # A single letter is only looked for where phrases begin.
    if len(rows) < looked_at and len(max(words, key=len).encode()) > 1:
        known = {(row.id, row.key) for row in rows}
        rows += [
            row
            for row in _rows(connection, *_inside(connection, kind, words, forms, looked_at))
            if (row.id, row.key) not in known
        ]
    rows.sort(key=lambda row: (not row.key.startswith(begun), row.form, len(row.key), row.key, row.id))
    return rows


def _of_forms(forms: Collection[Form]) -> str:
    return f"form IN ({', '.join(str(FORMS.index(form)) for form in forms)})"


def _inside(
    connection: Connection, kind: str, words: Sequence[str], forms: Collection[Form], limit: int
) -> tuple[str, tuple[object, ...]]:
    """What finds phrases that have all of the words, in any order, among those with the rarest of them."""
    ranges = [(word, f"{word}\0") for word in words[:-1]] + [(words[-1], words[-1] + LAST)]
    rarest = min(ranges, key=lambda range_: _number(connection, range_)) if len(ranges) > 1 else ranges[0]
    parts = [f" {word} " for word in words[:-1]] + [f" {words[-1]}"]
    has_all = " AND ".join(f"instr(' ' || key || ' ', ?{number})" for number in range(4, 4 + len(parts)))
    sql = f"""
    SELECT {_COLUMNS} FROM (
        SELECT phrase FROM (
            SELECT phrase.phrase, key, form FROM phrase_word CROSS JOIN phrase USING (phrase)
            WHERE word >= ?1 AND word < ?2 AND kind = ?3 AND {_of_forms(forms)} AND NOT exact_only LIMIT {_LOOKED_AT}
        ) WHERE {has_all} ORDER BY form, length(key), key LIMIT {limit}
    ) CROSS JOIN phrase USING (phrase) CROSS JOIN document USING (doc)"""
    return sql, (*rarest, kind, *parts)


def _number(connection: Connection, range_: tuple[str, str]) -> int:
    """How many phrases have a word in a range, as far as they are looked at."""
    (number,) = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM phrase_word WHERE word >= ? AND word < ? LIMIT {_LOOKED_AT})",
        range_,
    ).fetchone()
    return int(number)


def _rows(connection: Connection, sql: str, parameters: tuple[object, ...]) -> list[Row]:
    return [Row._make(row) for row in connection.execute(sql, parameters)]


# Words


class Vocabulary:
    """The words of phrases that may have been meant by others, in memory. They are of one `version`."""

    def __init__(self, connection: Connection, forms: Collection[Form]) -> None:
        self.version = version(connection)
        # Not what is dangerous alone, be it a word of other phrases, too.
        words = connection.execute(
            "SELECT DISTINCT word FROM phrase_word CROSS JOIN phrase USING (phrase)"
            f" WHERE NOT exact_only AND {_of_forms(set(forms) - {'code'})} AND length(word) >= {_LETTERS}"
            " AND word NOT IN (SELECT key FROM phrase WHERE exact_only)"
        )
        self._by_length: defaultdict[int, list[str]] = defaultdict(list)
        for (word,) in words:
            self._by_length[len(word)].append(word)
        # By length: how longer words begin, and which do so.
        self._begun: dict[int, dict[str, list[str]]] = {}

    def like(self, word: str, most: int) -> list[tuple[str, int]]:
        lengths = range(len(word) - most, len(word) + most + 1)
        words = chain.from_iterable(self._by_length.get(length, ()) for length in lengths)
        return _alike(word, [*words], most)

    def begun_like(self, word: str, most: int) -> list[tuple[str, int]]:
        least: dict[str, int] = {}
        for length in range(max(1, len(word) - most), len(word) + most + 1):
            begun = self._beginnings(length)
            for beginning, letters in _alike(word, [*begun], most):
                for whole in begun[beginning]:
                    least[whole] = min(letters, least.get(whole, letters))
        return sorted(least.items(), key=lambda pair: (pair[1], pair[0]))

    def _beginnings(self, length: int) -> dict[str, list[str]]:
        if length not in self._begun:
            begun: defaultdict[str, list[str]] = defaultdict(list)
            for own in self._by_length:
                if own >= length:
                    for word in self._by_length[own]:
                        begun[word[:length]].append(word)
            self._begun[length] = begun
        return self._begun[length]


def version(connection: Connection) -> int:
    (version,) = connection.execute("SELECT version FROM vocabulary").fetchone()
    return int(version)


def _alike(word: str, words: Sequence[str], most: int) -> list[tuple[str, int]]:
    found = process.extract(word, words, scorer=OSA.distance, score_cutoff=most, limit=None)
    return sorted(((alike, int(letters)) for alike, letters, _ in found), key=lambda pair: (pair[1], pair[0]))


def acquaintance(connection: Connection, word: str, locales: tuple[str, str]) -> Acquaintance:
    row = connection.execute(
        """
        SELECT EXISTS (SELECT 1 FROM phrase_word WHERE word = ?1), EXISTS (
            SELECT 1 FROM phrase_word CROSS JOIN phrase USING (phrase) CROSS JOIN document USING (doc)
            WHERE word = ?1 AND locale IN (?2, ?3)
        ), EXISTS (
            SELECT 1 FROM kind CROSS JOIN term USING (kind) WHERE facet = ?4 AND value = ?1 AND postings > 0
        ), EXISTS (SELECT 1 FROM article WHERE article MATCH ?5)""",
        (word, *locales, NAME, _quoted(word)),
    ).fetchone()
    return Acquaintance(*map(bool, row))


# Text


def ranked(
    connection: ReaderConnection, kind: str, words: Sequence[tuple[str, Sequence[str]]], limit: int
) -> list[tuple[bytes, float]]:
    """Ids of entities, each once, and their scores, the highest first."""
    ((texts,),) = connection.recall(_TEXTS, ())
    # Long words say more than short ones.
    longest = sorted(dict(words).items(), key=lambda pair: -len(pair[0]))[:_WORDS_RANKED]
    numbers = [(_texts(connection, (word, *others)), word, others) for word, others in longest]
    scores: defaultdict[int, float] = defaultdict(float)
    looked_at = 0
    # The rarest first: what many texts have says least.
    for number, word, others in sorted(numbers):
        if looked_at and looked_at + number > _RANKED:
            break
        looked_at += number
        rarity = math.log(1 + (texts - number + 0.5) / (number + 0.5))
        for doc, weight in _having(connection, word, others).items():
            scores[doc] += rarity * weight
    best: dict[bytes, float] = {}
    for doc, score in sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])):
        row = connection.execute("SELECT id FROM document WHERE doc = ? AND kind = ?", (doc, kind)).fetchone()
        if row:
            best.setdefault(row[0], score)
        if len(best) == limit:
            break
    return [*best.items()]


def _texts(connection: Connection, words: Sequence[str]) -> int:
    """How many texts have any of the words, as far as they are looked at."""
    (number,) = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM article WHERE article MATCH ? LIMIT {_RANKED + 1})",
        (" OR ".join(map(_any_form, words)),),
    ).fetchone()
    return int(number)


def _having(connection: Connection, word: str, others: Sequence[str]) -> dict[int, float]:
    """The documents whose text has a word, or what may stand for it, and how much it says there: 1 at most."""
    having: dict[int, float] = {}
    for weight, matching in (1.0, [word]), (_STANDING_IN, others):
        if not matching:
            continue
        rows = connection.execute(
            f"SELECT rowid, -bm25(article, {_WEIGHTS}) FROM article WHERE article MATCH ?",
            (" OR ".join(map(_any_form, matching)),),
        ).fetchall()
        most = max((score for _, score in rows), default=1.0)
        for doc, score in rows:
            having[doc] = max(having.get(doc, 0.0), weight * score / most)
    return having


def _any_form(word: str) -> str:
    """What finds a word in its other forms, too: English ones, which do no harm to those of other languages."""
    stem = next(
        (
            word.removesuffix(ending)
            for ending in _ENDINGS
            if word.endswith(ending) and len(word) > len(ending) + 2
        ),
        word,
    )
    if len(stem) >= _STEM:
        return f"{_quoted(stem)} *"
    return " OR ".join(map(_quoted, dict.fromkeys((word, stem, f"{stem}s"))))


def _quoted(word: str) -> str:
    # A NUL would end the text.
    return '"' + word.replace('"', '""').replace("\0", " ") + '"'
