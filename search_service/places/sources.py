"""Files in GeoNames' formats: https://download.geonames.org/export/dump/readme.txt and .../zip/readme.txt

What a file is, its rows tell: whatever it is called, and plain, gzipped or zipped.
"""

from __future__ import annotations

import contextlib
import gzip
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import IO, NamedTuple, cast

from search_service import geo
from search_service.places import names
from search_service.places.areas import Country, Region
from search_service.places.store import PostalRow, postal_key

_BLOCK = 1 << 18
# GeoNames' longest lines are far below; what is longer is no text file, and must not fill the memory.
_MAX_LINE = 1 << 17
# A file that shows in none of so many rows what it is, is not of these kinds.
_ROWS_LOOKED_AT = 1000
_MAX_ID = 2**63 - 1
_MOST_PEOPLE = 2_000_000_000
_MAX_POSTAL_CODE = 20
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_COUNTRY = re.compile(r"[A-Z]{2}")
_ISO3 = re.compile(r"[A-Z]{3}")
_REGION = re.compile(r"[A-Z]{2}\.[^.]+")
_DISTRICT = re.compile(r"[A-Z]{2}\.[^.]*\.[^.]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Text files that GeoNames puts beside the data.
_BESIDE = {"readme.txt", "iso-languagecodes.txt"}


class SourceError(Exception):
    """A file cannot be read: absent, cut short, or not of these kinds."""


class BadRow(ValueError):
    """A row cannot be used. The message says why."""


class Kind(StrEnum):
    PLACES = "places"
    ALTERNATE_NAMES = "alternate names"
    COUNTRIES = "countries"
    REGIONS = "regions"
    DISTRICTS = "districts"
    POSTAL_CODES = "postal codes"


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


# What an alternate name is good for. From HIDDEN on it is a name; the more, the better it is to show where its
# language is asked for, and HIDDEN not at all: historic, colloquial, or of no language.
POSTAL_CODE, CODE, HIDDEN, USUAL, SHORT, PREFERRED, PREFERRED_SHORT = range(-2, 5)
_PSEUDO_LANGUAGES = {
    "post": POSTAL_CODE,
    "iata": CODE,
    "icao": CODE,
    "abbr": HIDDEN,
    "piny": HIDDEN,
    "": HIDDEN,
}


class AlternateName(NamedTuple):
    """A name, or code, of the place with that id. `locale` is as in `locales`, empty where it is of none."""

    place_id: int
    locale: str
    name: str
    use: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A stream of uncompressed bytes, how much of the file has been read (0 to 1), and the date that the archive
    gives to it."""

    stream: IO[bytes]
    fraction: Callable[[], float]
    date: str = ""


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Open a plain, gzipped or zipped text file. Raises SourceError, also for what goes wrong while it
    is read."""
    try:
        with contextlib.ExitStack() as stack:
            raw = stack.enter_context(path.open("rb"))
            size = max(path.stat().st_size, 1)
            stream: IO[bytes] = raw
            date_ = ""
            if path.suffix == ".gz":
                stream = cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=raw)))
            elif path.suffix == ".zip":
                archive = stack.enter_context(zipfile.ZipFile(raw))
                member = _member(archive)
                stream = stack.enter_context(archive.open(member))
                if member.date_time[:3] > (1980, 1, 1):  # which is what is written where none is known
                    with contextlib.suppress(ValueError):
                        date_ = date(*member.date_time[:3]).isoformat()
            yield Opened(stream, lambda: min(raw.tell() / size, 1.0), date_)
    # An encrypted archive is a RuntimeError, an unknown compression a NotImplementedError.
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        raise SourceError(f"{path.name}: {error}") from error


