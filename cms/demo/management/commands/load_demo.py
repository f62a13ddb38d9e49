"""`python -m cms load_demo`: fill an empty CMS with sample content."""

from __future__ import annotations

import logging
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from cms.demo import content
from cms.demo.loading import LoadError, load


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
            help="password of the editor, if there is no such user yet (default: $DEMO_EDITOR_PASSWORD)",
        )

    def handle(self, *args: Any, username: str, password: str, **options: Any) -> None:
        started = monotonic()
        try:
            sample = content.read()
            with _quiet_wagtail(), transaction.atomic():
                load(sample, self.editor(username, password), timezone.now(), self.stdout.write)
        except (content.ContentError, LoadError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Done in {monotonic() - started:.1f} s.")

    def editor(self, username: str, password: str) -> User:
        user = User.objects.filter(username=username).first()
        if user:
            return user
        if not password:
            raise CommandError(
                f"There is no user {username!r} yet: give a password by --password or DEMO_EDITOR_PASSWORD."
            )
        try:
            validate_password(password, User(username=username))
        except ValidationError as error:
            raise CommandError(f"--password: {' '.join(error.messages)}") from error
        self.stdout.write(f"Editor: {username}")
        return User.objects.create_superuser(username, password=password)


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
