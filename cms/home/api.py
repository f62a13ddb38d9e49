"""The read-only content API at /api/v2/: published pages, for the CMS's own clients.

A list or a page tells of other things (a doctor's practices) their ids; `?fields=practices(practice(name,lat,lng))`
asks for more. Private pages are left out.
"""

from __future__ import annotations

import re
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.utils import BadRequestError
from wagtail.api.v2.views import PagesAPIViewSet


class PagesEndpoint(PagesAPIViewSet):
    authentication_classes: list[type] = []  # everybody sees the same
    renderer_classes = [JSONRenderer]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what Wagtail would hand on to a database that chokes on it."""
        super().initial(request, *args, **kwargs)
        for name in request.GET:
            value = str(request.GET[name])
            if "\x00" in value:
                raise BadRequestError(f"{name} must not contain NUL")
            if name in ("id", "offset") and not re.fullmatch("[0-9]{1,9}", value):
                raise BadRequestError(f"{name} must be a whole number below 1,000,000,000")


content_api = WagtailAPIRouter("wagtailapi")
content_api.register_endpoint("pages", PagesEndpoint)
