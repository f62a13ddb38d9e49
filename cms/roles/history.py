"""The report "Site history" among 100,000 pages: as Wagtail has it, but asked in fewer words."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from wagtail.admin.views.reports.audit_logging import SiteHistoryReportFilterSet
from wagtail.models import PageLogEntry

_viewable_by_user = type(PageLogEntry.objects).viewable_by_user


def viewable_by_user(entries: Any, user: Any) -> QuerySet[PageLogEntry]:
    """In the place of Wagtail's method of their manager, which asks of each entry of a superuser's whether its page is one
    of all pages, or one of all that were deleted."""
    found: QuerySet[PageLogEntry] = entries.all() if user.is_superuser else _viewable_by_user(entries, user)
    return found


def mend() -> None:
    type(PageLogEntry.objects).viewable_by_user = viewable_by_user
    # An entry has one user: none comes twice, and to look for such would be to sort them all.
    SiteHistoryReportFilterSet.base_filters["user"].distinct = False
