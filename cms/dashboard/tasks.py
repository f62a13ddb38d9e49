"""Celery tasks of the dashboard."""

from __future__ import annotations

from celery import shared_task

from cms.dashboard.models import ListedDoctors


@shared_task(
    name="cms.count_listed_doctors",
    max_retries=0,  # beat calls again within the minute
    time_limit=600,
)
def count_listed_doctors() -> None:
    """Count for the report "Coverage" where doctors are listed. One that comes twice does nothing."""
    ListedDoctors.refresh()
