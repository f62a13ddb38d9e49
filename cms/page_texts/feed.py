"""Texts of pages in the feed: contracts/feed/v1/page_texts.schema.json."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from cms.feed.kinds import Document, Key, Kind, register
from cms.languages.models import fallback_for
from cms.page_texts.models import TEXTS, PageTexts


def render(keys: Collection[UUID]) -> dict[Key, Document]:
    shown_in = fallback_for()
    live = PageTexts.objects.filter(live=True, translation_key__in=keys).select_related("locale")
    return {
        (texts.translation_key, texts.locale.language_code): {
            "kind": "page_texts",
            "id": str(texts.translation_key),
            "locale": texts.locale.language_code,
            "fallback_for": shown_in.get(texts.locale.language_code, []),
            "slug": texts.slug,
            "name": texts.get_slug_display(),
            **{name: getattr(texts, name) for name in TEXTS},
        }
        for texts in live
    }


register(Kind("page_texts", PageTexts, render))
