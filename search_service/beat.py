"""Beat's scheduler, which does itself what it cannot send.

The polls are the safety net below the nudges: they must not hang on the broker, as those do.
"""

from __future__ import annotations

import logging
import math
import time
from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry

logger = logging.getLogger(__name__)

# So long a worker may take to find that the broker is back (kombu's longest interval between attempts).
RECONNECT_SECONDS = 30.0
CONNECT_SECONDS = 5
# A broker that takes the connection and says nothing.
TIMEOUTS = {"socket_connect_timeout": 1.0, "socket_timeout": 1.0}


class Scheduler(PersistentScheduler):
    # Beat would wait for a connection before it looks at what is due.
    producer: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._failed_at = -math.inf
        super().__init__(*args, **kwargs)

    def apply_async(
        self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any
    ) -> Any:
        """Send what is due or, while there is nobody to send it to, do it here."""
        try:
            with self.app.connection_for_write(transport_options=TIMEOUTS) as connection:
                connection.ensure_connection(max_retries=1, interval_start=0, timeout=CONNECT_SECONDS)
                sent = super().apply_async(
                    entry, producer=self.app.amqp.Producer(connection), advance=advance
                )
        except Exception as error:  # noqa: BLE001 - whatever the broker's client raises
            logger.warning("Cannot send %s, so it is done here: %s", entry.task, error)
            self._failed_at = time.monotonic()
        else:
            if time.monotonic() - self._failed_at > RECONNECT_SECONDS:
                return sent
        return self._do(entry)

    def _do(self, entry: ScheduleEntry) -> None:
        try:
            self.app.tasks[entry.task or ""](*(entry.args or ()), **(entry.kwargs or {}))
        except Exception as error:  # noqa: BLE001 - it is due again soon
            logger.warning("%s: %s", entry.task, error)
