"""`python -m search_service rebuild`"""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from search_service import stores
from search_service.feed import rebuilding


class Command(BaseCommand):
    help = "Fill a new generation of the index from the beginning of the feed, then make it the live one."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--accept-fall",
            action="store_true",
            help="Accept it however much less it holds than the live one (else REBUILD_MAX_FALL counts).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        try:
            generation = rebuilding.rebuild(
                stores.index(),
                stores.feed_client(),
                stores.now,
                max_fall=1.0 if options["accept_fall"] else settings.REBUILD_MAX_FALL,
                progress=self._show,
            )
        except rebuilding.Refused as error:
            raise CommandError(
                f"The new generation was refused: {error}. The live generation is untouched."
            ) from error
        except (*rebuilding.ERRORS, OSError) as error:
            raise CommandError(f"{error}. The live generation is untouched.") from error
        counts = stores.index().reader().counts()
        numbers = ", ".join(f"{value} {name}" for name, value in sorted(counts.items()))
        seconds = time.monotonic() - started
        self.stdout.write(
            self.style.SUCCESS(f"Generation {generation} is live: {numbers} in {seconds:.1f} s.")
        )

    def _show(self, seq: int, head: int) -> None:
        if self.stdout.isatty():
            share = seq / head if head else 1.0
            self.stdout.write(
                f"\r{'#' * round(share * 40):40} {share:4.0%}", ending="\n" if seq >= head else ""
            )
            self.stdout.flush()
