"""For process managers and load balancers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from search_service import stores
from search_service.index.protocol import IndexUnavailable
from search_service.places.gazetteer import PlacesUnavailable


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """There is an index and a gazetteer to answer from. Says nothing of the CMS: answers go on
    without it."""
    try:
        stores.index().reader().counts()
        stores.gazetteer().about()
    except (IndexUnavailable, PlacesUnavailable) as error:
        return HttpResponse(f"not ready: {error}\n", status=503, content_type="text/plain")
    return HttpResponse("ready\n", content_type="text/plain")
