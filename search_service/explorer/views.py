"""The search page, which asks the API from the browser, and the pages of conditions and specialties, which are the
API's own answers in HTML: whole without a script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search_service import stores
from search_service.api.renderers import JSONRenderer
from search_service.api.views import ArticlePageView, PageView
from search_service.explorer.tongues import Tongue, to_choose_from, tongue
from search_service.index.protocol import IndexUnavailable
from search_service.pages import texts
from search_service.places.gazetteer import PlacesUnavailable

# Nothing comes from elsewhere but pictures: those of doctors and articles are on the CMS's media host.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: http: https:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@require_safe
def explorer(request: HttpRequest) -> HttpResponse:
    context = {"attributions": _attributions(), "tongues": _tongues()}
    page = render(request, "explorer/explorer.html", context)
    page.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return page


class PageRenderer(BaseRenderer):
    """What the API answers, or refuses, as a page."""

    media_type = "text/html"
    format = "html"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        assert renderer_context
        told = orjson.loads(orjson.dumps(data))  # parts of it are bytes as they were stored
        context = {"attributions": _attributions(), **renderer_context["kwargs"]}
        if chosen := renderer_context["request"].GET.get("locale"):
            # Whoever has chosen a language follows links in it.
            context |= {"in_locale": "?" + urlencode({"locale": chosen}), "locale": chosen}
        if renderer_context["response"].status_code != 200:
            return render_to_string("explorer/problem.html", context | {"problem": told})
        context |= {
            "page": told,
            "subject": told["condition"] or told["specialty"],
            "tongue": tongue(told["locale"]["given"]),
            "tongues": to_choose_from(each["locale"] for each in told["alternates"]),
            "structured_data": _as_script(told["structured_data"]),
        }
        return render_to_string("explorer/page.html", context)


class _Readable(APIView):
    """Makes a page of a view of the API: its parameters, ETag, refusals and 301s are the same."""

    renderer_classes = [PageRenderer]

    def made_of(self, response: Response, content: bytes) -> bytes:
        return JSONRenderer().render(response.data)  # a page has no ids in it

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        request.accepted_renderer = PageRenderer()  # of refusals, which are JSON elsewhere, too
        response.content_type = None
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return super().finalize_response(request, response, *args, **kwargs)


@extend_schema(exclude=True)
class DoctorsNearView(_Readable, PageView):
    """`/api/v1/pages/{what}/{place}/` to read."""


@extend_schema(exclude=True)
class AboutView(_Readable, ArticlePageView):
    """`/api/v1/pages/{what}/` to read."""


def _tongues() -> list[Tongue]:
    """Those that something is written in, to choose from."""
    try:
        return to_choose_from(texts.locales(stores.index().reader()).values())
    except IndexUnavailable:
        return []


def _attributions() -> list[str]:
    """Of the places' sources, each once."""
    try:
        sources = stores.gazetteer().about().sources
    except PlacesUnavailable:
        return []
    return list(dict.fromkeys(source.attribution for source in sources))


def _as_script(data: Any) -> SafeString:
    """JSON that cannot end the element it stands in."""
    text = orjson.dumps(data).decode()
    return mark_safe(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S308
