"""What becomes of a block of a file: rows for the tables. Pure work on text, for as many processes as there are
processors when there is much of it."""

from __future__ import annotations

import gc
import json
import marshal
import multiprocessing
import os
import signal
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import astuple, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

from search_service import geo
from search_service.places import names, ranking, sources
from search_service.places.progress import Counts
from search_service.places.ranking import ALTERNATE, CODE, OWN
from search_service.places.sources import AlternateName, BadRow, Kind
from search_service.places.store import base_slug, postal_key

_MOST_WORKERS = 4
# Accuracy of a postal code that is known from its place.
_OF_PLACE = 4

Block = tuple[int, bytes]
Values = tuple[Any, ...]
T = TypeVar("T")

# There are not many: most villages have some hundreds of people.
_importance = lru_cache(1 << 16)(ranking.importance)


class Places(NamedTuple):
    """Rows for the tables of the same names. The place's id is the first value in `places` and `local_names`,
    the second in `points`, `slugs` and `postal`, the fourth in `names`."""

    places: list[Values]
    names: list[Values]
    points: list[Values]
    slugs: list[Values]
    local_names: list[Values]
    postal: list[Values]

    def without(self, ids: set[int]) -> Places:
        """All but what is of these places."""
        return Places(
            *(
                [values for values in rows if values[at] not in ids]
                for rows, at in zip(self, (0, 3, 1, 1, 0, 1), strict=True)
            )
        )


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one block comes to: `rows` for the table of its kind, or `places` for several."""

    counts: Counts
    rows: list[Any] = field(default_factory=list)
    places: Places | None = None


_PARSERS: dict[Kind, Callable[[str], tuple[Any, ...] | None]] = {
    Kind.ALTERNATE_NAMES: sources.alternate_name,
    Kind.COUNTRIES: sources.country,
    Kind.REGIONS: sources.region,
    Kind.DISTRICTS: sources.district,
    Kind.POSTAL_CODES: sources.postal_code,
}


class Known(NamedTuple):
    """What must be known of countries and regions: slugs by the codes of both, languages (ISO 639) by country."""

    region_slugs: Mapping[tuple[str, str], str]
    languages: Mapping[str, frozenset[str]]


class Preparer:
    """`alternates` is a file with a table of alternate names; there need not be one."""

    def __init__(self, known: Known, alternates: Path) -> None:
        self._known = known
        self._alternates = AlternateNames(alternates)

    def prepare(self, kind: Kind, block: Block) -> Prepared:
        counts = Counts()
        if kind is Kind.PLACES:
            return Prepared(counts, places=self._places(block, counts))
        return Prepared(counts, [tuple(row) for _, row in _parsed(block, _PARSERS[kind], counts)])

    def _places(self, block: Block, counts: Counts) -> Places:
        rows: dict[int, sources.Row] = {}
        for number, row in _parsed(block, sources.place, counts):
            if row.population is None:
                counts.mended += 1
                counts.note(number, "population is not a number that can be one, read as 0")
            if row.id in rows:
                counts.repeated += 1
                counts.used -= 1
            else:
                rows[row.id] = row
        counts.data_date = max((row.date for row in rows.values()), default="")
        more = self._alternates.of(rows)
        called = [self._called(row, more.get(row.id, ())) for row in rows.values()]
        keys = iter(names.keys([text for texts, _ in called for text in texts]))
        prepared = Places([], [], [], [], [], [])
        for row, (texts, own) in zip(rows.values(), called, strict=True):
            self._add(prepared, row, texts, own, keys, more.get(row.id, ()))
        prepared.points.extend(_points([row for row in rows.values() if not ranking.is_area(row.kind)]))
        return prepared

    def _add(
        self,
        to: Places,
        row: sources.Row,
        texts: Sequence[str],
        own: int,
        keys: Iterator[str],
        more: Sequence[AlternateName],
    ) -> None:
        """`texts` are all that it is called, the first `own` of them its own names."""
        id_, name, ascii_name, _, lat, lng, kind, country, region, district, population, timezone, _ = row
        population = population or 0
        importance = _importance(kind, population)
        to.places.append(
            (
                *(id_, name, ascii_name, lat, lng, kind, country, region, district),
                *(population, timezone, importance),
            )
        )
        area = f"{country}.{region}"
        codes = {other.name for other in more if other.use == sources.CODE}
        slug = own_key = ""
        seen = {""}
        for number, text in enumerate(texts):
            key = next(keys)
            if key in seen:
                continue
            if number < own:
                class_ = OWN
                if text in (name, ascii_name):
                    slug = slug or names.slug(key)
                    own_key = key if key.isascii() else own_key or key
            elif text in codes:
                class_ = CODE
            elif len(text) <= 3 and text.isascii():
                if text.islower():
                    continue  # Not a name but GeoNames' machine-made transcription of one: "le", "re" for Leh.
                class_ = CODE if text.isupper() else ALTERNATE
            else:
                class_ = ranking.other_name(text, key, own_key)
            seen.add(key)
            score = importance - ranking.BEGUN_COST[class_]
            to.names.append((key, area, class_, id_, "" if text == name else text, score))
        if slug:
            region_slug = self._known.region_slugs.get((country, region), "")
            to.slugs.append((base_slug(slug, kind, country, region_slug), id_, importance))
        if more:
            to.local_names.extend((id_, locale, shown) for locale, shown in to_show(more, name))
            for other in more:
                if other.use == sources.POSTAL_CODE and (key := postal_key(other.name)):
                    to.postal.append(
                        (key, id_, country, other.name, name, region, district, lat, lng, _OF_PLACE)
                    )

    def _called(self, row: sources.Row, more: Sequence[AlternateName]) -> tuple[list[str], int]:
        """All that a place is called, and how many of these are its own names, which come first."""
        texts = [row.name] if row.ascii_name == row.name else [row.name, row.ascii_name]
        if not more:
            return texts + row.alternate_names, len(texts)
        languages = self._known.languages.get(row.country, frozenset())
        texts += [
            other.name
            for other in more
            if other.use >= sources.USUAL and other.locale.partition("-")[0] in languages
        ]
        others = [other.name for other in more if other.use != sources.POSTAL_CODE]
        return texts + row.alternate_names + others, len(texts)


def _points(rows: Sequence[sources.Row]) -> Iterator[Values]:
    """`geo.cell` and `geo.unit_vector` of each, at once."""
    cells, vectors = geo.cells_and_vectors([row.lat for row in rows], [row.lng for row in rows])
    return zip(cells, (row.id for row in rows), *vectors, strict=True)


def to_show(found: Iterable[AlternateName], own: str) -> Iterator[tuple[str, str]]:
    """The best name in each locale, where that is not the place's own."""
    best: dict[str, AlternateName] = {}
    for name in found:
        if name.use > sources.HIDDEN and (name.locale not in best or name.use > best[name.locale].use):
            best[name.locale] = name
    for locale, name in best.items():
        # `pt-br` must not fall back to `pt` where the name in Brazil is the place's own.
        if name.name != own or "-" in locale:
            yield locale, name.name


