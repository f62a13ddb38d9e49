"""GET /api/feed/changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from cms.feed.models import Change, Log
from cms.feed.views import MAX_SEQ
from tests.cms import factories
from tests.cms.feed.conftest import Consumer, World

URL = "/api/feed/changes"
TOKEN = {"Authorization": f"Bearer {settings.FEED_TOKEN}"}


def get(query: str = "", headers: dict[str, str] = TOKEN) -> Any:
    return Client(headers=headers).get(f"{URL}?{query}")


def test_the_whole_feed_is_read_page_by_page(transactional_db: None) -> None:
    for _ in range(3):
        factories.make_specialty()
    expected = list(Change.objects.order_by("seq").values_list("seq", flat=True))
    seqs: list[int] = []
    more, after = True, 0
    while more:
        response = get(f"after={after}&limit=2")
        assert response.status_code == 200
        assert response["Content-Type"] == "application/json"
        assert response["Cache-Control"] == "no-store"
        page = response.json()
        assert page["version"] == 1
        assert page["epoch"] == str(Log.objects.get().epoch)
        assert page["head"] == expected[-1]
        seqs += [change["seq"] for change in page["changes"]]
        more, after = page["has_more"], page["next"]
    assert seqs == expected
    assert after == expected[-1]


@pytest.mark.django_db
def test_nothing_new() -> None:
    head = Change.head()
    page = get(f"after={head}").json()
    assert (page["changes"], page["next"], page["has_more"]) == ([], head, False)


@pytest.mark.django_db
def test_a_cursor_ahead_of_the_log_stays_where_it_is() -> None:
    page = get(f"after={MAX_SEQ}").json()
    assert (page["changes"], page["next"], page["has_more"]) == ([], MAX_SEQ, False)
    assert page["head"] < MAX_SEQ


def test_neither_drafts_nor_private_pages_are_in_it(consumer: Consumer, world: World) -> None:
    world.angmo.save_revision()
    response = world.admin.post(f"/admin/pages/{world.doctors.pk}/privacy/", {"restriction_type": "login"})
    assert response.status_code == 200
    shown = str(get(f"after={consumer.cursor}").json()["changes"])
    assert "Myoclonus" in shown
    for name in ("Dr Angmo", "Dr Dorje", "Dr Draft", "Draft condition"):
        assert name not in shown


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Bearer {settings.FEED_TOKEN}x"},
        {"Authorization": f"Bearer {settings.FEED_TOKEN[:-1]}"},
        {"Authorization": f"Basic {settings.FEED_TOKEN}"},
        {"Authorization": settings.FEED_TOKEN},
        {"Authorization": "Bearer é€\udcff"},
    ],
    ids=repr,
)
@pytest.mark.parametrize("query", ["", "after=x&unknown=1"])
def test_without_the_token_there_is_nothing_to_learn(headers: dict[str, str], query: str) -> None:
    response = get(query, headers)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {"type": "about:blank", "title": "Unauthorized", "status": 401}


def test_an_editor_who_is_logged_in_is_nobody_here(world: World) -> None:
    assert world.admin.get(URL).status_code == 401


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("after=", "after"),
        ("after=x", "after"),
        ("after=-1", "after"),
        ("after=%2B1", "after"),
        ("after=1.5", "after"),
        ("after=1_0", "after"),
        ("after=%201", "after"),
        ("after=1%00", "after"),
        ("after=%D9%A1", "after"),  # a one, in Arabic
        ("after=%C2%B2", "after"),  # a two, superscript
        ("after=1&after=2", "after"),
        (f"after={MAX_SEQ + 1}", "after"),
        ("after=" + "9" * 5000, "after"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=-5", "limit"),
        ("limit=all", "limit"),
        ("format=json", "format"),
        ("epoch=1", "epoch"),
        ("After=1", "After"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(query: str, named: str) -> None:
    response = get(query)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == 400
    assert [invalid["name"] for invalid in problem["invalid_params"]] == [named]
    assert problem["invalid_params"][0]["reason"]


def test_all_parameters_that_cannot_be_used_are_named() -> None:
    problem = get("after=x&limit=0&what=1").json()
    assert {invalid["name"] for invalid in problem["invalid_params"]} == {"after", "limit", "what"}


@pytest.mark.django_db
def test_whatever_the_client_accepts_it_gets_json() -> None:
    assert get(headers=TOKEN | {"Accept": "text/html"})["Content-Type"] == "application/json"


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_the_feed_is_for_reading(method: str) -> None:
    response = getattr(Client(headers=TOKEN), method)(URL)
    assert response.status_code == 405
    assert response["Content-Type"] == "application/problem+json"
    assert getattr(Client(), method)(URL).status_code in {401, 405}


def test_a_new_epoch_keeps_the_log(transactional_db: None, capsys: pytest.CaptureFixture[str]) -> None:
    factories.make_specialty()
    before = get().json()
    call_command("begin_feed_epoch")
    after = get().json()
    assert after["epoch"] != before["epoch"]
    assert after["epoch"] in capsys.readouterr().out
    assert after["changes"] == before["changes"]


@pytest.mark.django_db
def test_a_log_without_identity_gets_one() -> None:
    Log.objects.all().delete()
    epoch = get().json()["epoch"]
    assert get().json()["epoch"] == epoch