def _member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one text file in the archive, apart from what GeoNames puts beside it."""
    found = [
        member
        for member in archive.infolist()
        if member.filename.endswith(".txt") and Path(member.filename).name not in _BESIDE
    ]
    if len(found) != 1:
        raise zipfile.BadZipFile(f"holds {len(found)} text files, not one")
    return found[0]


def blocks(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The file in blocks of whole lines, each with the number of its first line, from 1. Of an overlong line
    only a part is left, so that it is a bad row."""
    number, rest = 1, b""
    while piece := stream.read(_BLOCK):
        end = piece.rfind(b"\n") + 1
        if not end:
            rest = (rest + piece)[:_MAX_LINE]
            continue
        block = rest + piece[:end]
        rest = piece[end:]
        yield number, block
        number += block.count(b"\n")
    if rest:
        yield number, rest


def lines(block: bytes) -> tuple[list[str], dict[int, str]]:
    """The lines of a block, and of those that cannot be used (numbered from 0), why."""
    faults: dict[int, str] = {}
    try:
        text = block.decode("utf-8-sig")
    except UnicodeDecodeError:
        decoded = []
        for number, line in enumerate(block.removesuffix(b"\n").split(b"\n")):
            try:
                decoded.append(line.decode("utf-8-sig"))
            except UnicodeDecodeError:
                faults[number] = "not UTF-8"
                decoded.append("")
        text = "\n".join(decoded) + "\n"
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    found = text.removesuffix("\n").split("\n")
    if _CONTROL.search(text):
        faults |= {i: "a control character" for i, line in enumerate(found) if _CONTROL.search(line)}
    return found, faults


def kind(path: Path) -> Kind:
    """What the file holds. Raises SourceError if it is none of these, or cannot be read."""
    with opened(path) as source:
        for _, block in blocks(source.stream):
            found, faults = lines(block)
            for number, line in enumerate(found[:_ROWS_LOOKED_AT]):
                if number not in faults and (kind_ := _kind(line.split("\t"))):
                    return kind_
            break
    raise SourceError(
        f"{path.name}: no row is one of GeoNames' tables of places (19 columns), alternate names (10), "
        "postal codes (12), countries, regions or districts, in UTF-8 and with tabs between the columns"
    )


def _kind(row: list[str]) -> Kind | None:
    match len(row):
        case 19 if _id(row[0]):
            return Kind.PLACES
        case 19 if _COUNTRY.fullmatch(row[0]) and _ISO3.fullmatch(row[1]):
            return Kind.COUNTRIES
        case 10 if _id(row[0]) and _id(row[1]):
            return Kind.ALTERNATE_NAMES
        case 12 if _COUNTRY.fullmatch(row[0]) and row[1]:
            return Kind.POSTAL_CODES
        case 4 if _REGION.fullmatch(row[0]):
            return Kind.REGIONS
        case 2 | 4 if _DISTRICT.fullmatch(row[0]):
            return Kind.DISTRICTS
    return None


def place(line: str) -> Row | None:
    """A row of the main table; None for what is neither a populated place nor an administrative area
    (rivers, hotels, mountains). Raises BadRow."""
    fields = _fields(line, 19)
    if fields[6] not in {"P", "A"}:
        return None
    (id_, name, ascii_name, alternates, lat_, lng_, _, kind_, country, _, region, district) = fields[:12]
    lat, lng = _point(lat_, lng_)
    if lat == lng == 0:
        raise BadRow(f"coordinates {lat_[:40]!r}, {lng_[:40]!r}")
    return Row(
        _required_id(id_),
        _name(name),
        ascii_name.strip(),
        alternates.split(",") if alternates else [],
        lat,
        lng,
        kind_,
        _country(country),
        region,
        district,
        _population(fields[14]),
        fields[17],
        fields[18] if _DATE.fullmatch(fields[18]) else "",
    )


