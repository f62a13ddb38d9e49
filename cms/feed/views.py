"""The change feed over HTTP, for the search service."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cms.feed import reading

MAX_SEQ = 2**63 - 1
MAX_LIMIT = 1000
DEFAULTS = {"after": 0, "limit": 500}
RANGES = {"after": (0, MAX_SEQ), "limit": (1, MAX_LIMIT)}


class InvalidParameters(exceptions.APIException):
    """Parameters that cannot be used. `reasons` are by name."""

    status_code = HTTPStatus.BAD_REQUEST
    default_detail = "Some parameters cannot be used."

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__()
        self.reasons = reasons


class FeedToken(BaseAuthentication):
    """`Authorization: Bearer <FEED_TOKEN>`, and nothing else."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, None]:
        # WSGI hands the header's bytes on as Latin-1.
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        shown = token.strip().encode("latin-1", errors="replace")
        if scheme.lower() != "bearer" or not secrets.compare_digest(shown, settings.FEED_TOKEN.encode()):
            raise exceptions.AuthenticationFailed
        return AnonymousUser(), None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class AlwaysJSON(BaseContentNegotiation):
    """Whatever the client says it accepts, and with no parameter `format`."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or ""


@method_decorator(cache_control(no_store=True), name="dispatch")
class ChangesView(APIView):
    """GET /api/feed/changes?after=<seq>&limit=<n>: contracts/feed/v1/changes.schema.json.

    Errors are problem documents (RFC 9457): 401 without the token, 400 for a parameter that is
    unknown, malformed or out of range, with `invalid_params` as `{"name": …, "reason": …}`.
    """

    authentication_classes = [FeedToken]
    content_negotiation_class = AlwaysJSON
    renderer_classes = [JSONRenderer]
    http_method_names = ["get", "head"]

    def get(self, request: Request) -> Response:
        return Response(reading.changes(**_parameters(request.query_params)))

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        problem: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(response.status_code).phrase,
            "status": response.status_code,
        }
        if isinstance(exc, InvalidParameters):
            problem["detail"] = exc.default_detail
            problem["invalid_params"] = [
                {"name": name, "reason": reason} for name, reason in exc.reasons.items()
            ]
        response.data = problem
        response.content_type = "application/problem+json"
        return response


def _parameters(query: QueryDict) -> dict[str, int]:
    """`after` and `limit`. Raises InvalidParameters."""
    found, reasons = dict(DEFAULTS), {}
    for name, values in query.lists():
        if name not in RANGES:
            reasons[name] = "There is no such parameter."
            continue
        low, high = RANGES[name]
        text = str(values[0])
        # Not int() alone: it takes "+1", " 1", "1_0" and digits of any script, and is slow on very long ones.
        is_number = (
            len(values) == 1 and text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_SEQ))
        )
        if is_number and low <= int(text) <= high:
            found[name] = int(text)
        else:
            reasons[name] = f"Must be one whole number from {low} to {high}."
    if reasons:
        raise InvalidParameters(reasons)
    return found
