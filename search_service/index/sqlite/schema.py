"""The tables of a generation, and how its file is opened."""

# ruff: noqa: S608 - only names and numbers of parameters are put into the SQL, never a value

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from search_service.index.protocol import Listing

FILE_NAME = "index.sqlite3"
# A file beside it: somebody found that it is damaged.
DAMAGED = "DAMAGED"

# Written into the file last of all, so that a file that has it is whole. Change it with the tables, or with
# what `geo.cell`, `geo.unit_vector` and the functions in `feed.documents` return: a generation of another
# version is not read.
VERSION = 16

MAX_LISTINGS = 1 << 16

SCHEMA = """
CREATE TABLE position (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 0),
    epoch TEXT NOT NULL,
    seq INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    changed_at TEXT NOT NULL
);
CREATE TABLE kind (
    kind TEXT PRIMARY KEY,
    entities INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE facet (
    facet INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (kind, name)
);
-- Some terms are a `bit` of a posting's flags: those of `FLAGS`, whose number it is and which have no list of
-- postings, and some that have such a list as well. The numbers of lists have the facet's in their upper 8 of 32 bits.
-- What is in this table stays as it is, but for `postings`.
CREATE TABLE term (
    term INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    facet TEXT NOT NULL,
    value TEXT NOT NULL,
    bit INTEGER,
    postings INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kind, facet, value)
);
CREATE UNIQUE INDEX term_bit ON term (bit) WHERE bit IS NOT NULL;

-- What lists show of a document and its listings (`pack_cards`) stands together, so that it takes one look for both, and apart
-- from its body, so that a page holds many. `locales` are its
-- own and those that it may be shown in, with a blank before and behind each.
CREATE TABLE document (
    doc INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    locale TEXT NOT NULL,
    slug TEXT NOT NULL,
    listings INTEGER NOT NULL,
    sort_name TEXT NOT NULL,
    locales TEXT NOT NULL,
    card BLOB NOT NULL,
    listing_cards BLOB NOT NULL,
    digest TEXT NOT NULL
);
CREATE UNIQUE INDEX document_key ON document (kind, id, locale);
CREATE TABLE body (
    doc INTEGER PRIMARY KEY,
    body BLOB NOT NULL
);
-- Of documents: the entities that they name, and are listed by.
CREATE TABLE naming (
    kind TEXT NOT NULL,
    facet TEXT NOT NULL,
    value TEXT NOT NULL,
    doc INTEGER NOT NULL,
    PRIMARY KEY (kind, facet, value, doc)
) WITHOUT ROWID;
CREATE INDEX naming_doc ON naming (doc);
-- The slugs that documents had, those of deleted ones with the last.
CREATE TABLE former_slug (
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    locale TEXT NOT NULL,
    slug TEXT NOT NULL,
    PRIMARY KEY (kind, id, locale, slug)
) WITHOUT ROWID;
CREATE INDEX former_slug_slug ON former_slug (slug, kind);
-- The nth listing of document `doc` has the number `doc * 65536 + n`; `head`, `tail` and `terms` are its posting.
CREATE TABLE listing (
    listing INTEGER PRIMARY KEY,
    cell INTEGER NOT NULL,
    id BLOB NOT NULL,
    head BLOB NOT NULL,
    tail BLOB NOT NULL,
    terms BLOB NOT NULL
);

-- The listings of each entity's primary document, under each of its terms, along the curve of cells, packed in
-- blocks (see postings.py). Where those of a term lie is told by its tree (see tree.py).
CREATE TABLE tree (
    term INTEGER PRIMARY KEY,
    is_divided INTEGER NOT NULL,
    nodes BLOB NOT NULL
);
CREATE TABLE branch (
    branch INTEGER PRIMARY KEY,
    nodes BLOB NOT NULL
);
CREATE TABLE packed (
    block INTEGER PRIMARY KEY,
    marks BLOB NOT NULL,
    heads BLOB NOT NULL,
    tails BLOB NOT NULL,
    terms BLOB NOT NULL
);

-- The words of names, which are terms, backwards.
CREATE TABLE name_end (
    kind TEXT NOT NULL,
    reversed TEXT NOT NULL,
    PRIMARY KEY (kind, reversed)
) WITHOUT ROWID;

-- Words that mean a document (see `protocol.Phrase`), of `form` in the order of `protocol.FORMS`, and each word
-- of theirs. `vocabulary.version` grows with each change of these.
CREATE TABLE phrase (
    phrase INTEGER PRIMARY KEY,
    doc INTEGER NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    text TEXT NOT NULL,
    form INTEGER NOT NULL,
    exact_only INTEGER NOT NULL
);
CREATE INDEX phrase_key ON phrase (key);
CREATE INDEX phrase_begun ON phrase (kind, form, key, exact_only);
CREATE INDEX phrase_doc ON phrase (doc);
CREATE TABLE phrase_word (
    word TEXT NOT NULL,
    phrase INTEGER NOT NULL,
    PRIMARY KEY (word, phrase)
) WITHOUT ROWID;
CREATE TABLE vocabulary (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 0),
    version INTEGER NOT NULL
);
INSERT INTO vocabulary VALUES (0, 0);
-- The text of document `rowid`, folded.
CREATE VIRTUAL TABLE article USING fts5 (names, summary, body, tokenize = 'ascii', prefix = '4 5 6');

CREATE TABLE refusal (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    locale TEXT NOT NULL,
    seq INTEGER NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (kind, id, locale)
) WITHOUT ROWID;
"""

