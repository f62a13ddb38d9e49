"""Writing a generation."""

# ruff: noqa: S608 - only numbers of parameters are put into the SQL, never a value

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from functools import cache
from itertools import chain, islice
from pathlib import Path
from sqlite3 import Connection
from typing import Any
from uuid import UUID

from search_service.geo import cell, is_valid_point, unit_vector
from search_service.index.protocol import (
    ANY,
    Change,
    Delete,
    Document,
    IndexNotBuilt,
    Position,
    Put,
    Refuse,
)
from search_service.index.sqlite import postings, words
from search_service.index.sqlite.changing import Posting, change_postings
from search_service.index.sqlite.connections import Guard
from search_service.index.sqlite.loading import ready
from search_service.index.sqlite.names import NAME
from search_service.index.sqlite.reader import SQLiteReader
from search_service.index.sqlite.schema import (
    DAMAGED,
    MAX_LISTINGS,
    ReaderConnection,
    is_ready,
    listings_of,
    open_writer,
    pack_cards,
)
from search_service.index.sqlite.terms import TermNumbers

# So many changes are worked up in memory at a time. The more, the fewer blocks are touched per posting.
_CHUNK = 10_000
# So many entities are looked up at a time.
_LOOK = 250

# The largest integer that SQLite holds.
_MAX_SEQ = 2**63 - 1

Row = tuple[Any, ...]
# Kind and id of an entity.
Key = tuple[str, bytes]


class SQLiteWriter(SQLiteReader):
    """One generation, for writing by one process and one thread at a time. It reads what it has applied.

    A new generation is *loading* until it is promoted, or read (but for its position): changes are then
    applied without what only searches need, which is made when the loading ends.
    """

    def __init__(self, path: Path, generation: str, default_locale: str) -> None:
        super().__init__(path, generation, default_locale)
        if (path.parent / DAMAGED).exists():
            raise IndexNotBuilt(f"generation {generation} is damaged")
        self._term_numbers = TermNumbers()
        with Guard(path):
            self._connection = open_writer(path)
            self._loading = not is_ready(self._connection)

    def apply(self, changes: Iterable[Change], position: Position) -> None:
        """Apply all of `changes`, in order, and move to `position`: all or nothing.

        Raises ValueError for a listing that is not on the globe, IndexUnavailable if the file cannot be
        written.
        """
        remaining = iter(changes)
        with Guard(self._path):
            if self._loading and is_ready(self._connection):
                self._end_loading()
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                while chunk := list(islice(remaining, _CHUNK)):
                    _Chunk(
                        self._connection, self._default_locale, self._term_numbers, loading=self._loading
                    ).apply(chunk)
                self._connection.execute(
                    "INSERT OR REPLACE INTO position VALUES (0, ?, ?, ?, ?)",
                    (
                        position.epoch,
                        position.seq,
                        position.as_of.isoformat(),
                        position.changed_at.isoformat(),
                    ),
                )
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                self._term_numbers.clear()
                raise

    def close(self) -> None:
        super().close()
        self._connection.close()

    def _reading(self) -> AbstractContextManager[ReaderConnection]:
        if self._loading:
            with Guard(self._path):
                self._end_loading()
        return super()._reading()

    def _end_loading(self) -> None:
        ready(self._path, self._default_locale)
        former = self._connection
        self._connection, self._loading = open_writer(self._path), False
        former.close()


