"""The content API's OpenAPI document is what it answers."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from cms.conditions.models import ConditionIndexPage
from tests.cms.factories import make_condition, make_doctor, make_practice, make_reviewer, make_specialty

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(client: Client) -> Any:
    response = client.get("/api/v2/schema/")
    assert response.status_code == 200
    return response.json()


def errors(document: Any, path: str, status: str, answer: Any) -> list[str]:
    """Where an answer is not as the document says."""
    told = document["paths"][path]["get"]["responses"][status]["content"]["application/json"]["schema"]
    validator = jsonschema_rs.Draft202012Validator({**told, "components": document["components"]})
    return [f"{list(error.instance_path)}: {error.message}" for error in validator.iter_errors(answer)]


@pytest.fixture
def pages() -> list[int]:
    neurology, tremor = make_specialty("Neurology", alternate_names=["Neuro"]), make_condition("Tremor")
    condition = make_condition(
        "Myoclonus",
        alternate_names=["Jerks"],
        search_phrases=["myoclonus treatment"],
        codes=[("icd-10-cm", "G25.3")],
        specialties=[neurology],
        related=[tremor],
        reviewer=make_reviewer(),
        sections=[("overview", "What is it?", "<p>Quick jerks.</p>")],
    )
    doctor = make_doctor(
        "Dr Example",
        practices=[make_practice("Leh Hospital")],
        specialties=[neurology],
        conditions=[condition],
        languages=["lbj"],
        registrations=[("Example Council", "EX-1")],
    )
    alias = condition.create_alias(update_slug="myoclonus-alias")
    return [tremor.pk, condition.pk, alias.pk, doctor.pk, ConditionIndexPage.objects.get().pk]


def test_a_page_of_any_type_is_as_told(client: Client, document: Any, pages: list[int]) -> None:
    for page in pages:
        answer = client.get(f"/api/v2/pages/{page}/").json()
        assert errors(document, "/api/v2/pages/{id}/", "200", answer) == []
        answer["title"] = 1
        assert errors(document, "/api/v2/pages/{id}/", "200", answer)


@pytest.mark.parametrize("type_", ["", "conditions.ConditionPage", "doctors.DoctorPage"])
@pytest.mark.parametrize("fields", ["", "*"])
def test_a_list_is_as_told(client: Client, document: Any, pages: list[int], type_: str, fields: str) -> None:
    query = {name: value for name, value in (("type", type_), ("fields", fields)) if value}
    answer = client.get("/api/v2/pages/", query).json()
    assert answer["items"]
    assert errors(document, "/api/v2/pages/", "200", answer) == []


@pytest.mark.parametrize(("path", "status"), [("", "400"), ("{id}/", "404"), ("find/", "404")])
def test_an_error_is_as_told(client: Client, document: Any, path: str, status: str) -> None:
    query = {"no_such_parameter": "1"} if status == "400" else {}
    response = client.get(f"/api/v2/pages/{path.format(id=987654)}", query)
    assert str(response.status_code) == status
    assert errors(document, f"/api/v2/pages/{path}", status, response.json()) == []


def test_every_parameter_that_is_told_is_known(client: Client, document: Any) -> None:
    values = {"type": "conditions.ConditionPage", "search": "a", "search_operator": "and", "order": "title"}
    values |= {"site": "localhost", "slug": "a", "locale": "en", "fields": "*", "rich_text_format": "html"}
    for parameter in document["paths"]["/api/v2/pages/"]["get"]["parameters"]:
        name = parameter["name"]
        response = client.get("/api/v2/pages/", {name: values.get(name, "1")})
        assert "not an operation" not in response.content.decode(), name


def test_only_the_content_api_is_told_of(document: Any) -> None:
    assert set(document["paths"]) == {"/api/v2/pages/", "/api/v2/pages/{id}/", "/api/v2/pages/find/"}
    assert document["openapi"].startswith("3.1")


def test_the_page_to_read_asks_no_other_host(client: Client) -> None:
    response = client.get("/api/v2/docs/")
    assert response.status_code == 200
    assert b"https://" not in response.content
