"""A rebuild swaps a good generation in, refuses a bad one, and can be taken back."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from search_service.feed import consumer, following, rebuilding
from search_service.feed.client import FeedClient, FeedUnavailable
from search_service.feed.consumer import Outcome
from search_service.index.protocol import Index, IndexUnavailable, Stored
from search_service.index.sqlite import postings
from tests.search_service import documents
from tests.search_service.conftest import NOW
from tests.search_service.fake_feed import TOKEN, FakeFeed

Pull = Callable[[], Outcome]
LEH = (34.15, 77.57)


def doctors(feed: FakeFeed, *slugs: str) -> None:
    for slug in slugs:
        feed.put(documents.doctor(slug, LEH))


def found(index: Index, *slugs: str) -> set[str]:
    reader = index.reader()
    return {slug for slug in slugs if isinstance(reader.get_by_slug("doctor", slug, "en"), Stored)}


@pytest.fixture
def rebuild(index: Index, client_of_feed: FeedClient) -> Callable[..., str]:
    return lambda **options: rebuilding.rebuild(index, client_of_feed, lambda: NOW, **options)


# --- Refused.


def test_a_generation_that_holds_far_less_is_refused(
    index: Index, feed: FakeFeed, pull: Pull, rebuild: Callable[..., str]
) -> None:
    doctors(feed, "a", "b", "c", "d", "e")
    feed.put(documents.specialty("neurology"))
    pull()
    live, kept = index.live(), index.generations()
    for slug in "abc":  # gone without a trace: the live generation cannot know
        feed.forget(documents.doctor(slug))
    with pytest.raises(rebuilding.Refused, match="doctor: 2 instead of 5 would be found"):
        rebuild()
    assert index.live() == live
    assert index.generations() == kept
    assert found(index, "a", "e") == {"a", "e"}
    record = rebuilding.last(index)
    assert record
    assert record["state"] == "refused"
    assert "doctor: 2 instead of 5" in record["error"]
    assert rebuild(max_fall=0.6) == index.live() != live
    assert found(index, "a", "e") == {"e"}


def test_a_kind_that_is_gone_altogether_is_refused(
    feed: FakeFeed, pull: Pull, rebuild: Callable[..., str]
) -> None:
    doctors(feed, "a")
    feed.put(documents.specialty("neurology"))
    pull()
    feed.forget(documents.specialty("neurology"))
    with pytest.raises(rebuilding.Refused, match="specialty: 0 instead of 1"):
        rebuild()
    assert rebuild(max_fall=1.0)


def test_an_empty_cms_does_not_empty_the_search(
    index: Index, feed: FakeFeed, pull: Pull, caplog: pytest.LogCaptureFixture
) -> None:
    """As when a new database is put in the place of the old one by mistake."""
    doctors(feed, "a", "b")
    pull()
    live = index.live()
    feed.begin_epoch()
    with caplog.at_level(logging.ERROR):
        assert pull() is Outcome.REFUSED
    assert "0 instead of 2" in caplog.text
    assert (index.live(), found(index, "a", "b")) == (live, {"a", "b"})
    # Not read from its beginning again at each poll.
    before = len(feed.requests)
    assert pull() is Outcome.REFUSED
    assert len(feed.requests) == before + 1


def test_after_an_hour_what_was_refused_is_tried_again(
    index: Index, feed: FakeFeed, client_of_feed: FeedClient, pull: Pull
) -> None:
    doctors(feed, "a", "b")
    pull()
    feed.begin_epoch()
    assert pull() is Outcome.REFUSED
    doctors(feed, "a", "b")
    assert pull() is Outcome.REFUSED
    later = NOW + timedelta(hours=1, seconds=1)
    assert consumer.pull(index, client_of_feed, lambda: later) is Outcome.REBUILT


def test_another_log_is_tried_at_once_though_one_was_refused(
    index: Index, feed: FakeFeed, pull: Pull
) -> None:
    doctors(feed, "a", "b")
    pull()
    feed.begin_epoch()
    assert pull() is Outcome.REFUSED
    feed.begin_epoch()
    doctors(feed, "a", "b", "c")
    assert pull() is Outcome.REBUILT
    assert found(index, "c") == {"c"}


def to_the_antipodes(heads: bytes) -> bytes:
    moved = np.frombuffer(heads, postings.HEAD).copy()
    moved["point"] *= -1
    return moved.tobytes()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DELETE FROM tree", "nobody is found at"),
        ("UPDATE packed SET heads = to_the_antipodes(heads)", "nobody is found at"),
        ("DELETE FROM body", "listed, but not found"),
        ("UPDATE document SET kind = 'x' || kind WHERE 0", ""),
    ],
)
def test_a_generation_that_fails_a_sample_query_is_refused(
    index: Index, feed: FakeFeed, pull: Pull, settings: Settings, damage: str, said: str
) -> None:
    """Whatever a fault of ours, or of the disk, does to what was written."""
    doctors(feed, *(f"doctor-{number}" for number in range(50)))
    pull()
    live = index.live()
    with closing(index.create()) as fresh:
        following.follow(fresh, FeedClient(feed.url, TOKEN, timeout_s=5), lambda: NOW)
        rebuilding._check(fresh, index.reader(), 0.5)
        with closing(sqlite3.connect(settings.INDEX_DIR / fresh.generation / "index.sqlite3")) as connection:
            connection.create_function("to_the_antipodes", 1, to_the_antipodes)
            connection.execute(damage)
            connection.commit()
        if said:
            with pytest.raises(rebuilding.Refused, match=said):
                rebuilding._check(fresh, index.reader(), 0.5)
        else:
            rebuilding._check(fresh, index.reader(), 0.5)
    assert index.live() == live


def test_a_rebuild_of_what_is_refused_as_malformed(
    index: Index, feed: FakeFeed, pull: Pull, rebuild: Callable[..., str]
) -> None:
    """A CMS that begins to send what nobody can read does not empty the search."""
    doctors(feed, "a", "b")
    pull()
    for slug in "ab":
        feed.put_silently(documents.doctor(slug, (95.0, 0.0)))
    with pytest.raises(rebuilding.Refused, match="doctor: 0 instead of 2"):
        rebuild()
    assert found(index, "a", "b") == {"a", "b"}


# --- Asked for by a message, which may come twice.


def test_a_rebuild_is_made_once_for_each_request(
    index: Index, feed: FakeFeed, rebuild: Callable[..., str]
) -> None:
    doctors(feed, "a")
    first = rebuild(requested_at=NOW - timedelta(seconds=1))
    assert rebuild(requested_at=NOW - timedelta(seconds=1)) == first
    assert rebuild(requested_at=NOW) == first
    assert rebuild(requested_at=NOW + timedelta(seconds=1)) != first
    assert rebuild() not in (None, first)


def test_a_rebuild_that_was_refused_or_failed_is_not_repeated_by_the_same_message(
    feed: FakeFeed, pull: Pull, index: Index, client_of_feed: FeedClient
) -> None:
    """One that takes longer than the broker waits is delivered again when it has ended."""
    doctors(feed, "a", "b", "c")
    pull()
    live, now = index.live(), NOW + timedelta(minutes=1)
    for slug in "abc":
        feed.forget(documents.doctor(slug))
    with pytest.raises(rebuilding.Refused):
        rebuilding.rebuild(index, client_of_feed, lambda: now, requested_at=now)
    asked = len(feed.requests)
    assert rebuilding.rebuild(index, client_of_feed, lambda: now, requested_at=now) == live
    assert len(feed.requests) == asked
    later = now + timedelta(minutes=1)
    feed.status = 500
    with pytest.raises(FeedUnavailable):
        rebuilding.rebuild(index, client_of_feed, lambda: later, requested_at=later)
    record = rebuilding.last(index)
    assert record
    assert (record["state"], record["error"]) == ("failed", "the feed answered 500")
    assert rebuilding.rebuild(index, client_of_feed, lambda: later, requested_at=later) == live


def test_one_that_was_killed_is_repeated(
    feed: FakeFeed, pull: Pull, index: Index, rebuild: Callable[..., str]
) -> None:
    doctors(feed, "a")
    pull()
    live = index.live()
    record = rebuilding.last(index)
    assert record
    index.note("rebuild", record | {"state": "running", "generation": "another"})
    assert rebuild(requested_at=NOW) != live


def test_one_that_was_killed_when_it_was_live_is_done(feed: FakeFeed, pull: Pull, index: Index) -> None:
    doctors(feed, "a")
    pull()
    record = rebuilding.last(index)
    assert record
    index.note("rebuild", record | {"state": "running"})
    pull()
    record = rebuilding.last(index)
    assert record
    assert record["state"] == "done"


@pytest.mark.parametrize("record", [{}, {"x": 1}, {"state": "running"}])
def test_a_record_that_makes_no_sense_is_none(
    feed: FakeFeed, pull: Pull, index: Index, record: dict[str, object]
) -> None:
    doctors(feed, "a")
    pull()
    index.note("rebuild", record)
    assert pull() is Outcome.FOLLOWED
    assert rebuilding.last(index) is None


# --- Meanwhile.


def test_the_live_generation_goes_on_being_updated_and_queried(
    index: Index, feed: FakeFeed, pull: Pull, client_of_feed: FeedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the rebuild itself: there may be one worker only."""
    monkeypatch.setattr(following, "PAGE_SIZE", 5)
    monkeypatch.setattr(rebuilding, "KEEP_UP_SECONDS", 0.0)
    doctors(feed, *(f"doctor-{number}" for number in range(40)))
    pull()
    live = index.live()
    seen: list[bool] = []

    def each_page(seq: int, head: int) -> None:
        if index.live() == live:
            slug = f"new-{len(seen)}"
            seen.append(len(seen) == 0 or bool(found(index, f"new-{len(seen) - 1}")))
            doctors(feed, slug)

    rebuilding.rebuild(index, client_of_feed, lambda: NOW, progress=each_page)
    assert index.live() != live
    assert len(seen) > 5
    assert all(seen)
    assert found(index, *(f"new-{number}" for number in range(len(seen)))) == {
        f"new-{number}" for number in range(len(seen))
    }


