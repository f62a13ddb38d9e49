"""Files in GeoNames' dump formats: https://download.geonames.org/export/dump/readme.txt"""

from __future__ import annotations

import contextlib
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from search_service import geo
from search_service.places import names
from search_service.places.areas import Country, Region

_COLUMNS = 19
# GeoNames' longest lines are far below; what is longer is no text file, and must not fill the memory.
_MAX_LINE = 1 << 18
_MAX_ID = 2**63 - 1
_MOST_PEOPLE = 2_000_000_000
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_COUNTRY = re.compile(r"[A-Z]{2}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class SourceError(Exception):
    """A file cannot be read: absent, cut short, or not of this kind."""


class BadRow(ValueError):
    """A row cannot be used. The message says why."""


class Row(NamedTuple):
    """A populated place or administrative area. `population` is None when it was not a number that can
    be one; `date` is that of the last change, as `2026-11-22`, or empty."""

    id: int
    name: str
    ascii_name: str
    alternate_names: list[str]
    lat: float
    lng: float
    kind: str
    country: str
    region: str
    district: str
    population: int | None
    timezone: str
    date: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A stream of uncompressed bytes, and how much of the file has been read (0 to 1)."""

    stream: IO[bytes]
    fraction: Callable[[], float]


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Open a plain, gzipped or zipped text file. Raises SourceError, also for what goes wrong while it
    is read."""
    try:
        with contextlib.ExitStack() as stack:
            raw = stack.enter_context(path.open("rb"))
            size = max(path.stat().st_size, 1)
            stream: IO[bytes] = raw
            if path.suffix == ".gz":
                unzipped = stack.enter_context(gzip.GzipFile(fileobj=raw))
                stream = stack.enter_context(io.BufferedReader(unzipped, 1 << 20))
            elif path.suffix == ".zip":
                archive = stack.enter_context(zipfile.ZipFile(raw))
                stream = stack.enter_context(archive.open(_member(archive)))
            yield Opened(stream, lambda: min(raw.tell() / size, 1.0))
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise SourceError(f"{path.name}: {error}") from error


def _member(archive: zipfile.ZipFile) -> str:
    """The one text file in the archive; GeoNames puts a readme beside it."""
    found = [name for name in archive.namelist() if name.endswith(".txt") and Path(name).name != "readme.txt"]
    if len(found) != 1:
        raise zipfile.BadZipFile(f"holds {len(found)} text files, not one")
    return found[0]


def lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers from 1. An overlong one comes in pieces under one number."""
    number = 1
    for piece in iter(lambda: stream.readline(_MAX_LINE), b""):
        yield number, piece
        number += piece.endswith(b"\n")


def parse(line: bytes) -> Row | None:
    """A row of the main table; None for what is neither a populated place nor an administrative area
    (rivers, hotels, mountains). Raises BadRow."""
    try:
        text = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadRow("not UTF-8") from None
    fields = text.split("\t")
    if len(fields) != _COLUMNS:
        raise BadRow(f"{len(fields)} columns, not {_COLUMNS}")
    if fields[6] not in {"P", "A"}:
        return None
    if _CONTROL.search(text):
        raise BadRow("a control character")
    (id_, name, ascii_name, alternates, lat_, lng_, _, kind, country, _, region, district) = fields[:12]
    if not (id_.isascii() and id_.isdigit() and 0 < int(id_) <= _MAX_ID):
        raise BadRow(f"id {id_[:40]!r}")
    name = name.strip()
    if not name or len(name) > names.MAX_LENGTH:
        raise BadRow("no name" if not name else f"a name of {len(name)} characters")
    try:
        lat, lng = float(lat_), float(lng_)
    except ValueError:
        raise BadRow(f"coordinates {lat_[:40]!r}, {lng_[:40]!r}") from None
    if not geo.is_valid_point(lat, lng) or lat == lng == 0:
        raise BadRow(f"coordinates {lat_[:40]!r}, {lng_[:40]!r}")
    if not _COUNTRY.fullmatch(country):
        raise BadRow(f"country {country[:40]!r}")
    return Row(
        int(id_),
        name,
        ascii_name.strip(),
        alternates.split(",") if alternates else [],
        lat,
        lng,
        kind,
        country,
        region,
        district,
        _population(fields[14]),
        fields[17],
        fields[18] if _DATE.fullmatch(fields[18]) else "",
    )


def _population(text: str) -> int | None:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()):
        return None
    return value if len(text) <= 10 and (value := int(text)) <= _MOST_PEOPLE else None


def countries(path: Path) -> list[Country]:
    """countryInfo.txt."""
    return [
        Country(code=row[0], iso3=row[1], name=row[4])
        for row in _table(path, 5)
        if not row[0].startswith("#")
    ]


def regions(path: Path) -> list[Region]:
    """admin1CodesASCII.txt: `IN.41`, name, ASCII name, id."""
    return [
        Region(code[:2], code[3:], name, ascii_name)
        for code, name, ascii_name, *_ in _table(path, 3)
        if code[2:3] == "."
    ]


def districts(path: Path) -> Iterator[tuple[str, str]]:
    """admin2Codes.txt, or a table of code and name: (`IN.41.003`, name)."""
    return ((row[0], row[1]) for row in _table(path, 2))


def _table(path: Path, columns: int) -> Iterator[list[str]]:
    """The rows that have at least so many columns."""
    with opened(path) as source:
        for _, line in lines(source.stream):
            row = line.decode("utf-8", errors="replace").rstrip("\r\n").split("\t")
            if len(row) >= columns:
                yield row
