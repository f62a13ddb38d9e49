"""Opening hours in brief."""

from __future__ import annotations

import pytest

from search_service.feed.hours import in_brief


@pytest.mark.parametrize(
    ("days", "brief"),
    [
        ([], []),
        (
            [("monday", "09:00", "13:00"), ("tuesday", "09:00", "13:00"), ("friday", "09:00", "13:00")],
            ["Mo-Tu,Fr 09:00-13:00"],
        ),
        # In the order of the week, then of the day.
        (
            [("sunday", "10:00", "12:00"), ("monday", "14:00", "17:30"), ("monday", "09:00", "13:00")],
            ["Mo 09:00-13:00", "Mo 14:00-17:30", "Su 10:00-12:00"],
        ),
        ([("saturday", "20:00", "02:00")], ["Sa 20:00-02:00"]),
        ([("sunday", "00:00", "00:00"), ("saturday", "00:00", "00:00")], ["Sa-Su"]),
        # Twice the same is once.
        ([("monday", "09:00", "13:00")] * 2, ["Mo 09:00-13:00"]),
    ],
)
def test_runs_of_days_with_the_same_hours_are_one(days: list[tuple[str, str, str]], brief: list[str]) -> None:
    assert in_brief({"day": day, "opens": opens, "closes": closes} for day, opens, closes in days) == brief
