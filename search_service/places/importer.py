"""Import of places into a new generation of the gazetteer."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from search_service.generations import Generations
from search_service.places import languages, sources
from search_service.places.loading import ALTERNATES_FILE, Loader
from search_service.places.preparing import Known, Workers
from search_service.places.progress import (
    GEONAMES,
    NAME,
    ImportReport,
    Progress,
    Record,
    SourceReport,
    last,
    requests,
)
from search_service.places.sources import Kind, SourceError
from search_service.places.sqlite import FILE, WORDS_FILE

DATA = Path(__file__).parent / "data"
# The first to name an id keeps it: GeoNames' towns know their regions better than the local lists do.
SHIPPED = (
    DATA / "cities5000.geonames.txt.gz",
    DATA / "ladakh.geonames.txt.gz",
    DATA / "bhutan.geonames.txt.gz",
)
SHIPPED_AREAS = (
    DATA / "countryInfo.txt.gz",
    DATA / "admin1CodesASCII.txt.gz",
    DATA / "admin2_current_code_name.tsv.gz",
)
_ATTRIBUTIONS = {
    "ladakh.geonames.txt.gz": (
        "PMGSY Rural Connectivity Datasets, Ministry of Rural Development, Government of India (2022), GODL-India; "
        f"{GEONAMES}"
    ),
    "bhutan.geonames.txt.gz": f"Who's On First (https://whosonfirst.org), CC0 and CC BY 4.0; {GEONAMES}",
}
# Alternate names before the places that they are of, areas before all that lies in them.
_ORDER = (
    Kind.COUNTRIES,
    Kind.REGIONS,
    Kind.DISTRICTS,
    Kind.ALTERNATE_NAMES,
    Kind.PLACES,
    Kind.POSTAL_CODES,
)
# From so many bytes on, other processes are worth their start.
_MUCH = 8_000_000
# `tidy` holds the lock for moments.
_LOCK_SECONDS = 1.0


class ImportRefused(Exception):
    """Nothing was imported, and what was live stays so. The message says why."""


class ImportRunning(ImportRefused):
    """Another import is under way."""


def import_places(
    paths: Sequence[Path], directory: Path, progress: Callable[[Progress], None] = lambda _: None
) -> ImportReport:
    """Read files in GeoNames' formats (plain, .gz or .zip, in any order) into a new generation and make it live.

    Of files of one kind list the best first: it keeps the ids and codes that others repeat. If there are no
    places in any, those that ship are taken. Names of countries, regions and districts that the files do not
    tell come from the files that ship. Memory is bounded whatever the size. The generation that was live is
    kept until the next import, older and unfinished ones are deleted. `last` tells how it went.

    Raises ImportRefused: a file cannot be read or is of no known kind, there is no usable place, or no room; and
    ImportRunning when another import is under way.
    """
    with _lock(directory) as generations:
        return _recorded(paths, generations, progress, "")


def import_once(
    paths: Sequence[Path], directory: Path, progress: Callable[[Progress], None], request: str
) -> ImportReport | None:
    """As `import_places`; None if what was asked for under this name, which may be empty, has come to an end."""
    with _lock(directory) as generations:
        if request in requests(directory):
            return None
        return _recorded(paths, generations, progress, request)


@contextlib.contextmanager
def _lock(directory: Path) -> Iterator[Generations]:
    generations = Generations(directory)
    with generations.lock("import", _LOCK_SECONDS) as free:
        if not free:
            raise ImportRunning("another import is running")
        yield generations


def _recorded(
    paths: Sequence[Path], generations: Generations, progress: Callable[[Progress], None], request: str
) -> ImportReport:
    record = Record(generations, [path.name for path in paths], request)

    def tell(told: Progress) -> None:
        record.goes_on(told)
        progress(told)

    try:
        with _no_garbage():
            report = _import(paths, generations, tell)
    except BaseException as error:
        record.ends("refused" if isinstance(error, ImportRefused) else "failed", str(error) or repr(error))
        raise
    record.is_done(report)
    return report


@contextlib.contextmanager
def _no_garbage() -> Iterator[None]:
    """There are millions of tuples and no cycles: looking for them takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _import(
    paths: Sequence[Path],
    generations: Generations,
    progress: Callable[[Progress], object],
) -> ImportReport:
    started = time.monotonic()
    path: Path | None = None
    try:
        files = [(path, sources.kind(path)) for path in paths]
        if not any(kind is Kind.PLACES for _, kind in files):
            files += [(path, Kind.PLACES) for path in SHIPPED]
        files += [(path, sources.kind(path)) for path in SHIPPED_AREAS]
        path = generations.create()
        reports, places, names = _fill(path, files, progress)
    except BaseException as error:
        if path:
            generations.drop(path.name)
        if isinstance(error, (SourceError, OSError, sqlite3.Error)):
            raise ImportRefused(str(error)) from error
        if isinstance(error, BrokenExecutor):
            raise ImportRefused("a process that read for it was killed, maybe for want of memory") from error
        raise
    former = generations.current()
    generations.promote(path.name)
    _drop_all_but(generations, {path.name, former})
    return ImportReport(path.name, time.monotonic() - started, places, names, reports)


