"""The rules that several kinds of content share, without a database."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import ValidationError

from cms.validation import check_not_in_future, check_review_dates

TODAY = datetime.date(2026, 11, 22)
TOMORROW = TODAY + datetime.timedelta(days=1)


@pytest.mark.parametrize("when", [None, TODAY, datetime.date(1900, 1, 1), 2026, 1900, 0, -1])
def test_not_in_the_future(when: datetime.date | int | None) -> None:
    check_not_in_future("field", when, today=TODAY)


@pytest.mark.parametrize(("when", "unit"), [(TOMORROW, "date"), (2027, "year"), (10**30, "year")])
def test_in_the_future(when: datetime.date | int, unit: str) -> None:
    with pytest.raises(ValidationError) as refused:
        check_not_in_future("field", when, today=TODAY)
    assert refused.value.message_dict == {"field": [f"This {unit} is in the future."]}


@pytest.mark.parametrize(
    ("last", "next_"),
    [(None, None), (TODAY, None), (TODAY, TOMORROW), (datetime.date(2020, 1, 1), datetime.date(2021, 1, 1))],
)
def test_review_dates_in_order(last: datetime.date | None, next_: datetime.date | None) -> None:
    check_review_dates(last, next_, today=TODAY)


@pytest.mark.parametrize(
    ("last", "next_", "field"),
    [
        (TOMORROW, None, "last_reviewed"),
        (None, TOMORROW, "next_review"),
        (TODAY, TODAY, "next_review"),
        (TODAY, TODAY - datetime.timedelta(days=1), "next_review"),
    ],
)
def test_review_dates_out_of_order(
    last: datetime.date | None, next_: datetime.date | None, field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        check_review_dates(last, next_, today=TODAY)
    assert list(refused.value.message_dict) == [field]
