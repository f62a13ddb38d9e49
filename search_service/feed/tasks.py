"""Celery tasks of the feed. Each may be lost, doubled or killed: it only says "look again"."""

from __future__ import annotations

import logging

from celery import shared_task
from celery.signals import worker_ready

from search_service import stores
from search_service.feed import consumer
from search_service.feed.client import FeedUnavailable
from search_service.index.protocol import IndexUnavailable

logger = logging.getLogger(__name__)


@shared_task(
    name="search_service.pull_changes",
    # Short and few: beat calls again every FEED_POLL_SECONDS in any case.
    autoretry_for=(FeedUnavailable, IndexUnavailable),
    throws=(FeedUnavailable, IndexUnavailable),
    max_retries=4,
    retry_backoff=1,
    retry_backoff_max=8,
    retry_jitter=True,
    # Room for a first build from a large CMS; a worker that hangs is killed at last.
    time_limit=6 * 3600,
)
def pull_changes() -> None:
    """Bring the index to the head of the feed."""
    outcome = consumer.pull(stores.index(), stores.feed_client(), stores.now)
    logger.info("pull_changes: %s", outcome.value)


@worker_ready.connect
def pull_at_start(**kwargs: object) -> None:
    """What was published while no worker ran is looked for at once, not at the next beat."""
    pull_changes.delay()
