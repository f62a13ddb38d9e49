"""Articles whose review is long overdue are taken offline."""

from __future__ import annotations

import logging
from datetime import date, timedelta

from django.db import transaction
from wagtail.log_actions import log

from cms.conditions.models import ConditionPage
from cms.feed.nudge import nudge
from cms.review.audit import EXPIRED

logger = logging.getLogger(__name__)


def unpublish_overdue(today: date, grace_days: int | None) -> int:
    """Unpublish the articles whose next review lay more than `grace_days` before `today`; None leaves all as they are.
    How many that failed for is returned: they are logged, and tried again the next time.

    Each has a transaction of its own, and it may be run by several processes at once. An approved version that
    waits for its day is left to go live.
    """
    if grace_days is None:
        return 0
    last_day = today - timedelta(days=grace_days)
    failed = 0
    overdue = ConditionPage.objects.filter(live=True, alias_of=None, next_review__lt=last_day)
    for pk in overdue.order_by("next_review").values_list("pk", flat=True):
        try:
            with transaction.atomic():
                done = _unpublish(pk, last_day, grace_days)
        except Exception:  # whatever the rules of one article raise, the others must go on
            logger.exception("An overdue article could not be unpublished: %s", pk)
            failed += 1
            continue
        if done:
            nudge()
    return failed


def _unpublish(pk: int, last_day: date, grace_days: int) -> bool:
    # An editor, or another process, may have been faster.
    rows = ConditionPage.objects.select_for_update(of=("self", "page_ptr"))
    page = rows.filter(pk=pk, live=True, next_review__lt=last_day).first()
    if page is None or page.scheduled_revision:
        return False
    page.unpublish(log_action=False)
    data = {"next_review": page.next_review.isoformat(), "grace_days": grace_days}
    log(page, EXPIRED, data=data)
    return True
