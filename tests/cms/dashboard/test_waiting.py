"""What waits for whom, on the admin's first page and in the lists that it leads to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from wagtail.log_actions import log
from wagtail.models import Page

from cms.dashboard import panels
from cms.dashboard.panels import lines_for
from cms.dashboard.waiting import LISTS, WaitingList
from cms.doctors.practices import Practice
from cms.feed.scheduled import REFUSED
from cms.roles.groups import DIRECTORY_MANAGERS, EDITORS, GROUPS, MEDICAL_REVIEWERS, PUBLISHERS
from tests.cms.factories import make_condition, make_doctor, make_practice
from tests.cms.search_status.fake_search import FakeSearch, a_status

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
A_YEAR_AGO = TODAY - timedelta(days=365)
REVIEWS = "Published articles whose review is due"
DRAFTS, SCHEDULES = "Drafts of yours", "Pages that were to be published by now"
DOCTORS, PRACTICES = "doctors not verified", "Practices without a position"


def user_of(*roles: str) -> User:
    user = User.objects.create_user("-".join(roles).replace(" ", "") or "nobody")
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def panel(client: Client) -> str:
    page = BeautifulSoup(client.get(reverse("wagtailadmin_home")).content, "html.parser")
    (section,) = page.select("#waiting-section")
    return " ".join(section.get_text(" ").split())


def told(user: User) -> dict[str, str]:
    """Counts by the beginning of their line."""
    starts = (REVIEWS, DRAFTS, SCHEDULES, DOCTORS, PRACTICES)
    return {next(start for start in starts if start in line.text): line.count for line in lines_for(user)}


def refuse_schedule(page: Page) -> None:
    revision = page.save_revision(approved_go_live_at=timezone.now() - timedelta(hours=1))
    log(page, REFUSED, revision=revision, data={"reason": "summary: This field cannot be blank."})


def test_nothing_waits_in_an_empty_cms() -> None:
    for role in GROUPS:
        client = client_of(user_of(role))
        assert "Nothing." in panel(client)


def test_reviews_wait_for_who_may_edit_articles(admin_client: Client, admin_user: User) -> None:
    make_condition("Reviewed well", last_reviewed=TODAY, next_review=TODAY + timedelta(days=500))
    make_condition("Draft", live=False)
    assert REVIEWS not in told(admin_user)
    make_condition("Overdue", last_reviewed=A_YEAR_AGO, next_review=TODAY - timedelta(days=1))
    make_condition("Without a date")
    assert told(user_of(EDITORS))[REVIEWS] == told(user_of(MEDICAL_REVIEWERS))[REVIEWS] == "2"
    assert REVIEWS not in told(user_of(DIRECTORY_MANAGERS))
    html = admin_client.get(reverse("reviews_due")).content.decode()
    assert "Without a date" in html
    assert "Reviewed well" not in html


def test_doctors_are_verified_once_a_year(admin_client: Client, admin_user: User) -> None:
    make_doctor("Dr Just", verified_at=A_YEAR_AGO)
    make_doctor("Dr Draft", live=False)
    assert DOCTORS not in told(admin_user)
    make_doctor("Dr Old", verified_at=A_YEAR_AGO - timedelta(days=1))
    make_doctor("Dr Never")
    assert told(admin_user)[DOCTORS] == "2"
    html = admin_client.get(reverse("dashboard_unverified-doctors")).content.decode()
    assert html.index("Dr Never") < html.index("Dr Old")
    assert "Dr Just" not in html
    assert "Dr Draft" not in html


def test_practices_that_cannot_be_found_or_called(admin_client: Client, admin_user: User) -> None:
    make_practice("Good", phone="+911982252360")
    make_practice("Silent", phone="")
    assert PRACTICES not in told(admin_user)
    make_practice("Null Island", lat=0, lng=0)
    make_practice("Old number", phone="01982 252360")
    assert told(admin_user)[PRACTICES] == "2"
    html = admin_client.get(reverse("dashboard_practices-to-mend")).content.decode()
    assert "Null Island" in html
    assert reverse("wagtailsnippets_doctors_practice:edit", args=[Practice.objects.get(lat=0).pk]) in html
    assert "Silent" not in html


def test_my_drafts_are_what_i_edited_last() -> None:
    me, other = user_of(EDITORS), user_of(EDITORS, PUBLISHERS)
    for number, who in enumerate([me, me, other]):
        make_condition(f"Draft {number}", live=False).save_revision(user=who)
    published = make_doctor("Published").save_revision(user=me)
    published.publish()
    assert told(me)[DRAFTS] == "2"
    html = client_of(me).get(reverse("dashboard_my-drafts")).content.decode()
    assert "Draft 1" in html
    assert "Draft 2" not in html
    assert "Published" not in html.split("<table")[1]
    # No longer in any group: what one may not edit does not wait for one.
    me.groups.set(Group.objects.filter(name=DIRECTORY_MANAGERS))
    assert DRAFTS not in told(User.objects.get(pk=me.pk))


def test_refused_schedules_wait_for_who_may_publish_there(admin_user: User) -> None:
    refuse_schedule(make_condition("Article", live=False))
    refuse_schedule(make_doctor("Dr Example", live=False))
    scheduled = make_doctor("Dr Later", live=False)
    scheduled.save_revision(approved_go_live_at=timezone.now() + timedelta(hours=1))
    assert told(user_of(EDITORS)) == told(user_of(MEDICAL_REVIEWERS)) == {}
    assert told(user_of(DIRECTORY_MANAGERS)) == {SCHEDULES: "1"}
    publisher = user_of(PUBLISHERS)
    assert told(publisher) == {SCHEDULES: "2"}
    html = client_of(publisher).get(reverse("dashboard_refused-schedules")).content.decode()
    assert "Article" in html
    assert "Dr Later" not in html
    doctor = Page.objects.get(title="Dr Example")
    doctor.get_latest_revision().publish(user=admin_user)
    assert told(publisher)[SCHEDULES] == "1"


def test_each_sees_what_is_theirs() -> None:
    make_doctor("Dr Never")
    make_practice("Null Island", lat=0, lng=0)
    assert told(user_of(EDITORS)) == told(user_of(MEDICAL_REVIEWERS)) == {}
    assert told(user_of(DIRECTORY_MANAGERS)) == {DOCTORS: "1", PRACTICES: "1"}
    assert told(user_of(PUBLISHERS)) == {DOCTORS: "1"}
    # Nor do the lists, asked for by their address, show more.
    html = client_of(User.objects.get(username=EDITORS)).get(reverse("dashboard_unverified-doctors"))
    assert b"Dr Never" not in html.content
    response = client_of(User.objects.get(username=EDITORS)).get(reverse("dashboard_practices-to-mend"))
    assert (response.status_code, response.headers["Location"]) == (302, reverse("wagtailadmin_home"))


def test_each_count_leads_to_its_list(admin_client: Client) -> None:
    make_doctor("<script>alert(1)</script>")
    page = BeautifulSoup(admin_client.get(reverse("wagtailadmin_home")).content, "html.parser")
    (link,) = page.select("#waiting-section li a")
    assert " ".join(link.get_text(" ").split()) == "Published doctors not verified for a year: 1"
    html = admin_client.get(str(link["href"])).content.decode()
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert(1)" not in html


def test_counting_stops(monkeypatch: pytest.MonkeyPatch, admin_user: User) -> None:
    monkeypatch.setattr(panels, "MANY", 2)
    for _ in range(2):
        make_doctor()
    assert told(admin_user)[DOCTORS] == "2"
    make_doctor()
    assert told(admin_user)[DOCTORS] == "more than 2"


@pytest.mark.parametrize("role", GROUPS)
def test_a_handful_of_queries(role: str) -> None:
    user = user_of(role)
    for _ in range(3):
        make_doctor(practices=[make_practice(lat=0, lng=0)])
    with CaptureQueriesContext(connection) as queries:
        lines_for(User.objects.get(pk=user.pk))
    assert len(queries) <= 10


@pytest.mark.parametrize("waiting", LISTS)
def test_lists_can_be_taken_away_and_loaded_in_part(admin_client: Client, waiting: type[WaitingList]) -> None:
    make_doctor("Dr Never", practices=[make_practice("Null Island", lat=0, lng=0)])
    for name, query in (("", ""), ("_results", ""), ("", "?export=csv"), ("", "?p=99"), ("", "?q=%00")):
        url = reverse(f"{waiting.url_name}{name}") + query
        assert admin_client.get(url).status_code == 200, url


# --- What search says


@pytest.fixture
def search(settings: Settings) -> Iterator[FakeSearch]:
    search = FakeSearch()
    settings.SEARCH_URL = search.url
    yield search
    search.close()


def test_what_search_refused_is_asked_for_later(search: FakeSearch) -> None:
    client = client_of(user_of(PUBLISHERS))
    search.code = 500
    assert "What search says" in panel(client)
    assert search.requests == []
    url = reverse("dashboard_search")
    assert "cannot be asked" in client.get(url).content.decode()
    search.code = 200
    assert "Search has refused no document." in client.get(url).content.decode()
    search.status = a_status(refused={"count": 3, "first": []})
    assert "Documents that search refused: <strong>3</strong>" in client.get(url).content.decode()


@pytest.mark.parametrize("role", [EDITORS, MEDICAL_REVIEWERS, DIRECTORY_MANAGERS, "nobody"])
def test_only_who_may_see_its_report_is_told(role: str, search: FakeSearch) -> None:
    client = client_of(user_of(role))
    response = client.get(reverse("dashboard_search"))
    assert response.status_code == 302
    assert search.requests == []
    if role in GROUPS:
        assert "What search says" not in panel(client)
