"""`python -m search_service audit`"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from search_service import stores
from search_service.feed import auditing


class Command(BaseCommand):
    help = (
        "Compare the index with all that is public in the CMS, and have differences mended through the feed."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = auditing.audit(
                stores.index(), stores.feed_client(), stores.now, max_fall=settings.REBUILD_MAX_FALL
            )
        except auditing.ERRORS as error:
            raise CommandError(f"The audit could not be finished: {error}.") from error
        assert result
        for entity, difference in result.first:
            self.stdout.write(f"{difference}: {entity.kind} {entity.id} ({entity.locale})")
        found = result.differences.total()
        summary = f"{result.compared} documents compared: {found} differed, {result.repaired} are mended."
        if result.repaired < found:
            raise CommandError(summary)
        self.stdout.write(self.style.SUCCESS(summary))
