from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save, pre_migrate
from django.utils.module_loading import autodiscover_modules


class FeedConfig(AppConfig):
    name = "cms.feed"
    verbose_name = "change feed"

    def ready(self) -> None:
        from wagtail.images import get_image_model  # noqa: PLC0415 - as those below, they need the models

        from cms.feed import checks, images, triggers  # noqa: F401, PLC0415

        autodiscover_modules("feed")
        pre_migrate.connect(triggers.remove_before_migrations, sender=self)
        post_migrate.connect(triggers.install_after_migrations, sender=self)
        post_save.connect(images.make_renditions, sender=get_image_model(), dispatch_uid="feed.images")