# Of several documents of an entity, one in each locale, the first is found by its listings: the default
# locale's (`?1`), else the first by code. These are the others.
SECONDARY = """
SELECT translation.doc FROM document AS translation CROSS JOIN document AS other USING (kind, id)
WHERE (other.locale <> ?1, other.locale) < (translation.locale <> ?1, translation.locale)
"""
# What is made when all is loaded.
INDEXES = (
    "CREATE INDEX document_name ON document (kind, sort_name, id)",
    "CREATE INDEX document_slug ON document (slug, kind, id)",
    "CREATE INDEX document_locales ON document (locales)",
)

# Blocks and documents take several pages of the usual 4 kB each: with 8, the file is 10 % smaller, and nothing is
# slower. With more, a change writes more.
PAGE_BYTES = 8192

# A reader waits this long for a writer that holds the file as a whole, which WAL does for moments only.
BUSY_SECONDS = 5.0
# A writer waits for another one's transaction.
WRITER_BUSY_SECONDS = 60.0

# The file is read through the page cache of the system, which all processes share, instead of one
# cache per connection; beyond this many bytes it is read the ordinary way.
MMAP_BYTES = 2_147_418_112


# So many rows are read by their keys at a time.
_KEYS = 64
# So many answers are remembered at most.
_REMEMBERED = 20_000


class ReaderConnection(sqlite3.Connection):
    """A connection that remembers what it read, as long as nobody writes."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.is_closed = False
        self._version = 0
        self._remembered: dict[tuple[str, tuple[Any, ...]], list[Any]] = {}

    def close(self) -> None:
        self.is_closed = True
        super().close()

    def begin(self) -> None:
        """One snapshot for all that is read until it is committed, whatever is written meanwhile."""
        self.execute("BEGIN")
        self.look()

    def look(self) -> None:
        """Forget what was remembered if somebody wrote since."""
        (version,) = self.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._remembered.clear()
            self._version = version

    def recall(self, sql: str, parameters: tuple[Any, ...]) -> list[Any]:
        """The rows: few and small ones that are asked for again and again. Only after `begin` or,
        where one statement tells all, `look`."""
        key = sql, parameters
        rows = self._remembered.get(key)
        if rows is None:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = rows = self.execute(sql, parameters).fetchall()
        return rows


def create(path: Path) -> None:
    """Make the file of a new generation, to be loaded and then made ready."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.executescript(
            f"PRAGMA page_size = {PAGE_BYTES}; BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;"
        )
    finally:
        connection.close()


