"""Celery app of the search service: `celery -A search_service.celery:app worker`."""

from __future__ import annotations

import os
from pathlib import Path

from celery import Celery
from celery.signals import beat_init, worker_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "search_service.settings")

app = Celery("search_service")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["search_service.feed", "search_service.places", "search_service.sitemaps"])


@beat_init.connect
@worker_init.connect
def make_broker_folders(**kwargs: object) -> None:
    """The filesystem transport does not make its own folders."""
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    for name in ("data_folder_in", "control_folder"):
        if name in options:
            Path(str(options[name])).mkdir(parents=True, exist_ok=True)
