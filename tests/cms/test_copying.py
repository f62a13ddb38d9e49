"""Copies and aliases made in the admin: a slug stays free once per language, wherever they go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from cms.home.models import HomePage
from tests.cms.admin import errors_of
from tests.cms.factories import make_condition, make_doctor, make_locale

pytestmark = pytest.mark.django_db

PAGES = pytest.mark.parametrize("make", [make_condition, make_doctor])
WAYS = pytest.mark.parametrize("way", [{}, {"publish_copies": "on"}, {"alias": "on"}], ids=str)


def another_home() -> HomePage:
    """As there is one for each language."""
    home = HomePage(title="Elsewhere", slug="elsewhere", locale=make_locale("hi"))
    Page.get_first_root_node().add_child(instance=home)
    return home


def copy(client: Client, page: Page, parent: Page, **data: Any) -> Any:
    form = {"new_title": page.title, "new_slug": page.slug, "new_parent_page": parent.pk} | data
    return client.post(reverse("wagtailadmin_pages:copy", args=[page.pk]), form)


@PAGES
@WAYS
def test_a_page_copied_elsewhere_needs_another_slug(
    admin_client: Client, make: Callable[[], Page], way: dict[str, str]
) -> None:
    page = make()
    index = page.get_parent().specific_class(title="Elsewhere", slug="folder")
    another_home().add_child(instance=index)
    response = copy(admin_client, page, index, **way)
    assert "in this language already has this slug" in errors_of(response)
    assert not Page.objects.child_of(index).exists()
    assert copy(admin_client, page, index, new_slug="another-slug", **way).status_code == 302
    (copied,) = Page.objects.child_of(index)
    assert (copied.slug, copied.locale) == ("another-slug", page.locale)


@PAGES
@WAYS
def test_a_folder_is_copied_without_its_pages(
    admin_client: Client, make: Callable[[], Page], way: dict[str, str]
) -> None:
    page = make()
    folder, home = page.get_parent(), another_home()
    url = reverse("wagtailadmin_pages:copy", args=[folder.pk])
    html = BeautifulSoup(admin_client.get(url).content, "html.parser")
    (box,) = html.select("input[name=copy_subpages]")
    assert box.has_attr("disabled")
    assert not box.has_attr("checked")
    assert "cannot have the same slug" in str(html)
    assert copy(admin_client, folder, home, copy_subpages="on", **way).status_code == 302
    (copied,) = Page.objects.child_of(home)
    assert copied.specific_class is folder.specific_class
    assert not Page.objects.child_of(copied).exists()
    assert type(page).objects.get() == page


def test_an_empty_folder_is_copied(admin_client: Client) -> None:
    home = another_home()
    folder = HomePage.objects.get(locale__language_code="en").get_children()[0]
    assert copy(admin_client, folder, home).status_code == 302
    assert Page.objects.child_of(home).count() == 1
