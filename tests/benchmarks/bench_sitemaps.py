"""The sitemaps of a large directory: time, memory, URLs, files, bytes.

    python -m tests.benchmarks.bench_sitemaps --listings 1000000

The directory is that of `bench_index`; its specialties have descriptions and there are as many conditions with a reviewed
article as one likes, each treated by one to three specialties; all of these and the texts of pages in two languages. The places are those that ship. They are
built in a process of their own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from search_service.index.protocol import Document, Position, Put
from search_service.index.sqlite import SQLiteIndex
from search_service.pages import texts
from search_service.pages.addresses import PageUrls
from search_service.pages.compose import Site
from search_service.places.gazetteer import Gazetteer
from search_service.places.importer import import_places
from search_service.sitemaps import building
from search_service.sitemaps.entries import Sources
from search_service.sitemaps.sets import INDEX, Sets
from tests.benchmarks import machine
from tests.benchmarks.synthetic import TODAY, Directory

PAGE = 500
LOCALES = ("en", "hi")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URLS = PageUrls("https://www.example.org{/locale}/doctors/{slug}{/place}/", "en")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--listings", type=int, nargs="+", default=[100_000, 1_000_000])
    arguments.add_argument("--conditions", type=int, default=300)
    options = arguments.parse_args()
    print(machine.describe(), flush=True)
    with tempfile.TemporaryDirectory(prefix="dny-bench-") as folder:
        root = Path(folder)
        import_places([], root / "places")
        for listings in options.listings:
            load(root / f"{listings}", listings, options.conditions)
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            builder = context.Process(target=build, args=(root, listings, theirs))
            builder.start()
            show(listings, ours.recv())
            builder.join()
    print(f"at the end: {machine.describe()}")
    return 0


def load(folder: Path, listings: int, conditions: int) -> None:
    """An index of the directory, without the doctors' texts: nothing here reads them."""
    directory = Directory(listings, body_bytes=0)
    index = SQLiteIndex(folder, default_locale="en")
    with closing(index.create()) as writer:
        documents = iter(
            Put(each) for some in (subjects(directory, conditions), *directory.documents()) for each in some
        )
        seq = 0
        while page := [*islice(documents, PAGE)]:
            seq += len(page)
            writer.apply(page, Position("log", seq, NOW, NOW))
        index.promote(writer.generation)


def subjects(directory: Directory, conditions: int) -> Iterator[Document]:
    rng = np.random.default_rng(7)
    references = [
        {"id": str(id), "slug": f"specialty-{n}", "name": f"Specialty {n}"}
        for n, id in enumerate(directory.specialty_ids)
    ]
    for locale in LOCALES:
        for said in texts.BUILT_IN.values():
            own = said._asdict() | {"locale": locale, "fallback_for": [], "slug": said.id, "name": said.id}
            yield _document(texts.KIND, locale, own)
        for reference in references:
            yield _document("specialty", locale, reference | {"description": "What it does.", "codes": []})
    for n in range(conditions):
        treating = {*directory.draw_specialties(rng, int(rng.integers(1, 4))).tolist()}
        own = {
            "id": str(UUID(bytes=rng.bytes(16), version=4)),
            "slug": f"condition-{n}",
            "name": f"Condition {n}",
            "specialties": [references[number] for number in sorted(treating)],
            "sections": [{"aspect": "overview"}],
            "reviewer": {"name": "Somebody"},
            "next_review": (TODAY + timedelta(days=365)).isoformat(),
            "last_published_at": f"{TODAY}T06:00:00Z",
        }
        for locale in LOCALES:
            yield _document("condition", locale, own)


def _document(kind: str, locale: str, of: dict[str, Any]) -> Document:
    body = json.dumps(of | {"locale": locale}).encode()
    return Document(kind, UUID(of["id"]), locale, of["slug"], of["name"], body, body)


def build(root: Path, listings: int, told: Any) -> None:
    sources = Sources(
        SQLiteIndex(root / f"{listings}", default_locale="en").reader(),
        Gazetteer(root / "places"),
        Site(URLS, 3),
        TODAY,
    )
    sets = Sets(root / f"sitemaps-{listings}")
    started, before = time.perf_counter(), machine.peak_mib(os.getpid())
    of = building.state(sources, "")
    about = building.build(sets, sources, of, "https://www.example.org/", lambda: NOW)
    seconds = time.perf_counter() - started
    pid = os.getpid()
    told.send(
        {
            "about": about,
            "seconds": seconds,
            "cpu": time.process_time(),
            "before": before,
            "peak": machine.peak_mib(pid),
            "own": machine.own_mib(pid),
        }
    )


def show(listings: int, figures: dict[str, Any]) -> None:
    about, seconds = figures["about"], figures["seconds"]
    files = {name: file for name, file in about["files"].items() if name != INDEX}
    plain = sum(file["bytes"] for file in files.values()) / 2**20
    print(
        f"{listings:,} listings: {about['urls']:,} URLs in {len(files)} files, {plain:,.0f} MiB before they are compressed; "
        f"{seconds:.0f} s ({figures['cpu']:.0f} s of processor time), {about['urls'] / seconds:,.0f} URLs/s; "
        f"memory {figures['peak']:.0f} MiB at most with mapped files, {figures['own']:.0f} its own at the end "
        f"({figures['before']:.0f} before)",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
