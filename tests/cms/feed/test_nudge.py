"""The nudge reaches the broker when it can, and costs nothing when it cannot."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest
from kombu import Connection, Queue

from cms.celery import app
from cms.feed import nudge as module
from cms.feed.nudge import QUEUE, TASK, _Sender, nudge_if_moved
from tests.cms import factories

# A process that nudges and ends at once; with "fork", its child does the same.
NUDGES = """
import os, sys, django
django.setup()
from cms.feed.nudge import _sender, nudge
if "fork" in sys.argv:
    nudge()
    assert _sender.flush(5)
    child = os.fork()
    if child:
        os.waitpid(child, 0)
nudge()
"""


def take_messages() -> list[str]:
    """The tasks that wait in the queue, taken from it."""
    with app.connection_for_read() as connection:
        queue = Queue(QUEUE, routing_key=QUEUE, channel=connection.default_channel)
        queue.declare()
        return [message.headers["task"] for message in iter(lambda: queue.get(no_ack=True), None)]


@pytest.fixture(autouse=True)
def no_messages() -> None:
    take_messages()


def use_redis_at(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send to another broker, with the options that the settings have for Redis."""
    options = {"socket_connect_timeout": 1.0, "socket_timeout": 1.0, "max_retries": 0}
    connect = partial(Connection, f"redis://127.0.0.1:{port}", transport_options=options)
    monkeypatch.setattr(app, "connection_for_write", connect)


@pytest.fixture
def silent_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A broker that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        use_redis_at(server.getsockname()[1], monkeypatch)
        yield


def test_it_sends_the_message_that_was_agreed_upon() -> None:
    sender = _Sender()
    sender.nudge()
    assert sender.flush(5)
    assert take_messages() == [TASK]
    assert (TASK, QUEUE) == ("search_service.pull_changes", "search")


def test_nudges_that_come_while_it_is_busy_become_one() -> None:
    sender = _Sender()
    for _ in range(200):
        sender.nudge()
    assert sender.flush(5)
    assert 1 <= len(take_messages()) < 100


@pytest.mark.slow
@pytest.mark.parametrize(("how", "messages"), [("plain", 1), ("fork", 3)])
def test_a_process_that_ends_has_sent_its_nudge(how: str, messages: int) -> None:
    environ = os.environ | {"DJANGO_SETTINGS_MODULE": "cms.settings"}
    done = subprocess.run([sys.executable, "-c", NUDGES, how], env=environ, capture_output=True, check=True)
    assert b"Error" not in done.stderr
    assert take_messages() == [TASK] * messages


def test_a_broker_that_says_nothing_holds_nobody_up(silent_broker: None) -> None:
    sender = _Sender()
    start = time.monotonic()
    for _ in range(100):
        sender.nudge()
    assert time.monotonic() - start < 0.2
    assert not sender.flush(0.1)
    assert sender.flush(10)  # it gives up


def test_a_broker_that_is_down_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def outage() -> None:
        with monkeypatch.context() as down, socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            server.close()
            use_redis_at(port, down)
            for _ in range(3):
                sender.nudge()
                assert sender.flush(10)

    sender = _Sender()
    with caplog.at_level(logging.WARNING, logger="cms.feed.nudge"):
        outage()
        assert len(caplog.records) == 1
        sender.nudge()
        assert sender.flush(5)
        assert take_messages() == [TASK]
        outage()
        assert len(caplog.records) == 2


def test_only_when_the_log_has_moved(transactional_db: None) -> None:
    def nudged() -> bool:
        nudge_if_moved()
        assert module._sender.flush(5)
        return bool(take_messages())

    factories.make_specialty()
    assert nudged()
    assert not nudged()
    factories.make_practice()  # which nobody works at
    assert not nudged()
    factories.make_specialty()
    assert nudged()


def test_there_is_one_thread() -> None:
    before = threading.active_count()
    sender = _Sender()
    for _ in range(3):
        sender.nudge()
        assert sender.flush(5)
    assert threading.active_count() == before + 1
