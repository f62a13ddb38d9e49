"""`python -m cms import_conditions [FILE]`: drafts of conditions from a list of names and codes."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from wagtail.models import Locale

from cms.conditions.models import ConditionIndexPage
from cms.imports.conditions import import_conditions
from cms.imports.reading import FileUnreadable, read

SHIPPED = Path(__file__).resolve().parents[2] / "core-conditions.tsv"
MAX_TOLD = 20
BAR = 40  # characters


class Command(BaseCommand):
    help = (
        "Add drafts of conditions from a list: names, synonyms and codes, no text. What exists already, by name, other "
        "name or code, is left as it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            nargs="?",
            type=Path,
            default=SHIPPED,
            metavar="FILE",
            help="tab-separated, plain or .gz, such as the Human Disease Ontology's; without it, some hundred "
            "common conditions that ship",
        )
        parser.add_argument(
            "--locale", default=settings.LANGUAGE_CODE, help="language of the names (default: en)"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what it would do")

    def handle(self, *args: Any, file: Path, locale: str, dry_run: bool, **options: Any) -> None:
        started = monotonic()
        language = Locale.objects.filter(language_code=locale).first()
        if language is None or not ConditionIndexPage.objects.filter(locale=language).exists():
            raise CommandError(f"There is no condition index in the language {locale!r} to put pages into.")
        try:
            rows, problems = read(file)
        except FileUnreadable as error:
            raise CommandError(str(error)) from error
        report = import_conditions(
            rows, language, timezone.now(), dry_run=dry_run, tell=lambda done: self.bar(done, len(rows))
        )
        problems = sorted([*problems, *report.problems], key=lambda problem: problem.line)
        for problem in problems[:MAX_TOLD]:
            self.stdout.write(f"Line {problem.line}: {problem.reason}")
        if len(problems) > MAX_TOLD:
            self.stdout.write(f"… and {len(problems) - MAX_TOLD:,} more like these.")
        bad = sum(problem.row_is_left_out for problem in problems)
        self.stdout.write(
            f"{'Would add' if dry_run else 'Added'} {report.added:,} drafts in {monotonic() - started:.1f} s. "
            f"There already: {report.there_already:,}. Rows that could not be used: {bad:,}. "
            f"Synonyms left out since they name another condition: {report.names_left_out:,}."
        )

    def bar(self, done: int, rows: int) -> None:
        if self.stderr.isatty():
            full = BAR * done // rows
            end = "\n" if done == rows else ""
            self.stderr.write(f"\r[{'#' * full}{' ' * (BAR - full)}] {done:,} of {rows:,}", ending=end)
