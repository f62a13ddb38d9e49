"""Searches in the admin: what comes first, and what is asked and kept for that."""

from __future__ import annotations

from io import StringIO

import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Page
from wagtail.search.backends import get_search_backend
from wagtail.search.models import IndexEntry

from cms.doctors.practices import Practice
from tests.cms.factories import make_condition, make_doctor, make_practice

pytestmark = pytest.mark.django_db

MATCHES = {"sqlite": "MATCH", "postgresql": "@@"}


def test_the_shortest_name_that_has_the_words_comes_first(admin_client: Client) -> None:
    for name in ("Epilepsy of childhood", "Absence epilepsy", "Epilepsy"):
        make_condition(name)
    make_doctor("Dr Epil Sample", bio="<p>Epilepsy.</p>")
    found = Page.objects.all().autocomplete("epil")
    titles = ["Epilepsy", "Dr Epil Sample", "Absence epilepsy", "Epilepsy of childhood"]
    assert [page.title for page in found] == titles
    assert len(found) == 4
    page = admin_client.get(reverse("wagtailadmin_pages:search"), {"q": "epil"})
    shown = BeautifulSoup(page.content, "html.parser").select("table .title-wrapper")
    assert [title.get_text(strip=True).removesuffix("English") for title in shown] == titles


@pytest.mark.sqlite
def test_no_match_is_ranked_by_itself() -> None:
    sql = str(Page.objects.all().autocomplete("dr").get_queryset().query)
    assert sql.count("MATCH") == 1
    assert "bm25" not in sql


def test_how_many_there_are_is_asked_once_for_all_kinds(admin_client: Client) -> None:
    for name in ("Epilepsy", "Absence epilepsy"):
        make_condition(name)
    make_doctor("Dr Epil Sample")
    with CaptureQueriesContext(connection) as queries:
        page = admin_client.get(reverse("wagtailadmin_pages:search"), {"q": "epil"})
    matching = [query for query in queries if MATCHES[connection.vendor] in query["sql"]]
    assert len(matching) == 2  # how many by kind; the page that is shown
    assert [(kind.model, number) for kind, number in page.context["content_types"]] == [
        ("conditionpage", 2),
        ("doctorpage", 1),
    ]
    assert page.context["all_pages"].count() == page.context["paginator"].count == 3
    only = {"q": "epil", "content_type": "doctors.doctorpage"}
    page = admin_client.get(reverse("wagtailadmin_pages:search"), only)
    assert (page.context["all_pages"].count(), page.context["paginator"].count) == (3, 1)


def test_a_search_that_says_its_order_keeps_it() -> None:
    for name, country in (("Clinic B of Leh", "IN"), ("Clinic A of Paro", "BT"), ("Clinic C", "NP")):
        make_practice(name, country=country)
    backend = get_search_backend()
    found = backend.autocomplete("clinic", Practice.objects.order_by("country"), order_by_relevance=False)
    assert [practice.country for practice in found] == ["BT", "IN", "NP"]
    assert [practice.country for practice in backend.autocomplete("clinic", Practice)] == ["NP", "IN", "BT"]


@pytest.mark.postgresql
def test_to_save_a_page_reads_no_entries_of_others() -> None:
    doctor = make_doctor("Dr Epil Sample")
    with CaptureQueriesContext(connection) as queries:
        doctor.save()
    of_index = [query["sql"] for query in queries if IndexEntry._meta.db_table in query["sql"]]
    assert [sql.split()[0] for sql in of_index] == ["INSERT"]


@pytest.mark.postgresql
def test_the_planner_knows_how_large_a_new_index_is() -> None:
    """Before autovacuum comes by. It would look up each of 100,000 matches by itself."""
    for number in range(20):
        make_practice(f"Clinic {number}")
    call_command("update_index", stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [IndexEntry._meta.db_table])
        assert cursor.fetchone() == (IndexEntry.objects.count(),)
