"""Beat does itself what it cannot send."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from redis import Redis

from search_service import beat
from tests import servers

Ran = list[float]


@pytest.fixture
def ran() -> Ran:
    return []


def scheduler(url: str, folder: Path, ran: Ran) -> beat.Scheduler:
    """Of an app of its own, with one task that is due ten times a second."""
    app = Celery("beat-of-a-test", broker=url, set_as_current=False)
    app.conf.task_ignore_result = True
    app.conf.beat_schedule = {"poll": {"task": "poll", "schedule": 0.1}}

    @app.task(name="poll", shared=False)
    def poll() -> None:
        ran.append(time.monotonic())
        if len(ran) == 1:
            raise ValueError("the first time it fails")

    return beat.Scheduler(app, schedule_filename=str(folder / "schedule"))


def tick(scheduler: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    tick_until(scheduler, lambda: time.monotonic() > end)


def tick_until(scheduler: Any, so: Callable[[], bool]) -> None:
    """For half a minute at most: what is sent first has much to import."""
    deadline = time.monotonic() + 30
    while not so():
        assert time.monotonic() < deadline
        time.sleep(min(max(scheduler.tick(), 0.0), 0.05))


def queued(url: str) -> int:
    with closing(Redis.from_url(url)) as client:
        return int(client.llen("celery"))


@pytest.fixture
def redis() -> Iterator[str]:
    with servers.redis() as url:
        yield url


def test_without_a_broker_it_is_done_here(tmp_path: Path, ran: Ran, caplog: pytest.LogCaptureFixture) -> None:
    without = scheduler("redis://localhost:9/0", tmp_path, ran)
    tick_until(without, lambda: len(ran) >= 3)
    without.close()
    assert "so it is done here" in caplog.text
    assert "the first time it fails" in caplog.text


def test_with_a_broker_it_is_sent(tmp_path: Path, ran: Ran, redis: str) -> None:
    with_broker = scheduler(redis, tmp_path, ran)
    tick_until(with_broker, lambda: queued(redis) >= 3)
    with_broker.close()
    assert ran == []


def test_when_the_broker_is_back_it_is_done_both_ways_until_the_worker_is_back_too(
    tmp_path: Path, ran: Ran, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beat, "RECONNECT_SECONDS", 1.0)
    back = scheduler(redis, tmp_path, ran)
    tick_until(back, lambda: queued(redis) > 0)
    assert ran == []
    back._failed_at = time.monotonic()
    tick(back, 2.5)
    back.close()
    assert len(ran) >= 3
    assert ran[-1] - ran[0] < 1.2
