"""The index at size: against Redis and PostGIS in one run, its other searches, its load, single changes, memory.

    python -m tests.benchmarks.bench_index --listings 100000 1000000 --save docs/reference/benchmarks

For each size a synthetic directory is loaded into each engine. They get the same searches, one after the other
in turns, twice; the second round is timed, and all answers are compared. `--save` writes the figures as JSON
and plots them. 10,000,000 listings take some 22 GB of disk and 6 GB of memory, by what 1,000,000 take.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from redis.utils import HIREDIS_AVAILABLE

from search_service import geo
from search_service.index.protocol import (
    Box,
    Change,
    Counted,
    Delete,
    Document,
    Position,
    Put,
    Query,
    SortKey,
    Term,
)
from search_service.index.sqlite import SQLiteIndex
from search_service.query import best, facets
from tests.benchmarks import machine, packages, plot, rivals
from tests.benchmarks.rivals import Nearest, Rival
from tests.benchmarks.synthetic import SPECIALTIES, TODAY, Directory

# So many documents at a time, as a rebuild reads them.
PAGE = 500
# From this size on the documents have no text: it would fill the disk, and no search reads it.
NO_TEXT_FROM = 5_000_000
RARE = range(SPECIALTIES - 50, SPECIALTIES)
COUNTED = facets.counted(TODAY)
Figures = dict[str, Any]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--listings", type=int, nargs="+", default=[100_000, 1_000_000])
    arguments.add_argument("--queries", type=int, default=1_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--alone", action="store_true", help="without Redis and PostGIS")
    arguments.add_argument("--save", type=Path, help="a folder")
    options = arguments.parse_args()
    print(machine.describe(), f"SQLite {sqlite3.sqlite_version}", flush=True)
    for listings in options.listings:
        with tempfile.TemporaryDirectory(prefix="dny-bench-") as folder:
            figures = measure(Path(folder), listings, options)
        if options.save:
            figures["machine"] = machine.describe()
            plot.save(options.save, figures)
    return 0


def measure(folder: Path, listings: int, options: argparse.Namespace) -> Figures:
    directory = Directory(listings, seed=options.seed, body_bytes=1500 if listings < NO_TEXT_FROM else 0)
    print(f"\n{listings:,} listings", flush=True)
    index = SQLiteIndex(folder, default_locale="en")
    figures: Figures = {"listings": listings} | _load(index, directory, folder)
    rng = np.random.default_rng(options.seed)
    searches = {name: list(some) for name, some in _searches(directory, rng, options.queries)}
    if options.alone:
        figures["engines"] = _compared(directory, index, [], searches)
    else:
        with rivals.running() as others:
            for rival in others:
                start = time.perf_counter()
                rival.load(directory)
                size = rival.size() / listings
                print(
                    f"  {rival.name} loaded in {time.perf_counter() - start:.0f} s: {size:.0f} bytes a listing"
                )
            figures["engines"] = _compared(directory, index, others, searches)
    figures["ours"] = _own(directory, index, rng, searches["specialty"])
    figures["memory"] = _memory(folder, [_query(directory, search) for search in searches["two filters"]])
    figures["changes"] = _changes(index, directory, options.seed)
    return figures


def _load(index: SQLiteIndex, directory: Directory, folder: Path) -> Figures:
    """All documents into a fresh generation, and that one live: the time of the index alone."""
    seconds, seq, text = 0.0, 0, 0
    with closing(index.create()) as writer:
        for documents in directory.documents():
            text += sum(_content_bytes(document) for document in documents)
            left = iter(documents)
            while page := [Put(document) for document in islice(left, PAGE)]:
                seq += len(page)
                start = time.perf_counter()
                writer.apply(page, at(seq))
                seconds += time.perf_counter() - start
        start = time.perf_counter()
        index.promote(writer.generation)
        promoting = time.perf_counter() - start
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    figures = {
        "documents": seq,
        "documents_per_s": round(seq / (seconds + promoting)),
        "bytes_per_listing": round(size / directory.listings),
        "content_bytes_per_listing": round(text / directory.listings),
    }
    print(
        f"  {seq:,} documents loaded: {figures['documents_per_s']:,} a second, made live ({promoting:.1f} s)"
        f" included\n  {figures['bytes_per_listing']:,} bytes a listing, of which bodies and cards are"
        f" {figures['content_bytes_per_listing']:,}",
        flush=True,
    )
    return figures


def _content_bytes(document: Document) -> int:
    cards = sum(len(listing.card) for listing in document.listings)
    return len(document.body) + len(document.card) + cards


def _searches(
    directory: Directory, rng: np.random.Generator, number: int
) -> Iterator[tuple[str, Iterator[Nearest]]]:
    """Half from where people are, half from any place; specialties and languages as doctors have them."""

    def searches(specialties: Sequence[int], *, filtered: bool) -> Iterator[Nearest]:
        lat, lng = directory.points(rng, number)
        lat[::2], lng[::2] = directory.any_places(rng, len(lat[::2]))
        languages = directory.draw_languages(rng, number).tolist() if filtered else [None] * number
        for row in zip(lat.tolist(), lng.tolist(), specialties, languages, strict=True):
            yield Nearest(*row)

    yield "two filters", searches(directory.draw_specialties(rng, number).tolist(), filtered=True)
    yield "specialty", searches(directory.draw_specialties(rng, number).tolist(), filtered=False)
    yield "rare specialty", searches(rng.choice(RARE, number).tolist(), filtered=False)


def _query(directory: Directory, search: Nearest) -> Query:
    filters = {}
    if search.language is not None:
        filters = {
            "language": {directory.languages[search.language]},
            "accepting_new_patients": {"true"},
        }
    specialty = Term("specialty", str(directory.specialty_ids[search.specialty]))
    return Query(search.lat, search.lng, (specialty,), filters=filters, limit=search.limit)


def _compared(
    directory: Directory,
    index: SQLiteIndex,
    others: Sequence[Rival],
    searches: dict[str, list[Nearest]],
) -> Figures:
    """By kind of search and engine, milliseconds. Ours come with their cards."""
    reader = index.reader()
    figures: Figures = {}
    for name, some in searches.items():
        queries = [_query(directory, search) for search in some]
        times: dict[str, list[float]] = {}
        different = found = 0
        for _ in range(2):
            times = {"SQLite index": [], **{rival.name: [] for rival in others}}
            different = found = 0
            gc.collect()
            for search, query in zip(some, queries, strict=True):
                start = time.perf_counter()
                hits = reader.search(query).hits
                times["SQLite index"].append(time.perf_counter() - start)
                ours = [hit.id.bytes for hit in hits]
                found += len(ours)
                for rival in others:
                    start = time.perf_counter()
                    theirs = rival.nearest(search)
                    times[rival.name].append(time.perf_counter() - start)
                    different += theirs != ours
        figures[name] = {engine: in_ms(seconds) for engine, seconds in times.items()}
        print(
            f"  20 nearest, {name}: {found / len(some):.1f} found on average; different answers: {different}"
        )
        for engine, ms in figures[name].items():
            times_as_slow = ms["p50"] / figures[name]["SQLite index"]["p50"]
            print(f"    {engine}: {shown(ms)}, p50 x {times_as_slow:.1f}", flush=True)
        figures[name]["different"] = different
    return figures


def _own(directory: Directory, index: SQLiteIndex, rng: np.random.Generator, some: list[Nearest]) -> Figures:
    """What only the index answers."""
    reader = index.reader()
    lat, lng, radius_km = directory.densest(20_000)
    total = reader.search(Query(lat, lng, radius_km=radius_km, limit=1), Counted()).counts.total
    print(
        f"  in the densest {radius_km:.0f} km: {total.value if total else 0} ({total.relation if total else ''})"
    )
    plain = [_query(directory, search) for search in some]
    deep = SortKey(0, "", geo.chord2_from_km(3_000), UUID(int=0))
    shares = 1 / np.arange(1, 2_001)
    given = [directory.given[n] for n in rng.choice(2_000, len(plain), p=shares / shares.sum()).tolist()]
    dense = [
        replace(query, lat=lat + n % 100 / 5_000, lng=lng, terms=(), radius_km=radius_km)
        for n, query in enumerate(plain)
    ][:300]
    kinds: dict[str, tuple[list[Query], Counted | None]] = {
        "dense city, all facets and total": (dense, COUNTED),
        "within 50 km, all facets and total": ([replace(query, radius_km=50) for query in plain], COUNTED),
        "within 50 km, total": ([replace(query, radius_km=50) for query in plain], Counted()),
        "any doctor": ([replace(query, terms=()) for query in plain], None),
        "three specialties": (
            [
                replace(query, terms=query.terms + other.terms + another.terms)
                for query, other, another in zip(plain, plain[1:], plain[2:], strict=False)
            ],
            None,
        ),
        "given name": (
            [replace(query, terms=(), name=(name,)) for query, name in zip(plain, given, strict=True)],
            None,
        ),
        "beginning of a name, within 50 km": (
            [
                replace(query, terms=(), name=(name[:3],), radius_km=50)
                for query, name in zip(plain, given, strict=True)
            ],
            None,
        ),
        "name with a typo": (
            [
                replace(query, terms=(), name=(f"{name[:2]}q{name[2:]}",))
                for query, name in zip(plain, given, strict=True)
            ],
            None,
        ),
        "best, within 50 km": (
            [replace(query, sort=best.order(TODAY), radius_km=50) for query in plain],
            None,
        ),
        "by name, within 50 km": ([replace(query, sort="name", radius_km=50) for query in plain], None),
        "box of 1 degree": (
            [
                replace(query, box=Box(query.lng, query.lat, min(query.lng + 1, 180), min(query.lat + 1, 90)))
                for query in plain
            ],
            None,
        ),
        "page beyond 3,000 km": ([replace(query, after=deep) for query in plain], None),
    }
    figures = {}
    for name, (queries, counted) in kinds.items():
        calls = [partial(reader.search, query, counted) for query in queries]
        timed(calls)
        figures[name] = in_ms(timed(calls))
        print(f"  {name}: {shown(figures[name])}", flush=True)
    return figures


def _memory(folder: Path, queries: list[Query]) -> Figures:
    """Of a process that opens the index and searches, in MiB."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        before, after = pool.apply(_read, (folder, queries))
    print(
        f"  a reading process: {after:.0f} MiB of its own after {len(queries)} searches and as many with facets,"
        f" {before:.0f} before",
        flush=True,
    )
    return {"own_mib": round(after), "own_mib_before": round(before)}


