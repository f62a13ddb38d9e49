"""Compares what the index holds with all that is public in the CMS, and has differences mended through the feed.

The feed's log is written by triggers in the act's own transaction, so there should be none. The audit reads the
content itself, not the log: it finds what was changed while a trigger was missing, a database that was
restored and has grown past the position of the index, or a fault here.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from search_service.feed.client import FeedClient, FeedUnavailable
from search_service.feed.following import PULL_LOCK_SECONDS, AnotherLog, Clock, keep_up
from search_service.index.protocol import Entity, Index

logger = logging.getLogger(__name__)

PAGE_SIZE = 500
# Differences that are named, in the log and in the status.
NAMED = 20
# Behind every language code.
LAST_LOCALE = "~"

Kind = Literal["missing", "outdated", "left_over"]


@dataclass
class Audit:
    """`repaired` differences were found mended after the feed had told of them again."""

    at: datetime
    compared: int = 0
    differences: Counter[Kind] = field(default_factory=Counter)
    repaired: int = 0
    first: list[tuple[Entity, Kind]] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "compared": self.compared,
            "differences": {kind: self.differences[kind] for kind in ("missing", "outdated", "left_over")},
            "repaired": self.repaired,
            "first": [
                {"kind": entity.kind, "id": str(entity.id), "locale": entity.locale, "difference": difference}
                for entity, difference in self.first
            ],
        }


def audit(index: Index, client: FeedClient, clock: Clock) -> Audit:
    """Compare page by page, have differences told again by the feed, read them, and note the result.

    Raises FeedUnavailable, IndexUnavailable; what was found until then is in the log.
    """
    result = Audit(clock())
    held = _Held(index)
    after: str | None = None
    while True:
        public, then = client.digests(after, PAGE_SIZE)
        mine = held.up_to(then)
        result.compared += len(public)
        suspects = sorted(
            entity for entity in public.keys() | mine.keys() if public.get(entity) != mine.get(entity)
        )
        if suspects:
            _settle(index, client, clock, result, suspects, after)
        # With one worker for all tasks nobody else reads the feed meanwhile.
        _catch_up(index, client, clock)
        if then is None:
            break
        after = then
    index.note("audit", result.record())
    found = result.differences.total()
    if found:
        logger.error(
            "audit: %d of %d documents differed from what is public (%s); %d are mended",
            found,
            result.compared,
            ", ".join(f"{number} {kind}" for kind, number in sorted(result.differences.items())),
            result.repaired,
        )
    else:
        logger.info("audit: all %d documents are as they are public", result.compared)
    return result


class _Held:
    """What the live generation holds, read in order, some at a time."""

    def __init__(self, index: Index) -> None:
        self._digests = self._read(index)
        self._next = next(self._digests, None)

    def up_to(self, key: str | None) -> dict[Entity, str]:
        """What follows, up to a key as the feed gives it, or to the end."""
        found = {}
        last = _last(key) if key else None
        while self._next and (last is None or self._next[0] <= last):
            found[self._next[0]] = self._next[1]
            self._next = next(self._digests, None)
        return found

    @staticmethod
    def _read(index: Index) -> Iterator[tuple[Entity, str]]:
        last: Entity | None = None
        # Whichever generation is live by now.
        while page := index.reader().digests(last, PAGE_SIZE):
            yield from page
            last = page[-1][0]


def _last(key: str) -> Entity:
    kind, _, id_ = key.partition("/")
    try:
        return Entity(kind, UUID(id_), LAST_LOCALE)
    except ValueError as error:
        raise FeedUnavailable(f"the feed's digests name no entity: {key!r}") from error


def _settle(
    index: Index, client: FeedClient, clock: Clock, result: Audit, suspects: list[Entity], after: str | None
) -> None:
    """Tell differences from changes that were under way, and have them mended."""
    # What the index holds both before and after this page of digests was read, it held meanwhile: not so only
    # of what was changed and changed back between, which is then told again for nothing.
    before = index.reader().held(suspects)
    public, then = client.digests(after, 2 * PAGE_SIZE)
    _catch_up(index, client, clock)
    now = index.reader().held(suspects)
    real = [
        entity
        for entity in suspects
        if before.get(entity) == now.get(entity) != public.get(entity) and (not then or entity <= _last(then))
    ]
    for entity in real:
        difference: Kind = "missing" if entity not in now else "outdated" if entity in public else "left_over"
        result.differences[difference] += 1
        if len(result.first) < NAMED:
            result.first.append((entity, difference))
            logger.error("audit: %s: %s %s (%s)", difference, entity.kind, entity.id, entity.locale)
    if real:
        client.reissue(real)
        _catch_up(index, client, clock)
        mended = index.reader().held(real)
        result.repaired += sum(mended.get(entity) != now.get(entity) for entity in real)


def _catch_up(index: Index, client: FeedClient, clock: Clock) -> None:
    try:
        if not keep_up(index, client, clock, PULL_LOCK_SECONDS):
            raise FeedUnavailable("another process has been reading the feed for too long")
    except AnotherLog as error:
        raise FeedUnavailable(str(error)) from error
