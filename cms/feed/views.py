"""The change feed over HTTP, for the search service."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cms.feed import digests, reading, triggers

MAX_SEQ = 2**63 - 1
MAX_LIMIT = 1000


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


class AlwaysJSON(DefaultContentNegotiation):
    """Whatever the client says it accepts, and with no parameter `format`."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or ""


@method_decorator(cache_control(no_store=True), name="dispatch")
class _FeedView(APIView):
    """Errors are problem documents (RFC 9457): 401 without the token, 400 for what is unknown,
    malformed or out of range, with `invalid_params` as `{"name": …, "reason": …}`.
    """

    authentication_classes = [FeedToken]
    content_negotiation_class = AlwaysJSON
    renderer_classes = [JSONRenderer]

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


class ChangesView(_FeedView):
    """GET /api/feed/changes?after=<seq>&limit=<n>: contracts/feed/v1/changes.schema.json."""

    http_method_names = ["get", "head"]

    def get(self, request: Request) -> Response:
        found = _parameters(request.query_params, {"after": _number(0, MAX_SEQ), "limit": LIMIT})
        return Response(reading.changes(after=found.get("after", 0), limit=found.get("limit", 500)))


class DigestsView(_FeedView):
    """GET /api/feed/digests?after=<kind>/<id>&limit=<n>: contracts/feed/v1/digests.schema.json."""

    http_method_names = ["get", "head"]

    def get(self, request: Request) -> Response:
        found = _parameters(request.query_params, {"after": _place, "limit": LIMIT})
        return Response(digests.digests(after=found.get("after"), limit=found.get("limit", 500)))


class ReissueView(_FeedView):
    """POST /api/feed/reissue with `{"entities": [{"kind": …, "id": …, "locale": …}, …]}`, up to 1,000.

    Moves them to the end of the log, so that every reader of the feed gets them again, as they are
    now: a document or, of what is not public or not known, a tombstone. Answers 204.
    """

    http_method_names = ["post"]
    parser_classes = [JSONParser]

    def post(self, request: Request) -> Response:
        try:
            data = request.data
        except RecursionError as error:  # brackets in brackets in brackets
            raise exceptions.ParseError from error
        triggers.reissue(_entities(data))
        return Response(status=HTTPStatus.NO_CONTENT)


Parse = Callable[[str], Any]


def _parameters(query: QueryDict, parsers: dict[str, Parse]) -> dict[str, Any]:
    """Those parameters that were given, parsed. Raises InvalidParameters, which names all that are wrong."""
    found, reasons = {}, {}
    for name, values in query.lists():
        try:
            if name not in parsers:
                raise ValueError("There is no such parameter.")
            if len(values) > 1:
                raise ValueError("Is given more than once.")
            found[name] = parsers[name](str(values[0]))
        except ValueError as error:
            reasons[name] = str(error)
    if reasons:
        raise InvalidParameters(reasons)
    return found


def _number(low: int, high: int) -> Parse:
    def parse(text: str) -> int:
        # Not int() alone: it takes "+1", " 1", "1_0" and digits of any script, and is slow on very long ones.
        is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_SEQ))
        if not is_number or not low <= int(text) <= high:
            raise ValueError(f"Must be one whole number from {low} to {high}.")
        return int(text)

    return parse


LIMIT = _number(1, MAX_LIMIT)


def _place(text: str) -> digests.Place:
    kind, slash, id_ = text.partition("/")
    try:
        if slash:
            return _word(kind, 32), UUID(id_)
    except ValueError:
        pass
    raise ValueError("Must be like doctor/01234567-89ab-cdef-0123-456789abcdef.")


def _word(value: Any, longest: int) -> str:
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= longest:
        raise ValueError
    return value


def _entities(data: Any) -> list[tuple[str, UUID, str]]:
    """The entities of a request to reissue. Raises InvalidParameters."""
    try:
        entities = data["entities"]
        if data.keys() != {"entities"} or not isinstance(entities, list) or len(entities) > MAX_LIMIT:
            raise ValueError
        found = []
        for entity in entities:
            if entity.keys() != {"kind", "id", "locale"}:
                raise ValueError
            found.append((_word(entity["kind"], 32), UUID(entity["id"]), _word(entity["locale"], 35)))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        reason = f"Must be at most {MAX_LIMIT} objects of kind, id (a UUID) and locale, and nothing else."
        raise InvalidParameters({"entities": reason}) from error
    return found