def _read(folder: Path, queries: list[Query]) -> tuple[float, float]:
    before = machine.own_mib(os.getpid())
    reader = SQLiteIndex(folder, default_locale="en").reader()
    for query in queries:
        reader.search(query)
        reader.search(replace(query, filters={}, radius_km=50), COUNTED)
    return before, machine.own_mib(os.getpid())


def _changes(index: SQLiteIndex, directory: Directory, seed: int) -> Figures:
    """One change at a time, each on disk when it is timed."""
    documents = next(directory.documents())[:900]
    edited, moved, deleted = documents[:300], documents[300:600], documents[600:]
    elsewhere = [document.listings for document in documents[1_000 % len(documents) :] + documents]
    kinds: dict[str, list[Change]] = {
        "edit": [Put(replace(document, card=document.card[:-1] + b',"e":1}')) for document in edited],
        "move": [
            Put(replace(document, listings=listings))
            for document, listings in zip(moved, elsewhere, strict=False)
        ],
        "delete": [Delete("doctor", document.id, "en", (document.slug,)) for document in deleted],
    }
    figures = {}
    seq = 10**9
    with closing(index.writer()) as writer:
        for name, changes in kinds.items():
            seconds = timed([partial(writer.apply, [change], at(seq := seq + 1)) for change in changes])
            figures[name] = in_ms(seconds)
            print(f"  one change ({name}): {shown(figures[name])}", flush=True)
    return figures


def at(seq: int) -> Position:
    now = datetime.now(UTC)
    return Position("benchmark", seq, now, now)


def timed(calls: Sequence[Callable[[], object]]) -> list[float]:
    gc.collect()
    seconds = []
    for call in calls:
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return seconds


def in_ms(seconds: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    values = {"p50": cuts[49], "p99": cuts[98], "max": max(seconds)}
    return {name: round(1000 * value, 3) for name, value in values.items()}


def shown(ms: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in ms.items()) + " ms"


def _with_hiredis() -> int:
    """Run anew with the compiled parser that whoever wants speed of Redis installs beside its client."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_index", *sys.argv[1:]]
    with packages.installed("hiredis") as folder:
        return subprocess.run(command, env=os.environ | {"PYTHONPATH": str(folder)}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main() if HIREDIS_AVAILABLE else _with_hiredis())
