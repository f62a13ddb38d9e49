"""A process that reads the feed is killed (SIGKILL) anywhere: nothing is lost, nothing doubled, nothing to do by hand."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from pytest_django import Settings

from search_service import stores
from search_service.feed import consumer
from search_service.feed.client import FeedClient
from search_service.index.protocol import Index, Query
from tests.search_service import documents
from tests.search_service.conftest import NOW
from tests.search_service.fake_feed import TOKEN, FakeFeed

LEH, DELHI = (34.15, 77.57), (28.61, 77.21)
# Does a job and tells by what signal it was ended.
Run = Callable[[str, str, object], int]

pytestmark = pytest.mark.slow


@pytest.fixture
def run(feed: FakeFeed, index: Index, settings: Settings) -> Iterator[Run]:
    command = [sys.executable, "-m", "tests.search_service.feed.killed"]
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "search_service.settings", "SEARCH_LOG_LEVEL": "CRITICAL"}
    with subprocess.Popen(
        [*command, feed.url, TOKEN, str(settings.INDEX_DIR)],
        cwd=Path(__file__).parents[3],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as host:
        assert host.stdin
        assert host.stdout
        to, of = host.stdin, host.stdout
        assert of.readline() == "ready\n"

        def do(job: str, how: str, when: object) -> int:
            print(job, how, when, file=to, flush=True)
            return int(of.readline())

        yield do
        to.close()


class Editors:
    """Change some of everything, so that there is something to read at each attempt."""

    def __init__(self, feed: FakeFeed) -> None:
        self._feed = feed
        self._numbers = count()

    def work(self) -> None:
        number = next(self._numbers)
        put = self._feed.put
        for slug in ("a", "b", f"new-{number}", f"other-{number}"):
            put(documents.doctor(slug, (LEH, DELHI)[number % 2], LEH, credentials=str(number)))
        if number > 2:
            self._feed.delete(documents.doctor(f"new-{number - 2}"))
        put(documents.condition("c", summary=f"Edition {number}"))
        put(documents.doctor("malformed", (95.0, 0.0), credentials=str(number)))


def check(feed: FakeFeed, index: Index) -> None:
    """After an ordinary pull, the index holds exactly what is public, once."""
    consumer.pull(index, FeedClient(feed.url, TOKEN, timeout_s=5), lambda: NOW)
    reader = index.reader()
    public = {
        (entry["kind"], entry["id"], entry["locale"]): entry["digest"]
        for entry in feed.entries.values()
        if entry["document"] and entry["document"]["slug"] != "malformed"
    }
    held = {
        (entity.kind, str(entity.id), entity.locale): digest
        for entity, digest in reader.digests(limit=10_000)
    }
    assert held == public
    position = reader.position()
    assert position
    assert (position.epoch, position.seq) == (feed.epoch, feed.head)
    hits = reader.search(Query(*LEH, limit=1000)).hits
    assert len(hits) == len({hit.id for hit in hits}) == reader.counts()["doctor"]
    assert reader.counts() == {
        "condition": 1,
        "doctor": sum(kind == "doctor" for kind, _, _ in public),
        "refused": 1,
    }
    # What a killed rebuild left is gone: there is the live one, and at most the one before.
    names = index.generations()
    assert len(names) <= 2
    assert names[-1] == index.live()


def lines_of(run: Run, job: str, editors: Editors, feed: FakeFeed, index: Index) -> int:
    """About how many lines the job takes: it is killed before one of them, or comes to its end."""

    def is_killed(line: int) -> bool:
        editors.work()
        killed = run(job, "line", line) == signal.SIGKILL
        check(feed, index)
        return killed

    low, high = 1, 2
    while is_killed(high):
        low, high = high, high * 2
    while high - low > 20:
        middle = (low + high) // 2
        low, high = (middle, high) if is_killed(middle) else (low, middle)
    return high


@pytest.mark.parametrize(("job", "lines", "times"), [("pull", 60, 25), ("rebuild", 60, 25)])
def test_killed_at_any_line_and_at_any_moment(
    feed: FakeFeed, index: Index, run: Run, job: str, lines: int, times: int
) -> None:
    editors = Editors(feed)
    editors.work()
    check(feed, index)
    longest = lines_of(run, job, editors, feed, index)
    seed = random.randrange(10**6)
    sys.stdout.write(f"seed {seed}, {longest} lines")  # shown when it fails
    chance = random.Random(seed)
    assert longest > lines
    ended = []
    for line in sorted(chance.sample(range(1, longest), lines)):
        editors.work()
        ended.append(run(job, "line", line))
        stores.index.cache_clear()
        check(feed, stores.index())
    assert ended.count(signal.SIGKILL) > lines * 0.8
    for _ in range(times):
        editors.work()
        run(job, "after", chance.uniform(0, 0.05))
        check(feed, stores.index())


def test_killed_while_it_builds_the_first(feed: FakeFeed, index: Index, run: Run) -> None:
    editors = Editors(feed)
    for line in [*range(1, 200, 40), *range(200, 1600, 150)]:
        editors.work()
        run("pull", "line", line)
        if not index.live():
            continue
        check(feed, index)
    check(feed, index)


def test_killed_again_and_again_without_a_pause(feed: FakeFeed, index: Index, run: Run) -> None:
    """Nobody looks after it between the kills."""
    editors = Editors(feed)
    chance = random.Random(7)
    for _ in range(40):
        editors.work()
        run(chance.choice(["pull", "rebuild"]), "line", int(10 ** chance.uniform(0, 3.6)))
    check(feed, index)
