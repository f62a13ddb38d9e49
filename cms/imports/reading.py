"""Reads lists of conditions: tab-separated text, plain or .gz, whose first line names the columns.

Of the Human Disease Ontology's columns, and of those that other lists call alike, only names and codes are read.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ValidationError

from cms.conditions.codes import CodeSystem, check_code

NAME = ("name", "label")
# Not `synonyms_other`: those are wider, narrower or otherwise related, so they name something else.
SYNONYMS = ("synonyms", "synonyms_exact")
CODES = {
    "doid": CodeSystem.DOID,
    "icd10cm": CodeSystem.ICD_10_CM,
    "icd11": CodeSystem.ICD_11,
    "mesh": CodeSystem.MESH,
    "mesh_from_do": CodeSystem.MESH,
    "hpo": CodeSystem.HPO,
    "snomed": CodeSystem.SNOMED_CT,
}
SEPARATOR = "|"
MAX_NAME = 255  # characters
MAX_LINE = 100_000  # characters

Code = tuple[CodeSystem, str]


class FileUnreadable(Exception):
    """The file is no such list. The message says why."""


@dataclass
class Row:
    line: int
    name: str
    synonyms: list[str] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)


@dataclass(frozen=True)
class Problem:
    line: int
    reason: str
    # Or else only a part of the row was left out.
    row_is_left_out: bool = True


def read(path: Path) -> tuple[list[Row], list[Problem]]:
    """All rows that can be used, and what is wrong with the others. Raises FileUnreadable."""
    rows: list[Row] = []
    problems: list[Problem] = []
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8", errors="replace")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8", errors="replace") as file
        ):
            lines = enumerate(iter(lambda: file.readline(MAX_LINE), ""), start=1)
            columns = _columns(lines)
            for line, text in lines:
                if text.strip():
                    _read_row(line, text, columns, rows, problems)
    except (OSError, EOFError, zlib.error) as error:
        raise FileUnreadable(f"{path} cannot be read: {error}") from error
    return rows, problems


def fold(name: str) -> str:
    """What two spellings of one name have in common."""
    return " ".join(name.casefold().split())


def _columns(lines: Iterator[tuple[int, str]]) -> list[str]:
    first = next(lines, (1, ""))[1]
    columns = [column.strip() for column in first.lstrip("\ufeff").rstrip("\r\n").split("\t")]
    if not set(columns).intersection(NAME):
        raise FileUnreadable(f"The first line must name the columns, and one of them be {' or '.join(NAME)}.")
    return columns


def _read_row(line: int, text: str, columns: list[str], rows: list[Row], problems: list[Problem]) -> None:
    cells = text.rstrip("\r\n").split("\t")
    if len(text) == MAX_LINE:
        problems.append(Problem(line, f"The line is longer than {MAX_LINE:,} characters."))
    elif len(cells) != len(columns):
        problems.append(Problem(line, f"There are {len(cells)} columns, not {len(columns)}."))
    elif "\ufffd" in text:
        problems.append(Problem(line, "This is not UTF-8."))
    else:
        cell = dict(zip(columns, cells, strict=True))
        name = " ".join(next(cell[column] for column in NAME if column in cell).split())
        if reason := _why_not_a_name(name):
            problems.append(Problem(line, reason))
            return
        row = Row(line, name)
        for synonym in _parts(cell, SYNONYMS):
            if reason := _why_not_a_name(synonym):
                problems.append(Problem(line, f"{reason} It is left out.", row_is_left_out=False))
            elif fold(synonym) not in map(fold, [name, *row.synonyms]):
                row.synonyms.append(synonym)
        for column, system in CODES.items():
            for code in _parts(cell, (column,)):
                try:
                    check_code(system, code)
                except ValidationError as error:
                    reason = f"{code[:40]!r} is left out: {' '.join(error.messages)}"
                    problems.append(Problem(line, reason, row_is_left_out=False))
                else:
                    if (system, code) not in row.codes:
                        row.codes.append((system, code))
        rows.append(row)


def _parts(cell: dict[str, str], columns: tuple[str, ...]) -> list[str]:
    parts = (" ".join(part.split()) for column in columns for part in cell.get(column, "").split(SEPARATOR))
    return [part for part in parts if part]


def _why_not_a_name(name: str) -> str:
    if not name:
        return "There is no name."
    if len(name) > MAX_NAME:
        return f"'{name[:40]}…' is longer than {MAX_NAME} characters."
    if not name.isprintable():
        return f"{name[:40]!r} has characters that cannot be shown."
    return ""
