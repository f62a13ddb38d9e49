"""The gazetteer at size: how fast places are imported, how much memory that takes, and how fast they are found.

    python -m tests.benchmarks.bench_places [--places 1000000] [--file cities500.zip]

The places are made up, the same ones each time, with about 4.5 names each, a third of them in other scripts.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from search_service.places.importer import import_places
from search_service.places.progress import Progress
from tests.benchmarks import machine, place_searches

_SYLLABLES = [
    *(consonant + vowel for consonant in "bdgklmnprstvz" for vowel in "aeo"),
    *("kha", "gar", "dom", "leh", "skar", "wang", "chu", "ling", "tso", "shey", "ri", "san", "pur", "nagar"),
    *("abad", "ton", "ham", "ville", "berg", "stadt", "burg", "grad"),
]
_ACCENTS = str.maketrans("aeou", "áéóú")
_SCRIPTS = (
    "абвгдежзиклмнопрст",
    "कखगचजटडतदनपबमयरलवसह",
    "ابتثجحدرسشعفقكلمن",
    "北京上海山水大小東西南中",
    "가나다라마바사아자차",
)
_COUNTRIES = (
    ("IN", "41"),
    ("IN", "36"),
    ("DE", "02"),
    ("US", "TX"),
    ("BR", "27"),
    ("CN", "22"),
    ("FR", "11"),
)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--places", type=int, default=1_000_000)
    arguments.add_argument(
        "--file", type=Path, help="a file in GeoNames' format in the place of made-up places"
    )
    options = arguments.parse_args()
    print(machine.describe(), flush=True)
    with tempfile.TemporaryDirectory(prefix="dny-bench-") as folder:
        source = options.file or write(Path(folder) / "made-up.txt", options.places)
        _import(source, Path(folder) / "places")
        place_searches.measure(Path(folder) / "places")


def _import(source: Path, directory: Path) -> None:
    steps: dict[str, float] = {}
    started = time.monotonic()

    def note(progress: Progress) -> None:
        steps[progress.step] = time.monotonic() - started

    with _peak_memory() as peak:
        report = import_places([source], directory, note)
    print(
        f"{report.places:,} places with {report.names:,} names in {report.seconds:.1f} s:"
        f" {report.places / report.seconds:,.0f} places a second, {report.names / report.seconds:,.0f} names"
    )
    former = 0.0
    for step, at in steps.items():
        print(f"  {step}: {at - former:.1f} s")
        former = at
    here, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = here.ru_utime + here.ru_stime + children.ru_utime + children.ru_stime
    print(f"  {cpu:.1f} s of processor time; {peak[0]:.0f} MiB of memory at most, all processes together")
    size = sum(file.stat().st_size for file in directory.rglob("*.sqlite3"))
    print(f"  {size / 1e6:,.0f} MB on disk, {size / report.names:.0f} bytes a name", flush=True)


@contextmanager
def _peak_memory() -> Iterator[list[float]]:
    """Of this process and those that it starts."""
    peak, stop = [0.0], threading.Event()

    def look() -> None:
        while not stop.wait(0.1):
            now = 0.0
            for pid in (os.getpid(), *machine.children(os.getpid())):
                try:
                    now += machine.resident_mib(pid)
                except (OSError, LookupError):
                    continue
            peak[0] = max(peak[0], now)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def write(path: Path, places: int) -> Path:
    """A dump of so many made-up places."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        for id_ in range(1, places + 1):
            name = "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))).title()
            if chance.random() < 0.1:
                name += " " + "".join(chance.choices(_SYLLABLES, k=2)).title()
            accented = name.translate(_ACCENTS) if chance.random() < 0.4 else name
            country, region = chance.choice(_COUNTRIES)
            population = (
                int(10 ** chance.uniform(1, 4)) if chance.random() < 0.95 else int(10 ** chance.uniform(4, 7))
            )
            row = (
                *(id_, accented, name, ",".join(_alternates(chance, name))),
                *(round(chance.uniform(-60, 75), 5), round(chance.uniform(-180, 180), 5), "P"),
                *(chance.choice(("PPL", "PPL", "PPL", "PPLA3", "PPLX")), country, "", region, "", "", ""),
                *(population, "", "", "Asia/Kolkata", "2026-01-01"),
            )
            file.write("\t".join(map(str, row)) + "\n")
    return path


def _alternates(chance: random.Random, name: str) -> Iterator[str]:
    for _ in range(chance.randint(0, 4)):
        yield name[:2] + "".join(chance.choices(_SYLLABLES, k=2))
    for _ in range(chance.randint(0, 3)):
        yield "".join(chance.choices(chance.choice(_SCRIPTS), k=chance.randint(2, 7)))


if __name__ == "__main__":
    main()
