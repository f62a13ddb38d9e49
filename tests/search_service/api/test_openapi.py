"""The OpenAPI document is true: real answers are held against it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from pytest_django import Settings

from search_service import stores
from search_service.api import urls, views
from search_service.api.params import DoctorParams
from search_service.feed.consumer import Outcome
from tests.search_service import documents
from tests.search_service.api.conftest import Get
from tests.search_service.fake_feed import FakeFeed

pytestmark = pytest.mark.usefixtures("published")

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[3]
DOMKHAR = {"place": "domkhar-ladakh-in"}
ANSWERS: list[tuple[str, str, Json]] = [
    ("/api/v1/pages/{what}/{place}/", "pages/myoclonus/domkhar-ladakh-in/", {}),
    ("/api/v1/pages/{what}/{place}/", "pages/neurology/leh-ladakh-in/", {"locale": "hi"}),
    ("/api/v1/pages/{what}/", "pages/myoclonus/", {}),
    ("/api/v1/doctors/", "doctors/", {**DOMKHAR, "condition": "myoclonus", "page_size": 1}),
    ("/api/v1/doctors/", "doctors/", {"lat": 34.4, "lng": 76.7}),
    ("/api/v1/doctors/", "doctors/", {**DOMKHAR, "radius_km": "500", "sort": "best", "explain": "true"}),
    ("/api/v1/doctors/", "doctors/", {"bbox": "77,34,78,35", "specialty": "neurology"}),
    ("/api/v1/doctors/", "doctors/", {"place": "suva-central-fj", "telehealth_in": "IN"}),
    ("/api/v1/doctors/{slug}/", "doctors/leh-two/", {}),
    ("/api/v1/conditions/{slug}/", "conditions/myoclonus/", {}),
    ("/api/v1/specialties/{slug}/", "specialties/neurology/", {}),
    ("/api/v1/doctors/", "doctors/", {"near": "34.4, 76.7"}),
    ("/api/v1/places/", "places/", {"q": "leh", "country": "in", "locale": "hi"}),
    ("/api/v1/places/", "places/", {"q": "34.4, 76.7"}),
    ("/api/v1/places/nearest/", "places/nearest/", {"lat": 34.4, "lng": 76.7, "locale": "fr"}),
    ("/api/v1/places/{place}/", "places/leh-ladakh-in/", {}),
    ("/api/v1/search/", "search/", {"q": "restless leg syndrome treatment near leh"}),
    ("/api/v1/search/", "search/", {"q": "dr heart"}),
    ("/api/v1/search/", "search/", {"q": "brief jerk of one hand"}),
    ("/api/v1/search/", "search/", {"q": "neurologist for myoclonus in qwxyzzy"}),
    ("/api/v1/search/", "search/", {"q": "myoclonus, can't breathe", "locale": "hi"}),
    ("/api/v1/suggest/", "suggest/", {"q": "le"}),
    ("/api/v1/suggest/", "suggest/", {"q": "suicidal"}),
    ("/api/v1/suggest/", "suggest/", {"q": "dr heart"}),
    ("/api/v1/status/", "status/", {}),
]
PROBLEMS: list[tuple[str, str, int, Json]] = [
    ("/api/v1/doctors/", "doctors/", 400, {"x": 1}),
    ("/api/v1/doctors/", "doctors/", 422, {"near": "Dumkhaar Gongmaa"}),
    ("/api/v1/doctors/", "doctors/", 422, {"near": "94.4, 76.7"}),
    ("/api/v1/places/nearest/", "places/nearest/", 400, {"lat": 34.4}),
    ("/api/v1/conditions/{slug}/", "conditions/unicornitis/", 404, {}),
    ("/api/v1/conditions/{slug}/", "conditions/unpublished/", 410, {}),
    ("/api/v1/doctors/", "doctors/", 410, {**DOMKHAR, "condition": "unpublished"}),
    ("/api/v1/places/{place}/", "places/dumkhaar-ladakh-in/", 404, {}),
]


@pytest.fixture(autouse=True)
def unpublished(published: FakeFeed, pull: Callable[[], Outcome]) -> None:
    condition = documents.condition("unpublished")
    published.put(condition)
    published.delete(condition)
    pull()


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


def test_it_is_the_one_that_is_committed(document: Json) -> None:
    committed = json.loads((ROOT / "contracts/api/v1/openapi.json").read_text())
    if committed != document:
        pytest.fail(
            "The API is another than contracts/api/v1/openapi.json says: `make schema` writes it anew."
        )


@pytest.mark.parametrize(("path", "url", "params"), ANSWERS, ids=str)
def test_answers_are_as_documented(get: Get, document: Json, path: str, url: str, params: Json) -> None:
    check(document, path, 200, get(url, **params))


def test_further_pages_are_as_documented(get: Get, document: Json) -> None:
    params: Json = {**DOMKHAR, "radius_km": 500, "page_size": 1}
    further = get("doctors/", **params, cursor=get("doctors/", **params)["next"])
    assert further["results"]
    check(document, "/api/v1/doctors/", 200, further)


def test_the_answers_that_are_tried_have_what_is_seldom(get: Get) -> None:
    tried = [get(url, **params) for _, url, params in ANSWERS if url == "doctors/"]
    assert any(answer["telehealth"] and answer["telehealth"]["results"] for answer in tried)
    assert any(answer["facets"]["specialty"] and answer["facets"]["practice"] for answer in tried)
    assert any("explain" in result for answer in tried for result in answer["results"])


def test_parameters_that_take_several_values_are_documented_as_arrays_with_commas(document: Json) -> None:
    given = document["paths"]["/api/v1/doctors/"]["get"]["parameters"]
    parameters = {each["name"]: each for each in given if each["in"] == "query"}
    assert parameters.keys() == DoctorParams().fields.keys()
    for name in (
        "specialty",
        "language",
        "gender",
        "telehealth",
        "accepting_new_patients",
        "practice",
        "bbox",
    ):
        assert parameters[name]["schema"]["type"] == "array"
        assert (parameters[name]["style"], parameters[name]["explode"]) == ("form", False)
    assert parameters["gender"]["schema"]["items"]["enum"] == ["female", "male", "other", "unknown"]
    assert parameters["radius_km"]["schema"]["oneOf"][1] == {"const": "any"}
    assert parameters["widen"]["schema"]["type"] == "boolean"
    assert all(each["description"] for each in parameters.values())


@pytest.mark.parametrize(
    "path",
    ["doctors/{slug}", "conditions/{slug}", "specialties/{slug}", "pages/{what}/{place}", "pages/{what}"],
)
def test_what_has_moved_or_is_gone_is_documented(document: Json, path: str) -> None:
    responses = document["paths"][f"/api/v1/{path}/"]["get"]["responses"]
    assert "content" not in responses["301"]
    assert list(responses["410"]["content"]) == ["application/problem+json"]


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


def test_every_error_of_the_reference_is_documented(document: Json) -> None:
    reference = (ROOT / "docs/reference/errors.md").read_text()
    listed = set(re.findall(r"^\| `[a-z-]+` \| (\d+) \|", reference, re.MULTILINE))
    statuses = {
        status for operations in document["paths"].values() for status in operations["get"]["responses"]
    }
    # Of methods that OpenAPI does not name. The description says so.
    assert listed - {"405"} == {status for status in statuses if status >= "400"}
    assert "405" in document["info"]["description"]


# --- Headers


# Of HTTP itself, and those by which browsers guard what they show.
PLAIN = {"Allow", "Content-Length", "Content-Type"}
GUARDS = {
    "Access-Control-Expose-Headers",
    "Cross-Origin-Opener-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
}


def has(answer: Any) -> set[str]:
    """The headers of an answer that are its own."""
    return set(answer.headers) - PLAIN - GUARDS


def told(document: Json, path: str, status: int) -> set[str]:
    """The headers that the document names."""
    headers = document["paths"][path]["get"]["responses"][str(status)]["headers"]
    referred = {name for name, header in headers.items() if "$ref" in header}
    assert referred <= document["components"]["headers"].keys()
    return set(headers)


@pytest.fixture
def limited(own_counter: None, settings: Settings) -> None:
    """One client may ask a thousand times."""
    settings.RATE_LIMIT = "1000/60"


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize(("path", "url", "params"), ANSWERS, ids=str)
def test_answers_have_the_headers_that_are_documented(
    document: Json, path: str, url: str, params: Json
) -> None:
    answer = Client().get(f"/api/v1/{url}", params)
    assert told(document, path, 200) == has(answer)
    if "ETag" in answer.headers:
        again = Client().get(f"/api/v1/{url}", params, headers={"if-none-match": answer["ETag"]})
        assert again.status_code == 304
        assert told(document, path, 304) == has(again)


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize(("path", "url", "status", "params"), PROBLEMS, ids=str)
def test_problems_have_the_headers_that_are_documented(
    document: Json, path: str, url: str, status: int, params: Json
) -> None:
    assert told(document, path, status) == has(Client().get(f"/api/v1/{url}", params))


@pytest.mark.usefixtures("limited")
def test_what_is_too_much_is_as_documented(document: Json, settings: Settings) -> None:
    settings.RATE_LIMIT = "1/60"
    url = "/api/v1/conditions/myoclonus/"
    first, second = (Client().get(url, REMOTE_ADDR="203.0.113.1") for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    check(document, "/api/v1/conditions/{slug}/", 429, second.json())
    assert told(document, "/api/v1/conditions/{slug}/", 429) == has(second)


@pytest.mark.usefixtures("limited")
def test_what_has_moved_has_the_headers_that_are_documented(
    document: Json, published: FakeFeed, pull: Callable[[], Outcome]
) -> None:
    published.put(documents.doctor("leh-one") | {"slug": "leh-first"})
    pull()
    moved = Client().get("/api/v1/doctors/leh-one/")
    assert moved.status_code == 301
    assert told(document, "/api/v1/doctors/{slug}/", 301) == has(moved)


@pytest.mark.usefixtures("limited")
def test_faults_have_the_headers_that_are_documented(
    document: Json, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, url = "/api/v1/specialties/{slug}/", "/api/v1/specialties/neurology/"
    settings.INDEX_DIR = tmp_path / "nothing"
    stores.index.cache_clear()
    unready = Client().get(url)
    assert unready.status_code == 503
    assert told(document, path, 503) == has(unready)
    check(document, path, 503, unready.json())
    monkeypatch.setattr(views.SpecialtyView, "get", lambda *args, **kwargs: 1 / 0)
    faulty = Client(raise_request_exception=False).get(url)
    assert faulty.status_code == 500
    assert told(document, path, 500) - has(faulty) == {"RateLimit", "RateLimit-Policy"}
    assert told(document, path, 500) >= has(faulty)
    check(document, path, 500, faulty.json())


def test_the_document_is_made_without_a_warning(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    assert client.get("/api/v1/schema/").status_code == 200
    assert capfd.readouterr().err == ""
