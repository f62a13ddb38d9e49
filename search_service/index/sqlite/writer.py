"""Writing a generation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from itertools import islice
from pathlib import Path
from sqlite3 import Connection
from typing import Any
from uuid import UUID

from search_service.geo import cell, is_valid_point, unit_vector
from search_service.index.protocol import ANY_TERM, Change, Delete, Document, Position, Put, Refuse
from search_service.index.sqlite.reader import SQLiteReader, unavailable
from search_service.index.sqlite.schema import MAX_LISTINGS, is_ready, open_loader, open_writer

# So many changes are worked up in memory at a time. The more, the fewer pages are touched per posting.
_CHUNK = 10_000

# The largest integer that SQLite holds.
_MAX_SEQ = 2**63 - 1

Row = tuple[Any, ...]
# By what a document is found: its terms, and cell and unit vector of each listing.
Findable = tuple[list[bytes], list[tuple[int, float, float, float]]]


class SQLiteWriter(SQLiteReader):
    """One generation, for writing by one process and one thread at a time. It reads what it has applied."""

    def __init__(self, path: Path, generation: str, default_locale: str, *, loading: bool = False) -> None:
        super().__init__(path, generation, default_locale)
        self._loading = loading
        with unavailable(generation):
            self._connection = open_loader(path) if loading else open_writer(path)

    def apply(self, changes: Iterable[Change], position: Position) -> None:
        """Apply all of `changes`, in order, and move to `position`: all or nothing.

        Raises ValueError for a listing that is not on the globe, IndexUnavailable if the file cannot be
        written.
        """
        remaining = iter(changes)
        with unavailable(self._generation):
            if self._loading and is_ready(self._connection):
                self._connection.close()
                self._connection, self._loading = open_writer(self._path), False
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                while chunk := list(islice(remaining, _CHUNK)):
                    _Chunk(self._connection, self._default_locale).apply(chunk)
                self._connection.execute(
                    "INSERT OR REPLACE INTO position VALUES (0, ?, ?, ?)",
                    (position.epoch, position.seq, position.as_of.isoformat()),
                )
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise

    def close(self) -> None:
        super().close()
        self._connection.close()


class _Chunk:
    """Some changes, worked up to rows that are then written table by table, in key order."""

    def __init__(self, connection: Connection, default_locale: str) -> None:
        self._connection = connection
        self._default_locale = default_locale
        (self._next_doc,) = connection.execute("SELECT coalesce(max(doc), 0) + 1 FROM document").fetchone()
        self._terms: dict[tuple[str, bytes], int] = {}
        self._entities: Counter[str] = Counter()
        self._dead_docs: list[Row] = []
        self._dead_postings: list[Row] = []
        self._documents: list[Row] = []
        self._bodies: list[Row] = []
        self._listings: list[Row] = []
        self._postings: list[Row] = []

    def apply(self, changes: list[Change]) -> None:
        # The last change of a document is the one that counts, and so is the last word on a refusal.
        entities: defaultdict[tuple[str, bytes], dict[str, Document | None]] = defaultdict(dict)
        refusals: dict[tuple[str, str, str], Refuse | None] = {}
        for change in changes:
            match change:
                case Put(document):
                    kind, id, locale = document.kind, document.id, document.locale
                    entities[kind, id.bytes][locale] = document
                    refusals[kind, str(id), locale] = None
                case Delete(kind, id, locale):
                    entities[kind, id.bytes][locale] = None
                    refusals[kind, str(id), locale] = None
                case Refuse(kind, id_text, locale):
                    refusals[_storable(kind), _canonical(id_text), _storable(locale)] = change
        for (kind, id_), documents in entities.items():
            self._change(kind, id_, documents)
        self._write()
        self._write_refusals(refusals)

    def _change(self, kind: str, id_: bytes, changed: dict[str, Document | None]) -> None:
        """Work up what becomes of the documents of one entity: by locale, None if deleted."""
        before: dict[str, int] = dict(
            self._connection.execute(
                "SELECT locale, doc FROM document WHERE id = ? AND kind = ?", (id_, kind)
            )
        )
        after = dict(before)
        put: dict[str, Findable] = {}
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

        # Only the primary document is found by its listings. Most changes leave them where they are.
        old, new = self._primary(before), self._primary(after)
        if old == new and new not in changed:
            return
        was: set[Row] = set()
        now: set[Row] = set()
        if old is not None:
            was = self._posted(kind, id_, before[old], self._stored(before[old]))
        if new is not None:
            now = self._posted(kind, id_, after[new], put.get(new) or self._stored(after[new]))
        self._dead_postings += [row[:3] for row in was - now]
        self._postings += now - was

    def _put(self, doc: int, document: Document) -> Findable:
        if len(document.listings) > MAX_LISTINGS:
            raise ValueError(f"{_name(document)}: has more than {MAX_LISTINGS} listings")
        spots = []
        for number, listing in enumerate(document.listings, doc * MAX_LISTINGS):
            if not is_valid_point(listing.lat, listing.lng):
                raise ValueError(
                    f"{_name(document)}: listing {listing.id} is at ({listing.lat}, {listing.lng}),"
                    " which is not on the globe"
                )
            spot = (cell(listing.lat, listing.lng), *unit_vector(listing.lat, listing.lng))
            spots.append(spot)
            self._listings.append((number, *spot, listing.id.bytes, listing.card))
        terms = [term.bytes for term in dict.fromkeys((ANY_TERM, *document.terms))]
        self._documents.append(
            (
                doc,
                document.kind,
                document.id.bytes,
                document.locale,
                document.slug,
                len(spots),
                document.card,
                document.digest,
                b"".join(terms),
            )
        )
        self._bodies.append((doc, document.body))
        return terms, spots

    def _stored(self, doc: int) -> Findable:
        """How a document was found before this chunk."""
        execute = self._connection.execute
        (terms,) = execute("SELECT terms FROM document WHERE doc = ?", (doc,)).fetchone()
        spots = execute(
            "SELECT cell, x, y, z FROM listing WHERE listing BETWEEN ? AND ? ORDER BY listing",
            _numbers((doc,)),
        ).fetchall()
        return [terms[start : start + 16] for start in range(0, len(terms), 16)], spots

    def _posted(self, kind: str, id_: bytes, doc: int, findable: Findable) -> set[Row]:
        terms, spots = findable
        numbers = [self._term(kind, term) for term in terms] if spots else []
        return {
            (term, cell_, listing, x, y, z, len(spots), id_)
            for listing, (cell_, x, y, z) in enumerate(spots, doc * MAX_LISTINGS)
            for term in numbers
        }

    def _primary(self, locales: Collection[str]) -> str | None:
        """The locale whose document stands for the entity in searches."""
        return self._default_locale if self._default_locale in locales else min(locales, default=None)

    def _term(self, kind: str, id_: bytes) -> int:
        """The number of a term, given to it now if it is new."""
        number = self._terms.get((kind, id_))
        if number is None:
            execute = self._connection.execute
            execute("INSERT OR IGNORE INTO term (kind, id) VALUES (?, ?)", (kind, id_))
            (number,) = execute("SELECT term FROM term WHERE kind = ? AND id = ?", (kind, id_)).fetchone()
            self._terms[kind, id_] = number
        assert number is not None
        return number

    def _write(self) -> None:
        many = self._connection.executemany
        many("DELETE FROM posting WHERE term = ? AND cell = ? AND listing = ?", self._dead_postings)
        many("DELETE FROM listing WHERE listing BETWEEN ? AND ?", map(_numbers, self._dead_docs))
        many("DELETE FROM body WHERE doc = ?", self._dead_docs)
        many("DELETE FROM document WHERE doc = ?", self._dead_docs)
        many("INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", self._documents)
        many("INSERT INTO body VALUES (?, ?)", self._bodies)
        many("INSERT INTO listing VALUES (?, ?, ?, ?, ?, ?, ?)", self._listings)
        self._postings.sort()
        many("INSERT INTO posting VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._postings)
        many(
            "INSERT INTO kind VALUES (?, ?)"
            " ON CONFLICT (kind) DO UPDATE SET entities = entities + excluded.entities",
            self._entities.items(),
        )

    def _write_refusals(self, refusals: dict[tuple[str, str, str], Refuse | None]) -> None:
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


def _numbers(row: Row) -> tuple[int, int]:
    """The first and the last number that a listing of this document may have."""
    (doc,) = row
    return doc * MAX_LISTINGS, (doc + 1) * MAX_LISTINGS - 1


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
