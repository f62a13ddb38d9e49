"""What all lists of words share by which the search service knows something."""

from __future__ import annotations

from django.db import models
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.models import Orderable


class SearchedFor(Orderable):
    """Words by which the search service knows a condition or a specialty."""

    exact_only = models.BooleanField(
        "matches only exactly", default=False, help_text="Never by a misspelling or a part."
    )

    class Meta(Orderable.Meta):
        abstract = True


def when_exact_only(examples: str) -> str:
    """For editors: when to tick."""
    return (
        "Tick 'Matches only exactly' where the words are dangerous alone, since they are an everyday word or mean "
        f"something else, too: {examples}. Then only who types just that is led here, and nobody who mistyped "
        "another word. As a rule, tick it for abbreviations of two or three letters."
    )


def panel_with_tick(field: str) -> FieldRowPanel:
    """The words, and beside them the tick."""
    return FieldRowPanel([FieldPanel(field, classname="col8"), FieldPanel("exact_only", classname="col4")])
