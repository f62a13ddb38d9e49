"""Fills the tables of a new generation: unsorted first, then each in its order."""

# ruff: noqa: S608 - only a number of ours is put into the SQL

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import starmap
from pathlib import Path

from search_service.places import languages, names, postal_loading, ranking, sources
from search_service.places.areas import Areas, Country, Region, Scope, area_keys
from search_service.places.preparing import AlternateNames, Known, Places, Prepared, to_show
from search_service.places.sources import Kind
from search_service.places.sqlite import FILE, INDEXES, NAME_INDEX, SCHEMA, VERSION, WORDS_FILE, WORDS_SCHEMA

ALTERNATES_FILE = "alternates.sqlite3"
_UNSORTED_FILE = "unsorted.sqlite3"
_CACHE_KB = 32_000

_UNSORTED = f"""
PRAGMA unsorted.journal_mode = OFF; PRAGMA unsorted.synchronous = OFF;
CREATE TABLE unsorted.name (key TEXT, area TEXT, class INTEGER, place_id INTEGER, name TEXT, score INTEGER);
CREATE TABLE unsorted.slug (slug TEXT, place_id INTEGER, importance INTEGER);
CREATE TABLE unsorted.point (cell INTEGER, place_id INTEGER, x REAL, y REAL, z REAL);
CREATE TABLE unsorted.local_name (place_id INTEGER, locale TEXT, name TEXT);
{postal_loading.UNSORTED}
"""
_BY_LIKELIHOOD = "FROM unsorted.name ORDER BY score DESC, place_id, class, rowid"
# The steps at the end, and about how many hundredths of the time each takes. The words are made beside the rest.
_PLACES = [
    (
        11,
        f"""INSERT INTO main.name (key, area, class, place_id, name)
            SELECT key, area, class, place_id, name {_BY_LIKELIHOOD}""",
    ),
    (6, "INSERT INTO main.point SELECT * FROM unsorted.point ORDER BY cell, place_id"),
    (
        11,
        """UPDATE place SET shares_slug = 1 WHERE id IN (
            SELECT place_id FROM (
                SELECT place_id, row_number() OVER (PARTITION BY slug ORDER BY importance DESC, place_id) AS n
                FROM unsorted.slug
            ) WHERE n > 1)""",
    ),
    (2, "INSERT INTO main.local_name SELECT * FROM unsorted.local_name ORDER BY place_id, locale"),
    (2, NAME_INDEX),
    (10, "INSERT INTO name_end SELECT reversed(key) FROM (SELECT DISTINCT key FROM main.name) ORDER BY 1"),
    *((2, index) for index in INDEXES.strip().splitlines()),
]
_WORDS = [
    (9, f"INSERT INTO temp.sorted (key) SELECT key {_BY_LIKELIHOOD}"),
    (33, "INSERT INTO name_word (rowid, key) SELECT id, key FROM temp.sorted ORDER BY id"),
    (4, "INSERT INTO name_word (name_word) VALUES ('optimize')"),
]
# A country's name in some language that is a large town's elsewhere: Norfolk, Salvador, Franca.
_TOWNS = f"""
DELETE FROM area_name WHERE region = '' AND EXISTS (
    SELECT 1 FROM main.name n CROSS JOIN place p ON p.id = n.place_id
    WHERE n.key = area_name.key AND n.class = {ranking.OWN} AND p.country <> area_name.country
        AND p.population >= 100000
)
"""


