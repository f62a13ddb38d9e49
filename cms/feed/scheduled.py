"""Scheduled publishing: what is due goes live or expires."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from wagtail.log_actions import LogFormatter, log, registry
from wagtail.models import BaseLogEntry, DraftStateMixin, Page, Revision

from cms.feed.nudge import nudge

logger = logging.getLogger(__name__)

REFUSED = "cms.publish.refused"


def publish_due(now: datetime) -> int:
    """Publish and expire what is due at `now`. How many objects that failed for is returned: they are
    logged, and are due again the next time. What is refused since it is not valid is logged once only, and
    stands in the object's history.

    Each object has a transaction of its own: a crash leaves none half published, and none blocks another.
    It may be run by several processes at once.
    """
    due: list[partial[bool]] = []
    for model in _models_with_drafts():
        expired = model._default_manager.filter(live=True, expire_at__lt=now).order_by("expire_at")
        due += [partial(_expire, model, pk, now) for pk in expired.values_list("pk", flat=True)]
    approved = Revision.objects.filter(approved_go_live_at__lt=now).order_by("approved_go_live_at")
    due += [partial(_go_live, pk, now) for pk in approved.values_list("pk", flat=True)]

    failed = 0
    for act in due:
        try:
            with transaction.atomic():
                done = act()
        except Exception:  # whatever the rules of one object raise, the others must go on
            logger.exception("A scheduled publication or expiry failed: %s%s", act.func.__name__, act.args)
            done = False
        if done:
            nudge()
        else:
            failed += 1
    return failed


def _models_with_drafts() -> list[type[Model]]:
    """Of pages the base model only: it has what all of them have."""
    return [Page] + [
        model
        for model in apps.get_models()
        if issubclass(model, DraftStateMixin) and not issubclass(model, Page)
    ]


def _expire(model: Any, pk: object, now: datetime) -> bool:
    # An editor, or another process, may have been faster.
    row = model.objects.select_for_update().filter(pk=pk, live=True, expire_at__lt=now).first()
    if row:
        row.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    return True


def _go_live(pk: int, now: datetime) -> bool:
    """False if the revision is refused."""
    revision = Revision.objects.select_for_update().filter(pk=pk, approved_go_live_at__lt=now).first()
    if revision:
        try:
            with transaction.atomic():
                revision.publish(log_action="wagtail.publish.scheduled")
        except ValidationError as error:
            _note_refusal(revision, error, now)
            return False
        # Nobody looked for longer than it was to be live: then it is never seen.
        _expire(revision.base_content_type.model_class(), revision.object_id, now)
    return True


def _note_refusal(revision: Revision, error: ValidationError, now: datetime) -> None:
    """Tell the operators and, by the object's history, the editors: once, since it will be refused each time."""
    refused = revision.content_object
    if registry.get_logs_for_instance(refused).filter(action=REFUSED, revision=revision).exists():
        return
    logger.error(
        "A scheduled publication was refused: revision %s of %r", revision.pk, refused, exc_info=error
    )
    # Of an object's own rules, unlike a single field's, the errors are by field.
    by_field = getattr(error, "message_dict", {"": error.messages})
    reason = "; ".join(f"{field}: {' '.join(messages)}" for field, messages in by_field.items())
    log(refused, REFUSED, revision=revision, data={"reason": reason}, timestamp=now)


class RefusedFormatter(LogFormatter):
    """How the history and the report "Site history" tell of it."""

    label = "Scheduled publication refused"

    def format_message(self, log_entry: BaseLogEntry) -> str:
        return (
            f"Could not be published as scheduled: {log_entry.data['reason']} "
            "It is tried again until it can be, or is scheduled no longer."
        )
