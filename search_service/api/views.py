"""Views of `/api/v1/`: parse, one call, answer."""

from __future__ import annotations

from typing import Any, ClassVar

import orjson
from django.conf import settings
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from search_service import stores
from search_service.api import languages, limiting, schema, searches
from search_service.api.caching import PublicView, State
from search_service.api.params import (
    DoctorParams,
    LocaleParams,
    NearestParams,
    NoParams,
    PageParams,
    PlaceParams,
    SearchParams,
    SubjectParams,
    SuggestParams,
)
from search_service.api.problems import CONTENT_TYPE, NotFound, PlaceNotUnderstood
from search_service.feed import purging
from search_service.pages import compose, subjects
from search_service.places.gazetteer import PlacesUnavailable
from search_service.query import answers, best, doctors, documents, facets, reviews, searching, suggesting
from search_service.sitemaps import running

Json = dict[str, Any]

REFUSALS_SHOWN = 20


def _problems(*statuses: int) -> dict[tuple[int, str], type[schema.ProblemDetails]]:
    """With those that any address may answer."""
    return {(status, CONTENT_TYPE): schema.ProblemDetails for status in (*statuses, 429, 500)}


def _path(name: str, description: str, example: str) -> OpenApiParameter:
    examples = [OpenApiExample("sample", example)]  # of the sample that `make demo` loads
    return OpenApiParameter(
        name, OpenApiTypes.STR, OpenApiParameter.PATH, description=description, examples=examples
    )


_MOVED = {301: OpenApiResponse(description="It has another slug now: `Location` is its address.")}


def _moved(request: Request, **now: str) -> Response:
    """To the same address, but for what is called otherwise now."""
    match = request.resolver_match
    assert match
    address = reverse(match.view_name, kwargs={**match.kwargs, **now})
    asked = request.query_params.urlencode()
    return Response(status=301, headers={"Location": f"{address}?{asked}" if asked else address})


class _PageView(languages.View):
    """The page of a condition or specialty."""

    def page(self, request: Request, what: str, params: Json, place: str | None = None) -> Response:
        reader, gazetteer = self.reader, stores.gazetteer()
        language = languages.of(request, params, reader)
        where = None
        if place is not None:
            match, understood = searches.place_by_slug(place, language.names_in)
            where = compose.Where(match, understood, params["radius_km"], params["page_size"])
        kinds = (params["kind"],) if "kind" in params else subjects.KINDS
        try:
            subject = subjects.find(reader, what, language.locale, kinds)
        except documents.Renamed as renamed:
            return _moved(request, what=renamed.now)
        site = compose.Site(stores.page_urls(), settings.INDEXABLE_MIN_DOCTORS)
        page = compose.page(reader, gazetteer, site, subject, where, language, stores.now().date())
        return languages.told(page["locale"]["given"], page)


_WHAT = _path("what", "Slug or id of a condition or specialty.", "myoclonus")


class PageView(_PageView):
    @extend_schema(
        operation_id="page",
        summary="Everything for one page “Doctors near you for C in P”",
        parameters=[
            _WHAT,
            _path("place", "Slug or id of a place.", "domkhar-ladakh-in"),
            *PageParams.documented(),
        ],
        responses={200: schema.Page, **_MOVED, **_problems(400, 404, 410, 422, 503)},
    )
    def get(self, request: Request, what: str, place: str) -> Response:
        return self.page(request, what, PageParams.parse(request), place)


class ArticlePageView(_PageView):
    @extend_schema(
        operation_id="article_page",
        summary="Everything for the page of a condition or specialty, without a place",
        parameters=[_WHAT, *SubjectParams.documented()],
        responses={200: schema.Page, **_MOVED, **_problems(400, 404, 410, 503)},
    )
    def get(self, request: Request, what: str) -> Response:
        return self.page(request, what, SubjectParams.parse(request))


