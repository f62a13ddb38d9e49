"""Celery app of the CMS. By it the web processes nudge the search service; its worker and beat
(`celery -A cms.celery:app worker`, `beat`) publish what is scheduled, unpublish what was not reviewed in time, send mail,
and count for the report "Coverage"."""

from __future__ import annotations

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings")

app = Celery("cms")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["cms.dashboard", "cms.feed", "cms.mail", "cms.review"])

if not settings.REDIS_URL:
    # kombu's filesystem transport expects its folders to be there.
    settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
