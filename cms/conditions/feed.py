"""Conditions in the feed: contracts/feed/v1/condition.schema.json."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from wagtail.models import Orderable

from cms.conditions.articles import public_sections
from cms.conditions.models import (
    ConditionCode,
    ConditionIndexPage,
    ConditionName,
    ConditionPage,
    ConditionSpecialty,
    RelatedCondition,
    SearchPhrase,
)
from cms.feed.documents import by_parent, day, moment, reference
from cms.feed.kinds import Document, Key, Kind, leave_out, register
from cms.languages.models import fallback_for
from cms.review.feed import NAMES, signatures


def render(keys: Collection[UUID]) -> dict[Key, Document]:
    public = ConditionPage.objects.live().public().order_by()
    pages = list(public.filter(translation_key__in=keys).select_related("locale", "reviewer"))
    ids = [page.pk for page in pages]

    def children(model: type[Orderable], *columns: str) -> dict[int, list[tuple[Any, ...]]]:
        rows = model._default_manager.filter(page__in=ids).order_by("sort_order", "pk")
        return by_parent(rows.values_list("page", *columns))

    names = children(ConditionName, "name", "exact_only")
    phrases = children(SearchPhrase, "phrase", "exact_only")
    codes = children(ConditionCode, "system", "code")
    specialties = by_parent(
        ConditionSpecialty.objects.filter(page__in=ids, specialty__live=True)
        .order_by("sort_order", "pk")
        .values_list("page", "specialty__translation_key", "specialty__slug", "specialty__name")
    )
    related = by_parent(
        RelatedCondition.objects.filter(page__in=ids, condition__in=public)
        .order_by("sort_order", "pk")
        .values_list("page", "condition__translation_key", "condition__slug", "condition__title")
    )
    sections = public_sections({page.pk: page.body for page in pages})
    signed = signatures(page.reviewer for page in pages)
    shown_in = fallback_for()
    return {
        (page.translation_key, page.locale.language_code): {
            "kind": "condition",
            "id": str(page.translation_key),
            "locale": page.locale.language_code,
            "fallback_for": shown_in.get(page.locale.language_code, []) if page.shown_elsewhere else [],
            "slug": page.slug,
            "name": page.title,
            "alternate_names": [name for name, _ in names[page.pk]],
            "search_phrases": [phrase for phrase, _ in phrases[page.pk]],
            "exact_names": list(
                dict.fromkeys(text for text, exact_only in names[page.pk] + phrases[page.pk] if exact_only)
            ),
            "codes": [{"system": system, "code": code} for system, code in codes[page.pk]],
            "specialties": [reference(*row) for row in specialties[page.pk]],
            "related_conditions": [reference(*row) for row in related[page.pk]],
            "summary": page.summary,
            "notice": page.notice,
            "sections": sections[page.pk],
            "reviewer": signed[page.reviewer_id],
            "last_reviewed": day(page.last_reviewed),
            "next_review": day(page.next_review),
            "first_published_at": moment(page.first_published_at),
            "last_published_at": moment(page.last_published_at),
        }
        for page in pages
    }


leave_out(ConditionIndexPage)
register(
    Kind(
        "condition",
        ConditionPage,
        render,
        names=(*NAMES, "treating_specialties__specialty", "related_conditions__condition"),
    )
)
