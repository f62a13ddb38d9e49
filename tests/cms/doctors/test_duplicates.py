"""Doctors who were entered twice: refused, warned of, and reported."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupPagePermission
from wagtail.test.utils.form_data import inline_formset

from cms.doctors import duplicates
from cms.doctors.models import DoctorIndexPage, DoctorPage, DoctorRegistration
from tests.cms.admin import PUBLISH, add_page, doctor_form, errors_of
from tests.cms.factories import make_doctor, make_locale, make_practice

NPI = "1234567893"
WARNING = "may have been entered twice"


def npi_form(number: str, **changes: object) -> dict[str, object]:
    row = {"authority": "NPPES", "scheme": "npi", "number": number}
    return doctor_form(registrations=inline_formset([row]), **changes)


def edit_page(client: Client, page: DoctorPage) -> str:
    return client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()


@pytest.mark.parametrize("action", [{}, PUBLISH])
def test_an_npi_with_a_wrong_digit_is_refused_with_the_reason(
    admin_client: Client, doctor_index: DoctorIndexPage, action: dict[str, str]
) -> None:
    response = add_page(admin_client, doctor_index, "doctors.doctorpage", npi_form("1234567890") | action)
    assert "would be 3" in errors_of(response)
    assert not DoctorPage.objects.exists()


def test_an_npi_is_given_once(admin_client: Client, doctor_index: DoctorIndexPage) -> None:
    response = add_page(admin_client, doctor_index, "doctors.doctorpage", npi_form(NPI) | PUBLISH)
    assert response.status_code == 302, errors_of(response)
    again = npi_form(NPI, title="Dr Other", slug="dr-other")
    response = add_page(admin_client, doctor_index, "doctors.doctorpage", again)
    assert "belongs to another doctor here: Dr Example One" in errors_of(response)
    assert DoctorRegistration.objects.get().number == NPI


def test_the_same_doctor_in_two_languages_has_one_npi(admin_client: Client, db: None) -> None:
    doctor = make_doctor("Dr Example One", npi=NPI)
    translated = doctor.copy_for_translation(make_locale("hi"), copy_parents=True)
    response = admin_client.post(
        reverse("wagtailadmin_pages:edit", args=[translated.pk]),
        npi_form(NPI, slug=translated.slug) | PUBLISH,
    )
    assert response.status_code == 302, errors_of(response)
    assert duplicates.of(doctor) == []
    assert duplicates.among(DoctorPage.objects.all()) == []
    assert WARNING not in edit_page(admin_client, doctor)


def test_the_editor_is_warned_of_the_same_registration(admin_client: Client, db: None) -> None:
    doctor = make_doctor("Dr First", registrations=[("Example Council", "Ex-1")])
    other = make_doctor("Dr Second", registrations=[("EXAMPLE COUNCIL", "EX-1"), ("Another Council", "9")])
    unlike = make_doctor("Dr Third", registrations=[("Another Council", "Ex-1")])
    html = edit_page(admin_client, doctor)
    assert WARNING in html
    assert reverse("wagtailadmin_pages:edit", args=[other.pk]) in html
    assert "Dr Third" not in html
    assert WARNING not in edit_page(admin_client, unlike)


def test_the_editor_is_warned_of_the_same_name_at_one_practice(admin_client: Client, db: None) -> None:
    leh, suva = make_practice("Leh"), make_practice("Suva")
    doctor = make_doctor("Dr Same Name", practices=[leh])
    make_doctor("dr same name", practices=[suva, leh])
    elsewhere = make_doctor("Dr Same Name", practices=[suva])
    (found,) = duplicates.of(doctor)
    assert [other.title for other in found[1]] == ["dr same name"]
    assert WARNING in edit_page(admin_client, doctor)
    elsewhere.practices = []
    elsewhere.save_revision()
    assert WARNING not in edit_page(admin_client, elsewhere), "a draft is looked at as it was saved last"


def test_an_alias_is_no_duplicate(admin_client: Client, db: None) -> None:
    doctor = make_doctor("Dr First", registrations=[("Example Council", "EX-1")], practices=[make_practice()])
    doctor.create_alias(update_slug="dr-alias")
    assert duplicates.of(doctor) == []
    assert duplicates.among(DoctorPage.objects.all()) == []


def test_the_report_names_what_is_in_common_and_whom(admin_client: Client, db: None) -> None:
    leh = make_practice("Leh Hospital")
    for name, number in (("Dr Same", "1"), ("Dr Same", "2"), ("Dr Other", "2"), ("Dr Alone", "3")):
        make_doctor(name, practices=[leh], registrations=[("Example Council", number)])
    html = admin_client.get(reverse("doctor_duplicates")).content.decode()
    assert "EXAMPLE COUNCIL: 2" in html
    assert "DR SAME, Leh Hospital" in html
    assert "Dr Other" in html
    assert "Dr Alone" not in html
    exported = admin_client.get(reverse("doctor_duplicates"), {"export": "csv"})
    rows = b"".join(exported.streaming_content).decode()  # type: ignore[attr-defined]
    assert "EXAMPLE COUNCIL: 2,Dr Other; Dr Same" in rows


def test_an_empty_report_says_so(admin_client: Client, db: None) -> None:
    make_doctor("Dr Alone")
    html = admin_client.get(reverse("doctor_duplicates")).content.decode()
    assert "No doctors seem to be entered twice" in html


def test_the_report_keeps_to_what_the_user_may_explore(client: Client, doctor_index: DoctorIndexPage) -> None:
    for _ in range(2):
        make_doctor(registrations=[("Example Council", "1")])
    user = User.objects.create_user("elsewhere", "e@example.org", "p")
    group = Group.objects.create(name="Elsewhere")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    user.groups.add(group)
    client.force_login(user)
    change = Permission.objects.get(codename="change_page")
    conditions = doctor_index.get_siblings().exclude(pk=doctor_index.pk).get()
    GroupPagePermission.objects.create(group=group, page=conditions, permission=change)
    assert client.get(reverse("doctor_duplicates")).status_code == 302, (
        "who may edit no doctor sees no report"
    )
    for doctor, is_shown in zip(DoctorPage.objects.all(), (False, True), strict=True):
        GroupPagePermission.objects.create(group=group, page=doctor, permission=change)
        html = client.get(reverse("doctor_duplicates")).content.decode()
        assert ("EXAMPLE COUNCIL" in html) == is_shown
