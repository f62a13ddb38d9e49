"""Errors as problem details (RFC 9457), all of them: DRF's, Django's and our own."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from search_service.api.renderers import JSONRenderer
from search_service.index.protocol import IndexUnavailable
from search_service.places.gazetteer import PlacesUnavailable
from search_service.query.documents import Unknown, Unpublished

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
# A `type` never changes its meaning. docs/reference/errors.md lists them.
TYPE_PREFIX = "urn:doctors-near-you:problem:"


class Problem(APIException):
    """An error of the API. `extra` are members of the answer beside the standard ones."""

    def __init__(self, status: int, type_: str, title: str, detail: str = "", **extra: Any) -> None:
        super().__init__(detail or title)
        self.status_code = status
        self.body = problem(status, type_, title, detail, **extra)


class NotFound(Problem):
    def __init__(self, what: str, **extra: Any) -> None:
        super().__init__(404, "not-found", f"No such {what}", **extra)


class PlaceNotUnderstood(Problem):
    """A place that no name fits: never answered with doctors somewhere else."""

    def __init__(
        self, understood: dict[str, Any], suggestions: list[dict[str, Any]], reason: str = ""
    ) -> None:
        self.extra = {"place": understood, "suggestions": suggestions}
        detail = reason or "No such place is known. `suggestions` are what may have been meant."
        super().__init__(422, "place-not-understood", "Place not understood", detail, **self.extra)


class InvalidParameters(Problem):
    """`errors` maps each parameter to what is wrong with it."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        named = ", ".join(sorted(errors))
        super().__init__(400, "invalid-parameters", "Invalid parameters", f"Wrong: {named}.", errors=errors)


def problem(status: int, type_: str, title: str, detail: str = "", **extra: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"type": TYPE_PREFIX + type_, "title": title, "status": status}
    if detail:
        body["detail"] = detail
    return body | extra


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: an answer for every error that we know, None (a 500) for the rest."""
    match error:
        case Problem():
            body = error.body
        case Http404():
            body = problem(404, "not-found", "Not found")
        case Unpublished():
            detail = f"The {error.kind} {error.slug} is no longer published."
            body = problem(410, "gone", "No longer published", detail)
        case Unknown():
            body = problem(
                404, "not-found", f"No such {error.kind}", f"There is no {error.kind} {error.slug}."
            )
        case IndexUnavailable() | PlacesUnavailable():
            logger.warning("answered 503: %s", error)
            body = problem(
                503, "not-ready", "Not ready", "The service is being filled. Try again in a moment."
            )
        case APIException():
            title = HTTPStatus(error.status_code).phrase
            body = problem(error.status_code, title.lower().replace(" ", "-"), title, str(error.detail))
        case _:
            return None
    headers = {"Retry-After": "5"} if body["status"] == HTTPStatus.SERVICE_UNAVAILABLE else {}
    if scheme := getattr(error, "auth_header", None):  # DRF's note of how to show who one is
        headers["WWW-Authenticate"] = scheme
    # Also where the address answers HTML.
    context["request"].accepted_renderer = JSONRenderer()
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


# Django's own handlers (urls.handler404, handler500, handler400): what never reaches a DRF view.


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return plain(problem(400, "bad-request", "Bad request"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return plain(problem(404, "not-found", "Not found"))


def server_error(request: HttpRequest) -> HttpResponse:
    return plain(problem(500, "server-error", "Server error"))


def plain(body: dict[str, Any]) -> HttpResponse:
    """As an answer of Django's."""
    return HttpResponse(orjson.dumps(body), status=body["status"], content_type=CONTENT_TYPE)
