"""Reading a generation."""

# ruff: noqa: S608 - only numbers of parameters are put into the SQL, never a value

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from search_service.geo import km_from_chord2
from search_service.index.protocol import (
    ANY,
    FLAGS,
    FORMS,
    Acquaintance,
    Counted,
    Entity,
    Form,
    Found,
    Gone,
    Hit,
    Match,
    Moved,
    Points,
    Position,
    Query,
    Ranked,
    Refusal,
    SortKey,
    Stored,
    Term,
)
from search_service.index.sqlite import words as wording
from search_service.index.sqlite.connections import Connections, Lent
from search_service.index.sqlite.counting import search_and_count
from search_service.index.sqlite.postings import Postings, whole
from search_service.index.sqlite.schema import MAX_LISTINGS, ReaderConnection, by_keys, corrupt, listing_card
from search_service.index.sqlite.search import Rows, Search
from search_service.index.sqlite.terms import FIND
from search_service.index.sqlite.tree import blocks_of, first_block_of

# Of the entity `?1` of a kind `?2`, the document in the locale `?3`, else the nearest that may be shown in it, else in
# the default locale `?4`, else in any. The nearer one has fewer locales, all of which the further one has, too.
_BEST_LOCALE = """
WHERE id = ?1 AND kind = ?2
ORDER BY locale <> ?3, iif(instr(locales, ' ' || ?3 || ' '), length(locales), 1e9), locale <> ?4, locale LIMIT 1
"""
# Of the entity of `main`, the `other` document that is shown in the locale `?1`.
_SHOWN = """
FROM document AS other
WHERE other.id = main.id AND other.kind = main.kind AND instr(other.locales, ' ' || ?1 || ' ')
ORDER BY other.locale <> ?1, length(other.locales) LIMIT 1
"""
# Each distinct value by one look into the index, and of each the first few rows: there is one of another kind than `?1`
# among them, or there are hardly more.
_LOCALES = """
WITH RECURSIVE step (locales) AS (
    SELECT min(locales) FROM document
    UNION ALL
    SELECT (SELECT min(locales) FROM document WHERE locales > step.locales) FROM step WHERE locales IS NOT NULL
)
SELECT locales FROM step
WHERE locales IS NOT NULL
AND EXISTS (SELECT 1 FROM document WHERE document.locales = step.locales AND kind <> ?1)
"""

Vocabularies = dict[frozenset[Form], wording.Vocabulary]


# So many of some hundred listings are read at a time.
_BLOCKS = 64


