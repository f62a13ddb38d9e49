"""`python -m cms load_demo`: fill an empty CMS with sample content."""

from __future__ import annotations

import logging
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from cms.demo import content
from cms.demo.loading import LoadError, load
from cms.demo.logins import ROLES, make_logins


class Command(BaseCommand):
    help = (
        "Load the sample content: real hospitals, fictitious doctors, sample articles. Everything is loaded once; "
        "what editors do with it afterwards stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", default="editor", help="login of the editor (default: editor)")
        parser.add_argument(
            "--password",
            default=os.environ.get("DEMO_EDITOR_PASSWORD", ""),
            help=f"password of the editor and of {', '.join(ROLES)}, one for each role, for those who are not "
            "there yet (default: $DEMO_EDITOR_PASSWORD)",
        )

    def handle(self, *args: Any, username: str, password: str, **options: Any) -> None:
        started = monotonic()
        try:
            sample = content.read()
            with _quiet_wagtail(), transaction.atomic():
                editor = make_logins(username, password, self.stdout.write)
                load(sample, editor, timezone.now(), self.stdout.write)
        except (content.ContentError, LoadError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Done in {monotonic() - started:.1f} s.")


@contextmanager
def _quiet_wagtail() -> Iterator[None]:
    """Without Wagtail's line for each page, among which ours would be lost."""
    logger = logging.getLogger("wagtail")
    former = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(former)
