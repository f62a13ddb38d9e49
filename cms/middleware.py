"""Middleware of the CMS."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from cms.feed.nudge import nudge_if_moved

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}


class EditorialTransactionMiddleware:
    """Makes what a request writes one transaction, and nudges the search service once it is committed.

    Last in MIDDLEWARE, for requests that may write only: Wagtail writes a publish in several commits
    otherwise, and what a crash leaves between two of them is public. A server error rolls all back.
    Not ATOMIC_REQUESTS: on SQLite each transaction takes the write lock, and a GET would wait for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in SAFE_METHODS:
            return self.get_response(request)
        # Read the body first: a slow sender must not hold the write lock.
        _ = request.POST if request.content_type == "multipart/form-data" else request.body
        with transaction.atomic():
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        nudge_if_moved()
        return response
