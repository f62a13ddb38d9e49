"""What changes is purged from a CDN: a little server takes the purges, and the keys are those of real answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest
from django.test import Client
from pytest_django import Settings

from search_service import cdn, stores
from search_service.feed import purging, rebuilding, tasks
from search_service.feed.client import FeedClient
from search_service.index.protocol import Index
from tests.search_service import documents
from tests.search_service.api.conftest import LEH, myoclonus, world
from tests.search_service.conftest import NOW
from tests.search_service.fake_feed import FakeFeed

Json = dict[str, Any]
PAGE = "/api/v1/pages/myoclonus/leh-ladakh-in/"


class Purge(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def keys(self) -> set[str]:
        return set(self.headers["surrogate-key"].split())


class FakeCDN:
    """Takes what it is sent."""

    def __init__(self) -> None:
        self.taken: list[Purge] = []
        self.status = 200
        it = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                if it.status == 200:
                    it.taken.append(Purge(self.command, self.path, headers, body))
                self.send_response(it.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_PURGE = do_POST  # noqa: N815 - the base class's way of naming

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/service/1/purge"
        threading.Thread(target=self._server.serve_forever, args=(0.01,)).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def keys(self) -> set[str]:
        """Of all that was taken since the last time."""
        taken, self.taken = self.taken, []
        return {key for purge in taken for key in purge.keys} - {cdn.MANY}


@pytest.fixture
def away() -> Iterator[FakeCDN]:
    server = FakeCDN()
    yield server
    server.close()


@pytest.fixture
def told(
    away: FakeCDN,
    index: Index,
    places: None,
    feed_of_process: FakeFeed,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[FakeCDN]:
    """A CDN of Fastly's kind that has been told of the small world of the API's tests."""
    settings.CDN, settings.CDN_PURGE_URL, settings.CDN_TOKEN = "fastly", away.url, "a-token"
    stores.cdn.cache_clear()
    monkeypatch.setattr(stores, "now", lambda: NOW)
    for document in world():
        feed_of_process.put(document)
    tasks.pull_changes()
    assert away.keys() == {cdn.ALL}
    yield away
    stores.cdn.cache_clear()


def keys_of(path: str = PAGE) -> set[str]:
    return set(Client().get(path)["Surrogate-Key"].split())


def status() -> Json:
    purge: Json = Client().get("/api/v1/status/").json()["purge"]
    return purge


@pytest.mark.usefixtures("told")
def test_a_page_for_people_is_purged_with_the_answer_that_it_is_made_of() -> None:
    assert keys_of("/doctors/myoclonus/leh-ladakh-in/") == keys_of()


def test_a_doctor_who_is_unpublished_is_purged_wherever_shown(
    told: FakeCDN, feed_of_process: FakeFeed
) -> None:
    doctor = next(document for document in world() if document["slug"] == "leh-two")
    assert doctor["id"] in keys_of()
    feed_of_process.delete(doctor)
    tasks.pull_changes()
    (purge,) = told.taken
    assert (purge.method, purge.path) == ("POST", "/service/1/purge")
    assert purge.headers["fastly-key"] == "a-token"
    assert told.keys() == {doctor["id"]}
    assert doctor["id"] not in keys_of()
    assert status() == {"purged_at": "2026-11-22T10:00:00+00:00", "position": 10, "pending": 0, "error": ""}


def test_who_is_new_is_purged_into_the_places_around(told: FakeCDN, feed_of_process: FakeFeed) -> None:
    before = keys_of()
    new = documents.doctor("new", (LEH[0] + 0.01, LEH[1]), conditions=[documents.reference(myoclonus)])
    feed_of_process.put(new)
    tasks.pull_changes()
    purged = told.keys()
    assert new["id"] in purged
    assert before & purged, "the page in Leh, where the doctor is not yet"
    assert len(purged) <= 1 + purging.PLACES_AROUND
    assert new["id"] in keys_of()


def test_an_article_that_is_changed_is_purged_by_its_id_alone(
    told: FakeCDN, feed_of_process: FakeFeed
) -> None:
    feed_of_process.put({**myoclonus, "summary": "Another."})
    tasks.pull_changes()
    assert told.keys() == {myoclonus["id"]}
    assert myoclonus["id"] in keys_of("/api/v1/conditions/myoclonus/")


def test_nothing_new_purges_and_writes_nothing(told: FakeCDN, settings: Settings) -> None:
    noted = settings.INDEX_DIR / "purge.json"
    before = noted.stat()
    tasks.pull_changes()
    assert told.taken == []
    assert noted.stat().st_ino == before.st_ino


@pytest.mark.parametrize("how", ["rebuilt", "pulled by another", "many", "places"])
def test_all_is_purged_when_it_is_not_known_what_has_changed_or_it_is_too_much(
    how: str,
    told: FakeCDN,
    feed_of_process: FakeFeed,
    index: Index,
    client_of_feed: FeedClient,
    monkeypatch: pytest.MonkeyPatch,
    pull: Callable[[], object],
) -> None:
    if how == "rebuilt":
        rebuilding.rebuild(index, client_of_feed, lambda: NOW)
    elif how == "pulled by another":
        feed_of_process.put({**myoclonus, "summary": "Another."})
        pull()
    elif how == "many":
        monkeypatch.setattr(purging, "MOST_KEYS", 3)
        for number in range(4):
            feed_of_process.put(documents.condition(f"condition-{number}"))
    else:
        monkeypatch.setattr(type(stores.gazetteer()), "generation", property(lambda self: "another"))
    tasks.pull_changes()
    assert told.keys() == {cdn.ALL}
    tasks.pull_changes()
    assert told.keys() == set()
    assert cdn.ALL in keys_of()


def test_what_the_cdn_does_not_take_is_told_and_tried_again(
    told: FakeCDN, feed_of_process: FakeFeed, caplog: pytest.LogCaptureFixture
) -> None:
    told.status = 503
    feed_of_process.put({**myoclonus, "summary": "Another."})
    tasks.pull_changes()
    assert Client().get("/api/v1/conditions/myoclonus/").json()["summary"] == "Another."
    assert (status()["pending"], status()["error"]) == (1, "status 503")
    assert "a-token" not in caplog.text
    told.status = 200
    specialty = documents.specialty("dermatology", codes=[])
    feed_of_process.put(specialty)
    tasks.pull_changes()
    assert told.keys() == {myoclonus["id"], specialty["id"]}
    assert (status()["pending"], status()["error"]) == (0, "")


def test_without_a_cdn_there_are_no_keys_and_no_status(told: FakeCDN, settings: Settings) -> None:
    settings.CDN = ""
    stores.cdn.cache_clear()
    assert "Surrogate-Key" not in Client().get(PAGE)
    assert status() is None
    tasks.pull_changes()
    assert told.taken == []


# --- Keys


def test_the_keys_of_a_page_are_all_ids_that_it_holds(told: FakeCDN) -> None:
    page = Client().get(PAGE).json()
    shown = {page["condition"]["id"], f"place-{page['place']['match']['id']}", cdn.ALL}
    shown |= {doctor["id"] for doctor in page["doctors"]["results"]}
    shown |= {doctor["practice"]["id"] for doctor in page["doctors"]["results"]}
    shown |= {f"place-{place['id']}" for place in page["nearby_places"]}
    assert shown <= keys_of()


def test_text_that_looks_like_an_id_is_none() -> None:
    id = "00000000-0000-0000-0000-00000000000A"
    text = json.dumps({"html": f'{{"id":"{id}"}}', "code": {"id": 5}}, separators=(",", ":"))
    assert cdn.keys(text.encode()) == [cdn.ALL, "place-5"]
    assert cdn.keys(f'{{"id":"{id}"}}'.encode()) == [cdn.ALL, id.lower()]


def test_an_answer_with_too_many_has_a_broader_key() -> None:
    def answer(number: int) -> bytes:
        return b",".join(b'{"id":%d}' % id for id in range(number))

    assert len(cdn.keys(answer(cdn.MOST_KEYS))) == 1 + cdn.MOST_KEYS
    assert cdn.keys(answer(cdn.MOST_KEYS + 1)) == [cdn.ALL, cdn.MANY]


@pytest.mark.parametrize("kind", sorted(cdn.KINDS))
def test_each_kind_is_told_in_its_own_way(kind: str, away: FakeCDN) -> None:
    sent = {f"k{number}" for number in range(300)}
    to = cdn.CDN(kind, away.url, "a-token")
    to.purge(sent)
    taken = away.taken
    if kind == "cloudflare":
        keys = [key for purge in taken for key in json.loads(purge.body)["tags"]]
        assert {purge.headers["authorization"] for purge in taken} == {"Bearer a-token"}
        assert to.header(b'{"id":1}') == ("Cache-Tag", "api,place-1")
    else:
        name = {"fastly": "surrogate-key", "varnish": "xkey-purge"}[kind]
        keys = [key for purge in taken for key in purge.headers[name].split()]
        assert {purge.method for purge in taken} == {"PURGE" if kind == "varnish" else "POST"}
    assert set(keys) == sent | {cdn.MANY}
    assert len(keys) == len(set(keys))
    assert len(taken) == -(-301 // cdn.KINDS[kind].at_once)


def test_a_cdn_that_is_not_there_or_sends_elsewhere(away: FakeCDN) -> None:
    with pytest.raises(cdn.PurgeFailed, match="ConnectionError"):
        cdn.CDN("fastly", "http://127.0.0.1:9/", "a-token").purge({"k"})
    away.status = 302
    with pytest.raises(cdn.PurgeFailed, match="status 302"):
        cdn.CDN("fastly", away.url, "a-token").purge({"k"})


def test_the_time_of_the_last_purge_stays(told: FakeCDN, monkeypatch: pytest.MonkeyPatch) -> None:
    later: datetime = NOW + timedelta(hours=1)
    monkeypatch.setattr(stores, "now", lambda: later)
    tasks.pull_changes()
    assert status()["purged_at"] == "2026-11-22T10:00:00+00:00"
