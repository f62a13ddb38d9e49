"""Import of places into a new generation of the gazetteer."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from search_service import geo
from search_service.generations import Generations
from search_service.places import names, ranking, sources
from search_service.places.areas import Areas
from search_service.places.ranking import ALTERNATE, CODE, OWN
from search_service.places.sources import BadRow, SourceError
from search_service.places.sqlite import FILE, INDEXES, SCHEMA, VERSION
from search_service.places.store import base_slug

DATA = Path(__file__).parent / "data"
# The first to name an id keeps it: GeoNames' towns know their regions better than the local lists do.
SHIPPED = (
    DATA / "cities5000.geonames.txt.gz",
    DATA / "ladakh.geonames.txt.gz",
    DATA / "bhutan.geonames.txt.gz",
)
_GEONAMES = "GeoNames (https://www.geonames.org), CC BY 4.0"
_ATTRIBUTIONS = {
    "ladakh.geonames.txt.gz": (
        "PMGSY Rural Connectivity Datasets, Ministry of Rural Development, Government of India (2022), GODL-India; "
        f"{_GEONAMES}"
    ),
    "bhutan.geonames.txt.gz": f"Who's On First (https://whosonfirst.org), CC0 and CC BY 4.0; {_GEONAMES}",
}

_BATCH = 5000
# Faults are counted without limit; so many of each source are kept to be shown.
FAULTS_KEPT = 20


class ImportRefused(Exception):
    """Nothing was imported, and what was live stays so. The message says why."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that could not be used, or not as it was."""

    source: str
    line: int
    reason: str


@dataclass(slots=True)
class SourceReport:
    """What became of one file's rows: `rows = places + other + repeated + bad`.

    `other` are neither populated places nor administrative areas, `repeated` have the id of an earlier
    row. `mended` counts populations that were none and were read as 0. `data_date` is the latest date of
    change in the file (`2026-11-22`), or empty.
    """

    name: str
    attribution: str
    rows: int = 0
    places: int = 0
    other: int = 0
    repeated: int = 0
    bad: int = 0
    mended: int = 0
    data_date: str = ""
    faults: list[Fault] = field(default_factory=list)

    def note(self, line: int, reason: str) -> None:
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append(Fault(self.name, line, reason))


@dataclass(frozen=True, slots=True)
class ImportReport:
    generation: str
    seconds: float
    names: int
    sources: tuple[SourceReport, ...]

    @property
    def places(self) -> int:
        return sum(source.places for source in self.sources)


@dataclass(frozen=True, slots=True)
class Progress:
    """`fraction` (0 to 1) of the step, and the places read so far."""

    step: str
    fraction: float
    places: int


def import_places(
    paths: Sequence[Path], directory: Path, progress: Callable[[Progress], None] = lambda _: None
) -> ImportReport:
    """Read files in GeoNames' dump format (plain, .gz or .zip) into a new generation and make it live.

    List the best source first: it keeps the ids that others repeat. Names of countries, regions and
    districts come from the files that ship. Memory is bounded whatever the size. The generation that was
    live is kept until the next import, older and unfinished ones are deleted.

    Raises ImportRefused: a file cannot be read, there is no usable row, or another import is running.
    """
    generations = Generations(directory)
    with generations.lock("import") as free:
        if not free:
            raise ImportRefused("another import is running")
        started = time.monotonic()
        path = generations.create()
        try:
            reports, names_ = _fill(path, paths, progress)
        except BaseException as error:
            generations.drop(path.name)
            if isinstance(error, SourceError):
                raise ImportRefused(str(error)) from error
            raise
        former = generations.current()
        generations.promote(path.name)
        for name in generations.names():
            if name not in {path.name, former}:
                generations.drop(name)
        return ImportReport(path.name, time.monotonic() - started, names_, reports)


