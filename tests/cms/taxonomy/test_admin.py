"""Specialties as editors make them, through the real admin views."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset

from cms.taxonomy.models import Specialty, SpecialtyName
from tests.cms.admin import errors_of, specialty_form
from tests.cms.factories import make_locale, make_specialty

ADD = "wagtailsnippets_taxonomy_specialty:add"


def test_a_specialty_is_made_and_renamed(admin_client: Client) -> None:
    form = specialty_form(
        practitioner_name="Neurologist", schema_org_code="Neurologic", nucc_code="2084N0400X"
    )
    assert admin_client.post(reverse(ADD), form).status_code == 302
    specialty = Specialty.objects.get()
    assert (specialty.locale.language_code, specialty.nucc_code) == ("en", "2084N0400X")
    edit = reverse("wagtailsnippets_taxonomy_specialty:edit", args=[specialty.pk])
    assert admin_client.get(edit).status_code == 200
    assert admin_client.post(edit, form | {"name": "Neurology and sleep"}).status_code == 302
    assert Specialty.objects.get().name == "Neurology and sleep"


def test_other_names_are_given_and_those_dangerous_alone_are_ticked(admin_client: Client) -> None:
    names = [{"name": "ENT", "exact_only": "on"}, {"name": "Ear, nose and throat"}]
    form = specialty_form(name="Otolaryngology", slug="otolaryngology", alternate_names=inline_formset(names))
    assert admin_client.post(reverse(ADD), form).status_code == 302
    specialty = Specialty.objects.get()
    rows = [(row.name, row.exact_only) for row in specialty.alternate_names.all()]
    assert rows == [("ENT", True), ("Ear, nose and throat", False)]
    edit = reverse("wagtailsnippets_taxonomy_specialty:edit", args=[specialty.pk])
    html = BeautifulSoup(admin_client.get(edit).content, "html.parser")
    ticked = {box["name"] for box in html.select("input[type=checkbox][checked][name$=exact_only]")}
    assert ticked == {"alternate_names-0-exact_only"}
    assert "dangerous alone" in str(html)
    assert "Other names" in str(html)


def test_a_translation_has_other_names_of_its_own(specialty: Specialty) -> None:
    specialty.alternate_names = [SpecialtyName(name="Neuro", exact_only=True), SpecialtyName(name="Nerves")]
    specialty.save()
    translation = specialty.copy_for_translation(make_locale("hi"))
    translation.save()
    assert not SpecialtyName.objects.filter(specialty=translation.pk).exists()
    assert specialty.alternate_names.count() == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "required"),
        ({"name": "a\x00b"}, "Null characters"),
        ({"name": "n" * 256}, "at most 255"),
        ({"description": "d" * 1001}, "at most 1000"),
        ({"slug": "no/slash"}, "valid “slug”"),
        ({"schema_org_code": "neurologic disease"}, "as schema.org writes it"),
        ({"nucc_code": "2084"}, "Nine capital letters"),
        ({"alternate_names": inline_formset([{"name": ""}])}, "required"),
        ({"alternate_names": inline_formset([{"name": "n" * 256}])}, "at most 255"),
        ({"alternate_names": inline_formset([{"name": "a\x00b"}])}, "Null characters"),
    ],
)
def test_a_form_error_says_what_is_wrong(admin_client: Client, changes: dict[str, Any], said: str) -> None:
    assert said in errors_of(admin_client.post(reverse(ADD), specialty_form(**changes)))
    assert not Specialty.objects.exists()


def test_a_slug_is_free_once_per_language(admin_client: Client, specialty: Specialty) -> None:
    assert "already has this slug" in errors_of(admin_client.post(reverse(ADD), specialty_form()))
    make_locale("hi")
    assert admin_client.post(reverse(ADD) + "?locale=hi", specialty_form()).status_code == 302
    assert Specialty.objects.filter(slug="neurology").count() == 2


def test_specialties_are_listed_and_searched(admin_client: Client) -> None:
    make_specialty("Neurology", practitioner_name="Neurologist")
    make_specialty("Cardiology", practitioner_name="Cardiologist")
    url = reverse("wagtailsnippets_taxonomy_specialty:list")
    assert "Cardiologist" in admin_client.get(url).content.decode()
    html = admin_client.get(url, {"q": "neuro"}).content.decode()
    assert "Neurologist" in html
    assert "Cardiologist" not in html
