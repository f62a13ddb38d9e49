"""The gazetteer in one SQLite file per generation: its tables, and how they are read."""

# ruff: noqa: S608 - only numbers of parameters are put into the SQL, never a value

from __future__ import annotations

import heapq
import json
import sqlite3
import threading
import weakref
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import starmap
from pathlib import Path
from typing import Any

from search_service import geo
from search_service.places import names, scripts
from search_service.places.areas import Areas, Country, Region, Scope
from search_service.places.locales import fallbacks
from search_service.places.store import Hit, PostalRow, Row, Whereabouts
from search_service.places.typos import one_letter_off

FILE = "places.sqlite3"
# What follows from the names is in a file of its own, so that both are made at the same time.
WORDS_FILE = "words.sqlite3"
# Of the tables and of what is in them (keys, scores). Raise it with any change that older readers or files
# do not fit: a generation of another version is not read.
VERSION = 3

# name.id runs in order of likelihood, over all places: whatever is read in that order can stop early.
# name.area is `IN.41`, the country and the code of the region; name.name is empty where it is the place's.
# point holds populated places only, on the unit sphere; name_end the keys read backwards.
# area_name and area_local_name are names of countries (whose region is empty) and regions in other languages: to
# understand, and to show. local_name is what places are called in a locale, where that is not their own name.
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE country (code TEXT PRIMARY KEY, iso3 TEXT NOT NULL, name TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE region (
    country TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, ascii_name TEXT NOT NULL,
    PRIMARY KEY (country, code)
) WITHOUT ROWID;
CREATE TABLE district (code TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE place (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, ascii_name TEXT NOT NULL, lat REAL NOT NULL, lng REAL NOT NULL,
    kind TEXT NOT NULL, country TEXT NOT NULL, region TEXT NOT NULL, district TEXT NOT NULL,
    population INTEGER NOT NULL, timezone TEXT NOT NULL, importance INTEGER NOT NULL,
    shares_slug INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE name (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, area TEXT NOT NULL, class INTEGER NOT NULL,
    place_id INTEGER NOT NULL, name TEXT NOT NULL
);
CREATE TABLE name_end (reversed_key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE point (
    cell INTEGER NOT NULL, place_id INTEGER NOT NULL, x REAL NOT NULL, y REAL NOT NULL, z REAL NOT NULL,
    PRIMARY KEY (cell, place_id)
) WITHOUT ROWID;
CREATE TABLE local_name (
    place_id INTEGER NOT NULL, locale TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (place_id, locale)
) WITHOUT ROWID;
CREATE TABLE area_name (
    key TEXT NOT NULL, country TEXT NOT NULL, region TEXT NOT NULL, PRIMARY KEY (key, country, region)
) WITHOUT ROWID;
CREATE TABLE area_local_name (
    locale TEXT NOT NULL, country TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (locale, country, region)
) WITHOUT ROWID;
CREATE TABLE postal (
    key TEXT NOT NULL, country TEXT NOT NULL, id INTEGER NOT NULL, code TEXT NOT NULL, place_name TEXT NOT NULL,
    region TEXT NOT NULL, district TEXT NOT NULL, lat REAL, lng REAL, accuracy INTEGER NOT NULL,
    is_shared INTEGER NOT NULL, PRIMARY KEY (key, country, id)
) WITHOUT ROWID;
CREATE VIEW place_row AS
    SELECT p.id, p.name, p.ascii_name, p.lat, p.lng, p.kind, p.country, p.region, p.district,
        coalesce(d.name, '') AS district_name, p.population, p.timezone, p.importance, p.shares_slug
    FROM place p LEFT JOIN district d ON d.code = p.country || '.' || p.region || '.' || p.district;
"""
WORDS_SCHEMA = """
CREATE VIRTUAL TABLE name_word USING fts5 (
    key, content='', columnsize=0, detail='none', prefix='1 2 3 4 5 6', tokenize='ascii'
);
"""
# Made when the tables are full; that of the names first, for others are made from it.
NAME_INDEX = "CREATE INDEX name_key ON name (key, area)"
INDEXES = """
CREATE INDEX place_largest ON place (country, region, population) WHERE population >= 1000;
CREATE INDEX place_largest_of_country ON place (country, population) WHERE population >= 1000;
CREATE INDEX area_name_area ON area_name (country, region);
CREATE INDEX postal_country ON postal (country, key);
"""

# How many keys with the same beginning or end are looked at for one misspelt name, and for each of the
# ways in which its beginning may have been meant.
_ALIKE = 2_000
_ALIKE_EACH = 100
# So many letters from a wrong one on, some other key may go on likewise.
_WRONGLY_KNOWN = 5
# From this squared chord on (100 km), the nearest are looked for square by square; in a square of so few, each.
_FAR = geo.chord2_from_km(100.0)
_FEW = 64
# How many names are read for one place, at most, when each is wanted once.
_NAMES_PER_PLACE = 25
# So many are read for the places of one country among them.
_NAMES_OF_COUNTRIES = 1_000

_POSTAL = "key, country, code, place_name, region, district, lat, lng, accuracy, is_shared"
# ?1 to ?3 are a unit vector. Squared chords as `geo.chord2` gives them.
_CHORD2 = "(x - ?1) * (x - ?1) + (y - ?2) * (y - ?2) + (z - ?3) * (z - ?3) AS c2"
_AROUND = f"""
SELECT c2 FROM (SELECT {_CHORD2} FROM point WHERE cell >= ?4 ORDER BY cell LIMIT ?5)
UNION ALL SELECT c2 FROM (SELECT {_CHORD2} FROM point WHERE cell < ?4 ORDER BY cell DESC LIMIT ?5)
ORDER BY c2 LIMIT 1 OFFSET ?6
"""


@cache
def _within(ranges: int) -> str:
    """The ids of the nearest in so many ranges of cells, each with its squared chord."""
    values = ", ".join(f"(?{6 + 2 * number}, ?{7 + 2 * number})" for number in range(ranges))
    return f"""
    WITH range (low, high) AS (VALUES {values})
    SELECT {_CHORD2}, place_id FROM range CROSS JOIN point ON cell BETWEEN low AND high
    WHERE c2 <= ?4 ORDER BY c2, place_id LIMIT ?5
    """


class SQLiteStore:
    """One generation, opened for reading: a Store. Each thread opens its own."""

    def __init__(self, directory: Path, areas: Areas | None = None) -> None:
        """`areas` spares reading them again where another thread has. Raises LookupError."""
        try:
            # A generation never changes once it is live, so it needs no locks.
            uri = f"{(directory / FILE).as_uri()}?mode=ro&immutable=1"
            self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)
            self.close = weakref.finalize(self, self._db.close)
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version != VERSION:
                raise LookupError(
                    f"the places in {directory.name} are of version {version}, not {VERSION}: import them anew"
                    " by `python -m search_service import_places`"
                )
            words = (directory / WORDS_FILE).as_uri()
            self._db.execute("ATTACH ? AS words", (f"{words}?mode=ro&immutable=1",))
            self._db.execute(f"PRAGMA mmap_size = {1 << 33}")
            self.areas = areas or Areas(
                starmap(Country, self._db.execute("SELECT code, iso3, name FROM country")),
                starmap(Region, self._db.execute("SELECT country, code, name, ascii_name FROM region")),
                _AreaNames(uri),
            )
        except sqlite3.Error as error:
            raise LookupError(f"the places in {directory.name} cannot be read: {error}") from error

    def meta(self) -> dict[str, Any]:
        return {key: json.loads(value) for key, value in self._db.execute("SELECT key, value FROM meta")}

    def get(self, id: int) -> Row | None:
        row = self._db.execute("SELECT * FROM place_row WHERE id = ?", (id,)).fetchone()
        return Row._make(row) if row else None

    def named(self, key: str, scope: Scope | None = None, limit: int = 1000) -> list[Hit]:
        # Only the index is read here: of thousands of namesakes, just the first `limit` are fetched.
        if scope is None:
            ids = self._db.execute("SELECT id FROM name WHERE key = ? ORDER BY id LIMIT ?", (key, limit))
        elif scope.region is None:
            ids = self._db.execute(
                "SELECT id FROM name WHERE key = ? AND area BETWEEN ? AND ? ORDER BY id LIMIT ?",
                (key, f"{scope.country}.", f"{scope.country}/", limit),
            )
        else:
            ids = self._db.execute(
                "SELECT id FROM name WHERE key = ? AND area = ? ORDER BY id LIMIT ?",
                (key, f"{scope.country}.{scope.region}", limit),
            )
        return self._hits([id_ for (id_,) in ids])

    def beginning(self, words: Sequence[str], limit: int, country: str | None = None) -> list[Hit]:
        match = " ".join(f'"{word}"' for word in dict.fromkeys(words)) + "*"
        sql = (
            "SELECT n.place_id, n.id, n.area FROM name_word w CROSS JOIN name n ON n.id = w.rowid"
            " WHERE w.name_word MATCH ? ORDER BY w.rowid LIMIT ?"
        )
        if country is None:
            rows = self._db.execute(sql, (match, _NAMES_PER_PLACE * limit))
        else:
            # Of a bounded number of names: there may be none in that country.
            rows = self._db.execute(
                f"SELECT * FROM ({sql}) WHERE area BETWEEN ? AND ? ORDER BY id",
                (match, _NAMES_OF_COUNTRIES, f"{country}.", f"{country}/"),
            )
        # A large city comes under dozens of names one after another; the first is its likeliest.
        once: dict[int, int] = {}
        for place_id, name_id, _ in rows:
            once.setdefault(place_id, name_id)
            if len(once) == limit:
                break
        return self._hits([*once.values()], is_begun=True)

    def known(self, keys: Sequence[str]) -> set[str]:
        rows = self._db.execute(
            "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM name WHERE key = value)",
            (json.dumps(keys),),
        )
        return {key for (key,) in rows}

    def whereabouts(self, key: str, limit: int) -> list[Whereabouts]:
        rows = self._db.execute(
            """
            SELECT f.*, coalesce(d.name, '') FROM (
                SELECT DISTINCT p.country, p.region, p.district
                FROM (SELECT id FROM name WHERE key = ? ORDER BY id LIMIT ?) f
                CROSS JOIN name n ON n.id = f.id CROSS JOIN place p ON p.id = n.place_id
            ) f LEFT JOIN district d ON d.code = f.country || '.' || f.region || '.' || f.district
            """,
            (key, limit),
        )
        return [Whereabouts._make(row) for row in rows]

    def named_at(self, key: str, places: Sequence[Whereabouts], limit: int) -> list[Hit]:
        rows = self._db.execute(
            """
            SELECT n.id FROM name n CROSS JOIN place p ON p.id = n.place_id
            WHERE n.key = ? AND n.area IN (SELECT value FROM json_each(?))
                AND p.country || '.' || p.region || '.' || p.district IN (SELECT value FROM json_each(?))
            ORDER BY n.id LIMIT ?
            """,
            (
                key,
                json.dumps([*{f"{place.country}.{place.region}" for place in places}]),
                json.dumps([f"{place.country}.{place.region}.{place.district}" for place in places]),
                limit,
            ),
        )
        return self._hits([id_ for (id_,) in rows])

    def spelt_like(self, key: str, letters: int) -> Iterator[list[str]]:
        if len(key) < 2:
            return
        # Before a single wrong letter stands the beginning of some key, and after it the end of one.
        known_start = self._known_letters("SELECT {} FROM name WHERE key {} ?", "key", key)
        known_end = self._known_letters(
            "SELECT {} FROM name_end WHERE reversed_key {} ?", "reversed_key", key[::-1]
        )
        yield [*self.known([*set(one_letter_off(key, len(key) - known_end - 2, known_start))])]
        if letters < 2:
            return
        middle = (len(key) + 1) // 2
        lengths = (len(key) - letters, len(key) + letters)
        starting = self._alike("key", "name", key, middle, lengths)
        ending = self._alike("reversed_key", "name_end", key[::-1], len(key) - middle, lengths)
        yield starting + [found[::-1] for found in ending]
        if middle > 4:
            # Of a long text, a wrong beginning is known only some letters further than it is right.
            first = min(known_start, middle) - _WRONGLY_KNOWN
            yield self._starting([*set(one_letter_off(key[:middle], first, known_start))], lengths)

    def _known_letters(self, sql: str, column: str, key: str) -> int:
        """With how many of its first letters some key begins."""
        neighbours = (
            self._db.execute(sql.format(f"{function}({column})", sign), (key,)).fetchone()[0] or ""
            for function, sign in (("max", "<="), ("min", ">="))
        )
        return max(_letters_shared(key, neighbour) for neighbour in neighbours)

    def _alike(self, column: str, table: str, key: str, start: int, lengths: tuple[int, int]) -> list[str]:
        """Keys with the same first letters, at least `start` of them: as many more as make the keys few."""
        for letters in range(max(start, 1), len(key)):
            beginning = (key[:letters], _after(key[:letters]))
            within = f"FROM {table} WHERE {column} >= ? AND {column} < ?"
            if not self._db.execute(f"SELECT 1 {within} LIMIT 1 OFFSET ?", (*beginning, _ALIKE)).fetchone():
                rows = self._db.execute(
                    f"SELECT DISTINCT {column} {within} AND length({column}) BETWEEN ? AND ?",
                    (*beginning, *lengths),
                )
                return [alike for (alike,) in rows]
        return []

    def sounding_like(self, key: str) -> list[str]:
        return self._starting(scripts.beginnings(key), (1, 2 * len(key) + 2))

    def _starting(self, starts: Sequence[str], lengths: tuple[int, int]) -> list[str]:
        """Some keys with each of these beginnings."""
        known = self._db.execute(
            "SELECT value FROM json_each(?) WHERE"
            " EXISTS (SELECT 1 FROM name WHERE key >= value AND key < value || char(0x10ffff))",
            (json.dumps(starts),),
        )
        return [
            key
            for (start,) in known.fetchall()
            for (key,) in self._db.execute(
                "SELECT DISTINCT key FROM name WHERE key >= ? AND key < ? AND length(key) BETWEEN ? AND ? LIMIT ?",
                (start, _after(start), *lengths, _ALIKE_EACH),
            )
        ]

    def largest(self, scope: Scope, limit: int) -> list[Row]:
        where, values = "country = ?", [scope.country]
        if scope.region is not None:
            where, values = "country = ? AND region = ?", [scope.country, scope.region]
        rows = self._db.execute(
            f"""
            SELECT r.* FROM (
                SELECT id FROM place WHERE {where} AND population >= 1000 ORDER BY population DESC, id DESC LIMIT ?
            ) f CROSS JOIN place_row r ON r.id = f.id
            """,
            (*values, limit),
        )
        return sorted(map(Row._make, rows), key=lambda row: (-row.population, row.id))

    def near(
        self,
        lat: float,
        lng: float,
        limit: int,
        radius_km: float | None = None,
        exclude: Collection[int] = (),
    ) -> list[tuple[Row, float]]:
        nearest = self._nearest(lat, lng, limit + len(exclude), radius_km)
        near = [(c2, id_) for c2, id_ in nearest if id_ not in exclude][:limit]
        rows = self._rows([id_ for _, id_ in near])
        return [(rows[id_], geo.km_from_chord2(c2)) for c2, id_ in near]

    def near_beginning(
        self, lat: float, lng: float, limit: int, radius_km: float, key: str
    ) -> list[tuple[str, Row]]:
        ids = json.dumps([id_ for _, id_ in self._nearest(lat, lng, limit, radius_km)])
        called = self._db.execute(
            "SELECT p.id, p.name FROM json_each(?) f CROSS JOIN place p ON p.id = f.value ORDER BY f.key",
            (ids,),
        ).fetchall()
        keys = names.keys([name for _, name in called])
        begun = {id_: own for (id_, _), own in zip(called, keys, strict=True) if own.startswith(key)}
        rows = self._rows([*begun])
        return [(own, rows[id_]) for id_, own in begun.items()]

    def _rows(self, ids: Sequence[int]) -> dict[int, Row]:
        rows = self._db.execute(
            "SELECT r.* FROM json_each(?) f CROSS JOIN place_row r ON r.id = f.value", (json.dumps(ids),)
        )
        return {row[0]: Row._make(row) for row in rows}

    def _nearest(
        self, lat: float, lng: float, wanted: int, radius_km: float | None
    ) -> list[tuple[float, int]]:
        """Squared chords of the nearest, and their ids, in this order."""
        vector = geo.unit_vector(lat, lng)
        c2 = 4.0 if radius_km is None else geo.chord2_from_km(radius_km)
        # So many lie within the distance of the last of these: what follows and precedes on the curve is near.
        around = self._db.execute(_AROUND, (*vector, geo.cell(lat, lng), 2 * wanted, wanted - 1)).fetchone()
        if around:
            c2 = min(c2, around[0])
        if c2 > _FAR:
            return self._far(vector, c2, wanted)
        ranges = geo.cells_within(lat, lng, geo.km_from_chord2(c2))
        bounds = [bound for range_ in ranges for bound in range_]
        return self._db.execute(_within(len(ranges)), (*vector, c2, wanted, *bounds)).fetchall()

    def _far(self, vector: geo.Vector, most: float, wanted: int) -> list[tuple[float, int]]:
        """As `_nearest`, within the squared chord `most`, where there is nobody for a long way: a circle that
        touches a coast would hold half of the country behind it. The squares of the globe are looked at in the
        order of how near they can be, and cut in four while they hold many."""
        found: list[tuple[float, int]] = []
        squares = [(0.0, geo.Square(0, 0))]
        while squares:
            least, square = heapq.heappop(squares)
            if least > most:
                break
            points = self._db.execute(
                "SELECT x, y, z, place_id FROM point WHERE cell BETWEEN ? AND ? LIMIT ?",
                (*square.cells, _FEW + 1),
            ).fetchall()
            if len(points) > _FEW and square.is_divisible:
                for part in square.quarters():
                    heapq.heappush(squares, (part.least_chord2(vector), part))
                continue
            if len(points) > _FEW:
                points = self._db.execute(
                    "SELECT x, y, z, place_id FROM point WHERE cell BETWEEN ? AND ?", square.cells
                ).fetchall()
            found += [(c2, id_) for x, y, z, id_ in points if (c2 := geo.chord2(vector, (x, y, z))) <= most]
            found = heapq.nsmallest(wanted, found)
            if len(found) == wanted:
                most = found[-1][0]
        return found

    def populated(self) -> Iterator[tuple[int, int, float, float]]:
        return self._db.execute(
            "SELECT id, population, lat, lng FROM point CROSS JOIN place ON place.id = point.place_id"
        )

    def local_names(self, ids: Collection[int], locale: str) -> dict[int, str]:
        # The most general first, so that what is nearer to the locale overwrites it.
        found: dict[int, str] = {}
        for fallback in reversed(fallbacks(locale)):
            found.update(
                self._db.execute(
                    "SELECT place_id, name FROM json_each(?) f CROSS JOIN local_name"
                    " ON place_id = f.value AND locale = ?",
                    (json.dumps([*ids]), fallback),
                )
            )
        return found

    def postal(self, code_key: str, country: str | None) -> list[PostalRow]:
        where, values = ("key = ?", [code_key])
        if country is not None:
            where, values = (f"{where} AND country = ?", [*values, country])
        return self._postal(f"SELECT {_POSTAL} FROM postal WHERE {where} ORDER BY country, id", values)

    def postal_beginning(self, code_key: str, country: str | None, limit: int) -> list[PostalRow]:
        if not code_key:
            return []
        where, values = "key >= ? AND key < ?", [code_key, _after(code_key)]
        if country is not None:
            where, values = (f"{where} AND country = ?", [*values, country])
        # The first row of each code: SQLite takes the other columns from where it finds the minimum.
        return self._postal(
            f"SELECT {_POSTAL}, min(id) FROM postal WHERE {where} GROUP BY key, country ORDER BY key, country LIMIT ?",
            [*values, limit],
        )

    def _postal(self, sql: str, values: Sequence[str | int]) -> list[PostalRow]:
        rows = self._db.execute(sql, values)
        return [PostalRow._make((*row[:9], bool(row[9]))) for row in rows]

    def _hits(self, name_ids: list[int], *, is_begun: bool = False) -> list[Hit]:
        rows = self._db.execute(
            "SELECT coalesce(nullif(n.name, ''), r.name), n.key, n.class, r.*"
            " FROM json_each(?) f CROSS JOIN name n CROSS JOIN place_row r"
            " WHERE n.id = f.value AND r.id = n.place_id ORDER BY f.key",
            (json.dumps(name_ids),),
        )
        return [Hit(found, key, class_, Row._make(row), is_begun) for found, key, class_, *row in rows]


class _AreaNames:
    """OtherNames, by a connection of its own: areas outlive the thread that reads them first."""

    def __init__(self, uri: str) -> None:
        self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._lock = threading.Lock()
        weakref.finalize(self, self._db.close)

    def scopes(self, key: str) -> set[Scope]:
        return {
            Scope(country, region or None)
            for country, region in self._read("SELECT country, region FROM area_name WHERE key = ?", key)
        }

    def keys(self, scope: Scope) -> set[str]:
        sql = "SELECT key FROM area_name WHERE country = ? AND region = ?"
        return {key for (key,) in self._read(sql, scope.country, scope.region or "")}

    def to_show(self, scope: Scope, locale: str) -> str:
        sql = "SELECT name FROM area_local_name WHERE locale = ? AND country = ? AND region = ?"
        found = self._read(sql, locale, scope.country, scope.region or "")
        return found[0][0] if found else ""

    def _read(self, sql: str, *values: str) -> list[tuple[str, ...]]:
        # Two threads must not step one statement.
        with self._lock:
            return self._db.execute(sql, values).fetchall()


def _letters_shared(one: str, other: str) -> int:
    """How many letters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _after(prefix: str) -> str:
    """The first text after all those that begin with `prefix`."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