class Loader:
    """A new generation in `directory`. Countries and regions come first, alternate names before the places that
    they are of; what is given twice counts once. Then `finish`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._area_ids: dict[int, Scope] = {}
        self._noted: set[Scope] = set()
        self._languages: dict[str, frozenset[str]] = {}
        self._newest = 0
        self.places = 0
        # Nobody reads the files before they are live, and what a crash leaves behind is never made live.
        self.db = sqlite3.connect(directory / FILE)
        self.db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            f"PRAGMA cache_size = -{_CACHE_KB}; PRAGMA user_version = {VERSION};" + SCHEMA
        )
        self.db.execute("ATTACH ? AS unsorted", (str(directory / _UNSORTED_FILE),))
        self.db.executescript(_UNSORTED)
        self.db.create_function("reversed", 1, lambda text: text[::-1], deterministic=True)

    def close(self) -> None:
        self.db.close()

    @cached_property
    def areas(self) -> Areas:
        """By their English names, once all are there."""
        return Areas(
            starmap(Country, self.db.execute("SELECT code, iso3, name FROM country")),
            starmap(Region, self.db.execute("SELECT country, code, name, ascii_name FROM region")),
        )

    def known(self) -> Known:
        regions = self.db.execute("SELECT country, code FROM region").fetchall()
        slugs = {(country, code): self.areas.region_slug(country, code) for country, code in regions}
        return Known(slugs, self._languages)

    def add(self, kind: Kind, prepared: Prepared) -> None:
        """Sees to it that `prepared.counts` tells of what is repeated."""
        run = self.db.executemany
        before, rows = self.db.total_changes, prepared.rows
        match kind:
            case Kind.PLACES:
                assert prepared.places is not None
                self._add_places(prepared, prepared.places)
                return
            case Kind.COUNTRIES:
                run("INSERT OR IGNORE INTO country VALUES (?, ?, ?)", [row[:3] for row in rows])
                self._languages = {row[0]: row[4] for row in rows} | self._languages
                self._note_ids((Scope(row[0], None), row[3]) for row in rows)
            case Kind.REGIONS:
                run("INSERT OR IGNORE INTO region VALUES (?, ?, ?, ?)", [row[:4] for row in rows])
                self._note_ids((Scope(*row[:2]), row[4]) for row in rows)
            case Kind.DISTRICTS:
                run("INSERT OR IGNORE INTO district VALUES (?, ?)", rows)
            case Kind.ALTERNATE_NAMES:
                run("INSERT INTO alternates.unsorted VALUES (?, ?, ?, ?)", rows)
            case Kind.POSTAL_CODES:
                run(
                    "INSERT INTO unsorted.postal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                    [row[:9] for row in rows],
                )
        repeated = len(rows) - (self.db.total_changes - before)
        prepared.counts.repeated += repeated
        prepared.counts.used -= repeated

    def _note_ids(self, ids: Iterable[tuple[Scope, int]]) -> None:
        for scope, id_ in ids:
            if id_ and scope not in self._noted:
                self._noted.add(scope)
                self._area_ids[id_] = scope

    @contextlib.contextmanager
    def alternates(self) -> Iterator[None]:
        """In here, alternate names can be added."""
        self.db.commit()
        self.db.execute("ATTACH ? AS alternates", (str(self._directory / ALTERNATES_FILE),))
        self.db.executescript(
            "PRAGMA alternates.journal_mode = OFF; PRAGMA alternates.synchronous = OFF;"
            "CREATE TABLE alternates.unsorted (place_id INTEGER, locale TEXT, name TEXT, use INTEGER);"
            + AlternateNames.SCHEMA
        )
        yield
        self.db.execute(
            "INSERT INTO alternates.alternate"
            " SELECT place_id, rowid, locale, name, use FROM alternates.unsorted ORDER BY place_id, rowid"
        )
        self.db.commit()
        self.db.execute("DETACH alternates")

    def _add_places(self, prepared: Prepared, rows: Places) -> None:
        ids = {row[0] for row in rows.places}
        # Within a file of GeoNames, ids ascend.
        if ids and min(ids) <= self._newest:
            known = {
                id_
                for (id_,) in self.db.execute(
                    "SELECT id FROM place WHERE id IN (SELECT value FROM json_each(?))", (str([*ids]),)
                )
            }
            if known:
                rows = rows.without(known)
                prepared.counts.repeated += len(known)
                prepared.counts.used -= len(known)
        self._newest = max(self._newest, *ids, 0)
        self.places += len(rows.places)
        run = self.db.executemany
        run("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", rows.places)
        run("INSERT INTO unsorted.name VALUES (?, ?, ?, ?, ?, ?)", rows.names)
        run("INSERT INTO unsorted.slug VALUES (?, ?, ?)", rows.slugs)
        run("INSERT INTO unsorted.point VALUES (?, ?, ?, ?, ?)", rows.points)
        run("INSERT INTO unsorted.local_name VALUES (?, ?, ?)", rows.local_names)
        run(
            "INSERT INTO unsorted.postal (key, place_id, country, code, place_name, region, district, lat, lng, accuracy)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows.postal,
        )

    def finish(self, progress: Callable[[float], object]) -> int:
        """Put all in its order. Returns how many names there are; `progress` is told fractions."""
        self.db.commit()
        whole = sum(weight for weight, _ in [*_PLACES, *_WORDS]) + 4
        done: list[int] = []

        def run(db: sqlite3.Connection, steps: Sequence[tuple[int, str]]) -> Iterator[None]:
            for weight, sql in steps:
                db.execute(sql)
                done.append(weight)
                yield
            db.commit()

        with contextlib.closing(self._words()) as words, ThreadPoolExecutor(1) as beside:
            try:
                made = beside.submit(lambda: [*run(words, _WORDS)])
                for _ in run(self.db, _PLACES):
                    progress(sum(done) / whole)
                self._add_names_of_areas(self.areas)
                postal_loading.fill(self.db, self.areas)
                self.db.commit()
                done.append(4)
                progress(sum(done) / whole)
                made.result()
            except BaseException:
                words.interrupt()
                raise
        self.db.execute("DETACH unsorted")
        for name in (_UNSORTED_FILE, ALTERNATES_FILE):
            (self._directory / name).unlink(missing_ok=True)
        (names_,) = self.db.execute("SELECT count(*) FROM name").fetchone()
        return int(names_)

    def _words(self) -> sqlite3.Connection:
        """The file of what follows from names, with the names to make it of."""
        db = sqlite3.connect(self._directory / WORDS_FILE, uri=True, check_same_thread=False)
        unsorted = (self._directory / _UNSORTED_FILE).as_uri()
        db.execute("ATTACH ? AS unsorted", (f"{unsorted}?mode=ro",))
        db.executescript(
            f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{_CACHE_KB};"
            + WORDS_SCHEMA
            + "CREATE TEMP TABLE sorted (id INTEGER PRIMARY KEY, key TEXT);"
        )
        return db

    def _add_names_of_areas(self, areas: Areas) -> None:
        """In other languages: countries' from CLDR, and whatever the alternate names have of countries and regions."""
        called, shown = [*languages.countries_by_key()], [*languages.countries_to_show()]
        for id_, found in AlternateNames(self._directory / ALTERNATES_FILE).of(self._area_ids).items():
            country, region = self._area_ids[id_]
            own = (areas.region(country, region) if region else areas.country(country)).name
            # Historic and colloquial names would find too much, and so would letters.
            known = [other.name for other in found if other.use >= sources.USUAL or not other.locale]
            keys = area_keys(known) if region else {names.key(name) for name in known}
            called += [
                (key, country, region or "")
                for key in keys - languages.NO_COUNTRIES
                if len(key) > 2 or not key.isascii()
            ]
            shown += [(locale, country, region or "", name) for locale, name in to_show(found, own)]
        # CLDR has names of what is no country besides: the European Union, an unknown region.
        of_country = "FROM country WHERE code = ?2"
        run = self.db.executemany
        run(f"INSERT OR IGNORE INTO area_name SELECT ?1, ?2, ?3 {of_country}", called)
        run(f"INSERT OR IGNORE INTO area_local_name SELECT ?1, ?2, ?3, ?4 {of_country}", shown)
        self.db.execute(_TOWNS)
