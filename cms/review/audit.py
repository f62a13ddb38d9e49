"""Medical review in Wagtail's audit log: what it adds to the workflow's own entries."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import formats
from wagtail.log_actions import LogFormatter, log
from wagtail.models import BaseLogEntry, PageLogEntry

SIGNED = "cms.review.signed"
BYPASSED = "cms.review.bypassed"
EXPIRED = "cms.review.expired"

PUBLICATIONS = ("wagtail.publish", "wagtail.publish.schedule")
# By somebody, or on a day that somebody has set.
UNPUBLICATIONS = ("wagtail.unpublish", "wagtail.unpublish.scheduled")


def expired() -> QuerySet[Any, Any]:
    """The ids of the pages that last went offline because their review was overdue, be they live again."""
    later = PageLogEntry.objects.filter(
        page=OuterRef("page"), action__in=UNPUBLICATIONS, timestamp__gt=OuterRef("timestamp")
    )
    pages: QuerySet[Any, Any] = PageLogEntry.objects.filter(~Exists(later), action=EXPIRED).values("page")
    return pages


class SignedFormatter(LogFormatter):
    label = "Medical review signed"

    def format_message(self, log_entry: BaseLogEntry) -> str:
        signed = f"Signed by {log_entry.data['reviewer']}." if log_entry.data["reviewer"] else "Not signed."
        return f"Medical review approved. {signed} Next review: {_day(log_entry.data['next_review'])}."


class BypassedFormatter(LogFormatter):
    label = "Medical review bypassed"

    def format_message(self, log_entry: BaseLogEntry) -> str:
        return "Published without the approval of a medical reviewer, as only a superuser may."


class ExpiredFormatter(LogFormatter):
    label = "Unpublished: review overdue"

    def format_message(self, log_entry: BaseLogEntry) -> str:
        data = log_entry.data
        return (
            f"Unpublished by itself: its review was due on {_day(data['next_review'])}, "
            f"more than {data['grace_days']} days ago."
        )


FORMATTERS: dict[str, type[LogFormatter]] = {
    SIGNED: SignedFormatter,
    BYPASSED: BypassedFormatter,
    EXPIRED: ExpiredFormatter,
}


def note_bypass(instance: PageLogEntry, *, created: bool, raw: bool, **kwargs: Any) -> None:
    """On the signal post_save of a page's log entries: whatever way somebody publishes ends in one of them."""
    from cms.review.models import ReviewedPage, is_approved  # noqa: PLC0415 - the models log by this module

    if not created or raw or instance.action not in PUBLICATIONS or instance.revision is None:
        return
    if not issubclass(instance.content_type.model_class(), ReviewedPage):
        return
    user = instance.user or instance.revision.user
    if user and not is_approved(instance.revision):
        log(instance.page.specific, BYPASSED, user=user, revision=instance.revision)


def _day(iso: str) -> str:
    return str(formats.date_format(date.fromisoformat(iso)))
