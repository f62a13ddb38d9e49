"""For the CMS and for those who run the pair: whoever shows the feed's token."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search_service import stores
from search_service.api.params import unknown
from search_service.api.problems import InvalidParameters
from search_service.index.protocol import Entity, Reader
from search_service.query import answers

MAX_ENTITIES = 100


class FeedToken(BaseAuthentication):
    """`Authorization: Bearer <FEED_TOKEN>`."""

    def authenticate(self, request: Request) -> tuple[None, str]:
        # WSGI hands the header's bytes on as Latin-1.
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        shown = token.strip().encode("latin-1", errors="replace")
        if scheme.lower() != "bearer" or not secrets.compare_digest(shown, settings.FEED_TOKEN.encode()):
            raise AuthenticationFailed
        return None, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class EntitiesView(APIView):
    """GET ?entity=<kind>/<uuid>/<locale>, up to 100 times: which version of each is held.

    `digest` is the feed's of the document that is served, null when none is; `refused` tells why the newest
    version could not be used, if so. Answers in the order asked.
    """

    authentication_classes = [FeedToken]
    permission_classes: list[type[BasePermission]] = []
    schema = None

    def get(self, request: Request) -> Response:
        entities = _entities(request)
        reader = stores.index().reader()
        freshness = answers.freshness(reader, stores.now())
        held = reader.held(entities)
        answer = {
            **freshness,
            "entities": [_entity(reader, entity, held.get(entity)) for entity in entities],
        }
        return Response(answer, headers={"Cache-Control": "no-store"})


def _entity(reader: Reader, entity: Entity, digest: str | None) -> dict[str, Any]:
    refusal = reader.refusal(entity)
    return {
        "kind": entity.kind,
        "id": entity.id,
        "locale": entity.locale,
        "digest": digest,
        "refused": {"seq": refusal.seq, "error": refusal.error} if refusal else None,
    }


def _entities(request: Request) -> list[Entity]:
    """Raises InvalidParameters."""
    if others := request.query_params.keys() - {"entity"}:
        raise InvalidParameters({name: [unknown(name, ["entity"])] for name in others})
    named = request.query_params.getlist("entity")
    if not 1 <= len(named) <= MAX_ENTITIES:
        raise InvalidParameters({"entity": [f"Must be given 1 to {MAX_ENTITIES} times."]})
    try:
        return [_parse(text) for text in named]
    except ValueError as error:
        reason = "Must be like doctor/01234567-89ab-cdef-0123-456789abcdef/en."
        raise InvalidParameters({"entity": [reason]}) from error


def _parse(text: str) -> Entity:
    kind, id_, locale = text.split("/")
    if not kind or not locale or len(text) > 120 or not text.isprintable():
        raise ValueError(text)
    return Entity(kind, UUID(id_), locale)
