"""The OpenAPI document is true: real answers are held against it."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from search_service.api import urls
from tests.search_service.api.conftest import Get

pytestmark = pytest.mark.usefixtures("published")

Json = dict[str, Any]
DOMKHAR = {"place": "domkhar-ladakh-in"}
ANSWERS: list[tuple[str, str, Json]] = [
    ("/api/v1/pages/{condition}/{place}/", "pages/myoclonus/domkhar-ladakh-in/", {}),
    ("/api/v1/doctors/", "doctors/", {**DOMKHAR, "condition": "myoclonus", "page_size": 1}),
    ("/api/v1/doctors/", "doctors/", {"lat": 34.4, "lng": 76.7}),
    ("/api/v1/doctors/{slug}/", "doctors/leh-two/", {}),
    ("/api/v1/conditions/{slug}/", "conditions/myoclonus/", {}),
    ("/api/v1/specialties/{slug}/", "specialties/neurology/", {}),
    ("/api/v1/places/", "places/", {"q": "leh"}),
    ("/api/v1/places/{place}/", "places/leh-ladakh-in/", {}),
    ("/api/v1/status/", "status/", {}),
]
PROBLEMS: list[tuple[str, str, int, Json]] = [
    ("/api/v1/doctors/", "doctors/", 400, {"x": 1}),
    ("/api/v1/doctors/", "doctors/", 422, {"near": "Dumkhaar Gongmaa"}),
    ("/api/v1/conditions/{slug}/", "conditions/unicornitis/", 404, {}),
    ("/api/v1/places/{place}/", "places/dumkhaar-ladakh-in/", 404, {}),
]


@pytest.fixture
def document() -> Json:
    document: Json = Client().get("/api/v1/schema/").json()
    return document


def check(document: Json, path: str, status: int, answer: Json) -> None:
    """The answer has what the document says, of the types it says, and nothing besides."""
    content = document["paths"][path]["get"]["responses"][str(status)]["content"]
    (media,) = content.values()
    components = {
        name: {**schema, "additionalProperties": False} if "properties" in schema else schema
        for name, schema in document["components"]["schemas"].items()
    }
    schema = {**media["schema"], "components": {"schemas": components}}
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(answer)


def test_it_is_openapi_3_1(document: Json) -> None:
    assert document["openapi"].startswith("3.1")


@pytest.mark.parametrize(("path", "url", "params"), ANSWERS, ids=str)
def test_answers_are_as_documented(get: Get, document: Json, path: str, url: str, params: Json) -> None:
    check(document, path, 200, get(url, **params))


@pytest.mark.parametrize(("path", "url", "status", "params"), PROBLEMS, ids=str)
def test_problems_are_as_documented(
    get: Get, document: Json, path: str, url: str, status: int, params: Json
) -> None:
    check(document, path, status, get(url, status=status, **params))
    media = document["paths"][path]["get"]["responses"][str(status)]["content"]
    assert list(media) == ["application/problem+json"]


def test_every_address_is_documented_and_tried(document: Json) -> None:
    known = {
        f"/api/v1/{str(pattern.pattern).replace('<str:', '{').replace('>', '}')}"
        for pattern in urls.urlpatterns
        if pattern.name not in ("schema", "docs")
    }
    assert known == set(document["paths"])
    assert known == {path for path, *_ in ANSWERS}
