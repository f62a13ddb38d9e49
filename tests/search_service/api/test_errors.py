"""Errors are problem details (RFC 9457) of the types that docs/reference/errors.md lists, whoever answers them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from search_service import stores
from search_service.api import urls
from search_service.feed.consumer import Outcome
from search_service.pages import compose
from tests.search_service import documents
from tests.search_service.api.conftest import Get
from tests.search_service.fake_feed import FakeFeed

Json = dict[str, Any]
REFERENCE = Path(__file__).parents[3] / "docs/reference/errors.md"
PREFIX = "urn:doctors-near-you:problem:"
PATHS = {
    "page": "pages/myoclonus/domkhar-ladakh-in/",
    "article-page": "pages/myoclonus/",
    "doctors": "doctors/?place=domkhar-ladakh-in",
    "doctor": "doctors/leh-two/",
    "condition": "conditions/myoclonus/",
    "specialty": "specialties/neurology/",
    "places": "places/?q=leh",
    "places-nearest": "places/nearest/?lat=34.4&lng=76.7",
    "place": "places/leh-ladakh-in/",
    "search": "search/?q=myoclonus",
    "suggest": "suggest/?q=my",
    "status": "status/",
    "schema": "schema/",
    "docs": "docs/",
}


def listed() -> set[tuple[str, int]]:
    """Types and statuses of the reference."""
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", REFERENCE.read_text(), re.MULTILINE)
    return {(type_, int(status)) for type_, status in rows}


def check(response: Any, status: int, type_: str) -> Json:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    problem: Json = response.json()
    assert (problem["type"], problem["status"]) == (PREFIX + type_, status)
    assert problem["title"]
    assert (type_, status) in listed()
    return problem


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "type_"),
    [
        ("get", "doctors/", {}, 400, "invalid-parameters"),
        ("get", "doctors/", {"host": "evil.example"}, 400, "bad-request"),
        ("get", f"doctors/?{'&'.join(f'p{n}=1' for n in range(1001))}", {}, 400, "bad-request"),
        ("get", "conditions/unicornitis/", {}, 404, "not-found"),
        ("get", "places/dumkhaar-ladakh-in/", {}, 404, "not-found"),
        ("get", "nothing/", {}, 404, "not-found"),
        ("get", "doctors/%FF%00/", {}, 404, "not-found"),
        ("post", "doctors/", {}, 405, "method-not-allowed"),
        ("post", "docs/", {}, 405, "method-not-allowed"),
        ("get", "doctors/?near=Qqxzzy", {}, 422, "place-not-understood"),
    ],
)
def test_each_kind(method: str, path: str, headers: dict[str, str], status: int, type_: str) -> None:
    check(getattr(Client(), method)(f"/api/v1/{path}", headers=headers), status, type_)


def test_gone(published: FakeFeed, pull: Callable[[], Outcome]) -> None:
    condition = documents.condition("unpublished")
    published.put(condition)
    published.delete(condition)
    pull()
    check(Client().get("/api/v1/conditions/unpublished/"), 410, "gone")


@pytest.mark.usefixtures("published")
def test_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(compose, "page", fail)
    response = Client(raise_request_exception=False).get(f"/api/v1/{PATHS['page']}")
    check(response, 500, "server-error")


@pytest.mark.usefixtures("index", "places")
# Sorted: each worker must come to the same order.
@pytest.mark.parametrize(
    "name", sorted(PATHS.keys() - {"places", "places-nearest", "place", "schema", "docs"})
)
def test_nothing_to_answer_from_yet(name: str) -> None:
    response = Client().get(f"/api/v1/{PATHS[name]}")
    check(response, 503, "not-ready")
    assert int(response["Retry-After"]) > 0


@pytest.mark.parametrize("headers", [{"accept": "image/png"}, {"content-type": "application/xml"}])
@pytest.mark.usefixtures("published")
def test_neither_406_nor_415(headers: dict[str, str]) -> None:
    assert Client().get(f"/api/v1/{PATHS['page']}", headers=headers).status_code == 200


# --- Parameters


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("name", PATHS)
def test_an_unknown_parameter_is_named_at_every_address(name: str) -> None:
    path = PATHS[name]
    response = Client().get(f"/api/v1/{path}{'&' if '?' in path else '?'}nonsense=1")
    assert check(response, 400, "invalid-parameters")["errors"].keys() == {"nonsense"}


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("name", [name for name, path in PATHS.items() if "?" in path])
def test_a_parameter_that_is_given_twice_is_named(name: str) -> None:
    path = PATHS[name]
    response = Client().get(f"/api/v1/{path}&{path.partition('?')[2]}")
    given = {pair.partition("=")[0] for pair in path.partition("?")[2].split("&")}
    expected = {parameter: ["Given more than once."] for parameter in given}
    assert check(response, 400, "invalid-parameters")["errors"] == expected


@pytest.mark.usefixtures("published")
def test_the_values_of_a_list_may_be_given_one_by_one() -> None:
    """As clients do that are generated from the OpenAPI document, and read no `explode`."""

    def found(query: str) -> list[Any]:
        response = Client().get(f"/api/v1/doctors/?page_size=9&{query}")
        assert response.status_code == 200, response.content
        results: list[Any] = response.json()["results"]
        return results

    leh = "place=leh-ladakh-in&radius_km=100&specialty=neurology"
    assert found(f"{leh},cardiology") == found(f"{leh}&specialty=cardiology") != found(leh)
    assert found("bbox=77,34,78,35") == found("bbox=77&bbox=34&bbox=78&bbox=35") != []
    many = Client().get(f"/api/v1/doctors/?{leh}{'&specialty=x' * 20}")
    assert check(many, 400, "invalid-parameters")["errors"] == {"specialty": ["Give at most 20 values."]}


def test_every_address_is_among_those_tried() -> None:
    assert PATHS.keys() == {pattern.name for pattern in urls.urlpatterns}


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("radius", "radius_km"),
        ("speciality", "specialty"),
        ("Place", "place"),
        ("latitude", "lat"),
        ("pagesize", "page_size"),
        ("lang", "language"),
        ("x" * 5000, None),
        ("a", None),
        ("utm_source", None),
        ("\x00", None),
    ],
)
def test_the_nearest_known_parameter_is_offered(get: Get, given: str, meant: str | None) -> None:
    (wrong,) = get("doctors/", status=400, place="leh-ladakh-in", **{given: "1"})["errors"][given]
    assert ("Did you mean" in wrong) == bool(meant)
    assert meant is None or f" Did you mean `{meant}`? Known ones: " in wrong


@pytest.mark.usefixtures("published")
def test_many_long_unknown_parameters_cost_little(get: Get) -> None:
    started = stores.now()
    get("doctors/", status=400, place="leh-ladakh-in", **{f"{n}{'radius' * 100}": "1" for n in range(99)})
    assert (stores.now() - started).total_seconds() < 1
