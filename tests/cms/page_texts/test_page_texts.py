"""Texts of pages as editors write them, through the real admin views."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from cms.page_texts.feed import render
from cms.page_texts.models import TEXTS, PageTexts
from cms.page_texts.placeholders import Sort
from tests.cms import factories
from tests.cms.admin import errors_of, page_texts_form
from tests.cms.languages.translating import submit

pytestmark = pytest.mark.django_db

EXAMPLES = Path(__file__).parents[3] / "contracts" / "feed" / "v1" / "examples"
URL = "wagtailsnippets_page_texts_pagetexts"
ADD = f"{URL}:add"


def texts(slug: str = "condition-in-place", language: str = "en") -> PageTexts:
    return PageTexts.objects.get(slug=slug, locale__language_code=language)


def edit_url(of: PageTexts) -> str:
    return reverse(f"{URL}:edit", args=[of.pk])


def test_those_that_are_built_in_are_there_and_as_the_contract_has_them() -> None:
    built_in = import_module("cms.page_texts.migrations.0002_built_in").BUILT_IN
    for sort in Sort:
        example = json.loads((EXAMPLES / f"page_texts-{sort.value}.json").read_text())
        assert built_in[sort.value] == {name: example[name] for name in TEXTS}
        document = render([texts(sort.value).translation_key])[sort.key, "en"]
        assert document == example | {"fallback_for": []}


def test_they_are_listed_by_what_they_are_for(admin_client: Client) -> None:
    html = admin_client.get(reverse(f"{URL}:list")).content.decode()
    assert all(label in html for label in Sort.labels)


def test_the_form_says_what_may_stand_in_braces_and_keeps_what_it_is_for(admin_client: Client) -> None:
    html = admin_client.get(edit_url(texts("specialty"))).content.decode()
    assert "In it may stand {specialty}, {summary}." in html
    assert "{place}, {region}" not in html
    form = page_texts_form(slug="condition", title="All on {specialty}", heading="{specialty}")
    form |= {"meta_description": "{summary}", "doctors_heading": "Doctors", "article_heading": "About"}
    assert admin_client.post(edit_url(texts("specialty")), form).status_code == 302
    assert texts("specialty").title == "All on {specialty}"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "required"),
        ({"title": "{plaec}: {condition} in {place}"}, "{plaec} stands for nothing here. There are {condition}, {place}"),
        ({"title": "{specialty} {condition} {place}"}, "{specialty} stands for nothing here"),
        ({"title": "{summary} {condition} {place}"}, "{summary} stands for nothing here"),
        ({"title": "{condition} {place.__class__} {place}"}, "{place.__class__} stands for nothing here"),
        ({"title": "{condition} {place} {}"}, "{} stands for nothing here"),
        ({"title": "{condition} in {place"}, "A brace has no other: write {condition}."),
        ({"title": "{{condition}} in {place}"}, "A brace has no other"),
        ({"title": "Doctors for {condition}"}, "{place} is missing"),
        ({"heading": "Doctors"}, "{condition}, {place} are missing: without them,"),
        ({"meta_description": "{summary}"}, "{place} is missing"),
        ({"doctors_heading": "<b>Doctors</b>"}, "without < and >"),
        ({"doctors_heading": "Doctors\nnear"}, "One line only"),
        ({"doctors_heading": "Doctors\x00"}, "Null characters"),
        ({"article_heading": "a" * 151}, "at most 150"),
        ({"meta_description": "{place}" + "a" * 300}, "at most 300"),
    ],
)  # fmt: skip
def test_not_even_a_draft_is_saved_that_could_not_be_published(
    admin_client: Client, changes: dict[str, str], said: str
) -> None:
    form = page_texts_form(**changes)
    del form["action-publish"]
    assert said in errors_of(admin_client.post(edit_url(texts()), form))
    assert not texts().has_unpublished_changes


def test_there_is_one_of_each_in_a_language(admin_client: Client) -> None:
    said = errors_of(admin_client.post(reverse(ADD), page_texts_form()))
    assert "These pages have texts in this language already." in said
    said = errors_of(admin_client.post(reverse(ADD), page_texts_form(slug="doctor")))
    assert "not one of the available choices" in said
    texts().delete()
    assert admin_client.post(reverse(ADD), page_texts_form()).status_code == 302
    assert texts().translation_key == Sort.CONDITION_IN_PLACE.key


def test_a_translation_that_was_begun_is_published_once_it_is_one(admin_client: Client) -> None:
    translation = submit(admin_client, texts(), factories.make_locale("hi"))
    as_they_were = {name: getattr(texts(), name) for name in TEXTS}
    admin_client.post(edit_url(translation), page_texts_form(**as_they_were))
    assert not texts(language="hi").live
    admin_client.post(edit_url(translation), page_texts_form(title="{place} में {condition} के डॉक्टर"))
    assert texts(language="hi").live
    assert texts(language="hi").translation_key == texts().translation_key


@pytest.mark.parametrize("sort", Sort)
def test_the_preview_shows_the_shortest_name_and_the_longest(admin_client: Client, sort: Sort) -> None:
    names = ["Ague", "Chronic obstructive <i>disease</i>"]
    make: Any = factories.make_condition if sort.subject == "condition" else factories.make_specialty
    for name in names:
        make(name)
    url = reverse(f"{URL}:preview_on_edit", args=[texts(sort.value).pk])
    title = f"On {{{sort.subject}}}" + (" in {place}, {country}" if sort.in_place else "")
    fields = dict.fromkeys(TEXTS, title)
    sent = admin_client.post(url, page_texts_form(slug=sort.value, **fields))
    assert sent.json() == {"is_valid": True, "is_available": True}
    shown = BeautifulSoup(admin_client.get(url).content, "html.parser")
    places = [" in Leh, India", " in Thiruvananthapuram, India"] if sort.in_place else ["", ""]
    expected = [f"On {name}{place}" for name, place in zip(names, places, strict=True)]
    assert [tag.get_text() for tag in shown.select("h1")] == expected
    assert [tag.get_text() for tag in shown.select(".title")] == expected
    assert [tag.get_text() for tag in shown.select(".count")] == [
        f"{len(text)} characters" for text in expected
    ]


def test_a_preview_before_there_is_anything(admin_client: Client) -> None:
    """In a language without names, of new texts, and of none."""
    factories.make_locale("hi")
    url = reverse(f"{URL}:preview_on_add") + "?locale=hi"
    assert admin_client.post(url, page_texts_form()).json()["is_valid"]
    assert "Asthma in Leh: doctors" in admin_client.get(url).content.decode()
    assert not admin_client.post(url, {}).json()["is_valid"]
