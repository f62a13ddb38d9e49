"""Doctors and practices as editors make them, through the real admin views."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, rich_text

from cms.doctors.models import DoctorIndexPage, DoctorPage
from cms.doctors.practices import Practice
from cms.taxonomy.models import Specialty
from tests.cms.admin import PUBLISH, add_page, contentstate, doctor_form, errors_of, practice_form
from tests.cms.factories import make_condition, make_doctor, make_locale, make_practice, make_specialty

ADD_PRACTICE = "wagtailsnippets_doctors_practice:add"


def test_a_doctor_is_made_and_published_with_practices(
    admin_client: Client, doctor_index: DoctorIndexPage, specialty: Specialty
) -> None:
    leh, suva = make_practice("Leh"), make_practice("Suva", lat=-18.1416, lng=178.4419, country="FJ")
    myoclonus = make_condition("Myoclonus")
    response = add_page(
        admin_client,
        doctor_index,
        "doctors.doctorpage",
        doctor_form(
            specialties=[specialty.pk],
            treated_conditions=inline_formset([{"condition": myoclonus.pk}]),
            verified_at="2026-10-02",
            telehealth="on",
            telehealth_countries=inline_formset([{"country": "IN"}, {"country": "BT"}]),
            practising_since="2004",
            practices=inline_formset(
                [{"practice": leh.pk, "accepting_new_patients": "on"}, {"practice": suva.pk}]
            ),
            languages=inline_formset([{"language": "lbj"}, {"language": "en"}]),
            registrations=inline_formset([{"authority": "Example Council", "number": "EX-1"}]),
        )
        | PUBLISH,
    )
    assert response.status_code == 302, errors_of(response)
    doctor = DoctorPage.objects.get()
    assert doctor.live
    assert doctor.slug == "dr-example-one"
    assert [(p.practice, p.accepting_new_patients) for p in doctor.practices.all()] == [
        (leh, True),
        (suva, False),
    ]
    assert [language.language for language in doctor.languages.all()] == ["lbj", "en"]
    assert list(doctor.specialties.all()) == [specialty]
    assert [row.condition for row in doctor.treated_conditions.all()] == [myoclonus]
    assert doctor.verified_at == datetime.date(2026, 10, 2)
    assert doctor.telehealth
    assert [row.country for row in doctor.telehealth_countries.all()] == ["IN", "BT"]
    assert doctor.practising_since == 2004
    assert doctor.locale == doctor_index.locale


def test_the_editor_sees_the_form_with_its_labels(
    admin_client: Client, doctor_index: DoctorIndexPage
) -> None:
    doctor = make_doctor("Dr Shown", practices=[make_practice()])
    for url in (
        reverse("wagtailadmin_pages:add", args=["doctors", "doctorpage", doctor_index.pk]),
        reverse("wagtailadmin_pages:edit", args=[doctor.pk]),
    ):
        html = admin_client.get(url).content.decode()
        for words in (
            "Full name",
            "Practices",
            "is listed nowhere",
            "Registrations",
            "Verified on",
            "Languages",
            "began to practise",
            "Telehealth countries",
        ):
            assert words in html
        assert "Page title" not in html


def test_only_specialties_of_the_pages_language_are_offered(
    admin_client: Client, doctor_index: DoctorIndexPage, specialty: Specialty
) -> None:
    make_specialty("Tantrika-vigyan", locale=make_locale("hi"))
    url = reverse("wagtailadmin_pages:add", args=["doctors", "doctorpage", doctor_index.pk])
    html = admin_client.get(url).content.decode()
    assert "Neurology" in html
    assert "Tantrika-vigyan" not in html


def test_a_translated_doctor_keeps_what_was_chosen_in_the_source_language(
    admin_client: Client, doctor_index: DoctorIndexPage, specialty: Specialty
) -> None:
    doctor = make_doctor("Dr Example One", specialties=[specialty])
    translated = doctor.copy_for_translation(make_locale("hi"), copy_parents=True)
    url = reverse("wagtailadmin_pages:edit", args=[translated.pk])
    assert "Neurology" in admin_client.get(url).content.decode()
    response = admin_client.post(url, doctor_form(slug=translated.slug, specialties=[specialty.pk]) | PUBLISH)
    assert response.status_code == 302, errors_of(response)
    assert list(DoctorPage.objects.get(pk=translated.pk).specialties.all()) == [specialty]


def test_the_form_has_the_conditions_that_were_chosen_and_no_others(admin_client: Client, db: None) -> None:
    """There may be 10,000: they are looked for in a chooser."""
    make_condition("Another one")
    doctor = make_doctor(conditions=[make_condition("The chosen one")])
    html = admin_client.get(reverse("wagtailadmin_pages:edit", args=[doctor.pk])).content.decode()
    assert "The chosen one" in html
    assert "Another one" not in html


def test_a_condition_of_another_language_is_refused(
    admin_client: Client, doctor_index: DoctorIndexPage
) -> None:
    translated = make_condition("Myoclonus").copy_for_translation(make_locale("hi"), copy_parents=True)
    rows = inline_formset([{"condition": translated.pk}])
    response = add_page(
        admin_client, doctor_index, "doctors.doctorpage", doctor_form(treated_conditions=rows) | PUBLISH
    )
    assert "in another language" in errors_of(response)


def test_swapping_two_practices_is_no_repeat(admin_client: Client, db: None) -> None:
    leh, suva = make_practice("Leh"), make_practice("Suva")
    doctor = make_doctor(practices=[leh, suva])
    first, second = doctor.practices.all()
    rows = [{"id": first.pk, "practice": suva.pk}, {"id": second.pk, "practice": leh.pk}]
    response = admin_client.post(
        reverse("wagtailadmin_pages:edit", args=[doctor.pk]),
        doctor_form(slug=doctor.slug, practices=inline_formset(rows, initial=2)) | PUBLISH,
    )
    assert response.status_code == 302, errors_of(response)
    assert [row.practice for row in DoctorPage.objects.get().practices.all()] == [suva, leh]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"verified_at": "2999-01-01"}, "in the future"),
        ({"verified_at": "yesterday"}, "valid date"),
        ({"title": ""}, "required"),
        ({"title": "x" * 256}, "at most 255"),
        ({"given_name": "a\x00b"}, "Null characters"),
        ({"bio": rich_text("<p>a\x00b</p>")}, "Null characters"),
        ({"gender": "none"}, "valid choice"),
        ({"practising_since": "2999"}, "year is in the future"),
        ({"practising_since": "1899"}, "greater than or equal to 1900"),
        ({"practising_since": "-1"}, "greater than or equal to"),
        ({"practising_since": "9" * 30}, "less than or equal to"),
        ({"practising_since": "two"}, "whole number"),
        ({"telehealth": "on", "telehealth_countries": inline_formset([{"country": "XX"}])}, "valid choice"),
        (
            {"telehealth": "on", "telehealth_countries": inline_formset([{"country": "IN"}] * 2)},
            "in the list already",
        ),
        ({"telehealth_countries": inline_formset([{"country": "IN"}])}, "named for telehealth: tick this"),
        ({"specialties": ["987654"]}, "not one of the available choices"),
        ({"specialties": ["\x00"]}, "Null characters"),
        ({"treated_conditions": inline_formset([{"condition": "987654"}])}, "valid choice"),
        ({"languages": inline_formset([{"language": "xx-klingon"}])}, "valid choice"),
        ({"languages": inline_formset([{"language": "en"}, {"language": "en"}])}, "in the list already"),
        ({"registrations": inline_formset([{"authority": "A", "number": "9" * 65}])}, "at most 64"),
        ({"practices": inline_formset([{"practice": "987654"}])}, "valid choice"),
        ({"slug": "has spaces/and?more"}, "valid “slug”"),
    ],
)
def test_a_form_error_says_what_is_wrong(
    admin_client: Client, doctor_index: DoctorIndexPage, changes: dict[str, Any], said: str
) -> None:
    response = add_page(admin_client, doctor_index, "doctors.doctorpage", doctor_form(**changes) | PUBLISH)
    assert said in errors_of(response)
    assert not DoctorPage.objects.exists()


def test_telehealth_is_given_up_with_its_countries(
    admin_client: Client, doctor_index: DoctorIndexPage
) -> None:
    doctor = make_doctor(telehealth=True, telehealth_countries=["IN"])
    row = {"id": doctor.telehealth_countries.get().pk, "country": "IN", "DELETE": "on"}
    response = admin_client.post(
        reverse("wagtailadmin_pages:edit", args=[doctor.pk]),
        doctor_form(slug=doctor.slug, telehealth_countries=inline_formset([row], initial=1)) | PUBLISH,
    )
    assert response.status_code == 302, errors_of(response)
    doctor = DoctorPage.objects.get()
    assert (doctor.telehealth, doctor.telehealth_countries.count()) == (False, 0)


def test_the_same_practice_twice_is_refused(admin_client: Client, doctor_index: DoctorIndexPage) -> None:
    practice = make_practice()
    rows = [{"practice": practice.pk}, {"practice": practice.pk}]
    response = add_page(
        admin_client,
        doctor_index,
        "doctors.doctorpage",
        doctor_form(practices=inline_formset(rows)) | PUBLISH,
    )
    assert "in the list already" in errors_of(response)


def test_a_slug_in_use_is_refused(admin_client: Client, doctor_index: DoctorIndexPage) -> None:
    make_doctor("Dr Example One")
    response = add_page(admin_client, doctor_index, "doctors.doctorpage", doctor_form() | PUBLISH)
    assert "already" in errors_of(response)


@pytest.mark.parametrize(
    "bio",
    [
        contentstate("<script>alert(1)</script>"),
        contentstate("x<img src=x onerror=alert(1)>", link="javascript:alert(1)"),
        contentstate("x", link=" JaVaScRiPt:alert(1)"),
        contentstate("x", link="data:text/html,<script>alert(1)</script>"),
        contentstate("x", link='https://example.org/"><script>alert(1)</script>'),
        contentstate("x", type="script"),
        contentstate("x", inlineStyleRanges=[{"offset": 0, "length": 1, "style": "SCRIPT"}]),
    ],
)
def test_what_is_harmful_in_a_biography_is_made_harmless(
    admin_client: Client, doctor_index: DoctorIndexPage, bio: str
) -> None:
    response = add_page(admin_client, doctor_index, "doctors.doctorpage", doctor_form(bio=bio) | PUBLISH)
    assert response.status_code == 302, errors_of(response)
    stored = BeautifulSoup(DoctorPage.objects.get().bio, "html.parser")
    assert {tag.name for tag in stored.find_all()} <= {"p", "a"}
    assert all(str(tag.get("href", "https:")).startswith("https:") for tag in stored.find_all())
    assert not stored.select("[onerror]")


def test_a_practice_is_made_and_moved(admin_client: Client) -> None:
    assert admin_client.post(reverse(ADD_PRACTICE), practice_form()).status_code == 302
    practice = Practice.objects.get()
    edit = reverse("wagtailsnippets_doctors_practice:edit", args=[practice.pk])
    assert admin_client.get(edit).status_code == 200
    response = admin_client.post(edit, practice_form(lat="-18.1416", lng="178.4419", country="FJ"))
    assert response.status_code == 302
    moved = Practice.objects.get()
    assert (moved.lat, moved.lng, moved.country) == (-18.1416, 178.4419, "FJ")
    assert moved.uuid == practice.uuid


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lat": "90.01"}, "between -90 and 90"),
        ({"lng": "-180.5"}, "between -180 and 180"),
        ({"lat": "0", "lng": "0"}, "(0, 0)"),
        ({"lat": "", "lng": ""}, "required"),
        ({"lat": "nan"}, "Enter a number"),
        ({"lng": "inf"}, "Enter a number"),
        ({"lat": "1e999"}, "Enter a number"),
        ({"lat": "34,15"}, "Enter a number"),
        ({"country": "XX"}, "valid choice"),
        ({"name": "n" * 256}, "at most 255"),
        ({"name": "a\x00b"}, "Null characters"),
        ({"phone": "1" * 33}, "at most 32"),
    ],
)
def test_a_bad_practice_is_a_form_error(admin_client: Client, changes: dict[str, str], said: str) -> None:
    response = admin_client.post(reverse(ADD_PRACTICE), practice_form(**changes))
    assert said in errors_of(response)
    assert not Practice.objects.exists()


def test_practices_are_searched_and_filtered(admin_client: Client) -> None:
    make_practice("Leh Hospital")
    make_practice("Suva Clinic", country="FJ")
    url = reverse("wagtailsnippets_doctors_practice:list")
    for query in ({"q": "suva"}, {"country": "FJ"}):
        html = admin_client.get(url, query).content.decode()
        assert "Suva Clinic" in html
        assert "Leh Hospital" not in html


def test_a_practice_in_use_is_not_deleted(admin_client: Client) -> None:
    practice = make_practice()
    make_doctor(practices=[practice])
    url = reverse("wagtailsnippets_doctors_practice:delete", args=[practice.pk])
    admin_client.post(url)
    assert Practice.objects.filter(pk=practice.pk).exists()
