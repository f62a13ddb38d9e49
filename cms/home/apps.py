from __future__ import annotations

from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "cms.home"

    def ready(self) -> None:
        from wagtail.models import Page  # noqa: PLC0415 - a model, which must be there first

        from cms.home.tree import BelowPath  # noqa: PLC0415

        Page._meta.get_field("path").register_lookup(BelowPath)
