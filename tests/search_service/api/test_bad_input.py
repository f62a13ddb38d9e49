"""Whatever is asked, the answer is an answer or a problem that names what is wrong: never a 500."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client, RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_service import stores
from search_service.api.params import DoctorParams
from search_service.pages import compose
from search_service.wsgi import application
from tests.search_service.api.conftest import Get

pytestmark = pytest.mark.usefixtures("published")

Json = dict[str, Any]
DOMKHAR: Json = {"place": "domkhar-ladakh-in"}


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({}, {"place"}),
        ({**DOMKHAR, "speciality": "neurology"}, {"speciality"}),
        ({**DOMKHAR, "a": "1", "b": "2"}, {"a", "b"}),
        ({"lat": "34"}, {"lng"}),
        ({"lng": "77"}, {"lat"}),
        ({"lat": "91", "lng": "0"}, {"lat"}),
        ({"lat": "0", "lng": "-180.001"}, {"lng"}),
        ({"lat": "nan", "lng": "inf"}, {"lat", "lng"}),
        ({"lat": "34,1", "lng": "x"}, {"lat", "lng"}),
        ({"lat": "1_0", "lng": "\u0661"}, {"lat", "lng"}),
        ({**DOMKHAR, "lat": "34", "lng": "77"}, {"place", "lat"}),
        ({**DOMKHAR, "near": "Leh"}, {"place", "near"}),
        ({**DOMKHAR, "radius_km": "0"}, {"radius_km"}),
        ({**DOMKHAR, "radius_km": "501"}, {"radius_km"}),
        ({**DOMKHAR, "radius_km": "nan"}, {"radius_km"}),
        ({**DOMKHAR, "radius_km": "-5"}, {"radius_km"}),
        ({**DOMKHAR, "page_size": "0"}, {"page_size"}),
        ({**DOMKHAR, "page_size": "101"}, {"page_size"}),
        ({**DOMKHAR, "page_size": "ten"}, {"page_size"}),
        ({**DOMKHAR, "page": "2"}, {"page"}),
        ({**DOMKHAR, "cursor": "made-up"}, {"cursor"}),
        ({**DOMKHAR, "cursor": "W10:1abc:sig"}, {"cursor"}),
        ({**DOMKHAR, "cursor": "x" * 2000}, {"cursor"}),
        ({"place": ""}, {"place"}),
        ({"near": "x" * 201}, {"near"}),
        ({"near": "a\x00b"}, {"near"}),
        ({"place": ["leh-ladakh-in", "domkhar-ladakh-in"]}, {"place"}),
        ({"name": "Stanzin"}, {"place"}),
        ({**DOMKHAR, "name": "x"}, {"name"}),
        ({**DOMKHAR, "name": "x" * 101}, {"name"}),
        ({**DOMKHAR, "name": "?!?!"}, {"name"}),
        ({**DOMKHAR, "name": "a b c d e f g h i"}, {"name"}),
        ({**DOMKHAR, "name": "a\x00b"}, {"name"}),
        ({**DOMKHAR, "match": "condition"}, {"match"}),
        ({**DOMKHAR, "condition": "myoclonus", "match": "name"}, {"match"}),
        ({**DOMKHAR, "condition": "a,b"}, {"condition"}),
        ({**DOMKHAR, "condition": "a b"}, {"condition"}),
        ({**DOMKHAR, "condition": "x" * 256}, {"condition"}),
        ({**DOMKHAR, "specialty": "neurology,"}, {"specialty"}),
        ({**DOMKHAR, "specialty": "neuro logy"}, {"specialty"}),
        ({**DOMKHAR, "specialty": ",".join(f"s{number}" for number in range(21))}, {"specialty"}),
        ({**DOMKHAR, "radius_km": "all"}, {"radius_km"}),
        ({**DOMKHAR, "radius_km": ""}, {"radius_km"}),
        ({**DOMKHAR, "radius_km": "inf"}, {"radius_km"}),
        ({**DOMKHAR, "widen": "1"}, {"widen"}),
        ({**DOMKHAR, "widen": "True"}, {"widen"}),
        ({**DOMKHAR, "radius_km": "any", "widen": "true"}, {"widen"}),
        ({"bbox": "77,34,78,35", "widen": "true"}, {"widen"}),
        ({"bbox": "77,34,78,35", "radius_km": "50"}, {"bbox", "radius_km"}),
        ({"bbox": "77,34,78"}, {"bbox"}),
        ({"bbox": "77,34,78,35,36"}, {"bbox"}),
        ({"bbox": "77,35,78,34"}, {"bbox"}),
        ({"bbox": "77,34,181,35"}, {"bbox"}),
        ({"bbox": "77,-91,78,35"}, {"bbox"}),
        ({"bbox": "nan,34,78,35"}, {"bbox"}),
        ({"bbox": "77,34,,35"}, {"bbox"}),
        ({"bbox": "77;34;78;35"}, {"bbox"}),
        ({"bbox": "77,34,78,35", "lat": "34"}, {"lng"}),
        ({**DOMKHAR, "telehealth_in": "IND"}, {"telehealth_in"}),
        ({**DOMKHAR, "telehealth_in": "1N"}, {"telehealth_in"}),
        ({**DOMKHAR, "telehealth_in": "IN,FJ"}, {"telehealth_in"}),
        ({**DOMKHAR, "language": "not a tag"}, {"language"}),
        ({**DOMKHAR, "language": "en,,bo"}, {"language"}),
        ({**DOMKHAR, "language": "\u0661\u0662"}, {"language"}),
        ({**DOMKHAR, "gender": "F"}, {"gender"}),
        ({**DOMKHAR, "gender": "female,men"}, {"gender"}),
        ({**DOMKHAR, "telehealth": "yes"}, {"telehealth"}),
        ({**DOMKHAR, "accepting_new_patients": "1"}, {"accepting_new_patients"}),
        ({**DOMKHAR, "practice": "snm-hospital"}, {"practice"}),
        ({**DOMKHAR, "practice": "{00000000-0000-0000-0000-000000000000}"}, {"practice"}),
        ({**DOMKHAR, "practice": "urn:uuid:00000000-0000-0000-0000-000000000000"}, {"practice"}),
        ({**DOMKHAR, "practice": "0" * 32}, {"practice"}),
        ({**DOMKHAR, "min_years": "0"}, {"min_years"}),
        ({**DOMKHAR, "min_years": "81"}, {"min_years"}),
        ({**DOMKHAR, "min_years": "5.0"}, {"min_years"}),
        ({**DOMKHAR, "min_years": "9" * 5000}, {"min_years"}),
        ({**DOMKHAR, "verified_since": "2026-1-1"}, {"verified_since"}),
        ({**DOMKHAR, "verified_since": "2026-02-30"}, {"verified_since"}),
        ({**DOMKHAR, "verified_since": "0000-01-01"}, {"verified_since"}),
        ({**DOMKHAR, "verified_since": "yesterday"}, {"verified_since"}),
        ({**DOMKHAR, "verified_since": "9999-12-31"}, {"verified_since"}),
        ({**DOMKHAR, "sort": "price"}, {"sort"}),
        ({**DOMKHAR, "sort": "best", "radius_km": "any"}, {"sort"}),
        ({"sort": "name", "bbox": "70,10,80,11"}, {"sort"}),
        ({"sort": "name", "bbox": "70,60,71,70"}, {"sort"}),
        ({"sort": "name", "bbox": "-80,-1,100,1"}, {"sort"}),
        ({**DOMKHAR, "explain": "true"}, {"explain"}),
        ({**DOMKHAR, "explain": "true", "sort": "name"}, {"explain"}),
        ({**DOMKHAR, "page_size": "1_0"}, {"page_size"}),
        ({**DOMKHAR, "page_size": "\u0661\u0662"}, {"page_size"}),
        ({**DOMKHAR, "sort": ["best", "name"]}, {"sort"}),
        ({**DOMKHAR, "gender": ["female", "mail"]}, {"gender"}),
    ],
)
def test_wrong_parameters_are_named(get: Get, params: Json, named: set[str]) -> None:
    problem = get("doctors/", status=400, **params)
    assert problem["type"] == "urn:doctors-near-you:problem:invalid-parameters"
    assert problem["status"] == 400
    assert set(problem["errors"]) == named


def test_no_entry_can_be_verified_since_a_day_that_has_not_begun_anywhere(
    get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    for now, first in (((9, 59), "2026-11-23"), ((10, 0), "2026-11-24")):
        monkeypatch.setattr(stores, "now", lambda now=now: datetime(2026, 11, 23, now[0], now[1], tzinfo=UTC))
        get("doctors/", verified_since=first, **DOMKHAR)
        after = date.fromisoformat(first) + timedelta(days=1)
        problem = get("doctors/", status=400, verified_since=after, **DOMKHAR)
        assert problem["errors"] == {"verified_since": ["Cannot be in the future."]}


def test_what_must_be_given_is_named(get: Get) -> None:
    assert get("places/", status=400)["errors"] == {"q": ["This field is required."]}


def test_a_cursor_of_another_search_is_refused(get: Get) -> None:
    cursor = get("doctors/", radius_km=100, page_size=1, **DOMKHAR)["next"]
    problem = get("doctors/", status=400, radius_km=200, cursor=cursor, **DOMKHAR)
    assert "another search" in problem["errors"]["cursor"][0]


@pytest.mark.parametrize(
    "path", ["pages/unicornitis/leh-ladakh-in/", "conditions/unicornitis/", "doctors/nobody/", "nothing/"]
)
def test_what_does_not_exist_is_404(get: Get, path: str) -> None:
    assert get(path, status=404)["type"] == "urn:doctors-near-you:problem:not-found"


@pytest.mark.parametrize(
    "params",
    [
        {"condition": "unicornitis"},
        {"specialty": "alchemy"},
        {"specialty": "neurology,alchemy"},
        {"condition": "myoclonus", "specialty": "alchemy"},
        {"condition": "00000000-0000-0000-0000-000000000000"},
    ],
)
def test_an_unknown_condition_or_specialty_is_404(get: Get, params: Json) -> None:
    problem = get("doctors/", status=404, **DOMKHAR, **params)
    *_, unknown = (slug for value in params.values() for slug in value.split(","))
    assert problem["detail"].endswith(f" {unknown}.")


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("pages/myoclonus/dumkhaar-ladakh-in/", {}),
        ("doctors/", {"place": "dumkhaar-ladakh-in"}),
        ("doctors/", {"near": "Qqxzzy"}),
    ],
)
def test_a_place_that_cannot_be_resolved_is_422_with_suggestions(get: Get, path: str, params: Json) -> None:
    problem = get(path, status=422, **params)
    assert problem["place"]["status"] == "none"
    assert problem["place"]["match"] is None
    assert isinstance(problem["suggestions"], list)
    if "xzz" not in str(params):
        assert "Domkhar Dho" in {place["name"] for place in problem["suggestions"]}


def test_an_unknown_place_document_is_404_with_suggestions(get: Get) -> None:
    assert get("places/dumkhaar-ladakh-in/", status=404)["suggestions"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["doctors/", "pages/myoclonus/leh-ladakh-in/", "status/"])
def test_nothing_can_be_written(method: str, path: str) -> None:
    response = getattr(Client(), method)(f"/api/v1/{path}")
    assert response.status_code == 405
    assert response["Content-Type"] == "application/problem+json"
    assert "GET" in response["Allow"]


def test_a_host_that_is_not_ours_is_a_problem_too() -> None:
    response = Client().get("/api/v1/status/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*", "application/json", "%%%"])
def test_json_is_answered_whatever_is_accepted(accept: str) -> None:
    response = Client().get("/api/v1/doctors/", {"place": "leh-ladakh-in"}, headers={"accept": accept})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize("charset", ["hex", "base64", "rot13", "zlib", "undefined", "nonsense", "utf-16"])
def test_the_charset_of_a_body_that_nobody_reads_is_of_no_account(charset: str) -> None:
    environ = RequestFactory().get("/api/v1/doctors/", {"place": "leh-ladakh-in"}).environ
    environ["CONTENT_TYPE"] = f"x/y; charset={charset}"
    statuses: list[str] = []

    def start_response(status: str, headers: object, exc_info: object = None, /) -> Callable[[bytes], object]:
        statuses.append(status)
        return lambda data: None

    b"".join(application(environ, start_response))
    assert statuses == ["200 OK"]


@pytest.mark.parametrize("method", ["post", "delete"])
def test_the_documentation_page_is_for_reading(method: str) -> None:
    response = getattr(Client(), method)("/api/v1/docs/")
    assert response.status_code == 405
    assert response.json()["type"] == "urn:doctors-near-you:problem:method-not-allowed"


def test_a_fault_of_ours_logs_the_route_and_neither_condition_nor_place(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(compose, "page", fail)
    response = Client(raise_request_exception=False).get("/api/v1/pages/myoclonus/domkhar-ladakh-in/")
    assert response.status_code == 500
    assert response.json()["type"] == "urn:doctors-near-you:problem:server-error"
    assert "pages/<str:what>/<str:place>/" in caplog.text
    assert "domkhar" not in caplog.text
    assert "myoclonus" not in caplog.text


text = st.text(max_size=60)
number = st.floats(width=32).map(str) | st.integers().map(str) | text
# What may be given for a parameter, beside anything at all.
SENSIBLE: dict[str, list[str]] = {
    "condition": ["myoclonus", "restless-legs-syndrome"],
    "specialty": ["neurology", "cardiology,neurology"],
    "match": ["condition", "any"],
    "name": ["leh", "o\u0308ne two", "a" * 100, "a b c d e f g h"],
    "place": ["domkhar-ladakh-in", "suva-central-fj"],
    "near": ["Leh", "Paris", "34.1, 77.5", "94.1, 77.5", "194106", "\u0000", "\u202eleh", "x" * 200],
    "country": ["IN", "fr", "zz"],
    "lat": ["34.1", "90", "-90"],
    "lng": ["77.5", "180", "-180"],
    "radius_km": ["1", "500", "any"],
    "widen": ["true", "false"],
    "bbox": ["77,34,78,35", "170,-90,-170,90", "-180,-90,180,90", "180,0,-180,0", "0,0,0,0"],
    "telehealth_in": ["IN", "fj", "zz"],
    "language": ["en", "EN,bo", ",".join(["en", "bo"] * 10)],
    "gender": ["female", "unknown,male"],
    "telehealth": ["true", "true,false"],
    "accepting_new_patients": ["true", "false"],
    "practice": ["00000000-0000-0000-0000-000000000000"],
    "min_years": ["1", "80"],
    "verified_since": ["2026-01-01", "0001-01-01", "9999-12-31"],
    "sort": ["distance", "best", "name"],
    "explain": ["true", "false"],
    "locale": ["hi", "pt-BR"],
    "cursor": ["x"],
    "page_size": ["1", "100"],
    "q": ["x"],
}
params = st.dictionaries(
    st.sampled_from(sorted(SENSIBLE)) | text, st.lists(number, min_size=1, max_size=2), max_size=4
)
sensible = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(values) for name, values in SENSIBLE.items()}
)
# Whoever asks for less asks more sensibly.
few = st.sets(st.sampled_from(sorted(SENSIBLE)), max_size=5)
fuzz = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check_answer(params: dict[str, Any]) -> None:
    response = Client().get("/api/v1/doctors/", params)
    assert response.status_code in {200, 400, 404, 422}
    if response.status_code == 400:
        # What is missing is named, too.
        assert set(response.json()["errors"]) <= {*params, "place", "lat", "lng"}


@fuzz
@given(params)
def test_no_query_of_doctors_is_a_500(params: dict[str, list[str]]) -> None:
    check_answer(params)


@fuzz
@given(sensible, few)
def test_no_sensible_query_of_doctors_is_a_500(params: dict[str, str], few: set[str]) -> None:
    check_answer({name: value for name, value in params.items() if name in few} | {"place": "leh-ladakh-in"})
    check_answer({name: value for name, value in params.items() if name in few | {"lat", "lng", "bbox"}})


def test_every_parameter_is_among_those_tried() -> None:
    assert set(DoctorParams().fields) == SENSIBLE.keys() - {"q"}


@fuzz
@given(
    st.dictionaries(
        st.sampled_from(["q", "lat", "lng", "limit", "country", "locale", "x"]), number, max_size=4
    )
)
def test_no_query_of_places_is_a_500(params: dict[str, str]) -> None:
    assert Client().get("/api/v1/places/", params).status_code in {200, 400}
    assert Client().get("/api/v1/places/nearest/", params).status_code in {200, 400}


@fuzz
@given(text, text)
def test_no_path_is_a_500(first: str, second: str) -> None:
    path = f"/api/v1/pages/{quote(first, safe='')}/{quote(second, safe='')}/"
    assert Client().get(path).status_code in {200, 400, 404, 422}