def _fill(
    directory: Path, paths: Sequence[Path], progress: Callable[[Progress], None]
) -> tuple[tuple[SourceReport, ...], int]:
    # Nobody reads the file before it is live, and what a crash leaves behind is never made live.
    with contextlib.closing(sqlite3.connect(directory / FILE)) as db:
        db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -100000;"
            f"PRAGMA user_version = {VERSION};" + SCHEMA
        )
        areas = _import_areas(db)
        loader = _Loader(db, directory / "unsorted.sqlite3", areas)
        reports = [loader.read(path, progress) for path in paths]
        if not loader.places:
            fault = next((f"; line {f.line}: {f.reason}" for report in reports for f in report.faults), "")
            raise ImportRefused(f"there is no usable row in {', '.join(path.name for path in paths)}{fault}")
        loader.finish(progress)
        (names_,) = db.execute("SELECT count(*) FROM name").fetchone()
        about = {
            "imported_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "places": loader.places,
            "names": names_,
            "sources": [
                {
                    "name": report.name,
                    "places": report.places,
                    "data_date": report.data_date,
                    "attribution": report.attribution,
                }
                for report in reports
            ],
        }
        db.executemany(
            "INSERT INTO meta VALUES (?, ?)", [(key, json.dumps(value)) for key, value in about.items()]
        )
        db.commit()
    with (directory / FILE).open("rb") as file:
        os.fsync(file.fileno())
    return tuple(reports), names_


def _import_areas(db: sqlite3.Connection) -> Areas:
    countries = sources.countries(DATA / "countryInfo.txt.gz")
    regions = sources.regions(DATA / "admin1CodesASCII.txt.gz")
    db.executemany("INSERT INTO country VALUES (?, ?, ?)", [row[:3] for row in countries])
    db.executemany("INSERT OR IGNORE INTO region VALUES (?, ?, ?, ?)", [row[:4] for row in regions])
    districts = sources.districts(DATA / "admin2_current_code_name.tsv.gz")
    db.executemany("INSERT OR IGNORE INTO district VALUES (?, ?)", districts)
    return Areas(countries, regions)


