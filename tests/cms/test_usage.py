"""Where a snippet is used, however often that is."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.cms.factories import make_doctor, make_practice

pytestmark = pytest.mark.django_db


def test_each_is_listed_once_and_no_page_reads_the_others(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    practice = make_practice("Leh Hospital")
    names = {f"Dr {number}" for number in range(45)}
    for name in names:
        make_doctor(name, practices=[practice])
    url = reverse("wagtailsnippets_doctors_practice:usage", args=[practice.pk])
    listed = []
    for page, rows in ((1, 20), (2, 20), (3, 5)):
        with django_assert_max_num_queries(rows + 15):
            response = admin_client.get(url, {"p": page})
        shown = BeautifulSoup(response.content, "html.parser").select("table .title-wrapper")
        assert len(shown) == rows
        listed += [title.get_text(strip=True) for title in shown]
    assert sorted(listed) == sorted(names)


def test_what_is_used_nowhere(admin_client: Client) -> None:
    url = reverse("wagtailsnippets_doctors_practice:usage", args=[make_practice().pk])
    assert admin_client.get(url).status_code == 200
