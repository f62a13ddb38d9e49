"""Keeps the live generation in step with the feed, and has one built when there is none that can be used."""

from __future__ import annotations

import logging
from contextlib import ExitStack, closing, nullcontext
from datetime import datetime, timedelta
from enum import Enum

from search_service.feed import rebuilding
from search_service.feed.client import FeedClient
from search_service.feed.following import PULL_LOCK_SECONDS, AnotherLog, Clock, EachPage, follow
from search_service.index.protocol import Index, IndexNotBuilt

logger = logging.getLogger(__name__)

# What was refused is not tried again at each poll: it costs a whole reading of the feed.
REFUSED_RETRY = timedelta(hours=1)


class Outcome(Enum):
    FOLLOWED = "followed the feed"
    REBUILT = "rebuilt from the beginning of the feed"
    REFUSED = (
        "the feed's log is another one, and what it gives was refused: the live generation stays as it is"
    )
    LEFT = "left to another reader"


def pull(
    index: Index,
    client: FeedClient,
    clock: Clock,
    max_fall: float = rebuilding.MAX_FALL,
    each_page: EachPage | None = None,
) -> Outcome:
    """Bring the live generation to the head of the feed; make one if there is none that can be used.

    One process reads at a time and one more waits its turn. Whoever comes while another waits can
    leave, since the one that waits has not read yet. Raises FeedUnavailable, and IndexUnavailable when the
    index cannot be written to for now.
    """
    with ExitStack() as running:
        with index.lock("pull-queue", timeout_s=0) as first_in_line:
            if not first_in_line or not running.enter_context(index.lock("pull", PULL_LOCK_SECONDS)):
                return Outcome.LEFT
        rebuilding.tidy(index, clock)
        try:
            with closing(index.writer()) as writer:
                follow(writer, client, clock, each_page)
            return Outcome.FOLLOWED
        except (AnotherLog, IndexNotBuilt) as error:
            if isinstance(error, AnotherLog) and _refused_lately(index, error.epoch, clock()):
                return Outcome.REFUSED
            logger.warning("%s: building the index from the beginning of the feed", error)
        try:
            # No other lock: this process holds it already.
            rebuilding.rebuild(index, client, clock, max_fall=max_fall, pull_lock=nullcontext(True))
        except rebuilding.RebuildRunning:
            return Outcome.LEFT
        except rebuilding.Refused:
            return Outcome.REFUSED
        return Outcome.REBUILT


def _refused_lately(index: Index, epoch: str, now: datetime) -> bool:
    """Whether what this log gives was refused within the last hour."""
    last = rebuilding.last(index)
    return bool(
        last
        and (last["state"], last["epoch"]) == ("refused", epoch)
        and abs(now - datetime.fromisoformat(last["ended_at"])) < REFUSED_RETRY
    )
