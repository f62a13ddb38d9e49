"""The index follows the feed, whatever the feed does."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import closing

import pytest
from pytest_django import Settings

from search_service import stores
from search_service.feed import consumer, following, rebuilding
from search_service.feed.client import FeedClient, FeedUnavailable
from search_service.feed.consumer import Outcome
from search_service.index.protocol import Index, IndexUnavailable, Query, Stored
from tests.search_service import documents
from tests.search_service.conftest import NOW
from tests.search_service.fake_feed import TOKEN, FakeFeed

Pull = Callable[[], Outcome]


def slugs(index: Index, *wanted: str) -> set[str]:
    reader = index.reader()
    return {slug for slug in wanted if isinstance(reader.get_by_slug("doctor", slug, "en"), Stored)}


def test_the_first_pull_builds_the_index(index: Index, feed: FakeFeed, pull: Pull) -> None:
    feed.put(documents.doctor("a", (34.1, 77.5)))
    assert pull() is Outcome.REBUILT
    assert slugs(index, "a") == {"a"}
    position = index.reader().position()
    assert position is not None
    assert (position.epoch, position.seq, position.as_of) == (feed.epoch, 1, NOW)


def test_an_empty_feed_makes_an_empty_index(index: Index, pull: Pull) -> None:
    pull()
    assert index.reader().counts()["refused"] == 0


def test_it_follows_what_is_published_changed_and_taken_away(
    index: Index, feed: FakeFeed, pull: Pull
) -> None:
    feed.put(documents.doctor("a", (34.1, 77.5)))
    feed.put(documents.doctor("b", (34.1, 77.5)))
    pull()
    feed.put(documents.doctor("c", (34.1, 77.5)))
    feed.put(documents.doctor("b", (34.1, 77.5)) | {"slug": "b-renamed"})
    feed.delete(documents.doctor("a"))
    assert pull() is Outcome.FOLLOWED
    assert slugs(index, "a", "b", "b-renamed", "c") == {"b-renamed", "c"}
    # To see whether there is a feed; from 0; to make sure that nothing came meanwhile; then the second pull.
    assert feed.requests == [0, 0, 2, 2]


def test_many_pages_are_read_to_the_end(
    index: Index, feed: FakeFeed, pull: Pull, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PAGE_SIZE", 3)
    wanted = [f"doctor-{number}" for number in range(10)]
    for slug in wanted:
        feed.put(documents.doctor(slug, (34.1, 77.5)))
    pull()
    assert slugs(index, *wanted) == set(wanted)


def test_pulling_again_changes_nothing(index: Index, feed: FakeFeed, pull: Pull) -> None:
    feed.put(documents.doctor("a", (34.1, 77.5), (34.2, 77.6)))
    for _ in range(3):
        pull()
    assert index.reader().counts()["doctor"] == 1


def test_a_malformed_document_is_refused_named_and_the_rest_goes_on(
    index: Index, feed: FakeFeed, pull: Pull, caplog: pytest.LogCaptureFixture
) -> None:
    bad = documents.doctor("bad", (95.0, 77.5))
    feed.put(documents.doctor("a", (34.1, 77.5)))
    feed.put(bad)
    feed.put_entry("unicorn", documents.uid("unicorn"), "en", {})
    feed.put(documents.doctor("b", (34.1, 77.5)))
    with caplog.at_level(logging.ERROR):
        pull()
    assert slugs(index, "a", "bad", "b") == {"a", "b"}
    assert index.reader().counts()["refused"] == 2
    named = {(refusal.kind, refusal.id, refusal.seq) for refusal in index.reader().refusals()}
    assert ("doctor", bad["id"], 2) in named
    assert bad["id"] in caplog.text
    assert "practices/0/lat" in caplog.text


def test_a_refused_document_that_is_mended_leaves_the_list(index: Index, feed: FakeFeed, pull: Pull) -> None:
    feed.put(documents.doctor("a", (95.0, 77.5)))
    pull()
    assert index.reader().counts()["refused"] == 1
    feed.put(documents.doctor("a", (34.1, 77.5)))
    pull()
    assert index.reader().counts()["refused"] == 0
    assert slugs(index, "a") == {"a"}


def test_what_was_good_stays_while_its_new_version_is_refused(
    index: Index, feed: FakeFeed, pull: Pull
) -> None:
    feed.put(documents.doctor("a", (34.1, 77.5)))
    pull()
    feed.put(documents.doctor("a", (95.0, 77.5)))
    pull()
    assert slugs(index, "a") == {"a"}


def test_another_epoch_is_read_from_its_beginning(index: Index, feed: FakeFeed, pull: Pull) -> None:
    feed.put(documents.doctor("a", (34.1, 77.5)))
    feed.put(documents.doctor("b", (34.1, 77.5)))
    pull()
    before = index.reader().generation
    feed.epoch, feed.entries, feed.head = str(uuid.uuid4()), {}, 0
    for slug in ("c", "d", "e"):
        feed.put(documents.doctor(slug, (34.1, 77.5)))
    assert pull() is Outcome.REBUILT
    assert slugs(index, "a", "b", "c", "d", "e") == {"c", "d", "e"}
    assert index.reader().generation != before


def test_a_log_that_has_gone_back_is_read_from_its_beginning(
    index: Index, feed: FakeFeed, pull: Pull
) -> None:
    feed.put(documents.doctor("a", (34.1, 77.5)))
    feed.put(documents.doctor("b", (34.1, 77.5)))
    pull()
    feed.entries, feed.head = {}, 0
    feed.put(documents.doctor("a", (34.1, 77.5)))
    assert pull() is Outcome.REBUILT
    assert slugs(index, "a", "b") == {"a"}


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>", b"[]", b"null", b"{}", b'{"version": 2}', b'{"version":1,"epoch":7}', b"\xff\xfe"],
)
def test_an_answer_that_is_no_feed_changes_nothing(
    index: Index, feed: FakeFeed, pull: Pull, answer: bytes
) -> None:
    feed.put(documents.doctor("a", (34.1, 77.5)))
    pull()
    feed.raw_answer = answer
    with pytest.raises(FeedUnavailable):
        pull()
    assert slugs(index, "a") == {"a"}


@pytest.mark.parametrize("status", [301, 401, 404, 500, 503])
def test_an_error_of_the_cms_changes_nothing(index: Index, feed: FakeFeed, pull: Pull, status: int) -> None:
    feed.put(documents.doctor("a", (34.1, 77.5)))
    pull()
    feed.status = status
    with pytest.raises(FeedUnavailable, match=str(status)):
        pull()
    assert slugs(index, "a") == {"a"}


def test_a_wrong_token_is_said_and_builds_nothing(index: Index, feed: FakeFeed) -> None:
    with pytest.raises(FeedUnavailable, match="401"):
        consumer.pull(index, FeedClient(feed.url, "wrong", timeout_s=5), lambda: NOW)
    with pytest.raises(IndexUnavailable):
        index.reader()
    assert index.generations() == []


def test_a_feed_of_an_older_contract_is_not_passed_over(index: Index, feed: FakeFeed, pull: Pull) -> None:
    """Not one document is bad, but all are without what this version needs."""
    feed.put(documents.doctor("a", (34.1, 77.5)))
    pull()
    feed.put(documents.doctor("b", (34.1, 77.5)))
    feed.delete(documents.doctor("a"))
    digests = [entry.pop("digest") for entry in feed.entries.values()]
    with pytest.raises(FeedUnavailable, match="digest"):
        pull()
    for entry, digest in zip(feed.entries.values(), digests, strict=True):
        entry["digest"] = digest
    pull()
    assert slugs(index, "a", "b") == {"b"}


def test_an_answer_that_trickles_is_given_up(index: Index, feed: FakeFeed) -> None:
    feed.trickle_s = 0.2
    started = time.monotonic()
    with pytest.raises(FeedUnavailable, match="longer than 1 s"):
        consumer.pull(index, FeedClient(feed.url, TOKEN, timeout_s=1), lambda: NOW)
    assert time.monotonic() - started < 4


def test_the_token_goes_nowhere_else(index: Index, feed: FakeFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither through a proxy of the environment nor after a redirect."""
    elsewhere = FakeFeed()
    monkeypatch.setenv("http_proxy", elsewhere.url)
    monkeypatch.setenv("no_proxy", "")
    feed.redirect = elsewhere.url
    with pytest.raises(FeedUnavailable, match="302"):
        consumer.pull(index, FeedClient(feed.url, TOKEN, timeout_s=5), lambda: NOW)
    assert elsewhere.requests == []
    elsewhere.close()