class SQLiteReader:
    """One generation, for reading, by several threads at once.

    Each call raises IndexUnavailable when the file is gone, damaged, or of another version.
    """

    def __init__(self, path: Path, generation: str, default_locale: str) -> None:
        self._path = path
        self._generation = generation
        self._default_locale = default_locale
        self._connections = Connections(path)
        self._vocabularies: Vocabularies = {}
        # Reading once opens all that SQLite needs: from now on the files may be deleted.
        self.position()

    @contextmanager
    def snapshot(self) -> Iterator[SQLiteReader]:
        with self._reading() as connection:
            lent = Lent(self._path, connection)
            yield _Held(self._path, self._generation, self._default_locale, self._vocabularies, lent)

    @property
    def generation(self) -> str:
        return self._generation

    def position(self) -> Position | None:
        rows = self._recall("SELECT epoch, seq, as_of, changed_at FROM position")
        if not rows:
            return None
        epoch, seq, as_of, changed_at = rows[0]
        return Position(epoch, seq, datetime.fromisoformat(as_of), datetime.fromisoformat(changed_at))

    def search(self, query: Query, counted: Counted | None = None) -> Found:
        with self._reading() as connection:
            search = Search(connection, query)
            rows, counts = search_and_count(search, counted)
            return Found(_hits(search, rows), counts)

    def points(self, kind: str, terms: Collection[Term]) -> Iterator[Points]:
        with self._reading() as connection:
            for term in terms:
                numbers = connection.recall(FIND, (kind, *term))
                blocks = blocks_of(connection, numbers[0][0] if numbers else None)
                for start in range(0, len(blocks), _BLOCKS):
                    some = by_keys(connection, "heads", "packed", blocks[start : start + _BLOCKS])
                    yield _points(Postings.unpack(some))

    def get(self, kind: str, id: UUID, locale: str) -> Stored | Gone | None:
        with self._reading() as connection:
            return self._get(connection, kind, id.bytes, locale) or _gone(connection, kind, id.bytes)

    def get_by_slug(self, kind: str, slug: str, locale: str) -> Stored | Moved | Gone | None:
        with self._reading() as connection:
            rows = connection.recall(
                "SELECT id FROM document WHERE slug = ?1 AND kind = ?2"
                " ORDER BY locale <> ?3, locale <> ?4, id LIMIT 1",
                (slug, kind, locale, self._default_locale),
            )
            if rows:
                return self._get(connection, kind, rows[0][0], locale)
            # The slug now, in the locale in which it was this one, of an entity that is still there.
            former = connection.execute(
                """
                SELECT document.slug, document.id FROM former_slug AS former
                LEFT JOIN document ON document.kind = former.kind AND document.id = former.id
                WHERE former.slug = ?1 AND former.kind = ?2
                ORDER BY document.id IS NULL, former.locale <> ?3, former.locale <> ?4, former.id,
                    document.locale <> former.locale, document.locale <> ?3, document.locale <> ?4,
                    document.locale
                LIMIT 1
                """,
                (slug, kind, locale, self._default_locale),
            ).fetchone()
        if former is None:
            return None
        return Moved(former[0]) if former[1] is not None else Gone()

    def naming(self, kind: str, named: Term, locale: str, limit: int) -> list[bytes]:
        with self._reading() as connection:
            rows = connection.recall(
                "SELECT id FROM naming CROSS JOIN document USING (doc)"
                " WHERE naming.kind = ? AND facet = ? AND value = ? GROUP BY id ORDER BY min(sort_name), id LIMIT ?",
                (kind, *named, limit),
            )
            cards = [self._card(connection, kind, id_, locale) for (id_,) in rows]
        return [card for card in cards if card is not None]

    def translations(self, kind: str, id: UUID) -> dict[str, str]:
        with self._reading() as connection:
            return dict(
                connection.recall(
                    "SELECT locale, slug FROM document WHERE id = ? AND kind = ? ORDER BY locale",
                    (id.bytes, kind),
                )
            )

    def locales(self, *, but: str) -> dict[str, str]:
        with self._reading() as connection:
            rows = [tags.split() for (tags,) in connection.recall(_LOCALES, (but,))]
        # The nearer one has fewer.
        rows.sort(key=len, reverse=True)
        shown = {other: own for own, *others in rows for other in others}
        return shown | {own: own for own, *_ in rows}

    def listing_cards(self, kind: str, terms: Collection[Term]) -> dict[Term, bytes]:
        with self._reading() as connection:
            found = {term: _listing_card(connection, kind, term) for term in terms if term.facet not in FLAGS}
        return {term: card for term, card in found.items() if card is not None}

    def cards(self, kind: str, ids: Sequence[UUID], locale: str) -> dict[UUID, bytes]:
        with self._reading() as connection:
            found = {id: self._card(connection, kind, id.bytes, locale) for id in ids}
        return {id: card for id, card in found.items() if card is not None}

    def phrases(self, keys: Collection[str], locale: str) -> list[Match]:
        with self._reading() as connection:
            once: dict[tuple[str, str, bytes], wording.Row] = {}
            for row in wording.of_keys(connection, keys):
                once.setdefault((row.key, row.kind, row.id), row)
            return self._matches(connection, [*once.values()], locale)

    def completions(
        self, kind: str, words: Sequence[str], locale: str, limit: int, forms: Collection[Form] = FORMS
    ) -> list[Match]:
        with self._reading() as connection:
            once: dict[bytes, wording.Row] = {}
            for row in wording.completed(connection, kind, words, limit, forms):
                once.setdefault(row.id, row)
            return self._matches(connection, [*once.values()][:limit], locale)

    def words_like(
        self, word: str, most: int, forms: Collection[Form] = FORMS, *, unfinished: bool = False
    ) -> list[tuple[str, int]]:
        of = frozenset(forms)
        with self._reading() as connection:
            vocabulary = self._vocabularies.get(of)
            if vocabulary is None or vocabulary.version != wording.version(connection):
                vocabulary = self._vocabularies[of] = wording.Vocabulary(connection, of)
        return vocabulary.begun_like(word, most) if unfinished else vocabulary.like(word, most)

    def acquaintance(self, words: Collection[str], locale: str) -> dict[str, Acquaintance]:
        locales = locale, self._default_locale
        with self._reading() as connection:
            return {word: wording.acquaintance(connection, word, locales) for word in words}

    def full_text(
        self, kind: str, words: Sequence[tuple[str, Sequence[str]]], locale: str, limit: int
    ) -> list[Ranked]:
        with self._reading() as connection:
            found = [
                (id_, self._card(connection, kind, id_, locale), score)
                for id_, score in wording.ranked(connection, kind, words, limit)
            ]
        return [Ranked(UUID(bytes=id_), card, score) for id_, card, score in found if card is not None]

    def digests(self, after: Entity | None = None, limit: int = 1000) -> list[tuple[Entity, str]]:
        last = (after.kind, after.id.bytes, after.locale) if after else ("", b"", "")
        with self._reading() as connection:
            rows = connection.execute(
                """
                SELECT kind, id, locale, digest FROM document WHERE (kind, id, locale) > (?, ?, ?)
                ORDER BY kind, id, locale LIMIT ?
                """,
                (*last, limit),
            ).fetchall()
        return [(Entity(kind, UUID(bytes=id_), locale), digest) for kind, id_, locale, digest in rows]

    def held(self, entities: Sequence[Entity]) -> dict[Entity, str]:
        with self._reading() as connection:
            rows = [
                (
                    entity,
                    connection.execute(
                        "SELECT digest FROM document WHERE kind = ? AND id = ? AND locale = ?",
                        (entity.kind, entity.id.bytes, entity.locale),
                    ).fetchone(),
                )
                for entity in entities
            ]
        return {entity: row[0] for entity, row in rows if row}

    def refusal(self, entity: Entity) -> Refusal | None:
        key = (entity.kind, str(entity.id), entity.locale)
        with self._reading() as connection:
            row = connection.execute(
                "SELECT seq, error FROM refusal WHERE kind = ? AND id = ? AND locale = ?", key
            ).fetchone()
        return Refusal(*key, *row) if row else None

    def counts(self) -> dict[str, int]:
        with self._reading() as connection:
            kinds = dict(
                connection.execute("SELECT kind, entities FROM kind WHERE entities > 0 ORDER BY kind")
            )
            (refused,) = connection.execute("SELECT count(*) FROM refusal").fetchone()
        return {**kinds, "refused": refused}

    def refusals(self, limit: int = 100) -> list[Refusal]:
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT kind, id, locale, seq, error FROM refusal ORDER BY seq DESC, kind, id, locale LIMIT ?",
                (limit,),
            ).fetchall()
        return [Refusal(*row) for row in rows]

    def check(self) -> None:
        with self._snapshot() as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise corrupt(found)

    def close(self) -> None:
        self._connections.close()

    def _get(self, connection: ReaderConnection, kind: str, id_: bytes, locale: str) -> Stored | None:
        row = connection.execute(
            f"SELECT locale, slug, body, card FROM document JOIN body USING (doc) {_BEST_LOCALE}",
            (id_, kind, locale, self._default_locale),
        ).fetchone()
        return Stored(kind, UUID(bytes=id_), *row) if row else None

    def _card(self, connection: ReaderConnection, kind: str, id_: bytes, locale: str) -> bytes | None:
        rows = connection.recall(
            f"SELECT card FROM document {_BEST_LOCALE}", (id_, kind, locale, self._default_locale)
        )
        return rows[0][0] if rows else None

    def _matches(self, connection: ReaderConnection, rows: Sequence[wording.Row], locale: str) -> list[Match]:
        cards = [self._card(connection, row.kind, row.id, locale) for row in rows]
        return [
            Match(row.kind, UUID(bytes=row.id), card, row.phrase)
            for row, card in zip(rows, cards, strict=True)
            if card is not None
        ]

    def _reading(self) -> AbstractContextManager[ReaderConnection]:
        """For all that needs the generation to be ready."""
        return self._snapshot()

    def _snapshot(self) -> AbstractContextManager[ReaderConnection]:
        return self._connections.snapshot()

    def _recall(self, sql: str) -> list[Any]:
        return self._connections.recall(sql)


