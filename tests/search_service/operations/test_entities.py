"""GET /api/operations/entities: which version of an entity is served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from search_service.feed.consumer import Outcome
from search_service.index.protocol import Index
from tests.search_service import documents
from tests.search_service.fake_feed import FakeFeed, digest

TOKEN = "a token of this test"
ID = documents.uid("a")


@pytest.fixture(autouse=True)
def _token(settings: Settings) -> None:
    settings.FEED_TOKEN = TOKEN


def get(query: str, token: str = f"Bearer {TOKEN}") -> Any:
    return Client(headers={"Authorization": token}).get(f"/api/operations/entities?{query}")


@pytest.fixture
def a(feed: FakeFeed, pull: Callable[[], Outcome]) -> dict[str, Any]:
    document = documents.doctor("a", (34.1, 77.5))
    feed.put(document)
    pull()
    return document


def test_the_version_that_is_served(
    feed: FakeFeed, pull: Callable[[], Outcome], index: Index, a: dict[str, Any]
) -> None:
    answer = get(f"entity=doctor/{ID}/en&entity=doctor/{ID}/hi&entity=condition/{ID}/en")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert body["generation"] == index.live()
    assert body["position"] == 1
    assert body["as_of"].startswith("2026-11-22T10:00")
    assert body["lag_seconds"] > 0
    none = {"digest": None, "refused": None}
    assert body["entities"] == [
        {"kind": "doctor", "id": ID, "locale": "en", "digest": digest(a), "refused": None},
        {"kind": "doctor", "id": ID, "locale": "hi", **none},
        {"kind": "condition", "id": ID, "locale": "en", **none},
    ]
    changed = a | {"credentials": "MD"}
    feed.put(changed)
    assert get(f"entity=doctor/{ID}/en").json()["entities"][0]["digest"] == digest(a)
    pull()
    assert get(f"entity=doctor/{ID}/en").json()["entities"][0]["digest"] == digest(changed)


def test_why_a_version_was_refused(feed: FakeFeed, pull: Callable[[], Outcome], a: dict[str, Any]) -> None:
    feed.put(a | {"gender": 7})
    pull()
    (entity,) = get(f"entity=doctor/{ID}/en").json()["entities"]
    assert entity["digest"] == digest(a)
    assert entity["refused"]["seq"] == 2
    assert "gender" in entity["refused"]["error"]


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer é€"])
def test_without_the_token_there_is_nothing_to_learn(token: str, a: dict[str, Any]) -> None:
    answer = get(f"entity=doctor/{ID}/en", token)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "entity=",
        "entity=doctor",
        f"entity=doctor/{ID}",
        f"entity=doctor/{ID}/en/x",
        f"entity=/{ID}/en",
        f"entity=doctor/{ID}/",
        "entity=doctor/x/en",
        f"entity=doctor%00/{ID}/en",
        f"entity={'x' * 120}/{ID}/en",
        f"entity=doctor/{ID}/en&what=1",
        "&".join([f"entity=doctor/{ID}/en"] * 101),
    ],
    ids=lambda query: query[:40],
)
def test_what_cannot_be_understood_is_named(query: str, a: dict[str, Any]) -> None:
    answer = get(query)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"].keys() <= {"entity", "what"}


def test_a_hundred_at_once(a: dict[str, Any]) -> None:
    assert len(get("&".join([f"entity=doctor/{ID}/en"] * 100)).json()["entities"]) == 100


def test_while_there_is_no_index(index: Index) -> None:
    answer = get(f"entity=doctor/{ID}/en")
    assert answer.status_code == 503
    assert answer["Retry-After"]


def test_it_is_for_reading(a: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert Client(headers=headers).post("/api/operations/entities").status_code == 405


def test_the_public_does_not_read_of_it(a: dict[str, Any]) -> None:
    assert "operations" not in Client().get("/api/v1/schema/").content.decode()
