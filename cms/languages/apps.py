from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_save


class LanguagesConfig(AppConfig):
    name = "cms.languages"

    def ready(self) -> None:
        from wagtail.models import Locale  # noqa: PLC0415 - models, which must be there first
        from wagtail.signals import published  # noqa: PLC0415
        from wagtail_localize.locales.components import LOCALE_COMPONENTS  # noqa: PLC0415
        from wagtail_localize.models import LocaleSynchronization, TranslationSource  # noqa: PLC0415

        from cms.languages import drafts, tree  # noqa: PLC0415

        # All that wagtail-localize writes into a translation, it writes by this method: the live row, at once.
        TranslationSource.create_or_update_translation = drafts.save_translation
        # It fills a language with aliases: pages in another language that are live. `LocaleFallback` is for that.
        LOCALE_COMPONENTS[:] = [it for it in LOCALE_COMPONENTS if it["model"] is not LocaleSynchronization]
        published.connect(drafts.follow_source, dispatch_uid="languages.follow_source")
        post_save.connect(tree.plant_in_new_locale, sender=Locale, dispatch_uid="languages.tree")
