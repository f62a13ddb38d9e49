"""How an article stands with its review: what depends on the day is told when it is asked for, never stored."""

from __future__ import annotations

from datetime import date
from typing import Any

Json = dict[str, Any]


def told(condition: Json, today: date) -> Json:
    """The dates of a condition's article, and whether its review is overdue: on the day `next_review` it is not yet."""
    return {
        "last_reviewed": condition["last_reviewed"],
        "next_review": condition["next_review"],
        "review_overdue": is_overdue(condition, today),
    }


def is_overdue(condition: Json, today: date) -> bool:
    """False where no review is due."""
    return condition["next_review"] is not None and date.fromisoformat(condition["next_review"]) < today