def _drop_all_but(generations: Generations, kept: set[str | None]) -> None:
    for name in generations.names():
        if name not in kept:
            generations.drop(name)


def _fill(
    directory: Path, files: Sequence[tuple[Path, Kind]], progress: Callable[[Progress], object]
) -> tuple[tuple[SourceReport, ...], int, int]:
    with contextlib.closing(Loader(directory)) as loader, ThreadPoolExecutor(1) as beside:
        cldr = beside.submit(languages.country_names)  # takes a second
        reports = _read(files, loader, directory / ALTERNATES_FILE, progress)
        if not loader.places:
            of_places = [report for report in reports if report.kind == Kind.PLACES]
            first = next((f"; line {line}: {why}" for report in of_places for line, why in report.faults), "")
            raise ImportRefused(
                f"there is no usable row in {', '.join(report.name for report in of_places)}{first}"
            )
        country_names = cldr.result()
        sorting = "sorting and indexing"
        names = loader.finish(
            lambda fraction: progress(Progress(sorting, min(fraction, 0.99), loader.places))
        )
        about = {
            "imported_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "places": loader.places,
            "names": names,
            "sources": [
                {
                    "name": report.name,
                    "kind": report.kind,
                    "rows": report.used,
                    "data_date": report.data_date,
                    "attribution": report.attribution,
                }
                for report in reports
                if report.used
            ]
            + [
                {
                    "name": languages.release(),
                    "kind": "names of countries",
                    "rows": len(country_names),
                    "data_date": "",
                    "attribution": languages.ATTRIBUTION,
                }
            ],
        }
        loader.db.executemany(
            "INSERT INTO meta VALUES (?, ?)", [(key, json.dumps(value)) for key, value in about.items()]
        )
        loader.db.commit()
    for name in (FILE, WORDS_FILE):
        with (directory / name).open("rb") as file:
            os.fsync(file.fileno())
    progress(Progress(sorting, 1.0, loader.places))
    return tuple(reports), loader.places, names


def _read(
    files: Sequence[tuple[Path, Kind]],
    loader: Loader,
    alternates: Path,
    progress: Callable[[Progress], object],
) -> list[SourceReport]:
    """All the files, each kind in its turn. Raises SourceError."""
    reports: list[SourceReport] = []

    def read(kind: Kind, workers: Workers) -> None:
        for path in (path for path, other in files if other is kind):
            report = SourceReport(
                name=path.name, kind=kind, attribution=_ATTRIBUTIONS.get(path.name, GEONAMES)
            )
            reports.append(report)
            step = f"reading {path.name}"
            tell = progress if path not in SHIPPED_AREAS else lambda _: None
            with sources.opened(path) as source:
                much = path.stat().st_size >= _MUCH
                for prepared in workers.prepared(kind, sources.blocks(source.stream), much=much):
                    loader.add(kind, prepared)
                    report.add(prepared.counts)
                    # What is left of the file may be in a buffer already: 1 is for when it is done.
                    tell(Progress(step, min(source.fraction(), 0.99), loader.places))
                report.data_date = report.data_date or source.date
            tell(Progress(step, 1.0, loader.places))

    with Workers(Known({}, {}), alternates) as workers:
        for kind in (Kind.COUNTRIES, Kind.REGIONS, Kind.DISTRICTS):
            read(kind, workers)
    with Workers(loader.known(), alternates) as workers:
        if any(kind is Kind.ALTERNATE_NAMES for _, kind in files):
            # Before the places that they are of.
            with loader.alternates():
                read(Kind.ALTERNATE_NAMES, workers)
        read(Kind.PLACES, workers)
        read(Kind.POSTAL_CODES, workers)
    return reports


def tidy(directory: Path) -> None:
    """Drop what a killed import has left behind, and say that it was killed, unless one is under way."""
    generations = Generations(directory)
    with generations.lock("import") as free:
        record = last(directory)
        if free and record and record["state"] == "running":
            live = generations.current()
            if live is None or record["generation"] != live:
                record |= {"state": "killed"}
            generations.note(NAME, json.dumps(record | {"ended_at": datetime.now(UTC).isoformat()}))
            former = [name for name in generations.names() if live is None or name <= live]
            _drop_all_but(generations, {*former})
