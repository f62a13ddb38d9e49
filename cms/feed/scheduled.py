"""Scheduled publishing: what is due goes live or expires."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model
from wagtail.models import DraftStateMixin, Page, Revision

from cms.feed.nudge import nudge

logger = logging.getLogger(__name__)


def publish_due(now: datetime) -> int:
    """Publish and expire what is due at `now`. How many objects that failed for is returned: they are
    logged, and are due again the next time.

    Each object has a transaction of its own: a crash leaves none half published, and none blocks another.
    It may be run by several processes at once.
    """
    due: list[partial[None]] = []
    for model in _models_with_drafts():
        expired = model._default_manager.filter(live=True, expire_at__lt=now).order_by("expire_at")
        due += [partial(_expire, model, pk, now) for pk in expired.values_list("pk", flat=True)]
    approved = Revision.objects.filter(approved_go_live_at__lt=now).order_by("approved_go_live_at")
    due += [partial(_go_live, pk, now) for pk in approved.values_list("pk", flat=True)]

    failed = 0
    for act in due:
        try:
            with transaction.atomic():
                act()
        except Exception:  # whatever the rules of one object raise, the others must go on
            logger.exception("A scheduled publication or expiry failed: %s%s", act.func.__name__, act.args)
            failed += 1
        else:
            nudge()
    return failed


def _models_with_drafts() -> list[type[Model]]:
    """Of pages the base model only: it has what all of them have."""
    return [Page] + [
        model
        for model in apps.get_models()
        if issubclass(model, DraftStateMixin) and not issubclass(model, Page)
    ]


def _expire(model: Any, pk: object, now: datetime) -> None:
    # An editor, or another process, may have been faster.
    row = model.objects.select_for_update().filter(pk=pk, live=True, expire_at__lt=now).first()
    if row:
        row.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")


def _go_live(pk: int, now: datetime) -> None:
    revision = Revision.objects.select_for_update().filter(pk=pk, approved_go_live_at__lt=now).first()
    if revision:
        revision.publish(log_action="wagtail.publish.scheduled")
        # Nobody looked for longer than it was to be live: then it is never seen.
        _expire(revision.base_content_type.model_class(), revision.object_id, now)
