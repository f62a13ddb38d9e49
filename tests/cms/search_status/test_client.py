"""Whatever the search service does, the CMS has an answer in time: what it holds, or why that is not known."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from cms.search_status import client
from cms.search_status.client import Held, Refusal, SearchUnavailable
from tests.cms.search_status.fake_search import FakeSearch, a_status, an_answer

ENTITY = ("doctor", uuid4(), "en")
NAME = "/".join(map(str, ENTITY))


def test_what_it_holds_is_told_in_the_order_asked(search: FakeSearch) -> None:
    entities = [("doctor", uuid4(), "zh-hans") for _ in range(250)]
    names = ["/".join(map(str, entity)) for entity in entities]
    search.digests = {name: f"digest of {name}" for name in names[::2]}
    search.refused = {names[1]: {"seq": 7, "error": "bad"}}
    held = client.held(entities)
    assert [one.digest for one in held] == [search.digests.get(name) for name in names]
    assert [one.refused for one in held[:3]] == [None, Refusal(7, "bad"), None]
    assert [len(asked) for asked in search.asked] == [100, 100, 50]


def test_nothing_is_asked_about_nothing(search: FakeSearch) -> None:
    assert client.held([]) == []
    assert search.requests == []


def test_the_token_is_shown_only_where_it_is_needed(search: FakeSearch, settings: Settings) -> None:
    client.status()
    client.held([ENTITY])
    assert [shown for _path, shown in search.requests] == ["", f"Bearer {settings.FEED_TOKEN}"]


def test_it_may_lie_below_a_path(search: FakeSearch, settings: Settings) -> None:
    settings.SEARCH_URL = f"{search.url}/below"
    with pytest.raises(SearchUnavailable):
        client.held([ENTITY])
    ((path, _token),) = search.requests
    assert path.startswith("/below/api/operations/entities?entity=doctor%2F")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"code": 500}, "status 500"),
        ({"code": 400}, "status 400"),
        ({"code": 404}, "status 404"),
        ({"code": 401}, "FEED_TOKEN"),
        ({"code": 503}, "no index yet"),
        ({"code": 204}, "status 204"),
        ({"raw": b"<html>"}, "not JSON"),
        ({"raw": b"\n"}, "not JSON"),
        ({"raw": b"\xff\xfe"}, "not JSON"),
        ({"raw": b"[" * 100_000}, "not JSON"),
        ({"raw": b"[]"}, "entities"),
        ({"raw": b"null"}, "entities"),
        ({"raw": b'{"entities": {}}'}, "entities"),
        ({"raw": b'{"entities": []}'}, "entities"),
        ({"raw": b'{"entities": [1]}'}, "kind"),
        ({"raw": b" " * 3_000_000}, "too long"),
    ],
    ids=str,
)
def test_another_answer_is_none(search: FakeSearch, answer: dict[str, Any], reason: str) -> None:
    for name, value in answer.items():
        setattr(search, name, value)
    with pytest.raises(SearchUnavailable, match=reason):
        client.held([ENTITY])


@pytest.mark.parametrize(
    "changes",
    [
        {"digest": 1},
        {"digest": ["x"]},
        {"refused": True},
        {"refused": {}},
        {"refused": {"seq": "1", "error": "x"}},
        {"refused": {"seq": True, "error": "x"}},
        {"refused": {"seq": 1, "error": None}},
        {"kind": "condition"},
        {"id": str(UUID(int=2))},
        {"locale": None},
    ],
    ids=str,
)
def test_an_entity_of_another_shape_or_another_entity_is_none(
    search: FakeSearch, changes: dict[str, Any]
) -> None:
    kind, id, locale = NAME.split("/")
    entity = {"kind": kind, "id": id, "locale": locale, "digest": None, "refused": None}
    search.raw = json.dumps(an_answer([entity])).encode()
    assert client.held([ENTITY]) == [Held(None, None)]
    search.raw = json.dumps(an_answer([entity | changes])).encode()
    with pytest.raises(SearchUnavailable, match="something else"):
        client.held([ENTITY])


def test_a_redirect_is_not_followed_with_the_token(search: FakeSearch) -> None:
    other = FakeSearch()
    try:
        search.code, search.headers = 302, {"Location": f"{other.url}/api/operations/entities?entity={NAME}"}
        with pytest.raises(SearchUnavailable, match="302"):
            client.held([ENTITY])
        assert other.requests == []
    finally:
        other.close()


@pytest.mark.parametrize("how", ["silent_s", "trickle_s", "headers_trickle_s"])
@pytest.mark.parametrize("entities", [1, 300])
def test_one_that_is_slow_is_given_up_in_time(
    search: FakeSearch, settings: Settings, how: str, entities: int
) -> None:
    """The time is that of all the requests that an answer takes."""
    settings.SEARCH_TIMEOUT_SECONDS = 0.3
    setattr(search, how, 0.2)
    started = time.monotonic()
    if (how, entities) == ("silent_s", 1):
        assert client.held([ENTITY]) == [Held(None, None)]
    else:
        with pytest.raises(SearchUnavailable, match=r"no answer within 0\.3 s"):
            client.held([ENTITY] * entities)
    assert time.monotonic() - started < 0.6


def test_nobody_there(settings: Settings) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        settings.SEARCH_URL = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(SearchUnavailable, match="refused"):
            client.held([ENTITY])


@pytest.mark.parametrize(
    "words", [b"220 mail.example.org ESMTP\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"]
)
def test_one_that_speaks_something_else(settings: Settings, words: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.SEARCH_URL = f"http://127.0.0.1:{server.getsockname()[1]}"

        def speak() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(words)

        threading.Thread(target=speak, daemon=True).start()
        with pytest.raises(SearchUnavailable):
            client.held([ENTITY])


@pytest.mark.parametrize("url", ["http://no-such-host.invalid", "http://a..b", "https://127.0.0.1:1"])
def test_an_address_that_leads_nowhere(settings: Settings, url: str) -> None:
    settings.SEARCH_URL = url
    with pytest.raises(SearchUnavailable):
        client.held([ENTITY])


def test_its_status(search: FakeSearch) -> None:
    search.status = a_status(
        refused={
            "count": 3,
            "first": [
                {"kind": "doctor", "id": "x", "locale": "en", "seq": 3, "error": "lat: 91 is too much"}
            ],
        },
        rebuild={
            "state": "running",
            "started_at": "2026-11-22T10:00:00Z",
            "ended_at": None,
            "generation": "g",
            "seq": 10,
            "head": 200,
            "error": "",
        },
        audit={
            "at": "2026-11-22T09:00:00Z",
            "compared": 210,
            "differences": {"missing": 1, "outdated": 0, "left_over": 2},
            "repaired": 3,
            "first": [{"kind": "doctor", "id": "x", "locale": "en", "difference": "missing"}],
        },
    )
    status = client.status()
    assert (status.generation, status.position, status.lag_seconds) == ("20261122T100000Z-a", 1234, 0.4)
    assert status.refused == 3
    assert status.first_refused[0].error == "lat: 91 is too much"
    assert status.rebuild
    assert (status.rebuild.state, status.rebuild.seq, status.rebuild.head) == ("running", 10, 200)
    assert status.audit
    assert status.audit.differences == {"missing": 1, "outdated": 0, "left_over": 2}
    assert status.audit.first[0].difference == "missing"


@pytest.mark.parametrize(
    "moment", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-11-22T10:00:00", "soon", 1]
)
def test_a_moment_that_cannot_be_shown_is_none(search: FakeSearch, moment: object) -> None:
    audit = {"at": moment, "compared": 0, "differences": {}, "repaired": 0, "first": []}
    search.status = a_status(audit=audit)
    with pytest.raises(SearchUnavailable, match="at “at”"):
        client.status()


def test_a_number_may_be_of_any_size(search: FakeSearch) -> None:
    search.status = a_status(lag_seconds=10**400)
    assert client.status().lag_seconds == 1e18
