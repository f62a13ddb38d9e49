"""What is published is found, whichever part is away meanwhile, and nobody else notices.

A pair of its own, whose Redis can be stopped, which looks for changes by itself every POLL_S.
"""

from __future__ import annotations

import itertools
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import pytest
import redis
import requests

from tests import servers
from tests.e2e.editor import Editor
from tests.e2e.pair import ROOT, Pair, Prepared, poll, production

pytestmark = [pytest.mark.production, pytest.mark.slow]

Redis = servers.Redis

POLL_S = 2.0
# For what is read, indexed and answered once somebody looks.
SOON_S = 2.0
START_S = 60.0
# How long the CMS is gone: twice as long as the broker waits for a message to be acknowledged.
AWAY_S = 20
SEARCH = ("search", "search-worker", "search-beat")


@pytest.fixture(scope="module")
def broker() -> Iterator[Redis]:
    try:
        with servers.redis_server() as server:
            yield server
    except servers.Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def pair(broker: Redis, begun: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    environment = {"FEED_POLL_SECONDS": str(POLL_S), "FEED_TIMEOUT_SECONDS": "4"}
    folder, database_url = tmp_path_factory.mktemp("outages"), os.environ["DATABASE_URL"]
    with production(folder, database_url, broker.url, environment=environment, begun=begun) as running:
        yield running


class Site:
    """Editor and public together: doctors who are changed, and what the public sees of them."""

    def __init__(self, pair: Pair, editor: Editor, pages: dict[str, int]) -> None:
        self._editor, self._api = editor, f"{pair.search_url}/api/v1"
        self.pages = pages
        self.published: dict[str, str] = {}
        self._numbers = iter(range(1000))

    def get(self, path: str, **params: Any) -> Any:
        answer = requests.get(f"{self._api}/{path}", params=params, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def publish(self) -> float:
        """Change the doctor whose turn it is; the seconds that it took are returned."""
        slug = list(self.pages)[next(self._numbers) % len(self.pages)]
        credentials = f"Changed {time.monotonic_ns()}"
        sent = self._editor.publish(self.pages[slug], credentials=credentials)
        took = time.monotonic() - sent
        self.published[slug] = credentials
        return took

    def not_found(self) -> set[str]:
        """Whose last change the public does not see."""
        return {
            slug
            for slug, credentials in self.published.items()
            if self.get(f"doctors/{slug}/")["credentials"] != credentials
        }

    def all_is_found(self, within_s: float) -> None:
        poll(self.not_found, lambda slugs: not slugs, timeout_s=within_s)


@pytest.fixture(scope="module")
def pages(pair: Pair, editor: Editor) -> dict[str, int]:
    """Ten doctors who are found, by slug."""
    near_leh = {"specialty": "neurology", "place": "leh-ladakh-in"}
    listed = requests.get(f"{pair.search_url}/api/v1/doctors/", params=near_leh, timeout=10).json()["results"]
    return {doctor["slug"]: editor.page_id(doctor["slug"]) for doctor in listed[:10]}


@pytest.fixture
def site(pair: Pair, editor: Editor, pages: dict[str, int]) -> Site:
    site = Site(pair, editor, pages)
    site.publish()
    site.all_is_found(POLL_S + SOON_S)  # whatever the test before this one has stopped is back
    return site


def publish_times(site: Site) -> list[float]:
    return sorted(site.publish() for _ in range(9))


def assert_as_fast(during: list[float], before: list[float]) -> None:
    """The half of them at least took no longer than usual, and none waited for a connection."""
    figures = f"before: {before}, during: {during}"
    assert statistics.median(during) < 1.5 * statistics.median(before) + 0.05, figures
    assert during[-2] < before[-1] + 0.5, figures


# --- Redis.


@pytest.mark.parametrize(
    ("leave", "return_"),
    [(Redis.stop, Redis.start), (Redis.kill, Redis.start), (Redis.freeze, Redis.thaw)],
    ids=["stopped", "killed", "frozen"],
)
def test_without_redis(
    pair: Pair, site: Site, broker: Redis, leave: Callable[[Redis], None], return_: Callable[[Redis], None]
) -> None:
    """The editor does not notice; the search service looks by itself."""
    before = publish_times(site)
    leave(broker)
    try:
        during = publish_times(site)
        site.all_is_found(within_s=POLL_S + SOON_S)
        site.publish()
    finally:
        return_(broker)
    site.all_is_found(within_s=POLL_S + SOON_S)
    assert_as_fast(during, before)
    # The worker comes back by itself: it is the only one who sees a nudge.
    nudged = len(pulls(pair))
    poll(lambda: site.publish() and len(pulls(pair)), lambda count: count > nudged, timeout_s=40, every_s=1)


def pulls(pair: Pair) -> list[str]:
    return [line for line in pair.log.lines("search-worker") if "pull_changes: " in line]


# --- The CMS.


@contextmanager
def public_at_work(site: Site) -> Iterator[Counter[str]]:
    """Asks the public API all the time; what became of it is counted."""
    answers: Counter[str] = Counter()
    end = threading.Event()

    def ask() -> None:
        paths = [
            "pages/myoclonus/domkhar-ladakh-in/",
            "status/",
            *(f"doctors/{slug}/" for slug in site.pages),
        ]
        while not end.wait(0.02):
            try:
                site.get(random.choice(paths))
            except requests.RequestException as error:
                answers[repr(error)] += 1
            else:
                answers["ok"] += 1

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield answers
    finally:
        end.set()
        thread.join()


ATTEMPT = re.compile(r"(\S+ \S+) WARNING search_service.feed.tasks: pull_changes: cannot reach")
RECEIVED = re.compile(r"Task (search_service\.\w+)\[(\S+)\] received")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["away", "hangs"])
def test_without_the_cms(pair: Pair, site: Site, broker: Redis, number: signal.Signals) -> None:
    """The public does not notice. The worker tries again, less and less often, and messages do not multiply: what a worker
    has for longer than the broker waits comes again, and each must come to rest."""
    before = len(pair.log.lines("search-worker"))
    with public_at_work(site) as answers:
        with cms_gone(pair, number):
            for task, keywords in (
                ("rebuild_index", '{"requested_at": "2000-01-01T00:00:00Z"}'),
                ("audit_index", "{}"),
            ):
                call(pair, f"search_service.{task}", keywords)
            time.sleep(AWAY_S)
        lines = pair.log.lines("search-worker")[before:]
        ready = partial(requests.get, f"{pair.cms_url}/readyz", timeout=5)
        poll(ready, lambda answer: answer.ok, timeout_s=START_S)
        site.publish()
        # The worker may be in an attempt at a CMS that hangs, and polls went by meanwhile.
        polls = 1 if number == signal.SIGKILL else 3
        site.all_is_found(within_s=polls * POLL_S + SOON_S)
    assert answers.keys() == {"ok"}
    assert answers["ok"] > 100
    received = Counter(match[1] for line in lines if (match := RECEIVED.search(line)))
    # Of polls there are one in POLL_S, most of which expire unread.
    assert received["search_service.pull_changes"] <= 3 * AWAY_S / POLL_S
    assert 1 <= received["search_service.rebuild_index"] <= 8
    assert 1 <= received["search_service.audit_index"] <= 8
    assert len(lines) < 13 * AWAY_S, lines
    if number == signal.SIGKILL:  # who hangs is waited for at each attempt
        times = attempts(lines)
        # Each is a little longer than it is to be, on a busy machine more than half a second.
        pauses = [int(later - earlier + 0.1) for earlier, later in itertools.pairwise(times)]
        assert any(pauses[start : start + 3] == [1, 2, 4] for start in range(len(pauses))), pauses
        assert len(times) <= 12
    with redis.Redis.from_url(broker.url) as client:
        poll(lambda: unacknowledged(client), lambda count: count <= 1, timeout_s=30)


@contextmanager
def cms_gone(pair: Pair, number: signal.Signals) -> Iterator[None]:
    """By this signal, to all of its processes."""
    if number == signal.SIGKILL:
        pair.kill("cms")
        back = partial(pair.start, "cms")
    else:
        os.killpg(pair.processes.pid("cms"), number)
        back = partial(os.killpg, pair.processes.pid("cms"), signal.SIGCONT)
    try:
        yield
    finally:
        back()


def attempts(lines: list[str]) -> list[float]:
    """When the worker did not reach the CMS, in seconds."""
    found = filter(None, map(ATTEMPT.search, lines))
    return [datetime.fromisoformat(match[1]).timestamp() for match in found]


def call(pair: Pair, task: str, keywords: str) -> str:
    """Send a task to the search service's worker; its id is returned."""
    _, env = pair.commands["search-worker"]
    command = [sys.executable, "-m", "celery", "--app=search_service.celery:app", "call", task]
    command += [f"--kwargs={keywords}", "--queue=search"]
    return subprocess.run(
        command, env=env, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()


# --- The search service.


def test_without_the_search_service(pair: Pair, site: Site) -> None:
    before = publish_times(site)
    for name in SEARCH:
        pair.kill(name)
    try:
        during = publish_times(site)
    finally:
        for name in SEARCH:
            pair.start(name)
    site.all_is_found(within_s=START_S)
    assert_as_fast(during, before)


# --- The worker.


def test_a_worker_that_is_killed_again_and_again(pair: Pair, site: Site, broker: Redis) -> None:
    """It is started again, as a supervisor would, and nothing else is done."""
    counts = site.get("status/")["counts"]
    done = threading.Event()
    kills = 0

    def kill() -> None:
        nonlocal kills
        while not done.is_set() or kills < 10:
            time.sleep(random.uniform(0.1, 3))
            pair.kill("search-worker")
            pair.start("search-worker")
            kills += 1

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        for _ in range(30):
            site.publish()
    finally:
        done.set()
        killer.join()
    site.all_is_found(within_s=START_S)
    assert kills >= 10
    assert site.get("status/")["counts"] == counts
    with redis.Redis.from_url(broker.url) as client:
        poll(lambda: unacknowledged(client), lambda count: not count, timeout_s=20)


def at_work(pair: Pair, client: redis.Redis) -> None:
    time.sleep(0.5)


def looking_for_messages_to_redeliver(pair: Pair, client: redis.Redis) -> None:
    """Stops it while it holds the lock under which one worker at a time does so: some milliseconds in a second."""
    worker = pair.processes.pid("search-worker")

    def caught() -> bool:
        if not client.exists("unacked_mutex"):
            return False
        os.killpg(worker, signal.SIGSTOP)
        time.sleep(0.1)
        if client.exists("unacked_mutex"):
            return True
        os.killpg(worker, signal.SIGCONT)
        return False

    poll(caught, bool, timeout_s=60, every_s=0)


@pytest.mark.parametrize("moment", [at_work, looking_for_messages_to_redeliver])
def test_a_message_that_a_killed_worker_had(
    pair: Pair, site: Site, broker: Redis, moment: Callable[[Pair, redis.Redis], None]
) -> None:
    """It is redelivered in seconds. The worker has it for long enough to be killed since the CMS hangs."""

    def received() -> int:
        lines = pair.log.lines("search-worker")
        return sum(f"search_service.pull_changes[{message}] received" in line for line in lines)

    others = ("search-beat", "cms-worker")
    for name in (*others, "search-worker"):
        pair.kill(name)
    cms = pair.processes.pid("cms")
    os.killpg(cms, signal.SIGSTOP)
    try:
        with redis.Redis.from_url(broker.url) as client:
            client.delete("search")  # what waits there would be taken first
            message = call(pair, "search_service.pull_changes", "{}")
            pair.start("search-worker")
            poll(received, bool, timeout_s=START_S)
            moment(pair, client)
        pair.kill("search-worker")
    finally:
        os.killpg(cms, signal.SIGCONT)
        for name in ("search-worker", *others):
            pair.start(name)
    poll(received, lambda count: count == 2, timeout_s=20)
    site.publish()
    site.all_is_found(POLL_S + SOON_S)
    with redis.Redis.from_url(broker.url) as client:
        poll(lambda: unacknowledged(client), lambda count: not count, timeout_s=20)


def unacknowledged(client: Any) -> int:
    return int(client.hlen("unacked"))
