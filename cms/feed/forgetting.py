"""Former slugs are forgotten: a slug often holds the name of a person, who may have another one by now."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from cms.feed import triggers
from cms.feed.kinds import Kind
from cms.feed.models import Change, Slug


class NotForgotten(Exception):
    """A slug that is not among the former ones of the entity. The text says what it is."""


def find(kind: Kind, named: str) -> list[UUID]:
    """The ids of the entities that `named` may mean, in order: it is their id, or a slug that they have or under
    which the public could see them. They may have been deleted."""
    logged, kept = Change.objects.filter(kind=kind.name), Slug.objects.filter(kind=kind.name)
    rows = kind.model._base_manager.all()
    found = {*kept.filter(slug=named).values_list("key", flat=True)}
    found |= {*rows.filter(slug=named).values_list("translation_key", flat=True)}
    try:
        id_ = UUID(named)
    except ValueError:
        return sorted(found)
    if logged.filter(key=id_).exists() or rows.filter(translation_key=id_).exists():
        found.add(id_)
    return sorted(found)


def public_slugs(kind: Kind, id_: UUID) -> dict[str, str]:
    """The slugs under which an entity is public now, by locale."""
    return {locale: document["slug"] for (_, locale), document in sorted(kind.render([id_]).items())}


def forget(kind: Kind, id_: UUID, only: Collection[str] = ()) -> list[Slug]:
    """Forget the former slugs of an entity in all its locales, or of them only those named. They are returned.

    The feed tells of the entity anew, in the same transaction, so that its readers forget them too. A slug under
    which the entity is public is never forgotten. Raises NotForgotten, having changed nothing.
    """
    kept = Slug.objects.filter(kind=kind.name, key=id_)
    with transaction.atomic():
        # First: until the end nobody else can publish, so what is public stays so.
        triggers.reissue((kind.name, id_, locale) for locale in {*kept.values_list("locale", flat=True)})
        public = public_slugs(kind, id_)
        former = [slug for slug in kept.order_by("locale", "seq") if slug.slug != public.get(slug.locale)]
        for name in only:
            if locales := [locale for locale, slug in public.items() if slug == name]:
                raise NotForgotten(
                    f"{name} is the slug of this {kind.name} now ({', '.join(locales)}): publish it under another one first."
                )
            if name not in {slug.slug for slug in former}:
                these = ", ".join(sorted({slug.slug for slug in former})) or "none"
                raise NotForgotten(f"{name} is not a former slug of this {kind.name}; there are: {these}.")
        forgotten = [slug for slug in former if not only or slug.slug in only]
        Slug.objects.filter(pk__in=[slug.pk for slug in forgotten]).delete()
    return forgotten
