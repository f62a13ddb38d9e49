"""No program is left behind, whatever it does to stay."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.processes import Processes

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""
ORDERLY = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda number, frame: (print("good night"), sys.exit()))
print("ready", flush=True)
time.sleep(60)
"""
WITH_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


class Shown(list[tuple[str, str]]):
    def wait(self) -> str:
        deadline = time.monotonic() + 10
        while not self:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return self[0][1]


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture
def processes(shown: Shown, tmp_path: Path) -> Iterator[Processes]:
    with Processes(lambda name, line: shown.append((name, line)), cwd=tmp_path, patience_s=1) as processes:
        yield processes


def start(processes: Processes, code: str, name: str = "program") -> int:
    processes.start(name, [sys.executable, "-c", code], dict(os.environ))
    return processes.pids()[-1]


def is_gone(pid: int) -> bool:
    """Ended, and waited for: a child of ours that is a zombie is not gone."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z" if Path("/proc/self").exists() else False


def test_lines_are_shown_with_the_name_of_who_printed_them(processes: Processes, shown: Shown) -> None:
    start(processes, "import sys; print('out'); print('err', file=sys.stderr)", "both")
    while not processes.ended():
        time.sleep(0.01)
    processes.stop()
    assert sorted(shown) == [("both", "err"), ("both", "out")]


def test_it_is_told_who_ended_and_how(processes: Processes) -> None:
    start(processes, "import time; time.sleep(60)", "one")
    assert processes.ended() is None
    start(processes, "raise SystemExit(7)", "two")
    while not (ended := processes.ended()):
        time.sleep(0.01)
    assert ended == ("two", 7)


def test_a_program_is_asked_and_has_time_to_end(processes: Processes, shown: Shown) -> None:
    start(processes, ORDERLY)
    shown.wait()
    processes.stop()
    assert [line for _, line in shown] == ["ready", "good night"]


def test_a_program_that_ignores_the_wish_is_killed(processes: Processes, shown: Shown) -> None:
    pid = start(processes, STUBBORN)
    shown.wait()
    processes.stop()
    assert is_gone(pid)


def test_the_children_of_a_program_go_with_it(processes: Processes, shown: Shown) -> None:
    start(processes, WITH_CHILD)
    child = int(shown.wait())
    processes.stop()
    wait_until_gone(child)


def test_the_children_of_a_program_that_was_killed_go_too(processes: Processes, shown: Shown) -> None:
    pid = start(processes, WITH_CHILD)
    child = int(shown.wait())
    os.kill(pid, signal.SIGKILL)
    while not processes.ended():
        time.sleep(0.01)
    processes.stop()
    wait_until_gone(child)


def test_one_can_be_stopped_and_started_again(processes: Processes) -> None:
    one = start(processes, "import time; time.sleep(60)", "one")
    two = start(processes, "import time; time.sleep(60)", "two")
    processes.stop("one")
    assert is_gone(one)
    assert not is_gone(two)
    start(processes, "import time; time.sleep(60)", "one")
    assert processes.ended() is None


def wait_until_gone(pid: int) -> None:
    """An orphan is waited for by the system, a moment later."""
    deadline = time.monotonic() + 5
    while not is_gone(pid):
        assert time.monotonic() < deadline, f"{pid} is still there"
        time.sleep(0.01)
