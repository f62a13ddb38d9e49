"""Celery tasks of the feed. Each may be lost, doubled or killed: it only says "look again"."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings

from search_service import stores
from search_service.feed import auditing, consumer, purging, rebuilding
from search_service.feed.client import FeedUnavailable
from search_service.index.protocol import IndexUnavailable

logger = logging.getLogger(__name__)

# A worker that dies leaves its message to be delivered again after CELERY_BROKER_TRANSPORT_OPTIONS'
# visibility_timeout, and so does one that works for longer than that. So each task can bear to be asked twice, and
# none uses Celery's retries: a retry waits in the worker for its time, is delivered again meanwhile, and each
# of its copies sends a retry of its own.

# Room for a reading of a large CMS from the beginning; what hangs is killed at last.
HOURS = 3600

# Seconds to wait before each further attempt to pull: the CMS may be about to start anew.
PAUSES = (1, 2, 4)


@shared_task(name="search_service.pull_changes", time_limit=6 * HOURS)
def pull_changes() -> None:
    """Bring the index to the head of the feed, and have a CDN purge what shows the changes. Beat calls again in
    any case."""
    started, to = time.monotonic(), stores.cdn()
    for pause in (*PAUSES, None):
        purger = to and purging.Purger(stores.index(), stores.gazetteer(), to, stores.now)
        try:
            outcome = consumer.pull(
                stores.index(),
                stores.feed_client(),
                stores.now,
                settings.REBUILD_MAX_FALL,
                purger.saw if purger else None,
            )
            if purger:
                purger.purge()
        except (FeedUnavailable, IndexUnavailable) as error:
            logger.warning("pull_changes: %s", error)
            if pause is None or time.monotonic() - started > sum(PAUSES):
                return
            time.sleep(pause)
        else:
            logger.info("pull_changes: %s", outcome.value)
            return


@shared_task(name="search_service.rebuild_index", time_limit=6 * HOURS)
def rebuild_index(requested_at: str) -> None:
    """Make the index anew, unless that has been tried since `requested_at` (ISO 8601). What comes of it is
    in the status: whoever asked for it sees it there, and may ask again."""
    try:
        rebuilding.rebuild(
            stores.index(),
            stores.feed_client(),
            stores.now,
            max_fall=settings.REBUILD_MAX_FALL,
            requested_at=datetime.fromisoformat(requested_at),
        )
    except rebuilding.ERRORS as error:
        logger.warning("rebuild_index: %s", error)


@shared_task(name="search_service.audit_index", time_limit=6 * HOURS)
def audit_index() -> None:
    """Compare the index with all that is public, and have differences mended: once in about the time in which
    beat calls again."""
    lately = timedelta(seconds=settings.FEED_AUDIT_SECONDS / 2)
    try:
        auditing.audit(
            stores.index(),
            stores.feed_client(),
            stores.now,
            max_fall=settings.REBUILD_MAX_FALL,
            unless_since=stores.now() - lately,
        )
    except auditing.ERRORS as error:
        logger.warning("audit_index: %s", error)


@worker_ready.connect
def pull_at_start(**kwargs: object) -> None:
    """What was published while no worker ran is looked for at once, not at the next beat."""
    pull_changes.delay()
