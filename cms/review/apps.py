from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_save

from cms.review.workflow import assign_workflow


class ReviewConfig(AppConfig):
    name = "cms.review"
    verbose_name = "medical review"

    def ready(self) -> None:
        from cms.review.audit import note_bypass  # noqa: PLC0415 - it needs the models

        index, entry = (
            apps.get_model("conditions.ConditionIndexPage"),
            apps.get_model("wagtailcore.PageLogEntry"),
        )
        post_save.connect(_assign, sender=index, dispatch_uid="review.workflow")
        post_save.connect(note_bypass, sender=entry, dispatch_uid="review.bypass")


def _assign(instance: Any, *, created: bool, raw: bool, **kwargs: Any) -> None:
    """A language got its own tree."""
    if created and not raw:
        assign_workflow(apps, instance)
