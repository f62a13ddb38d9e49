"""The content API at /api/v2/."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from wagtail.models import PageViewRestriction

from cms.doctors.models import DoctorEducation, DoctorMembership
from tests.cms.factories import (
    figure,
    make_condition,
    make_doctor,
    make_image,
    make_practice,
    make_reviewer,
    make_specialty,
)

pytestmark = pytest.mark.django_db


def titles(client: Client, **query: str) -> list[str]:
    response = client.get("/api/v2/pages/", query)
    assert response.status_code == 200, response.content
    return [item["title"] for item in response.json()["items"]]


def detail(client: Client, page_id: int, fields: str = "*") -> Any:
    response = client.get(f"/api/v2/pages/{page_id}/", {"fields": fields})
    assert response.status_code == 200, response.content
    return response.json()


def test_drafts_and_private_pages_are_hidden(client: Client) -> None:
    make_condition("Shown")
    draft = make_condition("Draft", live=False)
    private = make_condition("Private")
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    assert titles(client, type="conditions.ConditionPage") == ["Shown"]
    for page in (draft, private):
        assert client.get(f"/api/v2/pages/{page.pk}/").status_code == 404


def test_an_unpublished_edit_is_hidden(client: Client) -> None:
    page = make_condition("Myoclonus", summary="As published.")
    page.summary = "Not yet."
    page.save_revision()
    assert detail(client, page.pk)["summary"] == "As published."


def test_a_condition_is_told_in_full(client: Client) -> None:
    neurology = make_specialty(
        "Neurology", slug="neurology", alternate_names=["Neuro"], exact_names=["Neuro"]
    )
    tremor = make_condition("Tremor")
    page = make_condition(
        "Myoclonus",
        alternate_names=["Jerks"],
        search_phrases=["myoclonus treatment"],
        exact_names=["Jerks"],
        codes=[("icd-10-cm", "G25.3")],
        specialties=[neurology],
        related=[tremor],
        reviewer=make_reviewer(),
        sections=[("overview", "What is it?", "<p>Quick jerks.</p>")],
    )
    nested = "*,treating_specialties(specialty(name,alternate_names)),reviewer(name)"
    document = detail(client, page.pk, nested)
    (name,), (phrase,) = document["alternate_names"], document["search_phrases"]
    assert (name["name"], name["exact_only"]) == ("Jerks", True)
    assert (phrase["phrase"], phrase["exact_only"]) == ("myoclonus treatment", False)
    assert document["codes"][0]["code"] == "G25.3"
    told = document["treating_specialties"][0]["specialty"]
    (name,) = told["alternate_names"]
    assert (told["name"], name["name"], name["exact_only"]) == ("Neurology", "Neuro", True)
    assert document["related_conditions"][0]["condition"]["title"] == "Tremor"
    assert document["reviewer"]["name"] == "Dr Sample Reviewer"
    section = document["body"][0]["value"]
    assert section["aspect"] == "overview"
    assert section["content"][0]["value"] == "<p>Quick jerks.</p>"
    assert document["meta"]["html_url"] is None


def test_a_doctor_is_told_in_full(client: Client) -> None:
    page = make_doctor(
        "Dr Example",
        practices=[make_practice("Leh Hospital")],
        specialties=[make_specialty("Neurology")],
        conditions=[make_condition("Myoclonus")],
        languages=["lbj"],
        registrations=[("Example Council", "EX-1")],
    )
    fields = "*,practices(practice(name,lat,lng)),specialties(name),treated_conditions(condition(title))"
    document = detail(client, page.pk, fields)
    practice = document["practices"][0]["practice"]
    assert (practice["name"], practice["lat"], practice["lng"]) == ("Leh Hospital", 34.1526, 77.5771)
    assert document["specialties"][0]["name"] == "Neurology"
    assert document["treated_conditions"][0]["condition"]["title"] == "Myoclonus"
    assert document["languages"][0]["language"] == "lbj"
    assert document["registrations"][0]["number"] == "EX-1"


def test_it_only_reads(admin_client: Client) -> None:
    page = make_condition()
    for method in ("post", "put", "patch", "delete"):
        assert getattr(admin_client, method)(f"/api/v2/pages/{page.pk}/").status_code == 405


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("", {"type": "no.Such"}),
        ("", {"limit": "x"}),
        ("", {"limit": "101"}),
        ("", {"limit": "9" * 5000}),
        ("", {"offset": "-1"}),
        ("", {"offset": "9" * 40}),
        ("", {"fields": "(("}),
        ("", {"fields": "no_such_field"}),
        ("", {"no_such_parameter": "1"}),
        ("", {"order": "no_such_field"}),
        ("", {"child_of": "x"}),
        ("", {"child_of": "9" * 40}),
        ("", {"search": "a\x00b"}),
        ("", {"slug": "\x00"}),
        ("", {"id": "x"}),
        ("", {"translation_of": "x"}),
        ("find/", {"id": "x"}),
        ("find/", {"id": "9" * 40}),
        ("find/", {"html_path": "/\x00"}),
    ],
)
def test_a_bad_question_is_a_bad_request(client: Client, path: str, query: dict[str, str]) -> None:
    response = client.get(f"/api/v2/pages/{path}", query)
    assert response.status_code == 400
    assert response.json()["message"]


@pytest.mark.parametrize("path", ["0/", "987654/", "99999999999999999999/", "x/", "find/", "find/?id=987654"])
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert client.get(f"/api/v2/pages/{path}").status_code == 404


def test_a_page_is_found_by_its_path(client: Client) -> None:
    page = make_condition("Myoclonus")
    response = client.get("/api/v2/pages/find/", {"html_path": f"/conditions/{page.slug}/"}, follow=True)
    assert response.json()["id"] == page.pk


def test_a_page_that_is_not_public_is_not_told_by_another(client: Client) -> None:
    shown, draft, private = (
        make_condition("Shown"),
        make_condition("Draft", live=False),
        make_condition("Private"),
    )
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    page = make_condition("Myoclonus", related=[draft, shown, private])
    doctor = make_doctor("Dr Example", conditions=[private, shown, draft])

    related = detail(client, page.pk)["related_conditions"]
    assert [link["condition"]["title"] for link in related] == ["Shown"]
    treated = detail(client, doctor.pk)["treated_conditions"]
    assert [link["condition"]["title"] for link in treated] == ["Shown"]


def test_a_draft_of_a_specialty_is_not_told(client: Client) -> None:
    shown, draft = make_specialty("Shown"), make_specialty("Draft", live=False)
    page = make_condition("Myoclonus", specialties=[draft, shown])
    doctor = make_doctor("Dr Example", specialties=[draft, shown])
    treating = detail(client, page.pk, "*,treating_specialties(specialty(name))")["treating_specialties"]
    assert [row["specialty"]["name"] for row in treating] == ["Shown"]
    assert [row["id"] for row in detail(client, doctor.pk)["specialties"]] == [shown.pk]


def test_an_alias_does_not_tell_of_a_private_original(client: Client) -> None:
    page = make_condition("Myoclonus")
    alias = page.create_alias(update_slug="myoclonus-alias")
    assert detail(client, alias.pk)["meta"]["alias_of"]["id"] == page.pk
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    assert detail(client, alias.pk)["meta"]["alias_of"] is None


@pytest.mark.parametrize("count", [2, 20])
def test_a_list_takes_as_many_queries_for_20_doctors_as_for_two(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    neurology, condition = make_specialty("Neurology"), make_condition("Myoclonus")
    for number in range(count):
        doctor = make_doctor(
            f"Dr {number}",
            practices=[make_practice(f"Practice {number}"), make_practice(f"Other {number}")],
            specialties=[neurology],
            conditions=[condition],
            languages=["lbj", "en"],
            registrations=[("Example Council", f"EX-{number}")],
        )
        doctor.photo = make_image(f"Dr {number}")
        doctor.education.add(DoctorEducation(institution="Example College", degree="MBBS"))
        doctor.memberships.add(DoctorMembership(organisation="Example Society"))
        doctor.save()
    query = {"type": "doctors.DoctorPage", "fields": "*", "limit": "20"}
    client.get("/api/v2/pages/", query)  # makes the renditions, and reads what a process reads once
    with django_assert_max_num_queries(15):
        response = client.get("/api/v2/pages/", query)
    items = response.json()["items"]
    assert len(items) == count
    assert items[0]["photo"]["url"]
    assert items[0]["education"][0]["institution"] == "Example College"
    assert items[0]["memberships"][0]["organisation"] == "Example Society"
    assert items[0]["registrations"][0]["number"] == "EX-0"
    assert items[0]["treated_conditions"][0]["condition"]["title"] == "Myoclonus"
    with django_assert_max_num_queries(17):
        query["fields"] = "*,practices(practice(*)),specialties(*)"
        response = client.get("/api/v2/pages/", query)
    assert response.json()["items"][0]["practices"][0]["practice"]["name"].startswith("Practice")


@pytest.mark.parametrize("count", [2, 20])
def test_a_list_takes_as_many_queries_for_20_articles_with_figures_as_for_two(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        shown = ("figure", figure(make_image(), f"Figure {number}"))
        make_condition(f"Condition {number}", sections=[("overview", "What is it?", [shown])])
    query = {"type": "conditions.ConditionPage", "fields": "*", "limit": "20", "order": "title"}
    client.get("/api/v2/pages/", query)  # makes the renditions, and reads what a process reads once
    with django_assert_max_num_queries(15):
        response = client.get("/api/v2/pages/", query)
    items = response.json()["items"]
    assert len(items) == count
    image = items[0]["body"][0]["value"]["content"][0]["value"]["image"]
    assert (image["alt"], image["width"]) == ("Figure 0", 8)
    assert image["url"].endswith(".webp")


def test_a_reviewer_has_a_portrait(client: Client) -> None:
    reviewer = make_reviewer(photo=make_image("A portrait"), photo_alt="Dr Sample, smiling.")
    page = make_condition("Myoclonus", reviewer=reviewer)
    shown = detail(client, page.pk, "reviewer(photo,photo_alt)")["reviewer"]
    assert shown["photo"]["url"].startswith("/media/images/")
    assert shown["photo_alt"] == "Dr Sample, smiling."


def test_a_link_in_rich_text_says_which_page_it_is_if_that_is_public(client: Client) -> None:
    tremor, draft = make_condition("Tremor"), make_condition("Draft", live=False)
    links = [f'<a linktype="page" id="{page}">link</a>' for page in (tremor.pk, draft.pk, 987654)]
    page = make_condition("Myoclonus", sections=[("overview", "What is it?", f"<p>{' '.join(links)}</p>")])

    text = detail(client, page.pk)["body"][0]["value"]["content"][0]["value"]

    shown = f'<a data-id="{tremor.translation_key}" data-kind="condition" data-slug="tremor">link</a>'
    assert text == f"<p>{shown} <a>link</a> <a>link</a></p>"


@pytest.mark.parametrize("rich_text_format", ["html", "db_html", "markdown", "db_markdown"])
def test_rich_text_in_each_form(client: Client, rich_text_format: str) -> None:
    page = make_condition(
        sections=[("overview", "What is it?", '<p><a linktype="page" id="987654">gone</a></p>')]
    )
    response = client.get(f"/api/v2/pages/{page.pk}/", {"rich_text_format": rich_text_format})
    assert "gone" in response.content.decode()
