"""Which places of other suites' cases are among those that ship."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path

from search_service import geo, names
from search_service.places.importer import SHIPPED
from tests.evaluation.cases import Case

Point = tuple[float, float]


def answerable(cases: Sequence[Case], files: Collection[Path] = SHIPPED) -> list[Case]:
    """Without those that expect a place which is not in `files`: none of that name lies near the point expected.

    Read from the files and not asked of the gazetteer: what that fails to find would be left out.
    """
    wanted = {name for case in cases if case.named for name in _names(case)}
    points: dict[str, list[Point]] = defaultdict(list)
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                _, name, ascii_name, alternates, lat, lng, *_ = line.split("\t")
                for text in {name, ascii_name, *alternates.split(",")}:
                    if (key := names.key(text)) in wanted:
                        points[key].append((float(lat), float(lng)))
    return [case for case in cases if not case.named or _is_among(case, points)]


def _is_among(case: Case, points: dict[str, list[Point]]) -> bool:
    near = case.expect["results"]
    return any(
        geo.distance_km(*point, near["lat"], near["lng"]) <= near["within_km"]
        for name in _names(case)
        for point in points.get(name, ())
    )


def _names(case: Case) -> set[str]:
    return {names.key(case.named), names.key(case.params["q"].partition(",")[0])}
