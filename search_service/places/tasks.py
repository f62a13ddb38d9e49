"""The import as a Celery task."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings

from search_service.places import importer

logger = logging.getLogger(__name__)

# As many as the feed's tasks have: all places on Earth take minutes.
HOURS = 3600


@shared_task(bind=True, name="search_service.import_places", time_limit=6 * HOURS)
def import_places(self: Any, paths: list[str]) -> None:
    """Make the gazetteer anew from files on the worker's machine; without any, from those that ship. What comes of
    it is in the status: whoever asked for it sees it there, and may ask again."""
    # In a process that may have children, which Celery's may not. It takes its memory along when it ends; and when
    # this one is killed, it comes to its end all the same.
    command = [sys.executable, "-m", "search_service", "import_places"]
    # A message that is delivered again has the same id.
    done = subprocess.run(  # noqa: S603 - no shell, and the files are only read
        [*command, "--request", self.request.id or "", "--", *paths],
        env=os.environ | {"PLACES_DIR": str(settings.PLACES_DIR)},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        logger.warning("import_places: exit code %d", done.returncode)


@worker_ready.connect
def tidy_at_start(**kwargs: object) -> None:
    """After an import that was killed with its worker."""
    importer.tidy(settings.PLACES_DIR)
