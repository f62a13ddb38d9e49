"""What answers have in common, those under /api/v1/ above all, errors of Django's own included."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

PREFIX = "/api/v1/"
# They may change with the next thing that is published, and need no query of their own to be asked for again.
SHORT_LIVED = frozenset({301, 404, 410, 422})
SHORT_SECONDS = 60

BODILESS = frozenset({204, 304})

# Any web page may read: there is nothing private, nobody is known by a cookie, and nothing can be written.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, RateLimit, RateLimit-Policy, Retry-After",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}


def public(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """CORS, and how long an answer may be kept that does not say so itself."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code in BODILESS:
            # Django says 0, which a cache may take for the length of the answer that it has.
            del response.headers["Content-Length"]
        if request.path_info.startswith(PREFIX):
            added = CORS | PREFLIGHT if request.method == "OPTIONS" else CORS
            for name, value in added.items():
                response.headers[name] = value
            if "Cache-Control" not in response.headers:
                response.headers["Cache-Control"] = _kept_for(response.status_code)
        return response

    return answer


def _kept_for(status: int) -> str:
    if status in SHORT_LIVED:
        return f"public, max-age={min(SHORT_SECONDS, settings.CACHE_SECONDS)}"
    return "no-store"
