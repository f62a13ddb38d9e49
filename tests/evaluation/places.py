"""Which places of other suites' cases are among those that ship."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from search_service import geo, names
from search_service.places.importer import SHIPPED
from tests.evaluation.cases import Case

Point = tuple[float, float]

COLUMNS = 19


def answerable(cases: Sequence[Case], files: Collection[Path] = SHIPPED) -> list[Case]:
    """Without those that expect a place which is not in `files`: none of that name lies near the point expected.

    Read from the files and not asked of the gazetteer: what that fails to find would be left out.
    """
    wanted = {name for case in cases if case.named for name in _names(case)}
    points: dict[str, list[Point]] = defaultdict(list)
    for texts, point in rows(files):
        for text in texts:
            if (key := names.key(text)) in wanted:
                points[key].append(point)
    return [case for case in cases if not case.named or _is_among(case, points)]


def rows(files: Collection[Path] = SHIPPED) -> Iterator[tuple[set[str], Point]]:
    """The names of each place of GeoNames' main tables, and where it lies."""
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = line.split("\t")
                if len(row) == COLUMNS:
                    yield {row[1], row[2], *row[3].split(",")}, (float(row[4]), float(row[5]))


def _is_among(case: Case, points: dict[str, list[Point]]) -> bool:
    near = case.expect["results"]
    return any(
        geo.distance_km(*point, near["lat"], near["lng"]) <= near["within_km"]
        for name in _names(case)
        for point in points.get(name, ())
    )


def _names(case: Case) -> set[str]:
    return {names.key(case.named), names.key(case.params["q"].partition(",")[0])}
