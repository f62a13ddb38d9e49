"""Asks for a rebuild of the search service's index: one Celery message, by name."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from cms.celery import app
from cms.search_status.models import SearchService

TASK, QUEUE = "search_service.rebuild_index", "search"
ACTION = "search_status.rebuild"
ACTION_LABEL = _("Rebuild the search index")
ACTION_MESSAGE = _("Asked for a rebuild of the search index")


class BrokerUnavailable(Exception):
    """The message could not be handed to the broker: nothing will happen. The message says why."""


def ask_for_rebuild(now: datetime) -> None:
    """Have the search service make its index anew, and note it in the audit log of Wagtail.

    Unlike a nudge it is sent before the answer, within about a second: whoever asks is told the truth.
    Raises BrokerUnavailable.
    """
    try:
        with app.connection_for_write() as connection:
            app.send_task(
                TASK,
                kwargs={"requested_at": now.astimezone(UTC).isoformat().replace("+00:00", "Z")},
                queue=QUEUE,
                connection=connection,
                ignore_result=True,
                retry=False,
            )
    except Exception as error:  # whatever the broker's client raises
        raise BrokerUnavailable(str(error) or type(error).__name__) from error
    log(SearchService(pk=1), ACTION, timestamp=now)


def last_asked_for() -> ModelLogEntry | None:
    """The last time that somebody did, with `timestamp` and `user`."""
    asked = ModelLogEntry.objects.filter(action=ACTION).select_related("user", "user__wagtail_userprofile")
    return asked.order_by("-timestamp").first()