def alternate_name(line: str) -> AlternateName | None:
    """A row of the table of alternate names; None for links, codes that nobody types, and pronunciations.
    Raises BadRow."""
    fields = _fields(line, 10)
    locale = fields[2]
    use = _PSEUDO_LANGUAGES.get(locale)
    if use is None:
        if not _LANGUAGE.fullmatch(locale):
            return None
        preferred, short, colloquial, historic, _, until = fields[4:]
        if colloquial == "1" or historic == "1" or until:
            use = HIDDEN
        else:
            use = USUAL + (short == "1") + 2 * (preferred == "1")
    else:
        locale = ""
    _required_id(fields[0])
    return AlternateName(_required_id(fields[1]), locale.lower(), _name(fields[3]), use)


def postal_code(line: str) -> PostalRow:
    """A row of a table of postal codes. Raises BadRow."""
    country, code, place_name, region, _, district, _, _, _, lat_, lng_, accuracy = _fields(line, 12)
    key = postal_key(code)
    if not key or len(code) > _MAX_POSTAL_CODE:
        raise BadRow(f"postal code {code[:40]!r}")
    lat: float | None = None
    lng: float | None = None
    if lat_ or lng_:
        lat, lng = _point(lat_, lng_)
        if lat == lng == 0:
            lat = lng = None
    return PostalRow(
        key,
        _country(country),
        code.strip(),
        _name(place_name),
        region.strip(),
        district.strip(),
        lat,
        lng,
        int(accuracy) if accuracy in {"1", "2", "3", "4", "5", "6"} else 0,
    )


def country(line: str) -> Country | None:
    """A row of countryInfo.txt; None for its comments. Raises BadRow."""
    if not line or line.startswith("#"):
        return None
    fields = _fields(line, 19)
    # By how many speak them; a country stands behind those that are official there: `ar-EG,en,fr`.
    tags = enumerate(filter(None, fields[15].split(",")))
    languages = frozenset(tag.partition("-")[0] for i, tag in tags if i == 0 or "-" in tag)
    return Country(_country(fields[0]), fields[1], _name(fields[4]), _id(fields[16]), languages)


def region(line: str) -> Region:
    """A row of admin1CodesASCII.txt: `IN.41`, name, ASCII name, id. Raises BadRow."""
    code, name, ascii_name, id_ = _fields(line, 4)
    if not _REGION.fullmatch(code):
        raise BadRow(f"code {code[:40]!r}")
    return Region(code[:2], code[3:], _name(name), ascii_name.strip(), _id(id_))


def district(line: str) -> tuple[str, str]:
    """A row of admin2Codes.txt, or of a table of code and name: (`IN.41.003`, name). Raises BadRow."""
    fields = line.split("\t")
    if len(fields) not in {2, 4} or not _DISTRICT.fullmatch(fields[0]):
        raise BadRow(f"{len(fields)} columns, code {fields[0][:40]!r}")
    return fields[0], _name(fields[1])


def _fields(line: str, columns: int) -> list[str]:
    fields = line.split("\t")
    if len(fields) != columns:
        raise BadRow(f"{len(fields)} columns, not {columns}")
    return fields


def _id(text: str) -> int:
    """0 if it is none."""
    return (
        value
        if len(text) < 20 and text.isdigit() and text.isascii() and (value := int(text)) <= _MAX_ID
        else 0
    )


def _required_id(text: str) -> int:
    if not (id_ := _id(text)):
        raise BadRow(f"id {text[:40]!r}")
    return id_


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > names.MAX_LENGTH:
        raise BadRow("no name" if not name else f"a name of {len(name)} characters")
    return name


def _point(lat: str, lng: str) -> tuple[float, float]:
    try:
        point = float(lat), float(lng)
    except ValueError:
        raise BadRow(f"coordinates {lat[:40]!r}, {lng[:40]!r}") from None
    if not geo.is_valid_point(*point):
        raise BadRow(f"coordinates {lat[:40]!r}, {lng[:40]!r}")
    return point


def _country(text: str) -> str:
    if not _COUNTRY.fullmatch(text):
        raise BadRow(f"country {text[:40]!r}")
    return text


def _population(text: str) -> int | None:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()):
        return None
    return value if len(text) <= 10 and (value := int(text)) <= _MOST_PEOPLE else None
