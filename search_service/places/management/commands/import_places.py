"""`python -m search_service import_places [FILE...]`"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from search_service.places.gazetteer import Gazetteer, PlacesUnavailable
from search_service.places.importer import SHIPPED_AREAS, ImportRefused, import_once
from search_service.places.progress import Progress, SourceReport

_SHIPPED_AREAS = {path.name for path in SHIPPED_AREAS}


class Command(BaseCommand):
    help = "Import places from files in GeoNames' dump format into a new generation, and make it live."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files",
            nargs="*",
            type=Path,
            metavar="FILE",
            help="tables of places, alternate names, countries, regions, districts or postal codes; plain, .gz or "
            ".zip; of one kind the best first: it keeps the ids and codes that others repeat. Without any places, "
            "those that ship: Ladakh, Bhutan, and all of 5,000 people and more",
        )
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="do nothing if there are places already that can be read, whatever they are",
        )

        parser.add_argument("--request", default="", help=argparse.SUPPRESS)  # of the task of that id

    def handle(self, *args: Any, files: list[Path], if_empty: bool, request: str, **options: Any) -> None:
        if if_empty and (live := _live()):
            self.stdout.write(f"Places are there already: generation {live}.")
            return
        tell = _Bar(self) if self.stdout.isatty() else _Lines(self)
        try:
            report = import_once(files, settings.PLACES_DIR, tell, request)
        except ImportRefused as error:
            raise CommandError(f"Nothing was imported: {error}") from None
        if report is None:
            self.stdout.write("This was asked for twice.")
            return
        for source in report.sources:
            if source.name not in _SHIPPED_AREAS:
                self._tell(source)
        self.stdout.write(
            f"Imported {report.places:,} places with {report.names:,} names in {report.seconds:.1f} s: "
            f"generation {report.generation} is live."
        )

    def _tell(self, source: SourceReport) -> None:
        counts = {
            "rows": source.rows,
            source.kind: source.used,
            "of no use here": source.other,
            "repeated": source.repeated,
            "bad rows": source.bad,
            "populations read as 0": source.mended,
        }
        self.stdout.write(f"{source.name}: " + ", ".join(f"{n:,} {what}" for what, n in counts.items() if n))
        for line, reason in source.faults:
            self.stderr.write(f"{source.name}, line {line}: {reason}")
        if (unsaid := source.bad + source.mended - len(source.faults)) > 0:
            self.stderr.write(f"{source.name}: {unsaid:,} more like these")


def _live() -> str | None:
    """The generation that can be read."""
    try:
        return Gazetteer(settings.PLACES_DIR).about().generation
    except PlacesUnavailable:
        return None


class _Lines:
    """A line per step, for logs."""

    def __init__(self, command: BaseCommand) -> None:
        self._command = command
        self._step = ""

    def __call__(self, progress: Progress) -> None:
        if progress.step != self._step:
            self._step = progress.step
            self._command.stdout.write(progress.step[0].upper() + progress.step[1:])


class _Bar:
    """A bar per step, for people at a terminal."""

    _WIDTH = 30

    def __init__(self, command: BaseCommand) -> None:
        self._command = command

    def __call__(self, progress: Progress) -> None:
        full = round(progress.fraction * self._WIDTH)
        bar = "#" * full + "-" * (self._WIDTH - full)
        line = f"\r{bar} {progress.fraction:4.0%} {progress.places:>10,} places  {progress.step}\x1b[K"
        self._command.stdout.write(line, ending="\n" if progress.fraction == 1 else "")
        self._command.stdout.flush()