class _Loader:
    """Rows first go to the table of places and to a second file, unsorted; `finish` sorts them."""

    def __init__(self, db: sqlite3.Connection, unsorted: Path, areas: Areas) -> None:
        self._db = db
        self._unsorted = unsorted
        self._areas = areas
        self.places = 0
        db.execute("ATTACH ? AS unsorted", (str(unsorted),))
        db.executescript(
            """
            PRAGMA unsorted.journal_mode = OFF; PRAGMA unsorted.synchronous = OFF;
            CREATE TABLE unsorted.name (key TEXT, area TEXT, class INTEGER, place_id INTEGER, name TEXT, score INTEGER);
            CREATE TABLE unsorted.slug (slug TEXT, place_id INTEGER, importance INTEGER);
            CREATE TABLE unsorted.point (cell INTEGER, place_id INTEGER, x REAL, y REAL, z REAL);
            """
        )

    def read(self, path: Path, progress: Callable[[Progress], None]) -> SourceReport:
        """Raises SourceError."""
        report = SourceReport(path.name, _ATTRIBUTIONS.get(path.name, _GEONAMES))
        with sources.opened(path) as source:
            for batch in _batches(sources.lines(source.stream), _BATCH):
                self._load(batch, report)
                # What is left of the file may be in a buffer already: 1 is for when it is done.
                progress(Progress(f"reading {path.name}", min(source.fraction(), 0.99), self.places))
        progress(Progress(f"reading {path.name}", 1.0, self.places))
        return report

    def _load(self, batch: list[tuple[int, bytes]], report: SourceReport) -> None:
        rows: dict[int, sources.Row] = {}
        for number, line in batch:
            report.rows += 1
            try:
                row = sources.parse(line)
            except BadRow as error:
                report.bad += 1
                report.note(number, str(error))
                continue
            if row is not None and row.population is None:
                report.mended += 1
                report.note(number, "population is not a number that can be one, read as 0")
            if row is None:
                report.other += 1
            elif row.id in rows:
                report.repeated += 1
            else:
                rows[row.id] = row
        known = self._db.execute(
            "SELECT id FROM place WHERE id IN (SELECT value FROM json_each(?))", (str([*rows]),)
        )
        for (id_,) in known.fetchall():
            del rows[id_]
            report.repeated += 1
        report.data_date = max([report.data_date, *(row.date for row in rows.values())])
        report.places += len(rows)
        self.places += len(rows)
        self._insert(rows.values())

    def _insert(self, rows: Collection[sources.Row]) -> None:
        places, names_, slugs, points = [], [], [], []
        keys = iter(names.keys([text for row in rows for text in _texts(row)]))
        for row in rows:
            population = row.population or 0
            importance = ranking.importance(row.kind, population)
            places.append(
                (
                    *(row.id, row.name, row.ascii_name, row.lat, row.lng, row.kind),
                    *(row.country, row.region, row.district, population, row.timezone, importance),
                )
            )
            area = f"{row.country}.{row.region}"
            own = ""
            for key, class_, name in _names(row, keys):
                if not own and class_ == OWN:
                    own = names.slug(key)
                score = importance - ranking.NAME_COST[class_]
                names_.append((key, area, class_, row.id, "" if name == row.name else name, score))
            if own:
                slugs.append(
                    (base_slug(self._areas, own, row.kind, row.country, row.region), row.id, importance)
                )
            if not ranking.is_area(row.kind):
                points.append((geo.cell(row.lat, row.lng), row.id, *geo.unit_vector(row.lat, row.lng)))
        run = self._db.executemany
        run("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", places)
        run("INSERT INTO unsorted.name VALUES (?, ?, ?, ?, ?, ?)", names_)
        run("INSERT INTO unsorted.slug VALUES (?, ?, ?)", slugs)
        run("INSERT INTO unsorted.point VALUES (?, ?, ?, ?, ?)", points)

    def finish(self, progress: Callable[[Progress], None]) -> None:
        self._db.create_function("reversed", 1, lambda text: text[::-1], deterministic=True)
        steps = [
            """INSERT INTO main.name (key, area, class, place_id, name)
                SELECT key, area, class, place_id, name FROM unsorted.name ORDER BY score DESC, place_id, class""",
            "INSERT INTO point SELECT * FROM unsorted.point ORDER BY cell, place_id",
            """UPDATE place SET shares_slug = 1 WHERE id IN (
                SELECT place_id FROM (
                    SELECT place_id, row_number() OVER (PARTITION BY slug ORDER BY importance DESC, place_id) AS n
                    FROM unsorted.slug
                ) WHERE n > 1)""",
            "INSERT INTO name_word (rowid, key) SELECT id, key FROM main.name ORDER BY id",
            "INSERT INTO name_word (name_word) VALUES ('optimize')",
            "INSERT INTO name_end SELECT reversed(key), id FROM main.name ORDER BY 1, 2",
            *INDEXES.strip().splitlines(),
        ]
        for done, step in enumerate(steps):
            progress(Progress("sorting and indexing", done / len(steps), self.places))
            self._db.execute(step)
        self._db.commit()
        self._db.execute("DETACH unsorted")
        self._unsorted.unlink()
        progress(Progress("sorting and indexing", 1.0, self.places))


def _texts(row: sources.Row) -> list[str]:
    """All that a place is called, its own name first."""
    own = [row.name] if row.ascii_name == row.name else [row.name, row.ascii_name]
    return own + row.alternate_names


def _names(row: sources.Row, keys: Iterator[str]) -> Iterator[tuple[str, int, str]]:
    """Takes the keys of the place's texts, and yields each once with the best that it is to the place."""
    seen = {""}
    own = {row.name, row.ascii_name}
    for text in _texts(row):
        key = next(keys)
        if key in seen:
            continue
        class_ = OWN if text in own else ALTERNATE
        if class_ == ALTERNATE and len(text) <= 3 and text.isascii():
            if text.islower():
                continue  # Not a name but GeoNames' machine-made transcription of one: "le", "re" for Leh.
            if text.isupper():
                class_ = CODE
        seen.add(key)
        yield key, class_, text


def _batches(items: Iterable[tuple[int, bytes]], size: int) -> Iterator[list[tuple[int, bytes]]]:
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
