"""Loads a synthetic directory into the SQLite index and times searches and changes.

    python -m tests.benchmarks.bench_index --listings 100000

Doctors live where people do: places of the shipped gazetteer, weighted by population. 200 terms with Zipf
frequencies; 70 % of doctors have one listing, the others two or three; half of the listings share a
point with others, as in a hospital. Prints one line of JSON; times are in milliseconds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate, islice
from pathlib import Path
from uuid import UUID

from search_service.index.protocol import Change, Document, Listing, NearestQuery, Position, Put
from search_service.index.sqlite import SQLiteIndex

PLACES = Path(__file__).parents[2] / "search_service" / "places" / "data" / "cities5000.geonames.txt.gz"
TERMS = 200
ZIPF = list(accumulate(1 / rank for rank in range(1, TERMS + 1)))


class Directory:
    """Random doctors and searches, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._terms = [self._uuid() for _ in range(TERMS)]
        with gzip.open(PLACES, "rt", encoding="utf-8") as file:
            rows = [line.split("\t") for line in file]
        self._places = [(float(row[4]), float(row[5])) for row in rows]
        self._people = list(accumulate(int(row[14] or 0) for row in rows))

    def doctors(self, listings: int) -> Iterator[Change]:
        while listings > 0:
            number = min(listings, self._random.choices((1, 2, 3), (70, 22, 8))[0])
            listings -= number
            yield Put(self.doctor(number))

    def doctor(self, listings: int) -> Document:
        """With cards and a body of about the size that they have in life."""
        id = self._uuid()
        home = self._place()
        return Document(
            kind="doctor",
            id=id,
            locale="en",
            slug=f"dr-{id}",
            name="Dr Example",
            body=b"b" * 1500,
            card=b"c" * 300,
            terms=self.terms(self._random.choice((1, 1, 2, 4))),
            listings=tuple(Listing(self._uuid(), *self._near(home), b"l" * 230) for _ in range(listings)),
        )

    def terms(self, number: int) -> tuple[UUID, ...]:
        return tuple(dict.fromkeys(self._random.choices(self._terms, cum_weights=ZIPF, k=number)))

    def searches(self, number: int, terms: int, radius_km: float | None = None) -> list[NearestQuery]:
        """Half from where people are, half from any place."""
        return [
            NearestQuery(
                *self._near(self._place() if n % 2 else self._random.choice(self._places)),
                self.terms(terms),
                radius_km=radius_km,
            )
            for n in range(number)
        ]

    def _place(self) -> tuple[float, float]:
        return self._random.choices(self._places, cum_weights=self._people)[0]

    def _near(self, place: tuple[float, float]) -> tuple[float, float]:
        lat, lng = (self._random.gauss(degrees, 0.03) for degrees in place)
        if self._random.random() < 0.5:
            lat, lng = round(lat, 2), round(lng, 2)
        return max(-90.0, min(90.0, lat)), max(-180.0, min(180.0, lng))

    def _uuid(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)


def timed(calls: list[Callable[[], object]]) -> dict[str, float]:
    times = []
    for call in calls:
        start = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - start))
    times.sort()
    return {name: round(times[int(len(times) * share)], 3) for name, share in (("p50", 0.5), ("p99", 0.99))}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--listings", type=int, default=100_000)
    arguments.add_argument("--batch", type=int, default=10_000, help="documents per transaction")
    arguments.add_argument("--queries", type=int, default=2_000)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-index-") as folder:
        print(json.dumps(run(Path(folder), options)))


def run(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    index = SQLiteIndex(folder, default_locale="en")
    directory = Directory(options.seed)
    doctors = directory.doctors(options.listings)
    seconds = 0.0
    seq = 0
    some: list[Document] = []
    with closing(index.create()) as writer:
        while batch := list(islice(doctors, options.batch)):
            seq += len(batch)
            start = time.perf_counter()
            writer.apply(batch, at(seq))
            seconds += time.perf_counter() - start
            some += [change.document for change in batch[:20] if isinstance(change, Put)]
        start = time.perf_counter()
        index.promote(writer.generation)
        seconds += time.perf_counter() - start
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

    reader = index.reader()
    # Each kind of search is run twice, and the second time counted: the pages are in memory then.
    searches = {
        "nearest_1_term": directory.searches(options.queries, terms=1),
        "nearest_2_terms": directory.searches(options.queries, terms=2),
        "nearest_any": directory.searches(options.queries, terms=0),
        "nearest_2_terms_in_50_km": directory.searches(options.queries, terms=2, radius_km=50),
    }
    searches["second_page"] = [
        replace(query, after=hits[-1].key)
        for query in searches["nearest_2_terms"]
        if (hits := reader.nearest(query))
    ]
    calls: dict[str, list[Callable[[], object]]] = {
        name: [partial(reader.nearest, query) for query in queries] for name, queries in searches.items()
    }
    calls["count_2_terms_in_50_km"] = [
        partial(reader.count, query) for query in searches["nearest_2_terms_in_50_km"]
    ]
    times = {}
    for name, runs in calls.items():
        timed(runs)
        times[name] = timed(runs)

    with closing(index.writer()) as writer:

        def apply(document: Document) -> None:
            writer.apply([Put(document)], at(seq))

        edited = [replace(document, card=b"e" * 310) for document in some[:500]]
        moved = [replace(document, listings=directory.doctor(2).listings) for document in some[:500]]
        times["apply_an_edit"] = timed([partial(apply, document) for document in edited])
        times["apply_a_move"] = timed([partial(apply, document) for document in moved])

    return {
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
        "listings": options.listings,
        "documents": seq,
        "load_documents_per_s": round(seq / seconds),
        "bytes_per_listing": round(size / options.listings),
        **times,
    }


def at(seq: int) -> Position:
    return Position("benchmark", seq, datetime.now(UTC))


if __name__ == "__main__":
    main()
