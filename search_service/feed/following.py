"""Follows the feed: page after page into one generation, up to the head.

May be killed anywhere: a page and the position it leads to are one transaction of the index.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import Any

from search_service.feed.client import FeedClient, FeedUnavailable, Page
from search_service.feed.documents import to_change
from search_service.index.protocol import Change, Index, Position, Refuse, Writer

logger = logging.getLogger(__name__)

PAGE_SIZE = 500
# How long one reader of the feed waits for another, which seldom takes more than milliseconds.
PULL_LOCK_SECONDS = 60.0

Clock = Callable[[], datetime]
# After which `seq` a page followed, the page, and its changes, which have been applied.
EachPage = Callable[[int, Page, list[Change]], None]


class AnotherLog(Exception):
    """The feed's log, whose `epoch` it is, is not the one that was read so far, or it has gone back: read it
    from its beginning."""

    def __init__(self, epoch: str, text: str) -> None:
        super().__init__(text)
        self.epoch = epoch


def follow(writer: Writer, client: FeedClient, clock: Clock, each_page: EachPage | None = None) -> None:
    """Apply all pages up to the head, and tell of `each_page`. Raises AnotherLog, FeedUnavailable, IndexUnavailable."""
    position = writer.position()
    while True:
        after = position.seq if position else 0
        asked_at = clock()
        page = client.read(after, PAGE_SIZE)
        if position and page.epoch != position.epoch:
            raise AnotherLog(page.epoch, f"the feed's log is {page.epoch}, no longer {position.epoch}")
        if position and position.seq > page.head:
            raise AnotherLog(page.epoch, f"the feed's log has gone back from {position.seq} to {page.head}")
        if page.next < after or (page.has_more and page.next == after):
            raise FeedUnavailable(f"the feed's cursor does not advance: {after} -> {page.next}")
        complete_as_of = position.as_of if position and page.has_more else asked_at
        changed_at = position.changed_at if position and page.next == after else asked_at
        position = Position(page.epoch, page.next, complete_as_of, changed_at)
        changes = _changes(page.changes)
        writer.apply(changes, position)
        if each_page:
            each_page(after, page, changes)
        if not page.has_more:
            return


def keep_up(index: Index, client: FeedClient, clock: Clock, timeout_s: float) -> bool:
    """Bring the live generation to the head, unless another process is reading and goes on for longer
    than `timeout_s`: then False. Raises as `follow`."""
    with index.lock("pull", timeout_s) as mine:
        if mine:
            with closing(index.writer()) as writer:
                follow(writer, client, clock)
        return mine


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
