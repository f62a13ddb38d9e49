"""The CMS's Celery app. It only sends: the search service's worker does the work."""

from __future__ import annotations

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings")

app = Celery("cms")
app.config_from_object("django.conf:settings", namespace="CELERY")

if not settings.REDIS_URL:
    # kombu's filesystem transport expects its folders to be there.
    settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
