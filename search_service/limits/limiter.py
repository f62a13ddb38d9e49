"""Counting that never stands in the way: what cannot be counted is answered."""

from __future__ import annotations

import logging
import time

from search_service.limits.policy import Counter, CounterUnavailable, Policy, Verdict

logger = logging.getLogger(__name__)

# Between attempts to reach a counter that is away: each makes a request wait.
PAUSE_SECONDS = 5.0


class Limiter:
    """A counter, and whether it can be reached. `error` says why not; it is empty while it can."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._paused_until = 0.0
        self.error = ""

    @property
    def counted_in(self) -> str:
        return self._counter.name

    def take(self, client: bytes, policy: Policy) -> Verdict | None:
        """As the counter; None, and the request is to be answered, while nothing can be counted."""
        if time.monotonic() < self._paused_until:
            return None
        try:
            verdict = self._counter.take(client, policy)
        except CounterUnavailable as error:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            if not self.error:
                logger.warning("requests are not limited for now: %s", error)
            self.error = str(error)
            return None
        if self.error:
            logger.warning("requests are limited again")
            self.error = ""
        return verdict
