"""The tree of a new language: its home and its folders."""

from __future__ import annotations

from typing import Any

from wagtail.models import Locale, Page


def plant(locale: Locale) -> None:
    """Copy the folders of the default language, as drafts: nobody has translated their names. Once."""
    default = Locale.get_default()
    for folder in Page.objects.filter(locale=default, depth__in=(2, 3)).order_by("path").specific():
        if not folder.has_translation(locale):
            folder.copy_for_translation(locale)


def plant_in_new_locale(instance: Locale, *, created: bool, raw: bool, **kwargs: Any) -> None:
    """On the signal post_save. A fixture brings its tree with it."""
    if created and not raw:
        plant(instance)
