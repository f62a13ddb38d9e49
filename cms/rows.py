"""Rows that belong to a page or snippet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from wagtail.models import Orderable

RowT = TypeVar("RowT", bound=Orderable)


def numbered(rows: Iterable[RowT]) -> list[RowT]:
    """The rows with the order in which they are given, as the edit form numbers them: without numbers, PostgreSQL
    gives them in any order."""
    ordered = list(rows)
    for number, row in enumerate(ordered):
        row.sort_order = number
    return ordered
