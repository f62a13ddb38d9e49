"""Tells the search service, best effort, that there is something to read.

Nothing depends on the message: the search service also looks by itself, every half minute. So a request
never waits for the broker, and a broker that is down is logged once and otherwise not noticed. One
thread per process sends; nudges that come while it is busy become one.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading

from django.db import DatabaseError

from cms.celery import app
from cms.feed.models import Change

logger = logging.getLogger(__name__)

TASK, QUEUE = "search_service.pull_changes", "search"
# How long the end of a process waits for a nudge that is under way.
FLUSH_SECONDS = 1.0


class _Sender:
    """Sends from a thread of its own, which is started at the first nudge."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._wanted = False
        self._busy = False
        self._failing = False

    def nudge(self) -> None:
        with self._changed:
            self._wanted = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="feed-nudge", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, timeout_s: float) -> bool:
        """Wait until there is nothing left to send; False if that took longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._wanted and not self._busy, timeout_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted)
                self._wanted, self._busy = False, True
            self._send()
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _send(self) -> None:
        try:
            # A connection of its own each time: one that was kept may have died in between.
            with app.connection_for_write() as connection:
                app.send_task(TASK, queue=QUEUE, connection=connection, ignore_result=True, retry=False)
        except Exception as error:  # noqa: BLE001 - whatever the broker's client raises
            if not self._failing:
                logger.warning("Cannot nudge the search service, which will look by itself: %s", error)
            self._failing = True
        else:
            self._failing = False


_sender = _Sender()
_seen_head: int | None = None


def nudge() -> None:
    """Have the search service look. Returns at once and never fails."""
    try:
        _sender.nudge()
    except RuntimeError:  # no thread can be started any more: the interpreter is shutting down
        logger.debug("not nudged", exc_info=True)


def nudge_if_moved() -> None:
    """As `nudge`, if the log has moved since this process last looked. Call it after the commit."""
    global _seen_head  # noqa: PLW0603 - one number per process
    try:
        head = Change.head()
    except DatabaseError as error:  # what was asked for is done: it must not look as if it had failed
        logger.warning("Cannot see whether the log has moved: %s", error)
        return
    if head != _seen_head:
        _seen_head = head
        nudge()


def _begin_anew() -> None:
    """In a forked process: the thread has stayed behind."""
    global _sender  # noqa: PLW0603
    _sender = _Sender()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(lambda: _sender.flush(FLUSH_SECONDS))
