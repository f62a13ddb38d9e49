"""`python -m search_service rollback`"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search_service import stores
from search_service.feed import rebuilding


class Command(BaseCommand):
    help = "Make the generation before the live one live again, brought up to date from the feed."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            generation = rebuilding.rollback(stores.index(), stores.feed_client(), stores.now)
        except (*rebuilding.ERRORS, OSError) as error:
            raise CommandError(f"{error}. The live generation is untouched.") from error
        self.stdout.write(self.style.SUCCESS(f"Generation {generation} is live again."))