class _Held(SQLiteReader):
    """A reader in one snapshot that is held."""

    def __init__(
        self, path: Path, generation: str, default_locale: str, vocabularies: Vocabularies, lent: Lent
    ) -> None:
        self._path = path
        self._generation = generation
        self._default_locale = default_locale
        self._vocabularies = vocabularies
        self._lent = lent

    def _snapshot(self) -> AbstractContextManager[ReaderConnection]:
        return self._lent

    def _recall(self, sql: str) -> list[Any]:
        return self._lent.recall(sql)


def _points(some: Postings) -> Points:
    # The first byte of an id is that of the highest value.
    halves = np.stack([some["hi"], some["lo"]], axis=1).astype(">u8")
    # A copy: else the whole heads stay in memory with the points.
    return Points(halves.view("S16").ravel(), some["point"].copy())


def _listing_card(connection: ReaderConnection, kind: str, term: Term) -> bytes | None:
    numbers = connection.recall(FIND, (kind, *term))
    block = first_block_of(connection, numbers[0][0]) if numbers else None
    if block is None:
        return None
    heads = connection.recall("SELECT substr(heads, 1, 8) FROM packed WHERE block = ?", (block,))
    if not heads:
        raise corrupt("there are trees without blocks")
    listing = int.from_bytes(heads[0][0], "little")
    cards = connection.recall("SELECT listing_cards FROM document WHERE doc = ?", (listing // MAX_LISTINGS,))
    if not cards:
        raise corrupt("there are postings without documents")
    return listing_card(cards[0][0], listing)


def _gone(connection: ReaderConnection, kind: str, id_: bytes) -> Gone | None:
    """If it was there once."""
    row = connection.execute("SELECT 1 FROM former_slug WHERE kind = ? AND id = ? LIMIT 1", (kind, id_))
    return Gone() if row.fetchone() else None


def _hits(search: Search, rows: Rows) -> list[Hit]:
    query, heads = search.query, rows.postings.heads
    listings, by_name = heads["listing"].tolist(), query.sort == "name"
    names = search.sort_names(listings) if by_name else [""] * len(listings)
    terms, cards = query.terms or (ANY,), _cards(search.connection, listings, query.locale)
    columns = [*rows[1:], heads["hi"], heads["lo"]]
    hits = []
    for listing, name, chord2, rank, group, hi, lo in zip(
        listings, names, *(column.tolist() for column in columns), strict=True
    ):
        id = whole(hi, lo)
        key = SortKey(group, name, 0.0 if by_name else chord2, id)
        hits.append(Hit(id, key, km_from_chord2(chord2), terms[rank], *cards[listing]))
    return hits


def _cards(
    connection: ReaderConnection, listings: list[int], locale: str
) -> dict[int, tuple[bytes, bytes, int]]:
    """By listing: the cards of its document and of itself, in `locale` where there is one, and how many listings the
    document has where it is found."""
    if not listings:
        return {}
    cards, elsewhere = {}, []
    for listing, of, card, listing_cards, number in connection.execute(_cards_sql(len(listings)), listings):
        cards[listing] = card, listing_card(listing_cards, listing), number
        if of != locale:
            elsewhere.append(listing)
    if len(cards) < len(listings):
        raise corrupt("there are postings without documents")
    if elsewhere:
        shown = connection.execute(_shown_cards_sql(len(elsewhere)), (locale, *elsewhere))
        for listing, card, listing_cards, same in shown:
            _, own, number = cards[listing]
            cards[listing] = card, own if same is None else listing_card(listing_cards, same), number
    return cards


@cache
def _cards_sql(hits: int) -> str:
    return f"""
    WITH hit (listing) AS (VALUES {", ".join(["(?)"] * hits)})
    SELECT listing, locale, card, listing_cards, listings
    FROM hit CROSS JOIN document ON doc = listing / {MAX_LISTINGS}"""


@cache
def _shown_cards_sql(hits: int) -> str:
    """What is shown in the locale `?1` instead, and which of its listings is the same one."""
    return f"""
    WITH hit (listing) AS (VALUES {", ".join(f"(?{number})" for number in range(2, hits + 2))})
    SELECT hit.listing, shown.card, shown.listing_cards, (
        SELECT min(same.listing) FROM listing AS same
        WHERE same.listing BETWEEN shown.doc * {MAX_LISTINGS} AND (shown.doc + 1) * {MAX_LISTINGS} - 1
        AND same.id = (SELECT id FROM listing WHERE listing = hit.listing))
    FROM hit CROSS JOIN document AS main ON main.doc = hit.listing / {MAX_LISTINGS}
    CROSS JOIN document AS shown ON shown.doc = (SELECT other.doc {_SHOWN})"""
