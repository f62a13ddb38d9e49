"""Make the database and the search service forget under which slugs an entity was public before."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from cms.feed.forgetting import NotForgotten, find, forget, public_slugs
from cms.feed.kinds import Kind, kinds
from cms.feed.nudge import nudge


class Command(BaseCommand):
    help = (
        "Forget the former slugs of a page or snippet, in all its languages, even if it was deleted. Their addresses no longer "
        "lead to it: they answer 404. What Wagtail keeps, as revisions and its log, is not touched."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=kinds(), help="what it is: %(choices)s")
        parser.add_argument("entity", metavar="id_or_slug", help="its id (a UUID), its slug, or a former one")
        parser.add_argument(
            "--slug",
            action="append",
            default=[],
            help="forget this former slug only; may be given several times (default: all)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would be forgotten, and change nothing"
        )

    def handle(
        self, *args: Any, kind: str, entity: str, slug: list[str], dry_run: bool, **options: Any
    ) -> None:
        found = kinds()[kind]
        id_ = self.one(found, entity)
        try:
            with transaction.atomic():
                forgotten = forget(found, id_, slug)
                transaction.set_rollback(dry_run)
        except NotForgotten as error:
            raise CommandError(f"{error} Nothing was forgotten.") from error
        self.stdout.write(self.described(found, id_))
        for one in forgotten:
            self.stdout.write(f"  {'would forget' if dry_run else 'forgot'} {one.slug} ({one.locale})")
        if not forgotten:
            self.stdout.write("It has no former slugs.")
        elif dry_run:
            self.stdout.write("Nothing was changed.")
        else:
            nudge()
            self.stdout.write("The search service forgets them when it next reads the feed.")

    def one(self, kind: Kind, named: str) -> UUID:
        ids = find(kind, named)
        if not ids:
            raise CommandError(f"No {kind.name} has, or had, the id or slug {named}.")
        if len(ids) > 1:
            each = "\n".join(f"  {self.described(kind, id_)}" for id_ in ids)
            raise CommandError(f"Several have, or had, the slug {named}. Say which one, by its id:\n{each}")
        return ids[0]

    def described(self, kind: Kind, id_: UUID) -> str:
        public = [f"{slug} ({locale})" for locale, slug in public_slugs(kind, id_).items()]
        return f"{kind.name} {id_}, {'now ' + ', '.join(public) if public else 'not public'}"
