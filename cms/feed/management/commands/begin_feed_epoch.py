"""Make the readers of the feed start from its beginning."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from cms.feed.models import Log
from cms.feed.nudge import nudge


class Command(BaseCommand):
    help = (
        "Give the change log a new identity, so that the search service reads all of it again. "
        "Run it after a database was restored from a backup: its log has gone back in time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        epoch = Log.begin_epoch()
        nudge()
        self.stdout.write(f"The feed's epoch is now {epoch}.")
