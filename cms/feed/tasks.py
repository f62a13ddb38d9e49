"""Celery tasks of the CMS."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from cms.feed.scheduled import publish_due


@shared_task(
    name="cms.publish_scheduled",
    # No retries: beat calls again every CMS_SCHEDULE_SECONDS, and what is due stays due.
    max_retries=0,
    # It may be killed anywhere. In this time thousands of pages go live; the next call does the rest.
    time_limit=600,
)
def publish_scheduled() -> None:
    """Publish and expire what is due. One that finds nothing to do, or comes twice, does nothing."""
    publish_due(timezone.now())
