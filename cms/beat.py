"""Beat's scheduler, which does itself what it cannot send: what is scheduled must not hang on the broker."""

from __future__ import annotations

import logging
from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry, SchedulingError
from django.db import close_old_connections

logger = logging.getLogger(__name__)


class Scheduler(PersistentScheduler):
    # Beat would wait for a connection before it looks at what is due.
    producer: Any = None

    def apply_async(
        self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any
    ) -> Any:
        try:
            return super().apply_async(entry, producer=producer, advance=advance, **kwargs)
        except SchedulingError as error:
            logger.warning("It is done here: %s", error)
        close_old_connections()
        return self.app.tasks[entry.task or ""]()
