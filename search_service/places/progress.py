"""What an import tells of itself, while it goes on and afterwards."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from search_service.generations import Generations

# Of the note beside the generations.
NAME = "import"
GEONAMES = "GeoNames (https://www.geonames.org), CC BY 4.0"
# Faults are counted without limit; so many of each file are kept to be shown.
FAULTS_KEPT = 20
_NOTE_SECONDS = 0.5
# A message that is delivered again comes soon after.
_REQUESTS_KEPT = 20


@dataclass(slots=True)
class Counts:
    """What became of rows: `rows = used + other + repeated + bad`.

    `other` are of no use here (rivers, links), `repeated` have the id or code of an earlier one. `mended` counts
    populations that were none and were read as 0. `data_date` is the latest date of change (`2026-11-22`), or
    empty. `faults` are the numbers of the first bad and mended lines, with the reasons.
    """

    rows: int = 0
    used: int = 0
    other: int = 0
    repeated: int = 0
    bad: int = 0
    mended: int = 0
    data_date: str = ""
    faults: list[tuple[int, str]] = field(default_factory=list)

    def note(self, line: int, reason: str) -> None:
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append((line, reason))

    def add(self, more: Counts) -> None:
        self.rows += more.rows
        self.used += more.used
        self.other += more.other
        self.repeated += more.repeated
        self.bad += more.bad
        self.mended += more.mended
        self.data_date = max(self.data_date, more.data_date)
        self.faults = (self.faults + more.faults)[:FAULTS_KEPT]


@dataclass(slots=True)
class SourceReport(Counts):
    """What became of one file's rows: see `Counts`. The date is that of the archive where rows have none."""

    name: str = ""
    kind: str = ""
    attribution: str = GEONAMES


@dataclass(frozen=True, slots=True)
class ImportReport:
    generation: str
    seconds: float
    places: int
    names: int
    sources: tuple[SourceReport, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """`fraction` (0 to 1) of the step, and the places read so far."""

    step: str
    fraction: float
    places: int


def last(directory: Path) -> dict[str, Any] | None:
    """How the last import went, or goes: `state` ("running", "done", "refused", "failed" or "killed"),
    `started_at`, `ended_at`, `files` (names), `step` and `fraction`, `generation`, `places`, `error`, and of each
    file that was read what became of its rows (`sources`)."""
    record = _read(directory)
    return {name: record[name] for name in Record.KEYS} if record.keys() >= Record.KEYS else None


def requests(directory: Path) -> list[str]:
    """Names of the latest requests that have come to an end."""
    found = _read(directory).get("requests")
    return [*found] if isinstance(found, list) else []


def _read(directory: Path) -> dict[str, Any]:
    try:
        record = json.loads(Generations(directory).noted(NAME) or "{}")
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


class Record:
    """Keeps what `last` tells."""

    KEYS = frozenset(
        {
            "state",
            "started_at",
            "ended_at",
            "files",
            "step",
            "fraction",
            "generation",
            "places",
            "error",
            "sources",
        }
    )

    def __init__(self, generations: Generations, files: Sequence[str], request: str) -> None:
        self._generations = generations
        self._request = request
        self._is: dict[str, Any] = {
            "state": "running",
            "started_at": _now(),
            "ended_at": None,
            "files": list(files),
            "step": "",
            "fraction": 0.0,
            "generation": "",
            "places": 0,
            "error": "",
            "sources": [],
            "requests": requests(generations.root),
        }
        self._note()

    def goes_on(self, progress: Progress) -> None:
        self._is |= {"step": progress.step, "fraction": progress.fraction, "places": progress.places}
        if time.monotonic() - self._noted_at > _NOTE_SECONDS:
            self._note()

    def is_done(self, report: ImportReport) -> None:
        of_sources = [
            {
                "name": source.name,
                "kind": source.kind,
                **{
                    name: getattr(source, name)
                    for name in ("rows", "used", "other", "repeated", "bad", "mended")
                },
                "faults": [{"line": line, "reason": reason} for line, reason in source.faults],
            }
            for source in report.sources
        ]
        self._is |= {"generation": report.generation, "places": report.places, "sources": of_sources}
        self.ends("done")

    def ends(self, state: str, error: str = "") -> None:
        self._is |= {"state": state, "error": error, "ended_at": _now()}
        if self._request:
            self._is["requests"] = [*self._is["requests"], self._request][-_REQUESTS_KEPT:]
        self._note()

    def _note(self) -> None:
        self._generations.note(NAME, json.dumps(self._is))
        self._noted_at = time.monotonic()


def _now() -> str:
    return datetime.now(UTC).isoformat()
