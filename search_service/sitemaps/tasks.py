"""The build as a Celery task."""

from __future__ import annotations

import logging
import subprocess
import sys

from celery import shared_task

from search_service.sitemaps import running

logger = logging.getLogger(__name__)


# Builds that were begun by this process, and are not known to have ended.
children: list[subprocess.Popen[bytes]] = []


@shared_task(name="search_service.build_sitemaps", time_limit=60)
def build_sitemaps() -> None:
    """Have them built if they are due. What comes of it is in the status; beat calls again."""
    children[:] = [child for child in children if child.poll() is None]
    try:
        if children or not running.is_due():
            return
    except running.ERRORS as error:
        logger.info("build_sitemaps: %s", error)
        return
    # In a process of its own, which nobody waits for: this one goes on with the feed, and the memory is given back. Of
    # several, one builds.
    command = [sys.executable, "-m", "search_service", "build_sitemaps"]
    child = subprocess.Popen(  # noqa: S603 - no shell
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    children.append(child)
