"""Views of `/api/v1/`: parse, one call, answer."""

from __future__ import annotations

from typing import Any, ClassVar

import orjson
from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search_service import stores
from search_service.api import schema
from search_service.api.params import DoctorParams, NoParams, PageParams, PlaceParams
from search_service.api.problems import CONTENT_TYPE, InvalidParameters, NotFound, PlaceNotUnderstood
from search_service.index.protocol import Reader
from search_service.pages import compose
from search_service.places.gazetteer import PlacesUnavailable
from search_service.places.model import Place, Resolution
from search_service.query import answers, cursors, doctors, what

Json = dict[str, Any]

REFUSALS_SHOWN = 20


def _problems(*statuses: int) -> dict[tuple[int, str], type[schema.ProblemDetails]]:
    return {(status, CONTENT_TYPE): schema.ProblemDetails for status in statuses}


def _path(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.PATH, description=description)


class PageView(APIView):
    @extend_schema(
        operation_id="page",
        summary="Everything for one page “Doctors near you for C in P”",
        parameters=[
            _path("condition", "Slug of a condition: `myoclonus`."),
            _path("place", "Slug or id of a place: `domkhar-ladakh-in`."),
            PageParams,
        ],
        responses={200: schema.Page, **_problems(400, 404, 422, 503)},
    )
    def get(self, request: Request, condition: str, place: str) -> Response:
        params = PageParams.parse(request)
        gazetteer = stores.gazetteer()
        match, understood = _by_slug(place)
        try:
            page = compose.condition_in_place(
                stores.index().reader(),
                gazetteer,
                condition,
                match,
                understood,
                locale=settings.LANGUAGE_CODE,
                limit=params["page_size"],
                radius_km=params["radius_km"],
            )
        except what.UnknownWhat as error:
            raise NotFound(error.kind) from error
        return Response(page)


class DoctorsView(APIView):
    @extend_schema(
        operation_id="doctors",
        summary="The doctors nearest to a place",
        parameters=[DoctorParams],
        responses={200: schema.DoctorSearch, **_problems(400, 404, 422, 503)},
    )
    def get(self, request: Request) -> Response:
        params = DoctorParams.parse(request)
        reader = stores.index().reader()
        meta = answers.meta(reader)
        sought = _what(reader, params)
        where, lat, lng = _where(params)
        radius_km = params["radius_km"]
        search = doctors.identity(sought, lat, lng, radius_km)
        reach, after = _page(params, search)
        found = doctors.find(
            reader,
            sought,
            lat,
            lng,
            locale=settings.LANGUAGE_CODE,
            limit=params["page_size"],
            radius_km=radius_km,
            reach=reach,
            after=after,
        )
        return Response(
            {"query": sought.asked | where} | answers.doctors(found, sought, search) | {"meta": meta}
        )


def _what(reader: Reader, params: Json) -> what.What:
    try:
        if "condition" in params:
            return what.condition(reader, params["condition"], settings.LANGUAGE_CODE)[0]
        if "specialty" in params:
            return what.specialty(reader, params["specialty"], settings.LANGUAGE_CODE)
    except what.UnknownWhat as error:
        raise NotFound(error.kind) from error
    return what.ANY_DOCTOR


def _where(params: Json) -> tuple[Json, float, float]:
    """The place or point as understood, for the answer, and its coordinates."""
    if "lat" in params:
        point = {"lat": params["lat"], "lng": params["lng"]}
        return {"point": point}, params["lat"], params["lng"]
    if "place" in params:
        match, understood = _by_slug(params["place"])
    else:
        match, understood = _found(stores.gazetteer().resolve_text(params["near"]))
    return {"place": understood}, match.lat, match.lng


def _by_slug(slug: str) -> tuple[Place, Json]:
    return _found(stores.gazetteer().resolve_slug(slug), slug)


def _found(resolution: Resolution, asked_slug: str = "") -> tuple[Place, Json]:
    """The match, and how it was understood. Without a match an error: never an answer for elsewhere."""
    understood = answers.understood(resolution, asked_slug)
    if resolution.match is None:
        raise PlaceNotUnderstood(understood, [answers.place(place) for place in resolution.suggestions])
    return resolution.match, understood


