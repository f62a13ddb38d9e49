"""`python -m search_service build_sitemaps`"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from search_service.sitemaps import building, running


class Command(BaseCommand):
    help = "Build the sitemaps anew, of what the index holds now; those that are served stay until they are done."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.HAS_SITEMAPS:
            raise CommandError(running.NOT_SET)
        try:
            about = building.in_brief(running.build(self._show))
        except (*running.ERRORS, building.BuildRunning) as error:
            raise CommandError(f"{error}. What is served is untouched.") from error
        self.stdout.write(
            self.style.SUCCESS("{urls:,} URLs in {files} files, in {seconds:.1f} s.".format(**about))
        )

    def _show(self, done: int, subjects: int, urls: int) -> None:
        if self.stdout.isatty():
            share = done / subjects
            line = f"\r{'#' * round(share * 40):40} {share:4.0%} {urls:,} URLs"
            self.stdout.write(line, ending="\n" if done == subjects else "")
            self.stdout.flush()
