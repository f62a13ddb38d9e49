"""How long places take to be found, whatever is typed: in the engine, without HTTP.

    python -m tests.benchmarks.place_searches DIR [--samples 500]

DIR is a PLACES_DIR that has been imported into. Times are processor time, so that what else the machine does
does not count. The worst texts of each sort are named.
"""

from __future__ import annotations

import argparse
import random
import string
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from search_service.places.gazetteer import Gazetteer
from search_service.places.store import Store
from tests.benchmarks.times import show

Asked = TypeVar("Asked")

_LONGEST_BEGINNING = 12
_WORST = 4


def measure(directory: Path, samples: int = 500) -> None:
    """Prints a line for each sort of text."""
    gazetteer = Gazetteer(directory)
    about = gazetteer.about()
    print(f"{about.places:,} places with {about.names:,} names")
    rng = random.Random(1)
    names = _names(gazetteer, rng, 4 * samples)
    latin = [name for name in names if name.isascii() and len(name) > 3]

    def some(make: Callable[[str], str], of: Sequence[str] = names) -> list[str]:
        return [make(rng.choice(of)) for _ in range(samples)]

    for text in some(str):
        gazetteer.search(text)  # from here on the file is in memory
    for length in range(1, _LONGEST_BEGINNING + 1):
        begun = {name[:length] for name in names if len(name) >= length}
        _time(
            f"complete {length} letters",
            rng.sample(sorted(begun), min(len(begun), samples)),
            gazetteer.search,
        )
    typos = some(lambda name: _misspelt(name, rng), latin)
    words = some(lambda _: " ".join(rng.choice(latin).split()[0] for _ in range(rng.randint(2, 10))))
    noise = some(lambda _: "".join(rng.choices(string.ascii_lowercase, k=rng.randint(3, 25))))
    for what, texts in (
        ("names", some(str)),
        ("misspelt names", typos),
        ("twice misspelt names", [_misspelt(name, rng) for name in typos if len(name) > 7]),
        ("words of other names", words),
        ("what is no name", noise),
        ("odd texts", _ODD),
    ):
        _time(f"complete {what}", texts, gazetteer.search)
        _time(f"resolve {what}", texts, gazetteer.resolve_text)
    _time(
        "complete near a focus",
        some(lambda name: name[: rng.randint(1, 8)]),
        lambda text: gazetteer.search(text, focus=(34.2, 77.5)),
    )
    anywhere = [(rng.uniform(-90, 90), rng.uniform(-180, 180)) for _ in range(samples)]
    _time("nearest to any point", anywhere, lambda point: gazetteer.nearest(*point))
    found = (gazetteer.search(name, limit=1) for name in some(str))
    where = [(first[0].place.lat, first[0].place.lng) for first in found if first]
    _time("nearest to a place", where, lambda point: gazetteer.nearest(*point))


_ODD = [
    *("a", "e a", "a b c d e f g h i j k l", "la la la la", "x" * 200, "a " * 60, "1", "0 0 0", "12 1"),
    *(
        "nagar nagar",
        "the of",
        "saint",
        "san san san san",
        "\u5317",
        "\u0f63",
        "\u0915" * 100,
        "in",
        "us",
        "de la",
    ),
]


def _names(gazetteer: Gazetteer, rng: random.Random, count: int) -> list[str]:
    """Keys of names, half of them among the likeliest, for these are typed more often."""
    store: Store = gazetteer._live()[0]
    last = gazetteer.about().names
    ids = [rng.randint(1, last) for _ in range(count // 2)]
    ids += [int(last * rng.random() ** 4) + 1 for _ in range(count // 2)]
    sql = "SELECT key FROM name WHERE id = ?"
    keys = (store._db.execute(sql, (id_,)).fetchone() for id_ in ids)  # type: ignore[attr-defined]
    return [row[0] for row in keys if row]


def _misspelt(text: str, rng: random.Random) -> str:
    i, letter = rng.randrange(len(text)), rng.choice(string.ascii_lowercase)
    start, end = text[:i], text[i:]
    return rng.choice(
        [start + end[1:], start + letter + end, start + letter + end[1:], start + end[:2][::-1] + end[2:]]
    )


def _time(what: str, texts: Sequence[Asked], call: Callable[[Asked], object]) -> None:
    times = []
    for text in texts:
        start = time.thread_time()
        call(text)
        times.append((time.thread_time() - start, text))
    times.sort(key=lambda pair: -pair[0])
    worst = ", ".join(f"{str(text)[:40]!r} {1000 * seconds:.1f}" for seconds, text in times[:_WORST])
    print(f"{what:30} {show([seconds for seconds, _ in times])}; worst: {worst}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--samples", type=int, default=500)
    given = parser.parse_args()
    measure(given.directory, given.samples)