class DoctorsView(languages.View):
    @extend_schema(
        operation_id="doctors",
        summary="The doctors near a place, or in a box",
        parameters=DoctorParams.documented(),
        responses={200: schema.DoctorSearch, **_problems(400, 404, 410, 422, 503)},
    )
    def get(self, request: Request) -> Response:
        params = DoctorParams.parse(request)
        reader = self.reader
        meta = answers.meta(reader)
        language = languages.of(request, params, reader)
        search, where = searches.search(reader, params, language)
        after = searches.after(params, search)
        page = doctors.find(
            reader,
            search,
            stores.now().date(),
            limit=params["page_size"],
            after=after,
            with_facets=after is None,
        )
        counts = page.found.counts
        given = search.what.locale or language.shown
        return languages.told(
            given,
            {
                "locale": language.told(given),
                "query": search.what.understood() | where,
                **answers.doctors(page, search, explain=params["explain"]),
                "formula": best.FORMULA if params["explain"] else None,
                "facets": None if after else facets.answer(reader, counts, page.today, search.locale),
                "telehealth": answers.telehealth(page, search),
                "meta": meta,
            },
        )


class SearchView(languages.View):
    @extend_schema(
        operation_id="search",
        summary="One search box: what a text asks for, and what there is for it",
        parameters=[SearchParams],
        responses={200: schema.TextSearch, **_problems(400, 404, 410, 422, 503)},
    )
    def get(self, request: Request) -> Response:
        params = SearchParams.parse(request)
        reader, today = self.reader, stores.now().date()
        language = languages.of(request, params, reader)
        asked = searching.Asked(
            params["q"],
            language.locale,
            names_in=language.names_in,
            point=searches.point(params),
            country=params.get("country"),
            intent=params.get("intent"),
            condition=params.get("condition"),
            specialty=params.get("specialty"),
            name=params.get("name", ()),
            place=searches.resolved(params["place"], language.names_in) if "place" in params else None,
        )
        answer = searching.answer(reader, stores.gazetteer(), asked, today, params["page_size"])
        given = answer["article"]["locale"] if answer["article"] else language.shown
        return languages.told(given, {"locale": language.told(given), **answer})


class SuggestView(languages.View):
    @extend_schema(
        operation_id="suggest",
        summary="Completions of what is being typed, by group",
        parameters=[SuggestParams],
        responses={200: schema.Suggestions, **_problems(400, 503)},
    )
    def get(self, request: Request) -> Response:
        params = SuggestParams.parse(request)
        reader = self.reader
        language = languages.of(request, params, reader)
        answer = suggesting.suggest(
            reader,
            stores.gazetteer(),
            params["q"],
            language.locale,
            names_in=language.names_in,
            focus=searches.point(params),
            country=params.get("country"),
            limit=params["limit"],
        )
        return languages.told(language.shown, {"locale": language.told(language.shown), **answer})


class _DocumentView(languages.View):
    """One document by slug or id, as the index keeps it."""

    kind: ClassVar[str]

    def get(self, request: Request, slug: str) -> Response:
        reader = self.reader
        language = languages.of(request, LocaleParams.parse(request), reader)
        try:
            stored = documents.find(reader, self.kind, slug, language.locale)
        except documents.Renamed as renamed:
            return _moved(request, slug=renamed.now)
        return languages.told(stored.locale, self.shown(stored.body))

    def shown(self, body: bytes) -> Any:
        """What the answer is made of."""
        return orjson.Fragment(body)


_DOCUMENT: dict[Any, Any] = {**_MOVED, **_problems(400, 404, 410, 503)}


def _documented(kind: str, summary: str, example: str, answer: type[Serializer[Any]]) -> Any:
    """What OpenAPI says of a _DocumentView; `example` is a slug of the sample."""
    return extend_schema_view(
        get=extend_schema(
            operation_id=kind,
            summary=summary,
            parameters=[_path("slug", "Slug or id (a UUID).", example), *LocaleParams.documented()],
            responses={200: answer, **_DOCUMENT},
        )
    )


@_documented("doctor", "One doctor", "dr-deldan-wangtak", schema.Doctor)
class DoctorView(_DocumentView):
    kind = "doctor"


