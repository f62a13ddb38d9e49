"""Makes the index anew from the beginning of the feed, beside the live generation, and swaps.

Killed anywhere, the live generation is as it was; what is left behind is dropped by the next pull.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from search_service.feed.client import FeedClient, FeedUnavailable, Page
from search_service.feed.following import PULL_LOCK_SECONDS, AnotherLog, Clock, EachPage, follow, keep_up
from search_service.index.protocol import (
    Change,
    Entity,
    Index,
    IndexUnavailable,
    Query,
    Reader,
    Stored,
    Writer,
)

logger = logging.getLogger(__name__)

# By what share the number of entities of a kind may fall: beyond it something is wrong with the CMS or with
# what it was restored from, and the live generation is the better one.
MAX_FALL = 0.5
# Sample queries per kind.
SAMPLES = 20
# `tidy` holds the lock for moments.
LOCK_SECONDS = 1.0
NOTE_SECONDS = 0.5
# How often the live generation is brought up to date meanwhile.
KEEP_UP_SECONDS = 0.5

Progress = Callable[[int, int], None]  # seq reached, head


class RebuildRunning(Exception):
    """Another rebuild of this index is under way."""


class Refused(Exception):
    """What was to become the live generation is worse than the one that is. The text says how."""


# What `rebuild` and `rollback` raise: the live generation is then untouched.
ERRORS = (FeedUnavailable, IndexUnavailable, RebuildRunning, Refused)


def rebuild(
    index: Index,
    client: FeedClient,
    clock: Clock,
    *,
    max_fall: float = MAX_FALL,
    requested_at: datetime | None = None,
    pull_lock: AbstractContextManager[bool] | None = None,
    progress: Progress | None = None,
) -> str:
    """Fill a new generation from the beginning of the feed and make it live; its name is returned.

    The live one is served, and kept up to date, until the moment of the swap. If it has been tried since
    `requested_at`, whatever came of it, there is nothing to do. `max_fall` is a share, 1.0 lets anything pass.
    Raises FeedUnavailable, RebuildRunning or Refused; the live generation is then untouched.
    """
    with index.lock("rebuild", LOCK_SECONDS) as free:
        if not free:
            raise RebuildRunning("another rebuild is under way")
        live = index.live()
        if live and requested_at and _tried_since(index, requested_at):
            return live
        _retire(index)
        record = _Record(index, clock)
        try:
            # A feed that cannot be read is noticed before anything is made.
            client.read(0, 1)
            fresh = index.create()
        except BaseException as error:
            record.end("failed", str(error) or repr(error))
            raise
        with closing(fresh):
            record.fills(fresh.generation)
            try:
                _fill(index, fresh, client, clock, record, progress)
                # Before the lock: the first reading ends the loading, which takes seconds for a million listings.
                _check(fresh, _reader(index), max_fall)
                # No pull may move the live generation on while the new one catches up for the last time:
                # readers must not be taken back in time by the swap.
                with pull_lock or index.lock("pull", PULL_LOCK_SECONDS) as mine:
                    if not mine:
                        raise RebuildRunning("another process has been reading the feed for too long")
                    _same_log(fresh, client, clock)
                    index.promote(fresh.generation)
            except BaseException as error:
                record.end("refused" if isinstance(error, Refused) else "failed", str(error) or repr(error))
                if isinstance(error, Refused):
                    logger.error("generation %s was refused: %s", fresh.generation, error)  # noqa: TRY400
                if index.live() != fresh.generation:
                    index.drop(fresh.generation)
                raise
            record.end("done")
            _retire(index)
        logger.info("generation %s is live", fresh.generation)
        return fresh.generation


def rollback(index: Index, client: FeedClient, clock: Clock) -> str:
    """Make the generation before the live one live again; its name is returned.

    It is brought to the head of the feed first, if the feed can be read: nothing published is lost. Raises
    RebuildRunning, and Refused when there is none or it was filled from another log of the feed.
    """
    with index.lock("rebuild", LOCK_SECONDS) as free, index.lock("pull", PULL_LOCK_SECONDS) as mine:
        if not free or not mine:
            raise RebuildRunning("a rebuild, or another reader of the feed, is under way")
        former = _former(index)
        if former is None:
            raise Refused("there is no earlier generation")
        with closing(index.writer(former)) as writer:
            try:
                follow(writer, client, clock)
            except AnotherLog as error:
                # The next pull would find the same and build anew what is live now.
                raise Refused(f"generation {former} cannot be brought up to date: {error}") from error
            except FeedUnavailable as error:
                position, live = writer.position(), _reader(index)
                now = live.position() if live else None
                if position and now and position.epoch != now.epoch:
                    raise Refused(f"generation {former} is of another log of the feed") from error
                logger.warning("%s: generation %s is as it was at %s", error, former, position)
        index.promote(former)
        logger.warning("rolled back to generation %s", former)
        return former


def tidy(index: Index, clock: Clock) -> None:
    """Drop what a killed rebuild has left behind, unless one is under way."""
    with index.lock("rebuild", timeout_s=0) as free:
        if free:
            _retire(index)
            record = last(index)
            if record and record["state"] == "running":
                state = "done" if record["generation"] == index.live() else "killed"
                index.note("rebuild", record | {"state": state, "ended_at": clock().isoformat()})


def last(index: Index) -> dict[str, Any] | None:
    """How the last rebuild went, or goes: `state` ("running", "done", "refused", "failed" or "killed"),
    `started_at`, `ended_at`, `generation`, `epoch`, `seq`, `head` and `error`."""
    record = index.noted("rebuild")
    return record if record and record.keys() >= _Record.KEYS else None


class _Record:
    """Keeps what `last` tells."""

    KEYS = frozenset({"state", "started_at", "ended_at", "generation", "epoch", "seq", "head", "error"})

    def __init__(self, index: Index, clock: Clock) -> None:
        self._index = index
        self._clock = clock
        self._is: dict[str, Any] = {
            "state": "running",
            "started_at": clock().isoformat(),
            "ended_at": None,
            "generation": "",
            "epoch": "",
            "seq": 0,
            "head": 0,
            "error": "",
        }
        self._note()

    def fills(self, generation: str) -> None:
        self._is |= {"generation": generation}
        self._note()

    def reached(self, page: Page) -> None:
        self._is |= {"epoch": page.epoch, "seq": page.next, "head": page.head}
        if time.monotonic() - self._noted_at > NOTE_SECONDS:
            self._note()

    def end(self, state: str, error: str = "") -> None:
        self._is |= {"state": state, "error": error, "ended_at": self._clock().isoformat()}
        self._note()

    def _note(self) -> None:
        self._index.note("rebuild", self._is)
        self._noted_at = time.monotonic()


def _tried_since(index: Index, moment: datetime) -> bool:
    """Whether one was begun after `moment` and came to an end of its own."""
    record = last(index)
    return bool(
        record
        and record["state"] in ("done", "refused", "failed")
        and datetime.fromisoformat(record["started_at"]) >= moment
    )


def _fill(
    index: Index,
    fresh: Writer,
    client: FeedClient,
    clock: Clock,
    record: _Record,
    progress: Progress | None,
) -> None:
    kept_up_at = time.monotonic()

    def each_page(after: int, page: Page, changes: list[Change]) -> None:
        nonlocal kept_up_at
        record.reached(page)
        if progress:
            progress(page.next, page.head)
        if time.monotonic() - kept_up_at < KEEP_UP_SECONDS:
            return
        # With one worker for all tasks nobody else does it meanwhile. A live generation that cannot be brought
        # up to date may be why this rebuild was asked for.
        with suppress(AnotherLog, IndexUnavailable):
            keep_up(index, client, clock, timeout_s=0)
        kept_up_at = time.monotonic()

    _same_log(fresh, client, clock, each_page)


def _same_log(fresh: Writer, client: FeedClient, clock: Clock, each_page: EachPage | None = None) -> None:
    try:
        follow(fresh, client, clock, each_page)
    except AnotherLog as error:
        raise FeedUnavailable(f"while it was read: {error}") from error


def _check(fresh: Reader, live: Reader | None, max_fall: float) -> None:
    """Raises Refused."""
    after = fresh.counts()
    for kind, before in _counts(live).items():
        now = after.get(kind, 0)
        if kind != "refused" and before - now > max_fall * before:
            raise Refused(
                f"{kind}: {now} instead of {before} would be found, a fall of more than {max_fall:.0%}"
            )
    for kind in after.keys() - {"refused"}:
        for _ in range(SAMPLES):
            start = Entity(kind, UUID(int=random.getrandbits(128)), "")
            for entity, _digest in fresh.digests(start, limit=1):
                if entity.kind == kind:
                    _check_sample(fresh, entity)


def _counts(live: Reader | None) -> dict[str, int]:
    """Nothing is known of a live generation that is damaged: it is no reason to keep it."""
    try:
        return live.counts() if live else {}
    except IndexUnavailable:
        return {}


def _check_sample(fresh: Reader, entity: Entity) -> None:
    """Ask for a document, by its slug, and for what is nearest to the points where it is found."""
    name = f"{entity.kind} {entity.id}"
    # In no locale: in the one that says where an entity is found.
    document = fresh.get(entity.kind, entity.id, "")
    if not isinstance(document, Stored):
        raise Refused(f"{name} is listed, but not found")
    by_slug = fresh.get_by_slug(entity.kind, document.slug, document.locale)
    if not isinstance(by_slug, Stored):  # it may be a namesake
        raise Refused(f"{name} is not found by its slug {document.slug!r}")
    for practice in orjson.loads(document.body).get("practices", ()):
        hits = fresh.search(Query(practice["lat"], practice["lng"], kind=entity.kind, limit=1)).hits
        if not hits or hits[0].distance_km > 0.01:
            raise Refused(f"{name}: nobody is found at {practice['lat']}, {practice['lng']}")


def _reader(index: Index) -> Reader | None:
    """The live generation, if there is one that can be read."""
    try:
        return index.reader()
    except IndexUnavailable:
        return None


def _former(index: Index) -> str | None:
    """Name of the generation before the live one."""
    live = index.live()
    return next((name for name in reversed(index.generations()) if live and name < live), None)


def _retire(index: Index) -> None:
    """Drop all but the live generation and the one before it: the older ones, and what a killed rebuild
    left behind. Call it with the rebuild lock held."""
    live = index.live()
    if live is None:
        return  # which of them was live may only be forgotten
    keep = {live, _former(index)}
    for name in index.generations():
        if name not in keep:
            index.drop(name)
