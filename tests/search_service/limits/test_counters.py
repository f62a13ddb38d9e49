"""Both counters by the same tests: the file's and a real Redis's."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from search_service.limits import files
from search_service.limits.files import FileCounter
from search_service.limits.limiter import Limiter
from search_service.limits.policy import Counter, CounterUnavailable, Policy, judge
from search_service.limits.redis import RedisCounter
from tests import servers

Make = Callable[[], Counter]
# So slow to be made good that a test sees none of it.
TEN = Policy("ten", 10, 86_400)
TAKE = """
import sys
from search_service.limits import files, redis, policy
counter = files.FileCounter(__import__("pathlib").Path(sys.argv[2])) if sys.argv[1] == "file" else redis.RedisCounter(sys.argv[2])
thousand = policy.Policy("thousand", 1000, 86_400)
print("ready", flush=True)
input()
print(sum(counter.take(bytes(16), thousand).allowed for _ in range(1000)))
"""


@pytest.fixture(scope="module")
def redis() -> Iterator[servers.Redis]:
    with servers.redis_server() as server:
        yield server


@pytest.fixture(params=["file", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """The kind of counter, and where it counts."""
    if request.param == "file":
        return "file", str(tmp_path / "limits")
    url: str = request.getfixturevalue("redis").url
    return "redis", f"{url[:-1]}{1 + hash(tmp_path) % 15}"


@pytest.fixture
def counter(place: tuple[str, str]) -> Counter:
    kind, where = place
    return FileCounter(Path(where)) if kind == "file" else RedisCounter(where)


def client(number: int = 0) -> bytes:
    return os.urandom(15) + bytes([number])


def taken_until_refused(counter: Counter, one: bytes, policy: Policy) -> int:
    taken = 0
    while counter.take(one, policy).allowed:
        taken += 1
    return taken


def test_the_quota_is_answered_and_no_more(counter: Counter) -> None:
    one, other = client(), client()
    verdicts = [counter.take(one, TEN) for _ in range(12)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 10 + [False] * 2
    assert [verdict.remaining for verdict in verdicts] == [*range(9, -1, -1), 0, 0]
    assert verdicts[0].reset_s == pytest.approx(TEN.each_s, abs=1)
    assert verdicts[9].reset_s == pytest.approx(TEN.window_s, abs=1)
    assert verdicts[11].retry_s == pytest.approx(TEN.each_s, abs=1)
    assert counter.take(other, TEN).remaining == 9


def test_what_was_asked_for_is_made_good_bit_by_bit(counter: Counter) -> None:
    policy, one = Policy("fifty", 50, 10), client()
    started = time.monotonic()
    taken = taken_until_refused(counter, one, policy)
    time.sleep(2.5 * policy.each_s)
    taken += taken_until_refused(counter, one, policy)
    passed_s = time.monotonic() - started
    assert 52 <= taken <= 50 + passed_s / policy.each_s + 0.01


def test_processes_share_the_count(place: tuple[str, str]) -> None:
    command = [sys.executable, "-c", TAKE, *place]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running: list[Any] = [subprocess.Popen(command, **pipes) for _ in range(3)]
    for process in running:
        process.stdout.readline()
    for process in running:
        process.stdin.write("\n")
        process.stdin.flush()
    assert sum(int(process.communicate(timeout=60)[0]) for process in running) == 1000


def test_threads_share_the_count(counter: Counter) -> None:
    one, thousand, interval = client(), Policy("thousand", 1000, 86_400), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            verdicts = list(pool.map(lambda _: counter.take(one, thousand), range(2000)))
    finally:
        sys.setswitchinterval(interval)
    assert sum(verdict.allowed for verdict in verdicts) == 1000


def test_what_is_owed_to_the_last_moment_is_not_forgotten() -> None:
    verdict, due = judge(TEN, due=1000 + TEN.window_s - TEN.each_s * 0.9995, now=1000)
    assert verdict.allowed  # by rounding
    assert due > 1000 + TEN.window_s
    assert not judge(TEN, due, now=1000)[0].allowed


def test_what_a_clock_left_behind_is_forgotten() -> None:
    verdict, _ = judge(TEN, due=10**9, now=1000)
    assert (verdict.allowed, verdict.remaining) == (True, 9)


def test_the_file_stays_small_and_in_a_full_row_who_owes_least_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ROWS", 1)
    counter, busy = FileCounter(tmp_path / "limits"), client()
    for _ in range(10):
        counter.take(busy, TEN)
    for _ in range(50):
        assert counter.take(client(), TEN).allowed
    assert not counter.take(busy, TEN).allowed
    assert (tmp_path / "limits").stat().st_size <= 128


@pytest.mark.parametrize("content", [b"", b"x" * 5, os.urandom(1_100_000)])
def test_whatever_is_in_the_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "limits"
    path.write_bytes(content)
    counter, one = FileCounter(path), client()
    assert [counter.take(one, TEN).allowed for _ in range(11)] == [True] * 10 + [False]


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "limits").mkdir()
    limiter = Limiter(FileCounter(tmp_path / "limits"))
    assert limiter.take(client(), TEN) is None
    assert limiter.error == "limits: Is a directory"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("leave", "come_back"),
    [(servers.Redis.stop, servers.Redis.start), (servers.Redis.freeze, servers.Redis.thaw)],
)
def test_while_redis_is_away_nobody_is_refused_and_nobody_waits(
    redis: servers.Redis,
    leave: Callable[[servers.Redis], None],
    come_back: Callable[[servers.Redis], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("search_service.limits.limiter.PAUSE_SECONDS", 0.5)
    limiter, one = Limiter(RedisCounter(redis.url)), client()
    assert limiter.take(one, TEN)
    leave(redis)
    try:
        started = time.monotonic()
        assert [limiter.take(one, TEN) for _ in range(100)] == [None] * 100
        assert time.monotonic() - started < 0.4
        assert limiter.error.startswith("Redis: ")
    finally:
        come_back(redis)
    time.sleep(0.6)
    assert limiter.take(one, TEN)
    assert limiter.error == ""


def test_a_counter_that_is_away_says_so() -> None:
    with pytest.raises(CounterUnavailable):
        RedisCounter("redis://127.0.0.1:9/0").take(client(), TEN)
