"""Rules of opening hours, for rows as (day, opens, closes): days count from Monday, which is 0.

One that closes at or before it opens does so on the next day; from 00:00 to 00:00 is the whole day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from django.core.exceptions import ValidationError

Row = tuple[int, time, time]

DAY = 24 * 60
WEEK = 7 * DAY


def check_row(opens: time | None, closes: time | None) -> None:
    """Raise ValidationError unless these are times between which one can be open."""
    for field, value in (("opens", opens), ("closes", closes)):
        if value and (value.second or value.microsecond):
            raise ValidationError({field: "Hours and minutes only."})
    if opens is not None and opens == closes != time(0):
        raise ValidationError(
            {"closes": "Opens and closes at the same time. For the whole day write 00:00 to 00:00."}
        )


def overlapping(rows: Sequence[Row]) -> set[int]:
    """The places in the list of those rows that are open while an earlier row is."""
    spans = [_span(row) for row in rows]
    return {
        later
        for later, (opens, closes) in enumerate(spans)
        for began, ended in spans[:later]
        # The week is a circle: Sunday's night ends on Monday.
        for shift in (-WEEK, 0, WEEK)
        if opens + shift < ended and began < closes + shift
    }


def _span(row: Row) -> tuple[int, int]:
    """Minutes from the week's beginning."""
    day, opens, closes = row
    begins, ends = (day * DAY + at.hour * 60 + at.minute for at in (opens, closes))
    return begins, ends + DAY if ends <= begins else ends
