"""The listing of doctors in the admin, and the explorer of their folder."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupPagePermission

from cms.doctors.models import DoctorIndexPage, DoctorPage
from cms.doctors.practices import Practice
from cms.taxonomy.models import Specialty
from tests.cms.factories import make_doctor, make_locale, make_practice, make_specialty

LISTING = reverse("doctors:index")


@pytest.fixture
def directory(db: None) -> tuple[Specialty, Practice]:
    neurology, cardiology = make_specialty("Neurology"), make_specialty("Cardiology")
    leh, suva = make_practice("Leh Hospital"), make_practice("Suva Clinic", locality="Suva", country="FJ")
    make_doctor(
        "Dr Angmo",
        practices=[leh, suva],
        specialties=[neurology, cardiology],
        languages=["en", "bo"],
        registrations=[("Example Council", "Ex-1")],
        verified_at=datetime.date(2026, 10, 2),
        telehealth=True,
    )
    dorje = make_doctor("Dr Dorje", practices=[suva], specialties=[cardiology], languages=["en"])
    dorje.practices.update(accepting_new_patients=False)
    dorje.title = "Dr Dorje, renamed in a draft"
    dorje.save_revision()
    make_doctor("Dr Draft", live=False, verified_at=datetime.date(2020, 1, 1))
    return neurology, leh


def named(client: Client, url: str = LISTING, **query: Any) -> set[str]:
    """The doctors that are listed, without their prefix."""
    response = client.get(url, query)
    assert response.status_code == 200
    page = BeautifulSoup(response.content, "html.parser")
    titles = [cell.get_text(" ", strip=True) for cell in page.select("tbody td.title")]
    return {name for name in ("Angmo", "Dorje", "Draft") if any(f"Dr {name}" in title for title in titles)}


ALL = {"Angmo", "Dorje", "Draft"}


FOUND: list[tuple[dict[str, str], set[str]]] = [
    ({}, ALL),
    ({"country": "FJ"}, {"Angmo", "Dorje"}),
    ({"country": "IN"}, {"Angmo"}),
    ({"practice": "leh hos"}, {"Angmo"}),
    ({"practice": "SUVA"}, {"Angmo", "Dorje"}),
    ({"practice": "Hospital"}, set()),
    ({"accepting": "yes"}, {"Angmo"}),
    ({"accepting": "no"}, {"Dorje", "Draft"}),
    ({"without_practice": "true"}, {"Draft"}),
    ({"without_practice": "false"}, {"Angmo", "Dorje"}),
    ({"language": "bo"}, {"Angmo"}),
    ({"telehealth": "true"}, {"Angmo"}),
    ({"telehealth": "false"}, {"Dorje", "Draft"}),
    ({"not_verified_since": "2026-01-01"}, {"Dorje", "Draft"}),
    ({"not_verified_since": "2026-10-02"}, {"Dorje", "Draft"}),
    ({"not_verified_since": "2026-10-03"}, ALL),
    ({"never_verified": "true"}, {"Dorje"}),
    ({"never_verified": "false"}, {"Angmo", "Draft"}),
    ({"registration": "EX-1"}, {"Angmo"}),
    ({"registration": "EX"}, set()),
    ({"status": "live"}, {"Angmo", "Dorje"}),
    ({"status": "changed"}, {"Dorje"}),
    ({"status": "draft"}, {"Draft"}),
    ({"q": "dorj"}, {"Dorje"}),
    ({"q": "dr", "country": "FJ", "telehealth": "true", "status": "live"}, {"Angmo"}),
    ({"q": "dr", "ordering": "verified_at"}, ALL),
    ({"q": "dr", "ordering": "-latest_revision_created_at", "never_verified": "true"}, {"Dorje"}),
    ({"q": "dr", "status": "changed"}, {"Dorje"}),
    ({"q": "dr", "not_verified_since": "2026-01-01"}, {"Dorje", "Draft"}),
    # What cannot be understood filters nothing, and the form says so.
    ({"country": "XX"}, ALL),
    ({"not_verified_since": "yesterday"}, ALL),
    ({"specialty": "x"}, ALL),
    ({"ordering": "bio"}, ALL),
    ({"p": "99"}, ALL),
    ({"ordering": "ord"}, ALL),
    ({"ordering": "ord", "q": "dr"}, ALL),
]


def test_doctors_are_found(admin_client: Client, directory: object, doctor_index: DoctorIndexPage) -> None:
    explorer = reverse("wagtailadmin_explore", args=[doctor_index.pk])
    for number, (query, found) in enumerate(FOUND):
        # The rules are the same in both: each of them in turn.
        url = explorer if number % 3 == 0 else LISTING
        assert named(admin_client, url, **query) == found, query


def test_by_specialty_and_locale(admin_client: Client, directory: tuple[Specialty, Practice]) -> None:
    neurology, _ = directory
    assert named(admin_client, specialty=neurology.pk) == {"Angmo"}
    DoctorPage.objects.get(title="Dr Angmo").copy_for_translation(make_locale("hi"), copy_parents=True)
    assert named(admin_client, locale="hi") == {"Angmo"}
    assert named(admin_client, locale="en") == ALL


def test_a_row_tells_what_one_needs_to_know(admin_client: Client, directory: object) -> None:
    html = admin_client.get(LISTING, {"q": "angmo"}).content.decode()
    assert "2 October 2026" in html or "Oct. 2, 2026" in html
    text = " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())
    assert "Cardiology, Neurology" in text
    assert "Leh Hospital, Leh, IN; Suva Clinic, Suva, FJ" in text


def test_of_many_practices_some_are_named(admin_client: Client, db: None) -> None:
    make_doctor(practices=[make_practice(f"Practice {number}") for number in range(4)])
    html = admin_client.get(LISTING).content.decode()
    assert "2 more" in html
    assert "Practice 3" not in html


def test_as_many_queries_for_many_doctors_as_for_two(
    admin_client: Client, directory: object, django_assert_max_num_queries: Any
) -> None:
    admin_client.get(LISTING)
    with django_assert_max_num_queries(40) as few:
        admin_client.get(LISTING)
    for number in range(10):
        make_doctor(
            practices=[make_practice(), make_practice()],
            specialties=[make_specialty()],
            languages=["en"],
            registrations=[("Example Council", str(number))],
        )
    with django_assert_max_num_queries(len(few)):
        admin_client.get(LISTING)


@pytest.mark.parametrize("where", ["listing", "explorer"])
def test_the_export_has_what_the_filters_leave(
    admin_client: Client, directory: object, doctor_index: DoctorIndexPage, where: str
) -> None:
    url = LISTING if where == "listing" else reverse("wagtailadmin_explore", args=[doctor_index.pk])
    response: Any = admin_client.get(url, {"export": "csv", "telehealth": "true"})
    head, *rows = b"".join(response.streaming_content).decode().splitlines()
    assert head.startswith("Page,Name,Credentials,")
    (row,) = rows
    assert "Dr Angmo" in row
    assert '"Cardiology, Neurology","Leh Hospital, Leh; Suva Clinic, Suva","FJ, IN"' in row
    assert admin_client.get(url, {"export": "xlsx"}).status_code == 200


def test_the_menu_leads_there(admin_client: Client, db: None) -> None:
    assert LISTING in admin_client.get(reverse("wagtailadmin_home")).content.decode()


def test_an_empty_directory_says_how_to_begin(admin_client: Client, doctor_index: DoctorIndexPage) -> None:
    html = admin_client.get(LISTING).content.decode()
    assert reverse("doctors:choose_parent") in html
    response = admin_client.get(reverse("doctors:choose_parent"))
    assert response.status_code == 302
    assert response["Location"] == reverse(
        "wagtailadmin_pages:add", args=["doctors", "doctorpage", doctor_index.pk]
    )


def test_who_may_edit_some_pages_sees_the_doctors_among_them(
    client: Client, directory: object, doctor_index: DoctorIndexPage
) -> None:
    group = Group.objects.create(name="Elsewhere")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    user = User.objects.create_user("elsewhere", "e@example.org", "p")
    user.groups.add(group)
    client.force_login(user)
    change = Permission.objects.get(codename="change_page")
    conditions = doctor_index.get_siblings().exclude(pk=doctor_index.pk).get()
    GroupPagePermission.objects.create(group=group, page=conditions, permission=change)
    assert LISTING not in client.get(reverse("wagtailadmin_home")).content.decode()
    assert client.get(LISTING).status_code == 302
    page = DoctorPage.objects.get(title="Dr Angmo")
    GroupPagePermission.objects.create(group=group, page=page, permission=change)
    assert LISTING in client.get(reverse("wagtailadmin_home")).content.decode()
    assert named(client) == {"Angmo"}
