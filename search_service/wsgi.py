"""WSGI entry point: `search_service.wsgi:application`."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "search_service.settings")

_django = get_wsgi_application()
# There is no relational database whose connections Django would look after, twice in each request.
signals.request_started.disconnect(reset_queries)
signals.request_started.disconnect(close_old_connections)
signals.request_finished.disconnect(close_old_connections)
# What was imported stays: it need not be gone through again by each collection.
gc.collect()
gc.freeze()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Django, without the type of a body that nothing here reads: a charset that is no text encoding
    ("hex") would be used to decode the query string."""
    environ.pop("CONTENT_TYPE", None)
    return _django(environ, start_response)
