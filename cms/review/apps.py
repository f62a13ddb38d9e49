from __future__ import annotations

from django.apps import AppConfig, apps
from django.db.models.signals import post_save

from cms.review.workflow import assign_workflow


class ReviewConfig(AppConfig):
    name = "cms.review"
    verbose_name = "medical review"

    def ready(self) -> None:
        from cms.languages.tree import with_each_new  # noqa: PLC0415 - they need the models
        from cms.review.audit import note_bypass  # noqa: PLC0415

        with_each_new("conditions.conditionindexpage", assign_workflow)
        entry = apps.get_model("wagtailcore.PageLogEntry")
        post_save.connect(note_bypass, sender=entry, dispatch_uid="review.bypass")
