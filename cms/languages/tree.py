"""The tree of a new language: its home and its folders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.apps.registry import Apps
from django.db.models.signals import post_save
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


def with_each_new(folder: str, do: Callable[[Apps, Page], object]) -> None:
    """Have it done with each folder of the model ("app.model") that a language gets, but from a fixture, which brings
    what was done with it."""

    def receive(instance: Page, *, created: bool, raw: bool, **kwargs: Any) -> None:
        if created and not raw:
            do(apps, instance)

    uid = f"languages.{do.__name__}.{folder}"
    post_save.connect(receive, sender=apps.get_model(folder), weak=False, dispatch_uid=uid)
