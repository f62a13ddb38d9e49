"""Rules that several kinds of content share. Each raises ValidationError with the words an editor sees."""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.db.models import Model
from wagtail.models import Page, TranslatableMixin


def check_not_in_future(field: str, when: datetime.date | int | None, today: datetime.date) -> None:
    """`when` is a day, or a year."""
    if isinstance(when, int):
        unit, later = "year", when > today.year
    else:
        unit, later = "date", when is not None and when > today
    if later:
        raise ValidationError({field: f"This {unit} is in the future."})


def check_review_dates(
    last_reviewed: datetime.date | None, next_review: datetime.date | None, today: datetime.date
) -> None:
    check_not_in_future("last_reviewed", last_reviewed, today)
    if next_review and last_reviewed is None:
        raise ValidationError({"next_review": "Say when the article was last reviewed, too."})
    if last_reviewed and next_review and next_review <= last_reviewed:
        raise ValidationError({"next_review": "The next review must be after the last one."})


def check_slug_is_free(instance: Model) -> None:
    """No other page or snippet of the same kind and language has this slug.

    Wagtail only sees to siblings; the public API finds a document by kind, language and slug.
    """
    assert isinstance(instance, Page | TranslatableMixin)
    others = type(instance)._default_manager.filter(slug=instance.slug, locale=instance.locale_id)
    if others.exclude(pk=instance.pk).exists():
        raise ValidationError(
            {"slug": f"Another {instance._meta.verbose_name} in this language already has this slug."}
        )
