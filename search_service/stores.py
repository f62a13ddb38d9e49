"""The stores of this process, opened from the settings."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from django.conf import settings

from search_service.api.response_cache import ResponseCache
from search_service.cdn import CDN
from search_service.feed.client import FeedClient
from search_service.index.protocol import Index
from search_service.index.sqlite import SQLiteIndex
from search_service.limits.files import FileCounter
from search_service.limits.limiter import Limiter
from search_service.limits.redis import RedisCounter
from search_service.pages.addresses import PageUrls
from search_service.places.gazetteer import Gazetteer
from search_service.sitemaps.sets import Sets

# For each web process: some 2,000 pages as apps get them, compressed.
RESPONSE_CACHE_BYTES = 16 * 2**20


@cache
def index() -> Index:
    return SQLiteIndex(settings.INDEX_DIR, default_locale=settings.LANGUAGE_CODE)


@cache
def gazetteer() -> Gazetteer:
    return Gazetteer(settings.PLACES_DIR)


@cache
def page_urls() -> PageUrls:
    return PageUrls(settings.PAGE_URL, settings.LANGUAGE_CODE)


@cache
def sitemaps() -> Sets:
    return Sets(settings.SITEMAPS_DIR)


@cache
def feed_client() -> FeedClient:
    return FeedClient(settings.FEED_URL, settings.FEED_TOKEN, settings.FEED_TIMEOUT_SECONDS)


@cache
def cdn() -> CDN | None:
    return CDN(settings.CDN, settings.CDN_PURGE_URL, settings.CDN_TOKEN) if settings.CDN else None


@cache
def responses() -> ResponseCache:
    return ResponseCache(RESPONSE_CACHE_BYTES)


@cache
def limiter() -> Limiter:
    return Limiter(
        RedisCounter(settings.REDIS_URL) if settings.REDIS_URL else FileCounter(settings.LIMITS_FILE)
    )


def now() -> datetime:
    return datetime.now(UTC)
