"""What an editor is told, on the page itself and as its panel loads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings
from wagtail.models import GroupPagePermission, Page, PageViewRestriction

from cms.doctors.models import DoctorPage
from cms.doctors.practices import Practice
from cms.feed.digests import digest
from cms.feed.kinds import kinds
from cms.feed.models import Change
from cms.search_status import presence as module
from cms.taxonomy.models import Specialty
from tests.cms import factories
from tests.cms.search_status.conftest import client_of, make_user
from tests.cms.search_status.fake_search import FakeSearch

pytestmark = pytest.mark.django_db

MAKE: dict[str, Callable[..., Any]] = {
    "condition": factories.make_condition,
    "doctor": factories.make_doctor,
    "specialty": factories.make_specialty,
}


def url_of(instance: Model, name: str = "presence_results") -> str:
    return reverse(f"search_status:{name}", args=[instance._meta.label_lower, instance.pk])


def told(client: Client, instance: Model) -> str:
    response = client.get(url_of(instance))
    assert response.status_code == 200
    return text_of(response)


def text_of(response: Any) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())


def is_waiting(client: Client, instance: Model) -> bool:
    return b"data-w-init-delay-value" in client.get(url_of(instance)).content


def entity_of(kind: str, instance: Any) -> str:
    return f"{kind}/{instance.translation_key}/{instance.locale.language_code}"


def current(kind: str, instance: Any) -> str:
    key = (instance.translation_key, instance.locale.language_code)
    return digest(kinds()[kind].render([key[0]])[key])


def hold(search: FakeSearch, kind: str, *instances: Any) -> None:
    """The search service has them as they are published now."""
    for instance in instances:
        search.digests[entity_of(kind, instance)] = current(kind, instance)


def log(kind: str, instance: Any, seq: int) -> None:
    """The last change of it is at `seq`."""
    Change.objects.filter(key=instance.translation_key).delete()
    Change.objects.create(
        seq=seq, kind=kind, key=instance.translation_key, locale=instance.locale.language_code
    )


@pytest.mark.parametrize("kind", sorted(MAKE))
def test_the_whole_life_of_an_entity(admin_client: Client, search: FakeSearch, kind: str) -> None:
    instance: Any = MAKE[kind]("One")
    entity = entity_of(kind, instance)

    assert "Not in search yet" in told(admin_client, instance)
    assert is_waiting(admin_client, instance)

    search.digests[entity] = "of an older version"
    assert "older version" in told(admin_client, instance)
    assert is_waiting(admin_client, instance)

    hold(search, kind, instance)
    assert told(admin_client, instance) == "Found in search: this version."
    assert not is_waiting(admin_client, instance)

    setattr(instance, "name" if kind == "specialty" else "title", "Another name")
    instance.save()
    assert "older version" in told(admin_client, instance)


@pytest.mark.parametrize("kind", ["condition", "doctor"])
def test_what_is_not_public(admin_client: Client, search: FakeSearch, kind: str) -> None:
    page: Any = MAKE[kind]("One")
    hold(search, kind, page)
    page.unpublish()
    assert "still in search" in told(admin_client, page)
    assert is_waiting(admin_client, page)
    search.digests.clear()
    assert told(admin_client, page).startswith("Not in search: it is not published.")
    assert not is_waiting(admin_client, page)


def test_what_is_private(admin_client: Client, search: FakeSearch) -> None:
    page = factories.make_doctor()
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    assert told(admin_client, page).startswith("Not in search: it is private.")


def test_a_draft_of_what_is_published(admin_client: Client, search: FakeSearch) -> None:
    page = factories.make_doctor("As published")
    hold(search, "doctor", page)
    page.title = "As nobody sees it yet"
    page.save_revision()
    assert told(admin_client, page) == "Found in search: the published version."


def test_a_refusal_says_why(admin_client: Client, search: FakeSearch) -> None:
    page = factories.make_doctor()
    log("doctor", page, seq=7)
    search.refused[entity_of("doctor", page)] = {"seq": 7, "error": "lat: <b>91</b> is too much"}
    words = told(admin_client, page)
    assert "refused this version: it is not in search" in words
    assert "lat: <b>91</b> is too much" in words  # as text
    search.digests[entity_of("doctor", page)] = "of an older version"
    assert "refused this version and keeps an older one" in told(admin_client, page)
    assert not is_waiting(admin_client, page)


def test_a_refusal_of_a_version_before_says_nothing_of_this_one(
    admin_client: Client, search: FakeSearch
) -> None:
    page = factories.make_doctor()
    log("doctor", page, seq=8)
    search.refused[entity_of("doctor", page)] = {"seq": 7, "error": "bad"}
    assert "Not in search yet" in told(admin_client, page)
    assert is_waiting(admin_client, page)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"code": 500}, "status 500"),
        ({"code": 401}, "FEED_TOKEN"),
        ({"raw": b"<html>"}, "not JSON"),
        ({"silent_s": 1.0}, "no answer within"),
    ],
    ids=str,
)
def test_a_search_service_that_cannot_be_asked_is_shown_as_such(
    admin_client: Client, search: FakeSearch, changes: dict[str, Any], reason: str
) -> None:
    for name, value in changes.items():
        setattr(search, name, value)
    doctor = factories.make_doctor(practices=[practice := factories.make_practice()])
    for instance in (doctor, practice):
        words = told(admin_client, instance)
        assert "The search service cannot be reached" in words
        assert reason in words
        assert not is_waiting(admin_client, instance)


def test_a_practice_is_in_the_documents_of_its_doctors(admin_client: Client, search: FakeSearch) -> None:
    practice, elsewhere = factories.make_practice("Here"), factories.make_practice("Elsewhere")
    assert told(admin_client, practice).startswith("Not in search: no published doctor works here.")
    factories.make_doctor(practices=[elsewhere])
    factories.make_doctor(practices=[practice], live=False)
    assert told(admin_client, practice).startswith("Not in search: no published doctor works here.")
    assert search.asked == []

    first = factories.make_doctor(practices=[practice, elsewhere])
    assert "0 of the 1 doctor who works here" in told(admin_client, practice)
    hold(search, "doctor", first)
    assert told(admin_client, practice) == "Found in search: this version, with the doctor who works here."

    second = factories.make_doctor(practices=[practice])
    assert "1 of the 2 doctors" in told(admin_client, practice)
    assert is_waiting(admin_client, practice)
    hold(search, "doctor", second)
    assert told(admin_client, practice) == "Found in search: this version, with all 2 doctors."
    assert not is_waiting(admin_client, practice)

    Practice.objects.filter(pk=practice.pk).update(name="Moved")
    assert "0 of the 2 doctors" in told(admin_client, practice)


def test_doctors_of_a_practice_who_were_refused(admin_client: Client, search: FakeSearch) -> None:
    practice = factories.make_practice()
    doctors = [factories.make_doctor(practices=[practice]) for _ in range(3)]
    hold(search, "doctor", doctors[0])
    log("doctor", doctors[1], seq=70)
    search.refused[entity_of("doctor", doctors[1])] = {"seq": 70, "error": "bad"}
    assert "1 of the 3 doctors who work here. 1 was refused." in told(admin_client, practice)
    assert is_waiting(admin_client, practice)
    hold(search, "doctor", doctors[2])
    assert not is_waiting(admin_client, practice)


def test_of_very_many_doctors_some_are_looked_at(
    admin_client: Client, search: FakeSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_DOCTORS", 5)
    practice = factories.make_practice()
    hold(search, "doctor", *(factories.make_doctor(practices=[practice]) for _ in range(7)))
    words = told(admin_client, practice)
    assert "with all 5 doctors that were looked at. 7 doctors work here." in words


def test_queries_do_not_grow_with_the_doctors(
    admin_client: Client, search: FakeSearch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    practice = factories.make_practice()
    factories.make_doctor(practices=[practice])
    told(admin_client, practice)
    with CaptureQueriesContext(
        connection,
    ) as few:
        told(admin_client, practice)
    for _ in range(9):
        factories.make_doctor(practices=[practice])
    with django_assert_num_queries(len(few)):
        told(admin_client, practice)


@pytest.mark.parametrize("kind", [*sorted(MAKE), "practice"])
def test_the_editor_does_not_wait_for_the_search_service(
    admin_client: Client, search: FakeSearch, kind: str
) -> None:
    """Its panel loads what there is to say, and is a link to it where there are no scripts."""
    instance: Any = factories.make_practice() if kind == "practice" else MAKE[kind]("One")
    edit = (
        reverse("wagtailadmin_pages:edit", args=[instance.pk])
        if isinstance(instance, Page)
        else reverse(f"wagtailsnippets_{instance._meta.app_label}_{kind}:edit", args=[instance.pk])
    )
    page = BeautifulSoup(admin_client.get(edit).content, "html.parser")
    (panel,) = page.select("[data-w-swap-target-value='#search-status']")
    assert search.requests == []
    assert panel["data-w-swap-src-value"] == url_of(instance)
    link = panel.select_one("a[href]")
    assert link
    response = admin_client.get(str(link["href"]))
    assert response.status_code == 200
    assert "search" in text_of(response)
    assert edit in [a["href"] for a in BeautifulSoup(response.content, "html.parser").select("a[href]")]
    assert len(search.requests) == (0 if kind == "practice" else 1)


@pytest.mark.parametrize("kind", ["doctor", "specialty", "practice"])
def test_there_is_nothing_to_say_of_what_is_not_saved_yet(admin_client: Client, kind: str) -> None:
    index = factories.doctor_index()
    add = {
        "doctor": reverse("wagtailadmin_pages:add", args=["doctors", "doctorpage", index.pk]),
        "specialty": reverse("wagtailsnippets_taxonomy_specialty:add"),
        "practice": reverse("wagtailsnippets_doctors_practice:add"),
    }
    response = admin_client.get(add[kind])
    assert response.status_code == 200
    assert b"search-status" not in response.content


def test_only_whoever_may_edit_is_told(search: FakeSearch) -> None:
    doctor, specialty = factories.make_doctor("Dr Secret"), factories.make_specialty("Secret")
    for name in ("presence", "presence_results"):
        assert Client().get(url_of(doctor, name)).url.startswith("/admin/login/")  # type: ignore[attr-defined]
        client = client_of(make_user(f"stranger to {name}"))
        for instance in (doctor, specialty):
            response = client.get(url_of(instance, name), follow=True)
            assert b"Secret" not in response.content
            assert b"do not have permission" in response.content
    assert search.requests == []

    user = make_user("specialist", "change_specialty")
    assert "Not in search yet" in told(client_of(user), specialty)
    assert client_of(user).get(url_of(doctor)).status_code == 302
    GroupPagePermission.objects.create(
        group=user.groups.get(), page=factories.doctor_index(), permission_type="change"
    )
    assert "Not in search yet" in told(client_of(user), doctor)


@pytest.mark.parametrize(
    "at",
    [
        ["doctors.doctorpage", 10**30],
        ["doctors.doctorpage", 0],
        ["auth.user", 1],
        ["wagtailcore.page", 1],
        ["doctors.doctorpage\x00", 1],
        ["x", 1],
    ],
    ids=str,
)
def test_what_is_not_there_is_not_found(admin_client: Client, search: FakeSearch, at: list[Any]) -> None:
    for name in ("presence", "presence_results"):
        assert admin_client.get(reverse(f"search_status:{name}", args=at)).status_code == 404
    assert search.requests == []


def test_another_kind_of_page_is_not_found_as_a_doctor(admin_client: Client, search: FakeSearch) -> None:
    at = [DoctorPage._meta.label_lower, factories.make_condition().pk]
    assert admin_client.get(reverse("search_status:presence", args=at)).status_code == 404


def test_each_translation_is_an_entity_of_its_own(admin_client: Client, search: FakeSearch) -> None:
    english = factories.make_specialty("Neurology")
    hindi = english.copy_for_translation(factories.make_locale("hi"))
    hindi.save()
    assert isinstance(hindi, Specialty)
    hold(search, "specialty", english)
    assert "Found in search" in told(admin_client, english)
    assert "Not in search yet" in told(admin_client, hindi)


def test_the_default_time_is_short(settings: Settings) -> None:
    assert settings.SEARCH_TIMEOUT_SECONDS <= 1