def test_where_it_cannot_be_reached_is_not_told_to_the_public(index: Index) -> None:
    with pytest.raises(FeedUnavailable) as raised:
        consumer.pull(index, FeedClient("http://127.0.0.1:9/changes", "t", timeout_s=1), lambda: NOW)
    assert "127.0.0.1" not in str(raised.value)


def test_a_cms_that_is_down_is_said(index: Index) -> None:
    with pytest.raises(FeedUnavailable, match="cannot reach"):
        consumer.pull(index, FeedClient("http://127.0.0.1:9/none", "t", timeout_s=1), lambda: NOW)


def test_a_cursor_that_does_not_advance_is_no_endless_loop(index: Index, feed: FakeFeed, pull: Pull) -> None:
    feed.raw_answer = (
        b'{"version":1,"epoch":"%s","head":5,"next":0,"has_more":true,"changes":[]}' % feed.epoch.encode()
    )
    with pytest.raises(FeedUnavailable, match="advance"):
        pull()


def test_rebuild_makes_a_new_generation_and_keeps_one_before_it(
    index: Index, feed: FakeFeed, client_of_feed: FeedClient, pull: Pull
) -> None:
    feed.put(documents.doctor("a", (34.1, 77.5)))
    pull()
    seen: list[tuple[int, int]] = []
    first = index.reader().generation

    def rebuild() -> str:
        return rebuilding.rebuild(
            index, client_of_feed, lambda: NOW, progress=lambda *reached: seen.append(reached)
        )

    generations = [first, rebuild(), rebuild(), rebuild()]
    assert index.reader().generation == generations[-1]
    assert index.generations() == generations[-2:]
    assert slugs(index, "a") == {"a"}
    assert (1, 1) in seen


