"""Opening hours in brief, as schema.org's `openingHours` writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

_DAYS = {
    "monday": "Mo",
    "tuesday": "Tu",
    "wednesday": "We",
    "thursday": "Th",
    "friday": "Fr",
    "saturday": "Sa",
    "sunday": "Su",
}
_ORDER = [*_DAYS]


def in_brief(opening_hours: Iterable[Mapping[str, str]]) -> list[str]:
    """Runs of days that have the same hours in one. A day without hours behind it is open all day.

    >>> days = [{"day": day, "opens": "09:00", "closes": "13:00"} for day in ("monday", "tuesday", "friday")]
    >>> in_brief([*days, {"day": "sunday", "opens": "00:00", "closes": "00:00"}])
    ['Mo-Tu,Fr 09:00-13:00', 'Su']
    """
    by_span: dict[str, set[int]] = {}
    for each in opening_hours:
        is_all_day = each["opens"] == each["closes"] == "00:00"
        span = "" if is_all_day else f" {each['opens']}-{each['closes']}"
        by_span.setdefault(span, set()).add(_ORDER.index(each["day"]))
    return [f"{_days(days)}{span}" for span, days in sorted(by_span.items(), key=_first)]


def _first(item: tuple[str, set[int]]) -> tuple[int, str]:
    return min(item[1]), item[0]


def _days(numbers: set[int]) -> str:
    runs = []
    for _, run in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
        days = [_DAYS[_ORDER[number]] for _, number in run]
        runs.append(days[0] if len(days) == 1 else f"{days[0]}-{days[-1]}")
    return ",".join(runs)
