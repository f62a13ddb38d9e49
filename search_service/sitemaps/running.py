"""The build with the stores of this process."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings

from search_service import stores
from search_service.api.caching import program
from search_service.pages.compose import Site
from search_service.sitemaps import building
from search_service.sitemaps.entries import Sources

ERRORS = building.ERRORS

NOT_SET = "There are no sitemaps: PAGE_URL, which says where the pages are, is not set."


def is_due() -> bool:
    """Raises ERRORS."""
    if not settings.HAS_SITEMAPS:
        return False
    every = timedelta(seconds=settings.SITEMAPS_SECONDS)
    return building.is_due(stores.sitemaps(), building.state(_sources(), program()), stores.now(), every)


def build(progress: building.Progress) -> dict[str, Any]:
    """Raises ERRORS and BuildRunning."""
    sources = _sources()
    of = building.state(sources, program())
    return building.build(stores.sitemaps(), sources, of, settings.SITEMAPS_URL, stores.now, progress)


def status() -> dict[str, Any]:
    """For `/status/`."""
    told = building.status(stores.sitemaps())
    return told if settings.HAS_SITEMAPS else told | {"state": "off", "error": NOT_SET}


def _sources() -> Sources:
    return Sources(
        stores.index().reader(),
        stores.gazetteer(),
        Site(stores.page_urls(), settings.INDEXABLE_MIN_DOCTORS),
        stores.now().date(),
    )
