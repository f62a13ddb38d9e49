"""In which language a request is answered."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.response import Response

from search_service.api.caching import PublicView
from search_service.index.protocol import Reader
from search_service.locales import Language, language
from search_service.pages import texts


class View(PublicView):
    """Base of views whose answers are in a language: what `of` says."""

    def varies_by(self, request: HttpRequest) -> tuple[str, ...]:
        # Parsing takes longer than the rest of a 304.
        may_be_given = "locale" in request.META.get("QUERY_STRING", "")
        return () if may_be_given and "locale" in request.GET else ("Accept-Language",)


def of(request: Request, params: dict[str, Any], reader: Reader) -> Language:
    """By `locale` among the parsed parameters, else by `Accept-Language`: see `locales.language`. It is all of a
    request, but for its address, that an answer depends on."""
    accepted = request.headers.get("Accept-Language", "")
    return language(params.get("locale"), accepted, texts.locales(reader), settings.LANGUAGE_CODE)


def told(given: str, answer: Any) -> Response:
    """An answer, with the header that says in what language it is given."""
    return Response(answer, headers={"Content-Language": given})
