"""The audit finds what differs from what is public, whatever the log says, and has it mended."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from search_service import stores
from search_service.feed import auditing, consumer
from search_service.feed.auditing import Audit
from search_service.feed.client import FeedClient, FeedUnavailable
from search_service.feed.consumer import Outcome
from search_service.index.protocol import Gone, Index, IndexNotBuilt
from tests.search_service import documents
from tests.search_service.conftest import NOW
from tests.search_service.fake_feed import TOKEN, FakeFeed

Pull = Callable[[], Outcome]
LEH = (34.15, 77.57)


@pytest.fixture(params=[3, 500])
def audit(
    index: Index, client_of_feed: FeedClient, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Audit]:
    """With pages of several sizes."""
    monkeypatch.setattr(auditing, "PAGE_SIZE", request.param)

    def audit() -> Audit:
        result = auditing.audit(index, client_of_feed, lambda: NOW)
        assert result
        return result

    return audit


@pytest.fixture
def content(feed: FakeFeed, pull: Pull) -> list[dict[str, Any]]:
    """Some of each kind, in the index."""
    all_ = [documents.doctor(f"doctor-{number}", LEH) for number in range(7)]
    all_ += [documents.condition(f"condition-{number}") for number in range(3)]
    all_ += [documents.specialty("neurology"), documents.specialty("neurology", locale="hi")]
    for document in all_:
        feed.put(document)
    pull()
    return all_


def found(result: Audit) -> dict[str, int]:
    return {kind: number for kind, number in result.differences.items() if number}


def test_all_is_well(
    feed: FakeFeed, content: list[Any], audit: Callable[[], Audit], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        result = audit()
    assert (result.compared, found(result), result.repaired) == (len(content), {}, 0)
    assert feed.reissued == []
    assert f"all {len(content)} documents are as they are public" in caplog.text


def test_nothing_is_public(index: Index, feed: FakeFeed, pull: Pull, audit: Callable[[], Audit]) -> None:
    pull()
    assert (audit().compared, feed.reissued) == (0, [])


def test_what_the_log_has_missed_is_found_named_and_mended(
    index: Index,
    feed: FakeFeed,
    content: list[Any],
    audit: Callable[[], Audit],
    caplog: pytest.LogCaptureFixture,
) -> None:
    feed.delete_silently(content[0])
    feed.put_silently(content[1] | {"credentials": "Changed"})
    feed.put_silently(documents.doctor("unknown", LEH))
    feed.put_silently(documents.condition("unknown-too"))
    feed.forget(content[8])
    with caplog.at_level(logging.WARNING):
        result = audit()
    assert found(result) == {"left_over": 2, "outdated": 1, "missing": 2}
    assert result.repaired == 5
    reader = index.reader()
    assert isinstance(reader.get_by_slug("doctor", "doctor-0", "en"), Gone)
    assert isinstance(reader.get_by_slug("condition", content[8]["slug"], "en"), Gone)
    assert b"Changed" in reader.get_by_slug("doctor", "doctor-1", "en").body  # type: ignore[union-attr]
    assert reader.get_by_slug("doctor", "unknown", "en")
    assert reader.get_by_slug("condition", "unknown-too", "en")
    assert documents.uid("unknown") in caplog.text
    assert "5 of" in caplog.text
    assert index.noted("audit") == result.record()
    # And then all is well.
    assert found(audit()) == {}


def test_what_was_lost_in_the_index_is_mended(
    index: Index, feed: FakeFeed, content: list[Any], audit: Callable[[], Audit], settings: Settings
) -> None:
    (file,) = settings.INDEX_DIR.glob("*/index.sqlite3")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DELETE FROM document WHERE slug = 'doctor-3'")
        connection.execute("UPDATE document SET digest = 'x' WHERE slug = 'doctor-4'")
        connection.commit()
    result = audit()
    assert (found(result), result.repaired) == ({"missing": 1, "outdated": 1}, 2)
    assert index.reader().get_by_slug("doctor", "doctor-3", "en")


def test_a_kind_that_the_cms_no_longer_has_is_left_over(
    index: Index, feed: FakeFeed, content: list[Any], audit: Callable[[], Audit]
) -> None:
    for document in content[:7]:
        feed.forget(document)
    result = audit()
    assert (found(result), result.repaired) == ({"left_over": 7}, 7)
    assert index.reader().counts()["specialty"] == 1
    assert "doctor" not in index.reader().counts()


def test_what_cannot_be_used_is_in_the_status_and_no_difference(
    index: Index, feed: FakeFeed, content: list[Any], audit: Callable[[], Audit]
) -> None:
    feed.put(content[0] | {"gender": 7})
    assert (found(audit()), feed.reissued) == ({}, [])
    assert index.reader().counts()["refused"] == 1


def test_differences_that_are_not_mended_are_said(
    feed: FakeFeed, content: list[Any], audit: Callable[[], Audit]
) -> None:
    feed.deaf = True
    feed.delete_silently(content[0])
    result = audit()
    assert (found(result), result.repaired) == ({"left_over": 1}, 0)


@pytest.mark.parametrize("locales", [1, 3])
def test_more_differences_than_may_be_told_at_once(
    index: Index, feed: FakeFeed, client_of_feed: FeedClient, pull: Pull, locales: int
) -> None:
    """Left over, and missing."""
    many = [
        documents.specialty(f"s-{number}", locale=locale)
        for number in range(1500 // locales)
        for locale in ("en", "hi", "ne")[:locales]
    ]
    feed.put(documents.doctor("a", LEH))
    for document in many:
        feed.put(document)
    pull()
    for document in many:
        feed.forget(document)
    result = auditing.audit(index, client_of_feed, lambda: NOW)
    assert result
    assert (found(result), result.repaired) == ({"left_over": 1500}, 1500)
    assert "specialty" not in index.reader().counts()
    for document in many:
        feed.forget(document)
        feed.put_silently(document)
    result = auditing.audit(index, client_of_feed, lambda: NOW)
    assert result
    assert (found(result), result.repaired) == ({"missing": 1500}, 1500)


# --- Asked for by a message, which may come twice.


def test_one_audit_for_messages_that_come_twice(
    index: Index, feed: FakeFeed, content: list[Any], client_of_feed: FeedClient
) -> None:
    first = auditing.audit(index, client_of_feed, lambda: NOW, unless_since=NOW)
    assert first
    assert auditing.audit(index, client_of_feed, lambda: NOW, unless_since=NOW) is None
    later = NOW + timedelta(seconds=1)
    assert auditing.audit(index, client_of_feed, lambda: later, unless_since=later)


def test_an_audit_that_failed_counts_too(
    index: Index, feed: FakeFeed, content: list[Any], client_of_feed: FeedClient
) -> None:
    """Else a feed that fails at some page would be read up to it for ever."""
    feed.status = 500
    with pytest.raises(FeedUnavailable):
        auditing.audit(index, client_of_feed, lambda: NOW, unless_since=NOW)
    record = index.noted("audit")
    assert record
    assert record["error"] == "the feed answered 500"
    assert auditing.audit(index, client_of_feed, lambda: NOW, unless_since=NOW) is None


def test_only_one_audit_at_a_time(index: Index, client_of_feed: FeedClient) -> None:
    with index.lock("audit", timeout_s=0), pytest.raises(auditing.AuditRunning):
        auditing.audit(index, client_of_feed, lambda: NOW)


# --- What is damaged.


@pytest.mark.parametrize(
    "table", ["document", "body", "listing", "tree", "packed", "refusal", "document_slug"]
)
def test_a_damaged_index_is_built_anew(
    index: Index,
    feed: FakeFeed,
    content: list[Any],
    client_of_feed: FeedClient,
    pull: Pull,
    settings: Settings,
    table: str,
) -> None:
    for number in range(300):
        feed.put(documents.doctor(f"more-{number}", LEH))
    pull()
    (file,) = settings.INDEX_DIR.glob("*/index.sqlite3")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as data:
        data.seek((page - 1) * size)
        data.write(b"\xff" * size)
    stores.index.cache_clear()
    damaged = stores.index()
    live = damaged.live()
    result = auditing.audit(damaged, client_of_feed, lambda: NOW)
    assert result
    assert (found(result), result.compared) == ({}, len(content) + 300)
    assert damaged.live() != live
    assert damaged.reader().get_by_slug("doctor", "more-7", "en")


def test_changes_that_are_under_way_are_no_differences(
    index: Index, feed: FakeFeed, content: list[Any], audit: Callable[[], Audit]
) -> None:
    """Published, changed and, a while later, unpublished without pause while the audit reads."""
    over = threading.Event()

    def edit() -> None:
        for number in count():
            if over.wait(0.002):
                return
            feed.put(content[number % 7] | {"credentials": str(number)})
            if number % 50 == 0:
                feed.put(documents.doctor(f"new-{number}", LEH))
                feed.delete(documents.doctor(f"new-{number - 500}", LEH))

    thread = threading.Thread(target=edit)
    thread.start()
    try:
        results = [audit() for _ in range(5)]
    finally:
        over.set()
        thread.join()
    assert [found(result) for result in results] == [{}] * 5
    assert feed.reissued == []


def test_no_more_than_some_are_named(
    index: Index, feed: FakeFeed, content: list[Any], audit: Callable[[], Audit]
) -> None:
    for number in range(30):
        feed.put_silently(documents.doctor(f"unknown-{number}", LEH))
    result = audit()
    assert (found(result), result.repaired) == ({"missing": 30}, 30)
    assert len(result.record()["first"]) == auditing.NAMED


def test_without_an_index_there_is_nothing_to_compare(audit: Callable[[], Audit]) -> None:
    with pytest.raises(IndexNotBuilt):
        audit()


def test_another_log_is_left_to_the_next_pull(
    feed: FakeFeed, content: list[Any], audit: Callable[[], Audit]
) -> None:
    feed.begin_epoch()
    feed.put(content[0])
    with pytest.raises(FeedUnavailable, match="log"):
        audit()


def test_a_cms_that_is_down(feed: FakeFeed, content: list[Any], audit: Callable[[], Audit]) -> None:
    feed.status = 503
    with pytest.raises(FeedUnavailable, match="503"):
        audit()


@pytest.mark.parametrize(
    "answer",
    [b"", b"[]", b"{}", b'{"version":1,"epoch":"x"}', b"\xff"],
)
def test_an_answer_that_is_no_page_of_digests(
    feed: FakeFeed, client_of_feed: FeedClient, answer: bytes
) -> None:
    feed.raw_answer = answer
    with pytest.raises(FeedUnavailable, match="contract"):
        client_of_feed.digests(None, 10)


@pytest.mark.parametrize("next_", ["doctor", "doctor/x", "doctor/1/2"])
def test_a_next_that_names_no_entity(
    index: Index, feed: FakeFeed, content: list[Any], client_of_feed: FeedClient, next_: str
) -> None:
    feed.raw_answer = b'{"version":1,"epoch":"%s","head":1,"next":"%s","entities":[]}' % (
        feed.epoch.encode(),
        next_.encode(),
    )
    with pytest.raises(FeedUnavailable):
        auditing.audit(index, client_of_feed, lambda: NOW)
    with pytest.raises(FeedUnavailable, match="advance"):
        client_of_feed.digests(next_, 10)


def test_the_command(
    index: Index, feed_of_process: FakeFeed, content: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    feed = feed_of_process
    call_command("audit")
    assert f"{len(content)} documents compared: 0 differed" in capsys.readouterr().out
    feed.delete_silently(content[0])
    call_command("audit")
    printed = capsys.readouterr().out
    assert f"left_over: doctor {content[0]['id']} (en)" in printed
    assert "1 differed, 1 are mended" in printed
    feed.deaf = True
    feed.delete_silently(content[1])
    with pytest.raises(CommandError, match="1 differed, 0 are mended"):
        call_command("audit")
    feed.status = 500
    with pytest.raises(CommandError, match="could not be finished: the feed answered 500"):
        call_command("audit")


def test_the_task_does_the_same(index: Index, feed_of_process: FakeFeed, content: list[Any]) -> None:
    from search_service.feed import tasks

    feed_of_process.delete_silently(content[0])
    tasks.audit_index()
    record = index.noted("audit")
    assert record
    assert record["repaired"] == 1
    consumer.pull(index, FeedClient(feed_of_process.url, TOKEN, timeout_s=5), lambda: NOW)
