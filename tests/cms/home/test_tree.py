"""The page tree that the migration plants, and what may grow where."""

from __future__ import annotations

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale, Page, Site

from cms.conditions.models import ConditionIndexPage, ConditionPage
from cms.doctors.models import DoctorIndexPage, DoctorPage
from cms.home.models import HomePage

pytestmark = pytest.mark.django_db


def test_the_tree_is_planted_once_and_whole() -> None:
    home = HomePage.objects.get()
    assert Site.objects.get(is_default_site=True).root_page_id == home.pk
    assert [type(page) for page in home.get_children().specific()] == [ConditionIndexPage, DoctorIndexPage]
    assert [page.slug for page in home.get_children()] == ["conditions", "doctors"]
    pages = Page.objects.all()
    assert pages.count() == 4
    assert {page.locale for page in pages} == {Locale.get_default()}
    assert len({page.translation_key for page in pages}) == 4
    assert all(page.live for page in pages)
    assert [len(problems) for problems in Page.find_problems()] == [0] * 5


def test_each_kind_grows_in_its_own_index() -> None:
    assert ConditionPage.allowed_parent_page_models() == [ConditionIndexPage]
    assert DoctorPage.allowed_parent_page_models() == [DoctorIndexPage]
    assert ConditionPage.allowed_subpage_models() == DoctorPage.allowed_subpage_models() == []
    home = HomePage.objects.get()
    assert not DoctorIndexPage.can_create_at(home)  # there is one
    assert not HomePage.can_create_at(Page.get_first_root_node())


def test_the_tree_is_planted_for_another_language(admin_client: Client) -> None:
    home = HomePage.objects.get()
    assert admin_client.post(reverse("wagtaillocales:add"), {"language_code": "hi"}).status_code == 302
    hindi = Locale.objects.get(language_code="hi")
    translated = DoctorIndexPage.objects.get(locale=hindi)
    assert translated.translation_key == DoctorIndexPage.objects.get(locale=home.locale).translation_key
    assert translated.get_parent().specific == HomePage.objects.get(locale=hindi)


def test_no_page_of_the_tree_has_a_face(admin_client: Client) -> None:
    for page in Page.objects.filter(depth__gt=1).specific():
        assert page.url is None
        assert not page.is_previewable()
        assert admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200
        assert admin_client.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk])).status_code < 500


def test_the_editor_sees_the_tree(admin_client: Client) -> None:
    html = admin_client.get(
        reverse("wagtailadmin_explore", args=[HomePage.objects.get().pk])
    ).content.decode()
    assert "Conditions" in html
    assert "Doctors" in html
    html = admin_client.get(reverse("wagtailadmin_home")).content.decode()
    for menu_item in ("Practices", "Specialties", "Reviewers"):
        assert menu_item in html


@pytest.mark.sqlite
def test_what_is_below_a_page_is_read_by_an_index() -> None:
    home = HomePage.objects.get()
    below = home.get_descendants()
    assert "path>? AND path<?" in below.explain()
    assert set(below) == {page for page in Page.objects.all() if page.depth > home.depth}
    paths = {page.path for page in Page.objects.all()}
    for start in (*paths, "", "000", "0001000100010001Z", "Z"):
        found = Page.objects.filter(path__startswith=start).values_list("path", flat=True)
        assert set(found) == {path for path in paths if path.startswith(start)}, start
    # What begins with another column's value, as treebeard asks for it.
    own = Page.objects.filter(path__startswith=models.F("path"))
    assert own.count() == len(paths)
