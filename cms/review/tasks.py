"""Celery tasks of medical review."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from cms.review import expiry


@shared_task(
    name="cms.unpublish_overdue",
    # No retries: beat calls again within the hour, and what is overdue stays overdue.
    max_retries=0,
    time_limit=600,
)
def unpublish_overdue() -> None:
    """Unpublish what was not reviewed within CMS_REVIEW_GRACE_DAYS. One that comes twice does nothing."""
    expiry.unpublish_overdue(timezone.localdate(), settings.CMS_REVIEW_GRACE_DAYS)
