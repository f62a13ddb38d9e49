from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.module_loading import autodiscover_modules


class FeedConfig(AppConfig):
    name = "cms.feed"
    verbose_name = "change feed"

    def ready(self) -> None:
        from cms.feed import checks, triggers  # noqa: F401, PLC0415 - they need the models

        autodiscover_modules("feed")
        pre_migrate.connect(triggers.remove_before_migrations, sender=self)
        post_migrate.connect(triggers.install_after_migrations, sender=self)