def test_a_rebuild_that_fails_leaves_the_live_generation_alone(
    index: Index, feed: FakeFeed, client_of_feed: FeedClient, pull: Pull
) -> None:
    feed.put(documents.doctor("a", (34.1, 77.5)))
    pull()
    before = index.generations()
    feed.status = 500
    with pytest.raises(FeedUnavailable):
        rebuilding.rebuild(index, client_of_feed, lambda: NOW)
    assert index.generations() == before
    assert slugs(index, "a") == {"a"}


@pytest.mark.parametrize("damage", ["page", "header", "empty", "gone", "version"])
def test_a_damaged_index_is_built_anew(
    index: Index, feed: FakeFeed, pull: Pull, settings: Settings, damage: str
) -> None:
    for number in range(50):
        feed.put(documents.doctor(f"doctor-{number}", (34.1, 77.5)))
    pull()
    (file,) = settings.INDEX_DIR.glob("*/index.sqlite3")
    whole = file.read_bytes()
    for side in file.parent.glob("index.sqlite3*"):
        side.unlink()
    match damage:
        case "page":  # its header is whole, so it opens; what comes behind is not
            file.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
        case "header":
            file.write_bytes(b"rubbish" * 1000)
        case "empty":
            file.touch()
        case "version":
            file.write_bytes(whole)
            with closing(sqlite3.connect(file)) as connection:
                connection.execute("PRAGMA user_version = 999")
    stores.index.cache_clear()
    fresh = stores.index()
    feed.put(documents.doctor("a", (34.1, 77.5)))
    client = FeedClient(feed.url, TOKEN, timeout_s=5)
    assert consumer.pull(fresh, client, lambda: NOW) is Outcome.REBUILT
    assert slugs(fresh, "a", "doctor-7") == {"a", "doctor-7"}
    assert consumer.pull(fresh, client, lambda: NOW) is Outcome.FOLLOWED


def test_damage_that_a_query_comes_upon_is_mended_by_the_next_pull(
    index: Index, feed: FakeFeed, pull: Pull, settings: Settings
) -> None:
    """What a pull reads and writes may be whole while what queries read is not."""
    for number in range(50):
        feed.put(documents.doctor(f"doctor-{number}", (34.1, 77.5)))
    pull()
    (file,) = settings.INDEX_DIR.glob("*/index.sqlite3")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'packed'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    whole = bytearray(file.read_bytes())
    whole[(page - 1) * size : page * size] = b"\xff" * size
    file.write_bytes(whole)
    stores.index.cache_clear()
    damaged, client = stores.index(), FeedClient(feed.url, TOKEN, timeout_s=5)
    assert consumer.pull(damaged, client, lambda: NOW) is Outcome.FOLLOWED
    with pytest.raises(IndexUnavailable):
        damaged.reader().search(Query(34.1, 77.5))
    assert consumer.pull(damaged, client, lambda: NOW) is Outcome.REBUILT
    assert len(damaged.reader().search(Query(34.1, 77.5, limit=100)).hits) == 50


def test_only_one_rebuild_at_a_time(index: Index, client_of_feed: FeedClient) -> None:
    with index.lock("rebuild", timeout_s=0), pytest.raises(rebuilding.RebuildRunning):
        rebuilding.rebuild(index, client_of_feed, lambda: NOW)


def test_of_many_nudges_one_waits_for_the_reader_and_the_others_leave(
    index: Index, feed: FakeFeed, pull: Pull
) -> None:
    pull()
    outcomes: list[Outcome] = []
    nudged = [threading.Thread(target=lambda: outcomes.append(pull())) for _ in range(5)]
    with index.lock("pull", timeout_s=0) as mine:
        assert mine
        for thread in nudged:
            thread.start()
        deadline = time.monotonic() + 10
        while len(outcomes) < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert outcomes == [Outcome.LEFT] * 4
        # Published while the reader still holds the lock: the one that waits will see it.
        feed.put(documents.doctor("late", (34.1, 77.5)))
    for thread in nudged:
        thread.join(timeout=10)
    assert outcomes[4:] == [Outcome.FOLLOWED]
    assert slugs(index, "late") == {"late"}
