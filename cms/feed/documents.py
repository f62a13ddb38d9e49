"""Parts that the documents of several kinds share, as contracts/feed/v1/common.schema.json has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

Reference = dict[str, str]


def reference(key: UUID, slug: str, name: str) -> Reference:
    """An entity of another kind, as it is named now."""
    return {"id": str(key), "slug": slug, "name": name}


def day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def moment(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None


def by_parent(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    """Rows whose first column is the primary key of what they belong to, as the other columns by that."""
    grouped = defaultdict(list)
    for parent, *columns in rows:
        grouped[parent].append(tuple(columns))
    return grouped
