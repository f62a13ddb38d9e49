"""`make eval`: how many of the cases of what people type find what they should.

    python -m tests.evaluation [--url http://localhost:8001] [--cases FILE...] [--places FILE...] [--save FOLDER]

Without --url, the API runs in this process, over an index of sample conditions and fictitious doctors and the
places that ship. Ends with 1 when a class of cases is below its floor (floors.json), with 2 when nothing could be
evaluated.
"""

# ruff: noqa: T201 (it talks to a person at a terminal)

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.evaluation import asking, cases, running
from tests.evaluation.cases import Case


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.evaluation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--url", help="of a running search service that has the sample world or the like")
    parser.add_argument("--cases", type=Path, nargs="+", metavar="FILE", help="instead of those that ship")
    parser.add_argument(
        "--places",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="imported beside those that ship, such as cities500.txt.gz",
    )
    parser.add_argument("--failures", type=int, default=10, metavar="N", help="shown of each class (10)")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="for evaluation.json: figures, failures")
    options = parser.parse_args(arguments)
    if options.url and options.places:
        parser.error("--places goes with the API in this process, not with --url")
    try:
        files = {path: cases.read(path) for path in options.cases or cases.SHIPPED}
        with _asked(options.url, options.places) as ask:
            if not options.url and not options.places:
                files = {path: _answerable(path, some) for path, some in files.items()}
            chosen = [case for some in files.values() for case in some]
            results = running.run(chosen, ask, _Line(len(chosen)))
    except (cases.Malformed, asking.Unreachable) as error:
        print(f"Nothing was evaluated: {error}", file=sys.stderr)
        return 2
    if not results:
        print("Nothing was evaluated: no case is left", file=sys.stderr)
        return 2
    summaries = running.summed_up(results)
    for summary in summaries:
        if text := running.failures(summary, options.failures):
            print(text, end="\n\n")
    print(running.table(summaries), flush=True)
    if options.save:
        print(f"Saved: {running.save(options.save, summaries)}")
    return 1 if any(summary.is_below for summary in summaries) else 0


def _answerable(path: Path, some: list[Case]) -> list[Case]:
    from tests.evaluation import places

    left = places.answerable(some)
    if out := len(some) - len(left):
        print(
            f"{path.name}: {out} of {len(some)} cases are left out, whose places do not ship. "
            "Give --places cities500.txt.gz for all."
        )
    return left


@contextmanager
def _asked(url: str | None, files: list[Path]) -> Iterator[asking.Ask]:
    if url:
        yield asking.server(url)
        return
    with tempfile.TemporaryDirectory(prefix="dny-evaluation-") as folder:
        _set_up(folder, files)
        yield asking.process()


def _set_up(folder: str, files: list[Path]) -> None:
    """The search service in this process, with the sample world, in a folder of its own."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "search_service.settings"
    os.environ["DATA_DIR"] = folder
    os.environ["INDEX_DIR"], os.environ["PLACES_DIR"] = f"{folder}/index", f"{folder}/places"
    os.environ.setdefault("SEARCH_SECRET_KEY", "only for the evaluation")
    os.environ.setdefault("FEED_TOKEN", "only-for-the-evaluation")
    os.environ["SEARCH_RATE_LIMIT"] = "off"  # one client asks all

    import django

    django.setup()
    from django.conf import settings

    from search_service import stores
    from search_service.places.importer import SHIPPED, ImportRefused, import_places
    from tests.evaluation import world

    paths = [*files, *SHIPPED, world.POSTAL_CODES]
    print(f"Importing {', '.join(path.name for path in paths)}", flush=True)
    try:
        report = import_places(paths, settings.PLACES_DIR)
    except ImportRefused as error:
        raise cases.Malformed(f"--places: {error}") from None
    print(f"{report.places:,} places", flush=True)
    world.publish(stores.index())


class _Line:
    """Progress: a line that is written over at a terminal, one for each class in a log."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._class = ""

    def __call__(self, done: int, case: Case) -> None:
        if sys.stdout.isatty():
            end = "\r\x1b[K" if done + 1 == self._total else ""
            print(f"\r{done + 1:>5} of {self._total}  {case.class_}\x1b[K", end=end, flush=True)
        elif case.class_ != self._class:
            print(f"{done:>5} of {self._total}  {case.class_}", flush=True)
        self._class = case.class_


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