def _page(params: Json, search: tuple[object, ...]) -> tuple[doctors.Reach | None, Any]:
    if "cursor" not in params:
        return None, None
    try:
        return cursors.decode(search, params["cursor"])
    except cursors.InvalidCursor as error:
        raise InvalidParameters({"cursor": [str(error)]}) from error


class _DocumentView(APIView):
    """One document by slug, as the index keeps it."""

    kind: ClassVar[str]

    def get(self, request: Request, slug: str) -> Response:
        NoParams.parse(request)
        stored = stores.index().reader().get_by_slug(self.kind, slug, settings.LANGUAGE_CODE)
        if stored is None:
            raise NotFound(self.kind)
        return Response(orjson.Fragment(stored.body))


@extend_schema(
    operation_id="doctor", summary="One doctor", responses={200: schema.Doctor, **_problems(400, 404, 503)}
)
class DoctorView(_DocumentView):
    kind = "doctor"


@extend_schema(
    operation_id="condition",
    summary="One condition, with its article",
    responses={200: schema.Condition, **_problems(400, 404, 503)},
)
class ConditionView(_DocumentView):
    kind = "condition"


@extend_schema(
    operation_id="specialty",
    summary="One specialty",
    responses={200: schema.Specialty, **_problems(400, 404, 503)},
)
class SpecialtyView(_DocumentView):
    kind = "specialty"


class PlacesView(APIView):
    @extend_schema(
        operation_id="places",
        summary="Places whose name begins so",
        parameters=[PlaceParams],
        responses={200: schema.PlaceList, **_problems(400, 503)},
    )
    def get(self, request: Request) -> Response:
        params = PlaceParams.parse(request)
        focus = (params["lat"], params["lng"]) if "lat" in params else None
        found = stores.gazetteer().search(params["q"], focus=focus, limit=params["limit"])
        return Response({"results": [answers.place(match.place, match.name) for match in found]})


class PlaceView(APIView):
    @extend_schema(
        operation_id="place",
        summary="One place, with those around it",
        parameters=[_path("place", "Slug or id of a place.")],
        responses={200: schema.PlaceDocument, **_problems(400, 404, 503)},
    )
    def get(self, request: Request, place: str) -> Response:
        NoParams.parse(request)
        try:
            match, understood = _by_slug(place)
        except PlaceNotUnderstood as error:
            raise NotFound("place", **error.extra) from error
        return Response(understood | {"nearby_places": answers.nearby(stores.gazetteer(), match)})


class StatusView(APIView):
    @extend_schema(
        operation_id="status",
        summary="What is served, and how fresh it is",
        responses={200: schema.Status, **_problems(400, 503)},
    )
    def get(self, request: Request) -> Response:
        NoParams.parse(request)
        index = stores.index()
        reader = index.reader()
        position = reader.position()
        counts = reader.counts()
        return Response(
            {
                **answers.meta(reader),
                "epoch": position.epoch if position else "",
                "lag_seconds": (stores.now() - position.as_of).total_seconds() if position else None,
                "refused": {
                    "count": counts.pop("refused"),
                    "first": [
                        {
                            "kind": refusal.kind,
                            "id": refusal.id,
                            "locale": refusal.locale,
                            "seq": refusal.seq,
                            "error": refusal.error,
                        }
                        for refusal in reader.refusals(REFUSALS_SHOWN)
                    ],
                },
                "counts": counts,
                "generations": index.generations(),
                "rebuild": index.noted("rebuild"),
                "audit": index.noted("audit"),
                "places": _places(),
            }
        )


def _places() -> Json | None:
    try:
        return answers.gazetteer(stores.gazetteer().about())
    except PlacesUnavailable:
        return None


class SchemaView(SpectacularJSONAPIView):
    """OpenAPI 3.1."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        NoParams.parse(request)
        super().initial(request, *args, **kwargs)


class DocsView(SpectacularSwaggerView):
    """The OpenAPI document as a page to read and try."""

    http_method_names = ("get", "head")
    url_name = "schema"