def is_ready(connection: sqlite3.Connection) -> bool:
    """Whether the generation was loaded and has all that searches need."""
    connection.execute("SELECT 1 FROM position").fetchone()
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    return bool(mode == "wal")


def corrupt(message: str) -> sqlite3.DatabaseError:
    """What SQLite says of a damaged file, for what only we can see."""
    error = sqlite3.DatabaseError(message)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def listings_of(doc: int) -> tuple[int, int]:
    """The first and the last number that a listing of a document may have."""
    return doc * MAX_LISTINGS, (doc + 1) * MAX_LISTINGS - 1


def pack_cards(listings: Sequence[Listing]) -> bytes:
    """The cards of a document's listings, each found by where it ends."""
    cards, end = [], 4 * (len(listings) + 1)
    ends = [end]
    for listing in listings:
        cards.append(listing.card)
        ends.append(end := end + len(listing.card))
    return struct.pack(f"<{len(ends)}I", *ends) + b"".join(cards)


def listing_card(cards: bytes, listing: int) -> bytes:
    """Of the packed cards of a document, that of the listing with this number."""
    try:
        start, end = _ENDS.unpack_from(cards, 4 * (listing % MAX_LISTINGS))
    except struct.error:
        raise corrupt("there are postings without listings") from None
    return cards[start:end]


_ENDS = struct.Struct("<2I")


def by_keys(connection: sqlite3.Connection, columns: str, table: str, keys: Sequence[int]) -> Iterator[Any]:
    """These columns of the rows that there must be, one for each of the integers that are a table's primary key."""
    for start in range(0, len(keys), _KEYS):
        some = keys[start : start + _KEYS]
        rows = connection.execute(_by_keys_sql(columns, table, len(some)), some).fetchall()
        if len(rows) < len(some):
            raise corrupt(f"rows of {table} are missing")
        yield from rows


@cache
def _by_keys_sql(columns: str, table: str, keys: int) -> str:
    return f"""
    WITH wanted (key) AS (VALUES {", ".join(["(?)"] * keys)})
    SELECT {columns} FROM wanted CROSS JOIN {table} ON {table}.rowid = key"""


def open_reader(path: Path) -> ReaderConnection:
    """A connection that cannot write. Raises sqlite3.DatabaseError if this is no generation."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        factory=ReaderConnection,
    )
    _prepare(connection, path)
    return connection


def open_writer(path: Path) -> sqlite3.Connection:
    """A connection that can write. Raises sqlite3.DatabaseError if this is no generation."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=WRITER_BUSY_SECONDS, isolation_level=None
    )
    _prepare(connection, path)
    # A large batch changes its pages in memory and writes each once (KiB; taken only when needed).
    connection.execute("PRAGMA cache_size = -131072")
    if is_ready(connection):
        # NORMAL, not FULL: a killed process loses nothing, and a power cut at most the last transactions,
        # each as a whole with its position; they are then read from the feed again. So no commit waits
        # for the disk.
        connection.execute("PRAGMA synchronous = NORMAL")
        # Checkpoints do wait for it: the fewer pages, the more often, but the shorter.
        connection.execute(f"PRAGMA wal_autocheckpoint = {2_097_152 // PAGE_BYTES}")
    else:
        # Thrown away if this process dies before it is ready: nothing is written twice, and nothing waits
        # for the disk. One pass over the file needs none of it kept in the process.
        connection.execute("PRAGMA mmap_size = 0")
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("PRAGMA synchronous = OFF")
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    try:
        connection.execute(f"PRAGMA mmap_size = {MMAP_BYTES}")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            raise sqlite3.DatabaseError(f"{path.name} is of version {version}, not {VERSION}")
    except BaseException:
        connection.close()
        raise
