"""Specialties as editors make them, through the real admin views."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from cms.taxonomy.models import Specialty
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
    ],
)
def test_a_form_error_says_what_is_wrong(admin_client: Client, changes: dict[str, str], said: str) -> None:
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
