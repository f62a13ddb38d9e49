"""Whether a page is worth the index of a web search engine."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, get_args

from search_service.pages.subjects import Subject
from search_service.query import reviews

Json = dict[str, Any]

# Why a page is not. A reason never changes its meaning.
Reason = Literal[
    "no-article",
    "no-reviewer",
    "review-overdue",
    "no-description",
    "other-language",
    "place-ambiguous",
    "place-approximate",
    "place-is-a-point",
    "few-doctors",
]
REASONS: tuple[Reason, ...] = get_args(Reason)


def of_subject(subject: Subject, today: date) -> list[Reason]:
    """What is wrong with a condition's article, or a specialty's description, in any place."""
    document = subject.document
    if subject.kind == "specialty":
        return [] if document["summary"] else ["no-description"]
    reasons: list[Reason] = []
    if not document["sections"]:
        reasons.append("no-article")
    if document["reviewer"] is None:
        reasons.append("no-reviewer")
    if reviews.is_overdue(document, today):
        reasons.append("review-overdue")
    return reasons


def of_place(understood: Json) -> list[Reason]:
    """What is wrong with a place, as `answers.understood` tells it."""
    reasons: list[Reason] = []
    if understood["status"] == "ambiguous":
        reasons.append("place-ambiguous")
    if understood["status"] == "approximate":
        reasons.append("place-approximate")
    if understood["match"]["kind"] == "point":
        reasons.append("place-is-a-point")
    return reasons


def of_doctors(number: int, least: int) -> list[Reason]:
    """Of so many doctors in reach."""
    return ["few-doctors"] if number < least else []