@pytest.mark.slow
def test_queries_and_publishes_during_a_rebuild(
    index: Index, feed: FakeFeed, pull: Pull, client_of_feed: FeedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each query is answered, what was seen once stays, and what was published is there at the end."""
    monkeypatch.setattr(following, "PAGE_SIZE", 20)
    doctors(feed, *(f"doctor-{number}" for number in range(400)))
    pull()
    over = threading.Event()
    errors: list[BaseException] = []
    published: list[str] = []
    asked = 0

    def ask() -> None:
        nonlocal asked
        most = 0
        try:
            while not over.is_set():
                position = index.reader().position()
                assert position
                # The swap takes nobody back in time.
                assert position.seq >= most
                most = position.seq
                assert index.reader().get_by_slug("doctor", "doctor-7", "en")
                asked += 1
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    def publish() -> None:
        for number in range(50):
            doctors(feed, f"new-{number}")
            published.append(f"new-{number}")
            try:
                consumer.pull(index, FeedClient(feed.url, TOKEN, timeout_s=5), lambda: NOW)
            except BaseException as error:  # noqa: BLE001
                errors.append(error)
            time.sleep(0.02)

    threads = [threading.Thread(target=work) for work in (ask, ask, publish)]
    for thread in threads:
        thread.start()
    generations = [rebuilding.rebuild(index, client_of_feed, lambda: NOW) for _ in range(3)]
    threads[2].join()
    over.set()
    for thread in threads:
        thread.join()
    consumer.pull(index, client_of_feed, lambda: NOW)
    assert errors == []
    assert asked > 50
    assert index.live() == generations[-1]
    assert found(index, *published) == set(published)
    assert len(published) == 50


def test_progress_is_noted_for_the_status(
    index: Index, feed: FakeFeed, client_of_feed: FeedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PAGE_SIZE", 2)
    monkeypatch.setattr(rebuilding, "NOTE_SECONDS", 0.0)
    doctors(feed, "a", "b", "c", "d")
    noted = []

    def each_page(seq: int, head: int) -> None:
        noted.append(rebuilding.last(index))

    name = rebuilding.rebuild(index, client_of_feed, lambda: NOW, progress=each_page)
    noted.append(rebuilding.last(index))
    assert [(record["state"], record["seq"], record["head"]) for record in noted if record] == [
        ("running", 2, 4),
        ("running", 4, 4),
        ("done", 4, 4),
    ]
    assert {record["generation"] for record in noted if record} == {name}


def test_a_feed_that_is_away_makes_no_generation(
    index: Index, feed: FakeFeed, rebuild: Callable[..., str]
) -> None:
    feed.status = 503
    with pytest.raises(FeedUnavailable):
        rebuild()
    assert index.generations() == []


def test_a_feed_that_goes_away_in_the_middle(
    index: Index, feed: FakeFeed, pull: Pull, rebuild: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PAGE_SIZE", 2)
    doctors(feed, "a", "b", "c", "d")
    pull()
    before = index.generations()

    def stop(after: int) -> None:
        if after == 2:
            feed.status = 500

    feed.on_request = stop
    with pytest.raises(FeedUnavailable):
        rebuild()
    assert index.generations() == before
    record = rebuilding.last(index)
    assert record
    assert (record["state"], record["error"]) == ("failed", "the feed answered 500")


def test_what_a_killed_rebuild_leaves_is_dropped_by_the_next_pull(
    index: Index, feed: FakeFeed, pull: Pull
) -> None:
    doctors(feed, "a")
    pull()
    live = index.generations()
    index.create().close()
    record = rebuilding.last(index)
    assert record
    index.note("rebuild", record | {"state": "running", "generation": "another", "ended_at": None})
    assert len(index.generations()) == 2
    pull()
    assert index.generations() == live
    record = rebuilding.last(index)
    assert record
    assert record["state"] == "killed"
    assert datetime.fromisoformat(record["ended_at"]) == NOW


def test_a_pull_leaves_a_running_rebuild_alone(index: Index, feed: FakeFeed, pull: Pull) -> None:
    doctors(feed, "a")
    pull()
    with index.lock("rebuild", timeout_s=0), closing(index.create()) as fresh:
        doctors(feed, "b")
        assert pull() is Outcome.FOLLOWED
        assert fresh.generation in index.generations()


def test_without_a_live_generation_nothing_is_dropped(
    index: Index, feed: FakeFeed, pull: Pull, settings: Settings
) -> None:
    """It may be forgotten for a moment only which it was."""
    doctors(feed, "a")
    pull()
    names = index.generations()
    current = settings.INDEX_DIR / "CURRENT"
    was = current.read_text()
    current.unlink()
    feed.status = 503
    with pytest.raises(FeedUnavailable):
        pull()
    assert index.generations() == names
    current.write_text(was)
    assert found(index, "a") == {"a"}


def test_a_current_that_cannot_be_read_for_now(
    index: Index, feed: FakeFeed, pull: Pull, settings: Settings
) -> None:
    doctors(feed, "a")
    pull()
    names = index.generations()
    current = settings.INDEX_DIR / "CURRENT"
    was = current.read_text()
    current.unlink()
    current.mkdir()  # reading it is an OSError
    with pytest.raises(IndexUnavailable):
        pull()
    current.rmdir()
    current.write_text(was)
    assert index.generations() == names
    assert pull() is Outcome.FOLLOWED


# --- Taken back.


@pytest.fixture
def rollback(index: Index, client_of_feed: FeedClient) -> Callable[[], str]:
    return lambda: rebuilding.rollback(index, client_of_feed, lambda: NOW)


def test_rollback_returns_to_the_generation_before_and_loses_nothing(
    index: Index, feed: FakeFeed, pull: Pull, rebuild: Callable[..., str], rollback: Callable[[], str]
) -> None:
    doctors(feed, "a")
    pull()
    first = index.live()
    rebuild()
    doctors(feed, "b")
    pull()
    assert rollback() == first == index.live()
    assert found(index, "a", "b") == {"a", "b"}
    doctors(feed, "c")
    assert pull() is Outcome.FOLLOWED
    assert (index.live(), found(index, "c")) == (first, {"c"})
    with pytest.raises(rebuilding.Refused, match="no earlier generation"):
        rollback()
    assert rebuild() == index.live() != first


def test_rollback_without_an_index(rollback: Callable[[], str]) -> None:
    with pytest.raises(rebuilding.Refused, match="no earlier generation"):
        rollback()


def test_rollback_while_the_cms_is_down(
    index: Index, feed: FakeFeed, pull: Pull, rebuild: Callable[..., str], rollback: Callable[[], str]
) -> None:
    doctors(feed, "a")
    pull()
    first = index.live()
    rebuild()
    doctors(feed, "b")
    pull()
    feed.status = 503
    assert rollback() == first == index.live()
    assert found(index, "a", "b") == {"a"}
    feed.status = 200
    pull()
    assert found(index, "a", "b") == {"a", "b"}


def test_rollback_to_another_log_is_refused(
    index: Index, feed: FakeFeed, pull: Pull, rollback: Callable[[], str]
) -> None:
    doctors(feed, "a")
    pull()
    feed.begin_epoch()
    doctors(feed, "b")
    assert pull() is Outcome.REBUILT
    live = index.live()
    for status in (200, 503):
        feed.status = status
        with pytest.raises(rebuilding.Refused, match="log"):
            rollback()
        assert (index.live(), found(index, "a", "b")) == (live, {"b"})


def test_rollback_waits_for_no_rebuild(
    index: Index, feed: FakeFeed, pull: Pull, rebuild: Callable[..., str], rollback: Callable[[], str]
) -> None:
    doctors(feed, "a")
    pull()
    live = rebuild()
    with index.lock("rebuild", timeout_s=0), pytest.raises(rebuilding.RebuildRunning):
        rollback()
    assert index.live() == live


# --- The commands.


def test_the_commands(index: Index, feed_of_process: FakeFeed, capsys: pytest.CaptureFixture[str]) -> None:
    feed = feed_of_process
    doctors(feed, "a", "b", "c")
    call_command("rebuild")
    first = index.live()
    assert f"Generation {first} is live: 3 doctor, 0 refused" in capsys.readouterr().out
    call_command("rebuild")
    call_command("rollback")
    assert f"Generation {first} is live again" in capsys.readouterr().out
    with pytest.raises(CommandError, match=r"no earlier generation.*untouched"):
        call_command("rollback")
    for slug in "ab":
        feed.forget(documents.doctor(slug))
    with pytest.raises(CommandError, match=r"refused: doctor: 1 instead of 3.*untouched"):
        call_command("rebuild")
    call_command("rebuild", "--accept-fall")
    assert found(index, "a", "c") == {"c"}
    feed.status = 503
    with pytest.raises(CommandError, match=r"503.*untouched"):
        call_command("rebuild")


@pytest.mark.usefixtures("index")
def test_the_share_is_a_setting(feed_of_process: FakeFeed, settings: Settings) -> None:
    feed = feed_of_process
    doctors(feed, "a", "b", "c", "d")
    call_command("rebuild")
    feed.forget(documents.doctor("a"))
    settings.REBUILD_MAX_FALL = 0.1
    with pytest.raises(CommandError, match="fall of more than 10%"):
        call_command("rebuild")
    settings.REBUILD_MAX_FALL = 0.25
    call_command("rebuild")


def test_the_tasks_keep_to_the_setting_and_raise_nothing(
    index: Index, feed_of_process: FakeFeed, settings: Settings
) -> None:
    """What goes wrong is in the status: no task is tried again by Celery."""
    from search_service.feed import tasks

    feed = feed_of_process
    doctors(feed, "a", "b", "c", "d")
    tasks.pull_changes()
    live = index.live()
    feed.forget(documents.doctor("a"))
    settings.REBUILD_MAX_FALL = 0.1
    tasks.rebuild_index(requested_at="2999-01-01T00:00:00+00:00")
    record = rebuilding.last(index)
    assert record
    assert (record["state"], index.live()) == ("refused", live)
    feed.begin_epoch()
    doctors(feed, "b", "c", "d")
    tasks.pull_changes()
    assert index.live() == live
    settings.REBUILD_MAX_FALL = 0.5
    tasks.rebuild_index(requested_at="2999-01-01T00:00:00+00:00")
    assert index.live() != live
