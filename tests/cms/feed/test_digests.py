"""GET /api/feed/digests and POST /api/feed/reissue: how a consumer checks what it holds, and has it mended."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from cms.conditions.models import ConditionPage
from cms.feed import triggers
from cms.feed.digests import digest
from cms.feed.models import Change
from tests.cms import factories
from tests.cms.feed.conftest import Consumer, World
from tests.cms.feed.truth import differences, public_truth

TOKEN = {"Authorization": f"Bearer {settings.FEED_TOKEN}"}


def get(query: str = "", headers: dict[str, str] = TOKEN) -> Any:
    return Client(headers=headers).get(f"/api/feed/digests?{query}")


def post(body: Any, headers: dict[str, str] = TOKEN, content_type: str = "application/json") -> Any:
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return Client(headers=headers).post("/api/feed/reissue", data, content_type=content_type)


def all_digests(limit: int) -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {}
    query = f"limit={limit}"
    while True:
        page = get(query).json()
        for entity in page["entities"]:
            key = (entity["kind"], entity["id"], entity["locale"])
            assert key not in found
            assert not found or key > max(found)
            found[key] = entity["digest"]
        if page["next"] is None:
            return found
        query = f"limit={limit}&after={page['next']}"


@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
def test_they_are_those_of_all_that_is_public(consumer: Consumer, world: World, limit: int) -> None:
    hindi = factories.make_locale("hi")
    translated = world.neurology.copy_for_translation(hindi)
    translated.save()
    factories.make_doctor("Dr Nobody", live=False)
    assert all_digests(limit) == {entity: digest(document) for entity, document in public_truth().items()}


def test_the_feed_carries_the_same(world: World) -> None:
    consumer = Consumer()
    changes = consumer.pull()
    assert {
        (change["kind"], change["id"], change["locale"]): change["digest"]
        for change in changes
        if change["document"]
    } == all_digests(1000)
    world.angmo.unpublish()
    (tombstone,) = [change for change in consumer.pull() if change["document"] is None]
    assert tombstone["digest"] is None


def test_whatever_changes_changes_the_digest(world: World) -> None:
    before = all_digests(1000)
    world.hospital.phone = "+91 1"
    world.hospital.save()
    after = all_digests(1000)
    assert {key for key in before if before[key] != after[key]} == {
        ("doctor", str(page.translation_key), "en") for page in (world.angmo, world.dorje)
    }


@pytest.mark.django_db
def test_the_order_of_keys_in_a_document_does_not_matter() -> None:
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1})
    assert digest({"a": [1, 2]}) != digest({"a": [2, 1]})


def test_what_the_log_has_missed_is_mended_by_a_reissue(consumer: Consumer, world: World) -> None:
    consumer.pull()
    triggers.remove()
    try:
        world.angmo.unpublish()
        ConditionPage.objects.filter(pk=world.myoclonus.pk).update(title="Jerks")
        missed = factories.make_doctor("Dr Missed", practices=[world.hospital])
        assert consumer.pull() == []
        body = {
            "entities": [
                {"kind": "doctor", "id": str(world.angmo.translation_key), "locale": "en"},
                {"kind": "condition", "id": str(world.myoclonus.translation_key), "locale": "en"},
                {"kind": "condition", "id": str(world.restless_legs.translation_key), "locale": "en"},
                {"kind": "doctor", "id": str(missed.translation_key), "locale": "en"},
            ]
        }
        head = Change.head()
        response = post(body)
        assert (response.status_code, response.content) == (204, b"")
        changes = consumer.pull()
        assert [change["seq"] for change in changes] == [head + number for number in (1, 2, 3, 4)]
        assert differences(consumer.held, public_truth()) == []
    finally:
        triggers.install()


def test_an_entity_that_is_not_known_gets_a_tombstone(consumer: Consumer) -> None:
    consumer.pull()
    key = uuid4()
    assert post({"entities": [{"kind": "unicorn", "id": str(key), "locale": "en"}]}).status_code == 204
    (change,) = consumer.pull()
    assert (change["kind"], change["id"], change["document"]) == ("unicorn", str(key), None)


@pytest.mark.django_db
def test_nothing_to_reissue() -> None:
    head = Change.head()
    assert post({"entities": []}).status_code == 204
    assert Change.head() == head


ENTITY = {"kind": "doctor", "id": str(UUID(int=1)), "locale": "en"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        b"\xff",
        "[" * 100_000,
        [],
        None,
        1,
        "null",
        {},
        {"entities": None},
        {"entities": {}},
        {"entities": [ENTITY], "more": 1},
        {"entities": [ENTITY] * 1001},
        {"entities": [1]},
        {"entities": [None]},
        {"entities": [{}]},
        {"entities": [ENTITY | {"seq": 1}]},
        {"entities": [ENTITY | {"kind": ""}]},
        {"entities": [ENTITY | {"kind": None}]},
        {"entities": [ENTITY | {"kind": "x" * 33}]},
        {"entities": [ENTITY | {"kind": "a\0"}]},
        {"entities": [ENTITY | {"id": "x"}]},
        {"entities": [ENTITY | {"id": 1}]},
        {"entities": [ENTITY | {"id": None}]},
        {"entities": [ENTITY | {"locale": "x" * 36}]},
        {"entities": [ENTITY | {"locale": "e\0"}]},
        {"entities": [ENTITY | {"locale": []}]},
        {"entities": [ENTITY, ENTITY | {"id": "x"}]},
    ],
    ids=lambda body: str(body)[:40],
)
def test_a_request_to_reissue_that_cannot_be_read_changes_nothing(body: Any) -> None:
    head = Change.head()
    response = post(body)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert Change.head() == head


@pytest.mark.django_db
def test_a_lone_surrogate_is_no_crash() -> None:
    assert post({"entities": [ENTITY | {"kind": "\ud800"}]}).status_code == 400


@pytest.mark.django_db
def test_other_ways_to_ask() -> None:
    assert post({"entities": []}, headers={}).status_code == 401
    assert post({"entities": []}, content_type="text/plain").status_code == 415
    assert Client(headers=TOKEN).get("/api/feed/reissue").status_code == 405
    assert Client(headers=TOKEN).post("/api/feed/digests").status_code == 405
    assert get(headers={}).status_code == 401


@pytest.mark.parametrize(
    "query",
    [
        "after=",
        "after=doctor",
        "after=doctor/",
        "after=doctor/x",
        f"after={'x' * 33}/{UUID(int=1)}",
        f"after=doctor/{UUID(int=1)}&after=doctor/{UUID(int=2)}",
        "limit=0",
        "limit=1001",
        "what=1",
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(query: str) -> None:
    response = get(query)
    assert response.status_code == 400
    assert response.json()["invalid_params"]


@pytest.mark.django_db
def test_beyond_the_last_there_is_nothing() -> None:
    page = get(f"after=zzz/{UUID(int=1)}").json()
    assert (page["entities"], page["next"]) == ([], None)


@pytest.mark.postgresql
def test_a_reissue_waits_for_writers_that_commit(consumer: Consumer) -> None:
    """It holds the lock that orders the log until its own commit."""
    with connection.cursor() as cursor:
        post({"entities": [ENTITY]})
        # Those of this session: tests in another database of the server take such locks, too.
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)
