"""Keeps the index in step with the feed: follow the log, or rebuild from its beginning.

Both may be killed anywhere: a batch and the position it leads to are one transaction of the index,
and a generation that is being filled is not looked at until it is promoted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from datetime import datetime
from enum import Enum
from typing import Any

from search_service.feed.client import FeedClient, FeedUnavailable
from search_service.feed.documents import to_change
from search_service.index.protocol import Change, Index, IndexNotBuilt, Position, Refuse, Writer

logger = logging.getLogger(__name__)

PAGE_SIZE = 500
# How long one reader of the feed waits for another, which seldom takes more than milliseconds.
PULL_LOCK_SECONDS = 60.0

Clock = Callable[[], datetime]
Progress = Callable[[int, int], None]  # seq reached, head


class Outcome(Enum):
    FOLLOWED = "followed the feed"
    REBUILT = "rebuilt from the beginning of the feed"
    LEFT = "left to another reader"


class RebuildRunning(Exception):
    """Another rebuild of this index is under way."""


def pull(index: Index, client: FeedClient, clock: Clock) -> Outcome:
    """Bring the live generation to the head of the feed; make one if there is none that can be used.

    One process reads at a time and one more waits its turn. Whoever comes while another waits can
    leave, since the one that waits has not read yet. Raises FeedUnavailable, and IndexUnavailable when the
    index cannot be written to for now.
    """
    with ExitStack() as running:
        with index.lock("pull-queue", timeout_s=0) as first_in_line:
            if not first_in_line or not running.enter_context(index.lock("pull", PULL_LOCK_SECONDS)):
                return Outcome.LEFT
        try:
            with closing(index.writer()) as writer:
                if _follow(writer, client, clock):
                    return Outcome.FOLLOWED
            logger.warning("the feed's log is another one, or has gone back: rebuilding from its beginning")
        except IndexNotBuilt as error:
            logger.warning("%s: building it from the beginning of the feed", error)
        try:
            _rebuild(index, client, clock, pull_lock=nullcontext(True))
        except RebuildRunning:
            return Outcome.LEFT
        return Outcome.REBUILT


def rebuild(index: Index, client: FeedClient, clock: Clock, progress: Progress | None = None) -> str:
    """Fill a new generation from the beginning of the feed and make it live; its name is returned.

    The live one is served, and kept up to date by `pull`, until the moment of the swap.
    Raises FeedUnavailable or RebuildRunning; the live generation is then untouched.
    """
    # No pull may move the old generation on while the new one catches up for the last time: readers
    # must not be taken back in time by the swap.
    return _rebuild(index, client, clock, pull_lock=index.lock("pull", PULL_LOCK_SECONDS), progress=progress)


def _rebuild(
    index: Index,
    client: FeedClient,
    clock: Clock,
    pull_lock: AbstractContextManager[bool],
    progress: Progress | None = None,
) -> str:
    with index.lock("rebuild", timeout_s=0) as free:
        if not free:
            raise RebuildRunning("another rebuild is under way")
        _retire(index)
        fresh = index.create()
        try:
            _follow_same_log(fresh, client, clock, progress)
            with pull_lock as mine:
                if not mine:
                    raise RebuildRunning("another process has been reading the feed for too long")
                _follow_same_log(fresh, client, clock)
                index.promote(fresh.generation)
            logger.info("generation %s is live", fresh.generation)
        finally:
            fresh.close()
            _retire(index)
        return fresh.generation


def _follow_same_log(
    fresh: Writer, client: FeedClient, clock: Clock, progress: Progress | None = None
) -> None:
    if not _follow(fresh, client, clock, progress):
        raise FeedUnavailable("the feed's log changed its identity while it was read")


def _follow(writer: Writer, client: FeedClient, clock: Clock, progress: Progress | None = None) -> bool:
    """Apply all pages up to the head. False when this log does not continue the one read so far."""
    position = writer.position()
    while True:
        after = position.seq if position else 0
        asked_at = clock()
        page = client.read(after, PAGE_SIZE)
        if position and (page.epoch != position.epoch or position.seq > page.head):
            return False
        if page.next < after or (page.has_more and page.next == after):
            raise FeedUnavailable(f"the feed's cursor does not advance: {after} -> {page.next}")
        complete_as_of = position.as_of if position and page.has_more else asked_at
        position = Position(page.epoch, page.next, complete_as_of)
        writer.apply(_changes(page.changes), position)
        if progress:
            progress(page.next, page.head)
        if not page.has_more:
            return True


def _changes(entries: list[Any]) -> list[Change]:
    changes = [to_change(entry) for entry in entries]
    for change in changes:
        if isinstance(change, Refuse):
            logger.error(
                "refused %s %s (%s) at %d: %s",
                change.kind,
                change.id,
                change.locale,
                change.seq,
                change.error,
            )
    return changes


def _retire(index: Index) -> None:
    """Drop all but the live generation and the one before it: the older ones, and what a failed or
    killed rebuild left behind. Call it with the rebuild lock held."""
    live, names = index.live(), index.generations()
    keep = {live, *[name for name in names if live and name < live][-1:]}
    for name in names:
        if name not in keep:
            index.drop(name)
