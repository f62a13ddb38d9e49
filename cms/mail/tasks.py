"""Celery tasks of mail."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from cms.mail.sending import send_due


@shared_task(
    name="cms.send_mail",
    max_retries=0,  # beat calls again, and what waits goes on waiting
    time_limit=600,
)
def send_mail() -> None:
    """Send what waits. One that finds nothing, or comes twice, does nothing."""
    send_due(timezone.now())
