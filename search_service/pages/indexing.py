"""Whether a page is worth the index of a web search engine."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, get_args

from search_service.locales import Language
from search_service.pages.subjects import Subject
from search_service.pages.texts import Texts
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


def of_subject(subject: Subject, texts: Texts, language: Language, today: date) -> list[Reason]:
    """What is wrong with a condition's article, or a specialty's description, in any place, and with the texts of its
    page, for whoever asks in this language."""
    document = subject.document
    reasons: list[Reason] = []
    if subject.kind == "specialty":
        if not document["summary"]:
            reasons.append("no-description")
    else:
        if not document["sections"]:
            reasons.append("no-article")
        if document["reviewer"] is None:
            reasons.append("no-reviewer")
        if reviews.is_overdue(document, today):
            reasons.append("review-overdue")
    if language.told(document["locale"])["fallback"] or not texts.are_in(document["locale"]):
        reasons.append("other-language")
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
