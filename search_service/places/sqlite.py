"""The gazetteer in one SQLite file per generation: its tables, and how they are read."""

# ruff: noqa: S608 - only numbers of parameters are put into the SQL, never a value

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from collections.abc import Collection, Sequence
from functools import cache
from itertools import starmap
from pathlib import Path
from typing import Any

from search_service import geo
from search_service.places.areas import Areas, Country, Region, Scope
from search_service.places.locales import fallbacks
from search_service.places.store import Hit, PostalRow, Row

FILE = "places.sqlite3"
# Of the tables and of what is in them (keys, scores). Raise it with any change that older readers or files
# do not fit: a generation of another version is not read.
VERSION = 2

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
CREATE TABLE name_end (reversed_key TEXT NOT NULL, name_id INTEGER NOT NULL, PRIMARY KEY (reversed_key, name_id))
    WITHOUT ROWID;
CREATE VIRTUAL TABLE name_word USING fts5 (
    key, content='', columnsize=0, detail='none', prefix='1 2 3', tokenize='ascii'
);
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
# Made when the tables are full.
INDEXES = """
CREATE INDEX name_key ON name (key, area);
CREATE INDEX place_largest ON place (country, region, population) WHERE population >= 1000;
CREATE INDEX area_name_area ON area_name (country, region);
CREATE INDEX postal_country ON postal (country, key);
"""

# How many keys with the same half are looked at for one misspelt word.
_ALIKE = 20_000
# How many names are read for one place, at most, when each is wanted once.
_NAMES_PER_PLACE = 25

_POSTAL = "country, code, place_name, region, district, lat, lng, accuracy, is_shared"
# ?1 to ?3 are a unit vector. Squared chords as `geo.chord2` gives them.
_CHORD2 = "(x - ?1) * (x - ?1) + (y - ?2) * (y - ?2) + (z - ?3) * (z - ?3) AS c2"
_AROUND = f"""
SELECT c2 FROM (SELECT {_CHORD2} FROM point WHERE cell >= ?4 ORDER BY cell LIMIT ?5)
UNION ALL SELECT c2 FROM (SELECT {_CHORD2} FROM point WHERE cell < ?4 ORDER BY cell DESC LIMIT ?5)
ORDER BY c2 LIMIT 1 OFFSET ?6
"""


@cache
def _within(ranges: int) -> str:
    """The nearest in so many ranges of cells, each with its squared chord."""
    values = ", ".join(f"(?{6 + 2 * number}, ?{7 + 2 * number})" for number in range(ranges))
    return f"""
    WITH range (low, high) AS (VALUES {values})
    SELECT c2, r.* FROM (
        SELECT {_CHORD2}, place_id FROM range CROSS JOIN point ON cell BETWEEN low AND high
        WHERE c2 <= ?4 ORDER BY c2, place_id LIMIT ?5
    ) CROSS JOIN place_row r ON r.id = place_id
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
                raise LookupError(f"the places in {directory.name} are of version {version}, not {VERSION}")
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

    def beginning(self, words: Sequence[str], limit: int) -> list[Hit]:
        match = " ".join(f'"{word}"' for word in words) + "*"
        rows = self._db.execute(
            "SELECT n.place_id, n.id FROM name_word w CROSS JOIN name n ON n.id = w.rowid"
            " WHERE w.name_word MATCH ? ORDER BY w.rowid LIMIT ?",
            (match, _NAMES_PER_PLACE * limit),
        )
        # A large city comes under dozens of names one after another; the first is its likeliest.
        once: dict[int, int] = {}
        for place_id, name_id in rows:
            once.setdefault(place_id, name_id)
            if len(once) == limit:
                break
        return self._hits([*once.values()])

    def spelt_like(self, key: str) -> list[str]:
        if len(key) < 2:
            return []
        # A wrong letter leaves one half as it is. Only two letters that changed places at the middle touch both.
        middle = (len(key) + 1) // 2
        start, end = key[:middle], key[middle:][::-1]
        swapped = key[: middle - 1] + key[middle : middle + 1] + key[middle - 1 : middle] + key[middle + 1 :]
        values = (len(key) - 2, len(key) + 2, _ALIKE)
        starting = self._db.execute(
            "SELECT DISTINCT key FROM name WHERE key >= ? AND key < ? AND length(key) BETWEEN ? AND ? LIMIT ?",
            (start, _after(start), *values),
        )
        ending = self._db.execute(
            "SELECT DISTINCT reversed_key FROM name_end"
            " WHERE reversed_key >= ? AND reversed_key < ? AND length(reversed_key) BETWEEN ? AND ? LIMIT ?",
            (end, _after(end), *values),
        )
        return [swapped] + [found for (found,) in starting] + [found[::-1] for (found,) in ending]

    def largest(self, scope: Scope, limit: int) -> list[Row]:
        if scope.region is None:
            rows = self._db.execute(
                "SELECT * FROM place_row WHERE country = ? AND population >= 1000"
                " ORDER BY population DESC, id LIMIT ?",
                (scope.country, limit),
            )
        else:
            rows = self._db.execute(
                "SELECT * FROM place_row WHERE country = ? AND region = ? AND population >= 1000"
                " ORDER BY population DESC, id LIMIT ?",
                (scope.country, scope.region, limit),
            )
        return [Row._make(row) for row in rows]

    def near(
        self,
        lat: float,
        lng: float,
        limit: int,
        radius_km: float | None = None,
        exclude: Collection[int] = (),
    ) -> list[tuple[Row, float]]:
        wanted = limit + len(exclude)
        vector = geo.unit_vector(lat, lng)
        c2 = 4.0 if radius_km is None else geo.chord2_from_km(radius_km)
        # So many lie within the distance of the last of these: what follows and precedes on the curve is near.
        around = self._db.execute(_AROUND, (*vector, geo.cell(lat, lng), 2 * wanted, wanted - 1)).fetchone()
        if around:
            c2 = min(c2, around[0])
        ranges = geo.cells_within(lat, lng, geo.km_from_chord2(c2))
        bounds = [bound for range_ in ranges for bound in range_]
        # In order of squared chord, then id: the statement promises no order once it has joined the places.
        rows = sorted(self._db.execute(_within(len(ranges)), (*vector, c2, wanted, *bounds)))
        near = [(Row._make(row), geo.km_from_chord2(c2)) for c2, *row in rows if row[0] not in exclude]
        return near[:limit]

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
        return [PostalRow._make((*row[:8], bool(row[8]))) for row in rows]

    def _hits(self, name_ids: list[int]) -> list[Hit]:
        rows = self._db.execute(
            "SELECT coalesce(nullif(n.name, ''), r.name), n.class, r.*"
            " FROM json_each(?) f CROSS JOIN name n CROSS JOIN place_row r"
            " WHERE n.id = f.value AND r.id = n.place_id ORDER BY f.key",
            (json.dumps(name_ids),),
        )
        return [Hit(row[0], row[1], Row._make(row[2:])) for row in rows]


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

    def to_show(self, locale: str) -> dict[Scope, str]:
        sql = "SELECT country, region, name FROM area_local_name WHERE locale = ?"
        return {Scope(country, region or None): name for country, region, name in self._read(sql, locale)}

    def _read(self, sql: str, *values: str) -> list[tuple[str, ...]]:
        # Two threads must not step one statement.
        with self._lock:
            return self._db.execute(sql, values).fetchall()


def _after(prefix: str) -> str:
    """The first text after all those that begin with `prefix`."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
