"""A Django project of one DRF view that returns bytes that are ready, or a 304 to whoever has them: what the public API is compared with.

Its bytes are what `bench_http` recorded: JSON of path to body, in the file that BARE_ANSWERS names.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import orjson
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import re_path

settings.configure(
    SECRET_KEY="bare",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework"],
    # Those that both Django's template of a project and the search service have.
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
    ],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_RENDERER_CLASSES": ["search_service.api.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": [],
        "DEFAULT_CONTENT_NEGOTIATION_CLASS": "search_service.api.renderers.FirstRenderer",
    },
)
application = get_wsgi_application()

# DRF reads the settings when it is imported.
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

ANSWERS: dict[str, orjson.Fragment] = {
    path: orjson.Fragment(body)
    for path, body in json.loads(Path(os.environ["BARE_ANSWERS"]).read_text()).items()
}


class Bare(APIView):
    def get(self, request: Request) -> Response:
        if "If-None-Match" in request.headers:
            return Response(status=304)
        return Response(ANSWERS.get(request.get_full_path()))


urlpatterns = [re_path("", Bare.as_view())]