@_documented("condition", "One condition, with its article", "myoclonus", schema.Condition)
class ConditionView(_DocumentView):
    kind = "condition"

    def shown(self, body: bytes) -> Any:
        document = orjson.loads(body)
        return document | reviews.told(document, stores.now().date())


@_documented("specialty", "One specialty", "neurology", schema.Specialty)
class SpecialtyView(_DocumentView):
    kind = "specialty"


class PlacesView(PublicView):
    @extend_schema(
        operation_id="places",
        summary="Places whose name begins so, postal codes, points",
        parameters=[PlaceParams],
        responses={200: schema.PlaceList, **_problems(400, 503)},
    )
    def get(self, request: Request) -> Response:
        params = PlaceParams.parse(request)
        found = stores.gazetteer().search(
            params["q"],
            focus=searches.point(params),
            country=params.get("country"),
            limit=params["limit"],
            locale=params.get("locale"),
        )
        return Response({"results": [answers.place(match.place, match.name) for match in found]})


class PlacesNearestView(PublicView):
    @extend_schema(
        operation_id="places_nearest",
        summary="The populated places nearest to a point",
        parameters=[NearestParams],
        responses={200: schema.PlacesNearest, **_problems(400, 503)},
    )
    def get(self, request: Request) -> Response:
        params = NearestParams.parse(request)
        found = stores.gazetteer().nearest(
            params["lat"], params["lng"], limit=params["limit"], locale=params.get("locale")
        )
        return Response({"results": [answers.at_distance(near) for near in found]})


class PlaceView(PublicView):
    @extend_schema(
        operation_id="place",
        summary="One place, with those around it",
        parameters=[
            _path(
                "place",
                "Slug or id of a place, of a postal code (`postal-194106-in`), or `34.39,76.76`.",
                "domkhar-ladakh-in",
            ),
            *LocaleParams.documented(),
        ],
        responses={200: schema.PlaceDocument, **_problems(400, 404, 503)},
    )
    def get(self, request: Request, place: str) -> Response:
        locale = LocaleParams.parse(request).get("locale")
        try:
            match, understood = searches.place_by_slug(place, locale)
        except PlaceNotUnderstood as error:
            raise NotFound("place", **error.extra) from error
        return Response(understood | {"nearby_places": answers.nearby(stores.gazetteer(), match, locale)})


class StatusView(PublicView):
    def state(self) -> None:
        """It tells of this moment."""

    @extend_schema(
        operation_id="status",
        summary="What is served, and how fresh it is",
        responses={200: schema.Status, **_problems(400, 503)},
    )
    def get(self, request: Request) -> Response:
        NoParams.parse(request)
        index, reader = stores.index(), self.reader
        position = reader.position()
        counts = reader.counts()
        return Response(
            {
                **answers.freshness(reader, stores.now()),
                "epoch": position.epoch if position else "",
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
                "places_import": stores.gazetteer().last_import(),
                "limits": limiting.status(),
                "purge": _purge(),
                "sitemaps": running.status(),
            }
        )


def _purge() -> Json | None:
    told = purging.last(stores.index())
    if not told or not stores.cdn():
        return None
    return {
        "purged_at": told["purged_at"],
        "position": told["position"],
        "pending": len(told["pending"]),
        "error": told["error"],
    }


def _places() -> Json | None:
    try:
        return answers.gazetteer(stores.gazetteer().about())
    except PlacesUnavailable:
        return None


class _Documentation(PublicView):
    """Of the program alone; takes no parameters."""

    def state(self) -> State:
        return State("", 0, None, None, stores.now().date())

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        NoParams.parse(request)


class SchemaView(_Documentation, SpectacularJSONAPIView):
    """OpenAPI 3.1."""


class DocsView(_Documentation, SpectacularSwaggerView):
    """The OpenAPI document as a page to read and try."""

    http_method_names = ("get", "head", "options")
    url_name = "schema"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        # Nothing here asks for one, and with it the page would be another each time.
        response.data["csrf_token"] = ""
        return response
