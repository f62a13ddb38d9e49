"""A practice's point is compared with the place that its address names, when it is saved.

The search service's answers are recorded; the real one is asked in tests/e2e/test_practices.py.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from wagtail.models import ModelLogEntry

from cms.doctors.practice_forms import OVERRIDE
from cms.doctors.practices import Practice
from tests.cms.admin import errors_of, practice_form
from tests.cms.factories import make_practice
from tests.cms.search_status.conftest import client_of, make_user
from tests.cms.search_status.fake_search import FakeSearch

ADD = "wagtailsnippets_doctors_practice:add"
EDIT = "wagtailsnippets_doctors_practice:edit"
FIND = "wagtailsnippets_doctors_practice:find_place"
NEIGHBOURS = "wagtailsnippets_doctors_practice:neighbours"

DOMKHAR = {"lat": "34.39", "lng": "76.76"}
THIMPHU = {"lat": "27.47", "lng": "89.64"}
EDGE_OF_DELHI = {"lat": "28.5", "lng": "76.95"}
OCEAN = {"lat": "-45", "lng": "-120"}
UNCHECKED = "was not checked, since the search service cannot be reached"


@pytest.fixture
def manager(db: None) -> User:
    """May write practices, but not override the check."""
    return make_user("manager", "add_practice", "change_practice", "view_practice")


@pytest.fixture
def overrider(db: None) -> User:
    return make_user("overrider", "add_practice", "change_practice", "view_practice", "override_place_check")


def add(client: Client, **changes: Any) -> Any:
    return client.post(reverse(ADD), practice_form(**changes), follow=True)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"locality": "LÉH "},
        {"locality": "Domkhar"} | DOMKHAR,
        {"locality": "Nowhereville"},  # a place that is not known is no objection
        {"locality": ""},
        {"locality": "New Delhi"} | EDGE_OF_DELHI,  # 32 km from the middle of ten million people
        # The namesake in Massachusetts is not the largest.
        {"locality": "Springfield", "country": "US", "lat": "42.1", "lng": "-72.59"},
        {"locality": "Thimphu", "country": "BT"} | THIMPHU,
        {"locality": ""} | OCEAN,  # nothing is near
    ],
)
def test_a_point_where_the_address_says_is_taken(
    places: FakeSearch, manager: User, changes: dict[str, str]
) -> None:
    response = add(client_of(manager), **changes)
    assert Practice.objects.exists(), errors_of(response)
    assert UNCHECKED not in response.content.decode()
    assert places.requests


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (DOMKHAR, "This point lies 80 km from Leh, Ladakh, India"),
        ({"locality": "लेह ", "lat": "34.39", "lng": "76.76"}, ""),  # not recorded: unknown
        (THIMPHU, "This point lies in Bhutan, 0.5 km from Thimphu; the address says India."),
        ({"locality": "Nowhereville"} | THIMPHU, "This point lies in Bhutan"),
        ({"locality": "Springfield", "country": "US"}, "This point lies in India, 0.4 km from Skara"),
        ({"locality": "Leh"} | OCEAN, "km from Leh, Ladakh, India"),
    ],
)
def test_a_point_elsewhere_is_refused_with_the_reason(
    places: FakeSearch, manager: User, changes: dict[str, str], said: str
) -> None:
    response = add(client_of(manager), **changes)
    if said:
        assert said in errors_of(response)
        assert "ask someone who may confirm the point" in errors_of(response)
    assert Practice.objects.exists() == (not said)


def test_the_limit_is_a_setting(places: FakeSearch, manager: User, settings: Settings) -> None:
    settings.CMS_PLACE_CHECK_KM = 81
    add(client_of(manager), **DOMKHAR)
    assert Practice.objects.exists()


def test_who_may_not_override_cannot_tick(places: FakeSearch, manager: User) -> None:
    assert "place_confirmed" not in client_of(manager).get(reverse(ADD)).content.decode()
    assert "80 km" in errors_of(add(client_of(manager), place_confirmed="on", **DOMKHAR))
    assert not Practice.objects.exists()


def test_who_may_override_ticks_and_that_is_stored_and_logged(
    places: FakeSearch, manager: User, overrider: User
) -> None:
    refused = errors_of(add(client_of(overrider), **DOMKHAR))
    assert "80 km" in refused
    assert "or, if it is so, tick" in refused
    add(client_of(overrider), place_confirmed="on", **DOMKHAR)
    practice = Practice.objects.get()
    assert practice.place_confirmed
    (entry,) = ModelLogEntry.objects.filter(action=OVERRIDE)
    assert (entry.user, entry.object_id) == (overrider, str(practice.pk))
    assert "80 km from Leh" in entry.message

    # Others may change the rest, but not move it elsewhere.
    edit = reverse(EDIT, args=[practice.pk])
    response = client_of(manager).post(edit, practice_form(street="1 Main Street", **DOMKHAR))
    assert response.status_code == 302, errors_of(response)
    assert Practice.objects.get().place_confirmed
    response = client_of(manager).post(edit, practice_form(lat="34.39", lng="76.7601"))
    assert Practice.objects.get().lng == 76.76
    places.places["/api/v1/places/nearest/?34.39,76.7601"] = {"results": []}
    assert "80 km" in errors_of(response)

    # What was confirmed once says nothing about another point.
    response = client_of(manager).post(edit, practice_form())
    assert response.status_code == 302, errors_of(response)
    assert not Practice.objects.get().place_confirmed
    assert "80 km" in errors_of(client_of(manager).post(edit, practice_form(**DOMKHAR)))
    assert ModelLogEntry.objects.filter(action=OVERRIDE).count() == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"code": 503},
        {"code": 404},
        {"raw": b"<html>"},
        {"raw": b"[]"},
        {"raw": b'{"results": [{}]}'},
        {"raw": b'{"results": [{"name": "x", "label": "x", "lat": NaN, "lng": 1, "population": 1}]}'},
        {"silent_s": 5.0},
        {"trickle_s": 0.5},
    ],
)
def test_when_the_search_service_is_away_saving_goes_on_with_a_warning(
    places: FakeSearch, manager: User, settings: Settings, answer: dict[str, Any]
) -> None:
    settings.SEARCH_TIMEOUT_SECONDS = 0.5
    for name, value in answer.items():
        setattr(places, name, value)
    client_of(manager).get(reverse(ADD))  # templates are read once
    begun = time.monotonic()
    response = add(client_of(manager), **DOMKHAR)
    assert Practice.objects.exists()
    assert UNCHECKED in response.content.decode()
    assert time.monotonic() - begun < 4.0  # the time-out once, and the views

    practice = Practice.objects.get()
    response = client_of(manager).post(
        reverse(EDIT, args=[practice.pk]), practice_form(name="Other", **DOMKHAR), follow=True
    )
    assert Practice.objects.get().name == "Other"
    assert UNCHECKED in response.content.decode()


def test_a_search_service_that_is_not_there_costs_a_warning(admin_client: Client, settings: Settings) -> None:
    settings.SEARCH_URL = "http://127.0.0.1:9"
    assert UNCHECKED in add(admin_client).content.decode()
    assert Practice.objects.exists()


def test_what_was_confirmed_stays_so_while_nobody_can_be_asked(places: FakeSearch, manager: User) -> None:
    practice = make_practice(lat=34.39, lng=76.76, place_confirmed=True)
    places.code = 503
    client_of(manager).post(reverse(EDIT, args=[practice.pk]), practice_form(**DOMKHAR))
    assert Practice.objects.get().place_confirmed


# --- What the map asks for.


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ({"locality": "Leh", "region": "Ladakh", "country": "IN"}, ["Leh, Ladakh, India"]),
        ({"locality": "Leh", "country": "BT"}, []),
        ({"locality": "Nowhereville", "country": "IN"}, []),
        ({"locality": "", "country": "IN"}, []),
        ({}, []),
    ],
)
def test_the_point_of_an_address_is_found(
    places: FakeSearch, manager: User, query: dict[str, str], labels: list[str]
) -> None:
    answer = client_of(manager).get(reverse(FIND), query).json()
    assert [place["label"] for place in answer["places"]] == labels
    if labels:
        leh = {"lat": 34.16504, "lng": 77.58402, "time_zone": "Asia/Kolkata"}
        assert leh.items() <= answer["places"][0].items()


def test_the_place_in_the_region_comes_first(places: FakeSearch, manager: User) -> None:
    query = {"locality": "Springfield", "region": "New Jersey", "country": "US"}
    first, second, *_ = client_of(manager).get(reverse(FIND), query).json()["places"]
    assert "New Jersey" in first["label"]
    assert "Massachusetts" in second["label"]


def test_an_address_is_not_found_while_the_search_service_is_away(places: FakeSearch, manager: User) -> None:
    places.code = 503
    answer = client_of(manager).get(reverse(FIND), {"locality": "Leh", "country": "IN"})
    assert answer.json() == {"error": "The search service cannot be reached: it has no index yet (503)."}


def test_practices_nearby_are_told(admin_client: Client) -> None:
    here, near = make_practice("Here"), make_practice("Near", lat=34.2)
    make_practice("Far", lat=-18.1)
    url = reverse(NEIGHBOURS)
    query = {"lat": "34.15", "lng": "77.57"}
    assert [row["name"] for row in admin_client.get(url, query).json()["practices"]] == ["Here", "Near"]
    found = admin_client.get(url, query | {"but": str(here.pk)}).json()["practices"]
    assert found == [{"name": "Near", "lat": near.lat, "lng": near.lng}]
    for strange in ({}, {"lat": "nan", "lng": "x"}, {"lat": "1e999", "lng": "1"}, {"but": "9" * 40}):
        assert admin_client.get(url, strange).json() == {"practices": []}


@pytest.mark.parametrize("view", [FIND, NEIGHBOURS])
def test_the_map_answers_only_those_who_write_practices(view: str, db: None) -> None:
    assert client_of(make_user("other")).get(reverse(view)).status_code == 302
    assert Client().get(reverse(view)).status_code == 302
