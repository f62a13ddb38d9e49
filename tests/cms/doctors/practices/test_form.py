"""What a practice says of itself, in the admin's form and in the feed."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset

from cms.doctors.practices import Practice
from cms.feed.kinds import kinds
from tests.cms.admin import errors_of, practice_form
from tests.cms.factories import make_doctor, make_practice

ADD = "wagtailsnippets_doctors_practice:add"
EDIT = "wagtailsnippets_doctors_practice:edit"
LIST = "wagtailsnippets_doctors_practice:list"

WEEKDAYS = [{"day": day, "opens": "09:00", "closes": "17:30"} for day in range(5)]


def test_a_practice_is_described_in_full(admin_client: Client) -> None:
    form = practice_form(
        kind="hospital",
        country="US",
        phone="(202) 555-0143",
        website="hospital.example",
        time_zone="America/New_York",
        opening_hours=inline_formset([{"day": 6, "opens": "22:00", "closes": "06:00"}, *WEEKDAYS[:1]]),
        accessibility=["lift", "step-free-entrance"],
    )
    response = admin_client.post(reverse(ADD), form)
    assert response.status_code == 302, errors_of(response)
    practice = Practice.objects.get()
    doctor = make_doctor(practices=[practice])
    (document,) = kinds()["doctor"].render([doctor.translation_key]).values()
    (shown,) = document["practices"]
    assert {
        "phone": "+12025550143",
        "website": "https://hospital.example",
        "kind": "hospital",
        "time_zone": "America/New_York",
        "opening_hours": [
            {"day": "monday", "opens": "09:00", "closes": "17:30"},
            {"day": "sunday", "opens": "22:00", "closes": "06:00"},
        ],
        "accessibility": ["step-free-entrance", "lift"],
    }.items() <= shown.items()

    page = BeautifulSoup(admin_client.get(reverse(EDIT, args=[practice.pk])).content, "html.parser")
    assert [box["value"] for box in page.select("[name=accessibility][checked]")] == [
        "step-free-entrance",
        "lift",
    ]
    assert [field.get("value") for field in page.select("[name$='-opens']")[:2]] == ["09:00", "22:00"]


def test_the_time_zone_is_filled_in_where_there_is_one_only(admin_client: Client) -> None:
    for country, zone in (("IN", "Asia/Kolkata"), ("US", "")):
        response = admin_client.post(reverse(ADD), practice_form(country=country, time_zone=""))
        assert response.status_code == 302, errors_of(response)
        assert Practice.objects.get(country=country).time_zone == zone


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"phone": "call the reception"}, "no telephone number. Write it as one dials it in India"),
        ({"website": "javascript:alert(1)"}, "valid URL"),
        ({"website": "ftp://hospital.example/"}, "valid URL"),
        ({"website": "https://hospital.example/" + "x" * 500}, "at most 500"),
        ({"kind": "spa"}, "valid choice"),
        ({"time_zone": "Mars/Olympus"}, "valid choice"),
        ({"accessibility": ["spa"]}, "valid choice"),
        ({"accessibility": ["\x00"]}, "valid choice"),
        ({"opening_hours": inline_formset([*WEEKDAYS, *WEEKDAYS[:1]])}, "Overlaps"),
        ({"opening_hours": inline_formset([WEEKDAYS[0] | {"closes": "09:00"}])}, "For the whole day"),
        ({"opening_hours": inline_formset([WEEKDAYS[0] | {"closes": "25:00"}])}, "valid time"),
        ({"opening_hours": inline_formset([WEEKDAYS[0] | {"closes": ""}])}, "required"),
        ({"opening_hours": inline_formset([WEEKDAYS[0] | {"day": "7"}])}, "valid choice"),
        ({"opening_hours": inline_formset([WEEKDAYS[0]] * 51)}, "at most 50"),
        (
            {"opening_hours": inline_formset(WEEKDAYS), "country": "US", "time_zone": ""},
            "in which time zone",
        ),
    ],
)
def test_what_cannot_be_is_a_form_error(admin_client: Client, changes: dict[str, Any], said: str) -> None:
    response = admin_client.post(reverse(ADD), practice_form(**changes))
    assert said in errors_of(response)
    assert not Practice.objects.exists()


def test_a_number_stored_before_numbers_were_checked_is_shown_as_to_be_mended(admin_client: Client) -> None:
    practice = make_practice("Old", phone="call the reception")
    edit = reverse(EDIT, args=[practice.pk])
    assert "To be mended: this is no telephone number" in admin_client.get(edit).content.decode()
    assert "call the reception (to be mended)" in admin_client.get(reverse(LIST)).content.decode()
    # It does not stand in the way of another change,
    response = admin_client.post(edit, practice_form(phone="call the reception", street="1 Main Street"))
    assert response.status_code == 302, errors_of(response)
    assert (Practice.objects.get().phone, Practice.objects.get().street) == (
        "call the reception",
        "1 Main Street",
    )
    # but is not changed into another fault.
    response = admin_client.post(edit, practice_form(phone="call me"))
    assert "no telephone number" in errors_of(response)
    assert admin_client.post(edit, practice_form(phone="+1 202 555 0143")).status_code == 302
    assert "to be mended" not in admin_client.get(reverse(LIST)).content.decode()
