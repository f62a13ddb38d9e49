"""`make demo` keeps its content, stops as a whole, and leaves no process behind however it ends.

The other end-to-end tests have a demo running meanwhile: two at once do not disturb each other.
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.e2e.pair import ROOT, START_TIMEOUT_S, poll
from tests.servers import free_ports

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

STOP_TIMEOUT_S = 15.0
# To somebody who has done nothing but start it.
ALARMING = re.compile("WARNING|ERROR|CRITICAL|Traceback")


class Demo:
    """One start of the demo in a folder."""

    def __init__(self, data_dir: Path, output: Path) -> None:
        self.ports = free_ports(2)
        self._lock = data_dir / "demo.lock"
        self._output = output
        names = {"CMS_PORT": str(self.ports[0]), "SEARCH_PORT": str(self.ports[1]), "DATA_DIR": str(data_dir)}
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "scripts.demo"],
                cwd=ROOT,
                env=os.environ | names,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        # A letter may be written by half.
        return self._output.read_text(errors="replace")

    def wait_for(self, text: str) -> None:
        poll(
            lambda: (self.process.poll(), self.output),
            lambda state: state[0] is not None or text in state[1],
            timeout_s=START_TIMEOUT_S,
        )
        assert text in self.output

    def wait_until_ready(self) -> None:
        self.wait_for("Ctrl-C stops everything")

    def password(self) -> str:
        found = re.search(r"password: (\S+)", self.output)
        assert found
        return found[1]

    def page(self) -> requests.Response:
        url = f"http://localhost:{self.ports[1]}/api/v1/pages/myoclonus/domkhar-ladakh-in/"
        return requests.get(url, timeout=10)

    def pids(self) -> list[int]:
        """Of the CMS, the search service and the worker: what someone reads who finds the folder in use."""
        return [int(pid) for pid in self._lock.read_text().split()[1:]]

    def wait_until_gone(self) -> int:
        """Its exit code, once nothing answers at its ports and no process of it holds the lock."""
        code = self.process.wait(STOP_TIMEOUT_S)
        poll(lambda: [port for port in self.ports if _answers(port)], lambda open_: not open_, timeout_s=1)
        with self._lock.open() as lock:
            poll(lambda: _can_lock(lock.fileno()), bool, timeout_s=1)
        return code

    def kill_all(self) -> None:
        for pid in [self.process.pid, *self.pids()]:
            try:
                os.killpg(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _can_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(file, fcntl.LOCK_UN)
    return True


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "a folder, 100% ländlich?#"


@pytest.fixture
def start(data_dir: Path, tmp_path: Path) -> Iterator[Callable[[], Demo]]:
    started: list[Demo] = []

    def start() -> Demo:
        started.append(Demo(data_dir, tmp_path / f"output-{len(started)}"))
        return started[-1]

    yield start
    for demo in started:
        if demo.process.poll() is None:
            demo.kill_all()


def test_it_keeps_its_content(start: Callable[[], Demo]) -> None:
    first = start()
    first.wait_until_ready()
    page = first.page()
    assert page.status_code == 200, page.text
    assert not ALARMING.search(first.output), first.output
    first.process.send_signal(signal.SIGINT)
    assert first.wait_until_gone() == 0
    assert first.output.endswith("Stopped.\n")

    second = start()
    second.wait_until_ready()
    assert second.password() == first.password()
    assert second.page().json()["doctors"] == page.json()["doctors"]
    assert not ALARMING.search(second.output), second.output
    second.process.send_signal(signal.SIGTERM)
    assert second.wait_until_gone() == 0


@pytest.mark.parametrize("moment", ["The CMS's database", "Starting both services"])
def test_it_can_be_stopped_while_it_starts(start: Callable[[], Demo], moment: str) -> None:
    demo = start()
    demo.wait_for(moment)
    demo.process.send_signal(signal.SIGHUP)
    assert demo.wait_until_gone() == 0
    assert "Traceback" not in demo.output


def test_when_one_service_dies_all_stop(start: Callable[[], Demo]) -> None:
    demo = start()
    demo.wait_until_ready()
    os.kill(demo.pids()[1], signal.SIGKILL)
    assert demo.wait_until_gone() == 1
    assert "search ended by itself with exit code -9, so everything was stopped." in demo.output


def test_after_it_was_killed(start: Callable[[], Demo]) -> None:
    """Its services go on without it. The next start says so, and works once they are stopped."""
    killed = start()
    killed.wait_until_ready()
    pids = killed.pids()
    killed.process.kill()
    killed.process.wait()

    refused = start()
    assert refused.process.wait(STOP_TIMEOUT_S) == 1
    assert " ".join(map(str, pids)) in refused.output

    for pid in pids:
        os.killpg(pid, signal.SIGKILL)
    killed.wait_until_gone()
    again = start()
    again.wait_until_ready()
    assert again.page().status_code == 200
