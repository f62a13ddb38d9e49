"""Middleware of the CMS."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

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

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """What a rule refuses where there is no form to say so (bulk publishing, an approval): back to where the
        editor came from, with the reason, and nothing is written."""
        if not isinstance(exception, ValidationError) or request.method in SAFE_METHODS:
            return None
        transaction.set_rollback(True)
        messages.error(request, " ".join(exception.messages))
        came_from = request.META.get("HTTP_REFERER", "")
        is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()})
        return redirect(came_from if is_ours else "wagtailadmin_home")

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
