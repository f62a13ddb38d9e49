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

from search_service.feed import rebuilding
from search_service.feed.client import FeedClient, FeedUnavailable
from search_service.feed.following import PULL_LOCK_SECONDS, AnotherLog, Clock, keep_up
from search_service.index.protocol import Entity, Index, IndexNotBuilt

logger = logging.getLogger(__name__)

PAGE_SIZE = 500
# Differences that are named, in the log and in the status.
NAMED = 20
# Behind every language code.
LAST_LOCALE = "~"

Kind = Literal["missing", "outdated", "left_over"]


@dataclass
class Audit:
    """`repaired` differences were found mended after the feed had told of them again. `error` is why it could
    not be finished, if so."""

    at: datetime
    compared: int = 0
    differences: Counter[Kind] = field(default_factory=Counter)
    repaired: int = 0
    first: list[tuple[Entity, Kind]] = field(default_factory=list)
    error: str = ""

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
            "error": self.error,
        }


class AuditRunning(Exception):
    """Another audit of this index is under way."""


# What `audit` raises.
ERRORS = (AuditRunning, *rebuilding.ERRORS)


def audit(
    index: Index,
    client: FeedClient,
    clock: Clock,
    *,
    max_fall: float = rebuilding.MAX_FALL,
    unless_since: datetime | None = None,
) -> Audit | None:
    """Compare page by page, have differences told again by the feed, read them, and note the result. None if
    there was an audit after `unless_since`: a message that comes twice asks for one.

    A damaged index is built anew first. Raises AuditRunning, FeedUnavailable, IndexUnavailable and what
    `rebuild` raises; that is noted, too, and what was found until then is in the log.
    """
    with index.lock("audit", timeout_s=0) as free:
        if not free:
            raise AuditRunning("another audit is under way")
        last = index.noted("audit")
        if unless_since and last and datetime.fromisoformat(last["at"]) >= unless_since:
            return None
        result = Audit(clock())
        try:
            try:
                index.reader().check()
            except IndexNotBuilt as error:
                if index.live() is None:
                    raise
                logger.error("audit: %s", error)  # noqa: TRY400
                rebuilding.rebuild(index, client, clock, max_fall=max_fall)
            _compare(index, client, clock, result)
        except Exception as error:
            result.error = str(error) or repr(error)
            raise
        finally:
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


def _compare(index: Index, client: FeedClient, clock: Clock, result: Audit) -> None:
    held = _Held(index)
    after: str | None = None
    while True:
        public, then = client.digests(after, PAGE_SIZE)
        result.compared += len(public)
        missing = dict(public)
        while mine := held.take(then):
            suspects = [entity for entity, digest in mine if missing.pop(entity, None) != digest]
            _settle(index, client, clock, result, suspects, after)
        for some in _chunks(sorted(missing)):
            _settle(index, client, clock, result, some, after)
        # With one worker for all tasks nobody else reads the feed meanwhile.
        _catch_up(index, client, clock)
        if then is None:
            return
        after = then


class _Held:
    """What the live generation holds, read in order, some at a time."""

    def __init__(self, index: Index) -> None:
        self._digests = self._read(index)
        self._next = next(self._digests, None)

    def take(self, key: str | None) -> list[tuple[Entity, str]]:
        """Some of what follows, up to a key as the feed gives it, or to the end; [] when there is no more."""
        found: list[tuple[Entity, str]] = []
        last = _last(key) if key else None
        while self._next and (last is None or self._next[0] <= last) and len(found) < PAGE_SIZE:
            found.append(self._next)
            self._next = next(self._digests, None)
        return found

    @staticmethod
    def _read(index: Index) -> Iterator[tuple[Entity, str]]:
        last: Entity | None = None
        # Whichever generation is live by now.
        while page := index.reader().digests(last, PAGE_SIZE):
            yield from page
            last = page[-1][0]


def _chunks(entities: list[Entity]) -> Iterator[list[Entity]]:
    for start in range(0, len(entities), PAGE_SIZE):
        yield entities[start : start + PAGE_SIZE]


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
    if not suspects:
        return
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
    # What could not be used is named in the status; to be told again would not help it.
    reader = index.reader()
    real = [entity for entity in real if reader.refusal(entity) is None]
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