def _parsed(block: Block, parse: Callable[[str], T | None], counts: Counts) -> Iterator[tuple[int, T]]:
    """The usable rows with the numbers of their lines."""
    first, content = block
    lines, faults = sources.lines(content)
    counts.rows += len(lines)
    for number, line in enumerate(lines):
        try:
            if number in faults:
                raise BadRow(faults[number])
            row = parse(line)
        except BadRow as error:
            counts.bad += 1
            counts.note(first + number, str(error))
            continue
        if row is None:
            counts.other += 1
        else:
            counts.used += 1
            yield first + number, row


class AlternateNames:
    """The file that alternate names are in, by the place that they are of, while places are imported."""

    SCHEMA = """
        CREATE TABLE alternates.alternate (
            place_id INTEGER, number INTEGER, locale TEXT, name TEXT, use INTEGER, PRIMARY KEY (place_id, number)
        ) WITHOUT ROWID
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None

    def of(self, ids: Iterable[int]) -> dict[int, list[AlternateName]]:
        """Those of each place that has some, in the order of their file."""
        if self._db is None:
            if not self._path.exists():
                return {}
            self._db = sqlite3.connect(f"{self._path.as_uri()}?mode=ro&immutable=1", uri=True)
        found: dict[int, list[AlternateName]] = {}
        for row in self._db.execute(
            "SELECT place_id, locale, name, use FROM json_each(?) f CROSS JOIN alternate"
            " ON place_id = f.value ORDER BY place_id, number",
            (json.dumps([*ids]),),
        ):
            found.setdefault(row[0], []).append(AlternateName(*row))
        return found

    def close(self) -> None:
        if self._db is not None:
            self._db.close()


class Workers:
    """Prepares blocks, in other processes where that is worth their start. Use it as a context."""

    def __init__(self, known: Known, alternates: Path) -> None:
        self._given = (known, alternates)
        self._here = Preparer(*self._given)
        self._pool: ProcessPoolExecutor | None = None
        self._number = min(len(os.sched_getaffinity(0)), _MOST_WORKERS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def prepared(self, kind: Kind, blocks: Iterable[Block], *, much: bool) -> Iterator[Prepared]:
        """What each block comes to, in their order. Few are held at a time, however many there are.

        Raises concurrent.futures.BrokenExecutor when a process was killed.
        """
        if not much or self._number == 1:
            yield from (self._here.prepare(kind, block) for block in blocks)
            return
        if self._pool is None:
            # Spawned, not forked: they inherit neither locks nor threads.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._number, context, _start, self._given)
        under_way: deque[Future[bytes]] = deque()
        for block in blocks:
            under_way.append(self._pool.submit(_prepare, kind, block))
            if len(under_way) > self._number + 1:
                yield _unpacked(under_way.popleft().result())
        while under_way:
            yield _unpacked(under_way.popleft().result())


_preparer: Preparer


def _start(known: Known, alternates: Path) -> None:
    """In a new process."""
    global _preparer  # noqa: PLW0603
    _preparer = Preparer(known, alternates)
    # There are millions of tuples and no cycles.
    gc.disable()
    # Ctrl-C is for who started it; and it must not outlive that one, however it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _prepare(kind: Kind, block: Block) -> bytes:
    prepared = _preparer.prepare(kind, block)
    # Twice as fast as pickling: there are only lists, tuples, texts and numbers.
    places = prepared.places and tuple(prepared.places)
    return marshal.dumps((astuple(prepared.counts), prepared.rows, places))


def _unpacked(content: bytes) -> Prepared:
    counts, rows, places = marshal.loads(content)  # noqa: S302 - our own
    return Prepared(Counts(*counts), rows, places and Places(*places))
