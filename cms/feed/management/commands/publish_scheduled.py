"""Wagtail's command of this name, in the place of it: cms.feed stands before wagtail in INSTALLED_APPS.

Wagtail's own writes an object in several commits, stops at the first that fails, and tells nobody.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from wagtail.management.commands import publish_scheduled

from cms.feed.scheduled import publish_due


class Command(publish_scheduled.Command):
    help = "Publish what is scheduled to go live by now, and unpublish what has expired."

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dryrun"]:
            super().handle(*args, **options)
        elif failed := publish_due(timezone.now()):
            raise CommandError(
                f"It failed for {failed}. They are in the log or their history, and are tried again next time."
            )