class _Chunk:
    """Some changes, worked up to rows that are then written table by table, in key order."""

    def __init__(
        self, connection: Connection, default_locale: str, term_numbers: TermNumbers, *, loading: bool
    ) -> None:
        self._connection = connection
        self._default_locale = default_locale
        self._term_numbers = term_numbers
        self._loading = loading
        (self._next_doc,) = connection.execute("SELECT coalesce(max(doc), 0) + 1 FROM document").fetchone()
        self._entities: Counter[str] = Counter()
        self._dead_docs: list[Row] = []
        self._documents: list[Row] = []
        self._bodies: list[Row] = []
        self._worded: list[tuple[int, Document]] = []
        self._listings: list[Row] = []
        self._naming: list[Row] = []
        # Of documents that change: those that they had, whether that is all, and the one that they have now.
        self._former_slugs: dict[Row, tuple[tuple[str, ...], bool]] = {}
        self._slugs: dict[Row, str | None] = {}
        self._dead_postings: list[Posting] = []
        self._postings: list[Posting] = []

    def apply(self, changes: list[Change]) -> None:
        # The last change of a document is the one that counts.
        entities: defaultdict[Key, dict[str, Document | None]] = defaultdict(dict)
        for change in changes:
            match change:
                case Put(document):
                    entities[document.kind, document.id.bytes][document.locale] = document
                case Delete(kind, id, locale):
                    entities[kind, id.bytes][locale] = None
        held = self._held(list(entities))
        for change in changes:
            self._note_slugs(change, held)
        for (kind, id_), documents in entities.items():
            self._change(kind, id_, held.get((kind, id_), {}), documents)
        self._write()
        self._note_refusals(changes)

    def _held(self, keys: list[Key]) -> dict[Key, dict[str, int]]:
        """The numbers of the documents that there are of these entities, by locale."""
        held: defaultdict[Key, dict[str, int]] = defaultdict(dict)
        for start in range(0, len(keys), _LOOK):
            some = keys[start : start + _LOOK]
            rows = self._connection.execute(_held_sql(len(some)), list(chain.from_iterable(some)))
            for kind, id_, locale, doc in rows:
                held[kind, id_][locale] = doc
        return held

    def _note_slugs(self, change: Change, held: dict[Key, dict[str, int]]) -> None:
        match change:
            case Put(document):
                key = document.kind, document.id.bytes, document.locale
                self._former_slugs[key], self._slugs[key] = (document.former_slugs, True), document.slug
            case Delete(kind, id, locale, None):
                key = kind, id.bytes, locale
                if slug := self._slugs[key] if key in self._slugs else self._held_slug(key, held):
                    slugs, are_all = self._former_slugs.get(key, ((), False))
                    self._former_slugs[key] = (*slugs, slug), are_all
                self._slugs[key] = None
            case Delete(kind, id, locale, slugs):
                key = kind, id.bytes, locale
                self._former_slugs[key], self._slugs[key] = (slugs or (), True), None

    def _held_slug(self, key: tuple[str, bytes, str], held: dict[Key, dict[str, int]]) -> str | None:
        """What a document was called before this chunk."""
        doc = held.get(key[:2], {}).get(key[2])
        rows = self._connection.execute("SELECT slug FROM document WHERE doc = ?", (doc,)).fetchone()
        return rows[0] if rows else None

    def _change(
        self, kind: str, id_: bytes, before: dict[str, int], changed: dict[str, Document | None]
    ) -> None:
        """Work up what becomes of the documents of one entity: by locale, None if deleted."""
        after = dict(before)
        put: dict[str, list[Posting]] = {}
        for locale, document in changed.items():
            if locale in before:
                self._dead_docs.append((before[locale],))
            if document is None:
                after.pop(locale, None)
                continue
            if locale not in after:
                after[locale] = self._next_doc
                self._next_doc += 1
            put[locale] = self._put(after[locale], document)
        self._entities[kind] += bool(after) - bool(before)

        if self._loading:
            # What finds them is all made at the end.
            return
        # Only the primary document is found by its listings. Most changes leave them where they are.
        old, new = self._primary(before), self._primary(after)
        if old == new and new not in changed:
            return
        was: set[Posting] = set(self._stored(before[old])) if old is not None else set()
        now: set[Posting] = set()
        if new is not None:
            now = set(put[new] if new in put else self._stored(after[new]))
        self._dead_postings += was - now
        self._postings += now - was

    def _put(self, doc: int, document: Document) -> list[Posting]:
        if len(document.listings) > MAX_LISTINGS:
            raise ValueError(f"{_name(document)}: has more than {MAX_LISTINGS} listings")
        found_at, numbers, packed = [], self._term_numbers.of, postings.packer_of(document)
        flags, listed = numbers(
            self._connection,
            document.kind,
            (ANY, *document.terms, *((NAME, name) for name in document.names)),
        )
        for number, listing in enumerate(document.listings, doc * MAX_LISTINGS):
            point = listing.lat, listing.lng
            if not is_valid_point(*point):
                raise ValueError(
                    f"{_name(document)}: listing {listing.id} is at ({listing.lat}, {listing.lng}),"
                    " which is not on the globe"
                )
            own_flags, own = numbers(self._connection, document.kind, listing.terms)
            terms = sorted(listed | own)
            if len(terms) > postings.MAX_TERMS:
                raise ValueError(
                    f"{_name(document)}: listing {listing.id} has more than {postings.MAX_TERMS} terms"
                )
            head, tail = packed(number, point, unit_vector(*point), flags | own_flags, len(terms))
            posting = Posting(cell(*point), number, head, tail, postings.term_bytes(terms))
            found_at.append(posting)
            self._listings.append((number, posting.cell, listing.id.bytes, *posting[2:]))
        self._documents.append(
            (
                doc,
                document.kind,
                document.id.bytes,
                document.locale,
                document.slug,
                len(found_at),
                document.sort_name,
                f" {' '.join((document.locale, *document.fallback_for))} ",
                document.card,
                pack_cards(document.listings),
                document.digest,
            )
        )
        self._bodies.append((doc, document.body))
        self._naming += [(document.kind, *named, doc) for named in dict.fromkeys(document.names_of)]
        if document.phrases or any(document.texts):
            self._worded.append((doc, document))
        return found_at

    def _stored(self, doc: int) -> list[Posting]:
        """How a document was found before this chunk."""
        rows = self._connection.execute(
            "SELECT cell, listing, head, tail, terms FROM listing WHERE listing BETWEEN ? AND ?",
            listings_of(doc),
        )
        return [Posting(*row) for row in rows]

    def _primary(self, locales: Collection[str]) -> str | None:
        """The locale whose document stands for the entity in searches."""
        return self._default_locale if self._default_locale in locales else min(locales, default=None)

    def _write(self) -> None:
        many = self._connection.executemany
        many(
            "DELETE FROM listing WHERE listing BETWEEN ? AND ?",
            (listings_of(doc) for (doc,) in self._dead_docs),
        )
        many("DELETE FROM body WHERE doc = ?", self._dead_docs)
        many("DELETE FROM naming WHERE doc = ?", self._dead_docs)
        many("DELETE FROM document WHERE doc = ?", self._dead_docs)
        many("INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._documents)
        many("INSERT INTO body VALUES (?, ?)", self._bodies)
        many("INSERT INTO naming VALUES (?, ?, ?, ?)", self._naming)
        many("INSERT INTO listing VALUES (?, ?, ?, ?, ?, ?)", self._listings)
        many(
            "DELETE FROM former_slug WHERE kind = ? AND id = ? AND locale = ?",
            (key for key, (_, are_all) in self._former_slugs.items() if are_all),
        )
        many(
            "INSERT OR IGNORE INTO former_slug VALUES (?, ?, ?, ?)",
            ((*key, slug) for key, (slugs, _) in self._former_slugs.items() for slug in slugs),
        )
        words.replace(self._connection, [doc for (doc,) in self._dead_docs], self._worded)
        change_postings(self._connection, self._dead_postings, self._postings)
        many(
            "INSERT INTO kind VALUES (?, ?)"
            " ON CONFLICT (kind) DO UPDATE SET entities = entities + excluded.entities",
            self._entities.items(),
        )

    def _note_refusals(self, changes: list[Change]) -> None:
        """Also here the last change counts: a good one clears the note of a bad one."""
        (noted,) = self._connection.execute("SELECT EXISTS (SELECT 1 FROM refusal)").fetchone()
        if not noted and not any(isinstance(change, Refuse) for change in changes):
            return
        refusals: dict[tuple[str, str, str], Refuse | None] = {}
        for change in changes:
            match change:
                case Put(document):
                    refusals[document.kind, str(document.id), document.locale] = None
                case Delete(kind, id, locale):
                    refusals[kind, str(id), locale] = None
                case Refuse(kind, text, locale):
                    refusals[_storable(kind), _canonical(text), _storable(locale)] = change
        many = self._connection.executemany
        many("DELETE FROM refusal WHERE kind = ? AND id = ? AND locale = ?", refusals)
        many(
            "INSERT INTO refusal VALUES (?, ?, ?, ?, ?)",
            [
                (*key, min(refuse.seq, _MAX_SEQ), _storable(refuse.error))
                for key, refuse in refusals.items()
                if refuse is not None
            ],
        )


@cache
def _held_sql(entities: int) -> str:
    return f"""
    WITH asked (kind, id) AS (VALUES {", ".join(["(?, ?)"] * entities)})
    SELECT kind, id, locale, doc FROM asked CROSS JOIN document USING (kind, id)"""


def _name(document: Document) -> str:
    return f"{document.kind} {document.id} ({document.locale})"


def _canonical(id_: str) -> str:
    """The id of a refused change as a UUID is written, if it is one: a later change clears the note."""
    try:
        return str(UUID(id_))
    except ValueError:
        return _storable(id_)


def _storable(text: str) -> str:
    """The text, fit for UTF-8: what is refused may be malformed in any way."""
    return text.encode("utf-8", "replace").decode()
