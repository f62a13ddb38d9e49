"""Celery tasks of the feed. Each may be lost, doubled or killed: it only says "look again"."""

from __future__ import annotations

import logging
from datetime import datetime

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings

from search_service import stores
from search_service.feed import auditing, consumer, rebuilding
from search_service.feed.client import FeedUnavailable
from search_service.index.protocol import IndexUnavailable

logger = logging.getLogger(__name__)

# Room for a reading of a large CMS from the beginning; what hangs is killed at last.
HOURS = 3600


@shared_task(
    name="search_service.pull_changes",
    # Short and few: beat calls again every FEED_POLL_SECONDS in any case.
    autoretry_for=(FeedUnavailable, IndexUnavailable),
    throws=(FeedUnavailable, IndexUnavailable),
    max_retries=4,
    retry_backoff=1,
    retry_backoff_max=8,
    retry_jitter=True,
    time_limit=6 * HOURS,
)
def pull_changes() -> None:
    """Bring the index to the head of the feed."""
    outcome = consumer.pull(stores.index(), stores.feed_client(), stores.now, settings.REBUILD_MAX_FALL)
    logger.info("pull_changes: %s", outcome.value)


@shared_task(
    name="search_service.rebuild_index",
    # Somebody asked for it: tried for about an hour.
    autoretry_for=(FeedUnavailable, IndexUnavailable, rebuilding.RebuildRunning),
    throws=(FeedUnavailable, IndexUnavailable, rebuilding.RebuildRunning, rebuilding.Refused),
    max_retries=12,
    retry_backoff=5,
    retry_backoff_max=600,
    retry_jitter=True,
    time_limit=6 * HOURS,
)
def rebuild_index(requested_at: str) -> None:
    """Make the index anew, unless that has been done since `requested_at` (ISO 8601): a message that comes
    twice asks for one rebuild."""
    rebuilding.rebuild(
        stores.index(),
        stores.feed_client(),
        stores.now,
        max_fall=settings.REBUILD_MAX_FALL,
        requested_at=datetime.fromisoformat(requested_at),
    )


@shared_task(
    name="search_service.audit_index",
    # The next is due in any case.
    autoretry_for=(FeedUnavailable, IndexUnavailable),
    throws=(FeedUnavailable, IndexUnavailable),
    max_retries=3,
    retry_backoff=60,
    retry_backoff_max=600,
    retry_jitter=True,
    time_limit=6 * HOURS,
)
def audit_index() -> None:
    """Compare the index with all that is public, and have differences mended."""
    auditing.audit(stores.index(), stores.feed_client(), stores.now)


@worker_ready.connect
def pull_at_start(**kwargs: object) -> None:
    """What was published while no worker ran is looked for at once, not at the next beat."""
    pull_changes.delay()
