"""Sitemaps as crawlers read them."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe
from rest_framework.request import Request
from rest_framework.views import APIView

from search_service import stores
from search_service.api.caching import kept_for
from search_service.api.problems import NotFound, Problem
from search_service.sitemaps import running
from search_service.sitemaps.sets import INDEX


class _FileView(APIView):
    """Of the set that is served. Not limited: it costs no more than to refuse it."""

    http_method_names = ("get", "head")
    schema = None

    def served(self, request: Request, name: str, content_type: str) -> HttpResponseBase:
        if not settings.HAS_SITEMAPS:
            raise Problem(404, "not-found", "No sitemaps", running.NOT_SET)
        sets = stores.sitemaps()
        file = sets.file(name)
        if file is None:
            if sets.live() is None:
                raise Problem(503, "not-ready", "Not ready", "The sitemaps are being built. Try again later.")
            raise NotFound("sitemap")
        changed_at = int(file.changed_at.timestamp())
        response = HttpResponse(file.content, content_type=content_type)
        response.headers["ETag"] = f'"{file.digest}"'
        response.headers["Last-Modified"] = http_date(changed_at)
        response.headers["Cache-Control"] = kept_for(stores.now())
        asked = cast(HttpRequest, request)
        return get_conditional_response(asked, response.headers["ETag"], changed_at, response) or response


class IndexView(_FileView):
    def get(self, request: Request) -> HttpResponseBase:
        return self.served(request, INDEX, "application/xml")


class FileView(_FileView):
    def get(self, request: Request, name: str) -> HttpResponseBase:
        if name == INDEX:
            raise NotFound("sitemap")
        # The file is compressed, not its transport: that is how the protocol has it.
        return self.served(request, name, "application/gzip")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything may be crawled; and where the sitemaps are."""
    lines = ["User-agent: *", "Disallow:"]
    if settings.HAS_SITEMAPS:
        lines.append(f"Sitemap: {settings.SITEMAPS_URL}{INDEX}")
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain")
