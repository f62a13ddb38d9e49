"""The pair, started as a user starts it. Knows commands and URLs only."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

import psycopg
import requests
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from scripts.processes import Processes
from tests import compose
from tests.servers import free_ports

ROOT = Path(__file__).resolve().parent.parent.parent
START_TIMEOUT_S = 240.0

T = TypeVar("T")
Shape = Literal["embedded", "production"]


class Log:
    """The last lines that the programs printed."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._lock = threading.Lock()

    def add(self, name: str, line: str) -> None:
        with self._lock:
            self._lines.append(f"{name}: {line}")

    def find(self, pattern: str) -> re.Match[str] | None:
        with self._lock:
            return next(filter(None, (re.search(pattern, line) for line in self._lines)), None)

    def lines(self, name: str) -> list[str]:
        """What one program printed."""
        with self._lock:
            return [line for line in self._lines if line.startswith(f"{name}: ")]

    def tail(self, lines: int = 200) -> str:
        with self._lock:
            return "\n".join(self._lines[-lines:])


@dataclass
class Pair:
    shape: Shape
    cms_url: str
    search_url: str
    data_dir: Path
    log: Log
    processes: Processes
    username: str = "editor"
    password: str = ""
    commands: dict[str, tuple[list[str], dict[str, str]]] = field(default_factory=dict)

    def stop(self, *names: str) -> None:
        """Stop services of docker-compose.yml, at the same time. In the production shape only."""
        self.processes.stop(*names)

    def kill(self, name: str) -> None:
        """Stop it and its children as a crash does."""
        os.killpg(self.processes.pid(name), signal.SIGKILL)
        self.processes.stop(name)

    def start(self, name: str) -> None:
        """Start it again."""
        command, env = self.commands[name]
        self.processes.start(name, command, env)


def poll(ask: Callable[[], T], until: Callable[[T], bool], *, timeout_s: float, every_s: float = 0.05) -> T:
    """Ask until the answer is right; fail with the last answer after `timeout_s`. A service that cannot be
    reached has not answered."""
    deadline = time.monotonic() + timeout_s
    last: object = None
    while True:
        try:
            last = answer = ask()
            if until(answer):
                return answer
        except requests.ConnectionError as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not so within {timeout_s} s; the last answer was: {last!r}")
        time.sleep(every_s)


@contextmanager
def embedded(folder: Path) -> Iterator[Pair]:
    """As `make demo` starts it, in a folder of its own."""
    log, (cms_port, search_port) = Log(), free_ports(2)
    data_dir = folder / "data"
    env = os.environ | {"CMS_PORT": str(cms_port), "SEARCH_PORT": str(search_port), "DATA_DIR": str(data_dir)}
    with Processes(log.add, cwd=ROOT, patience_s=30) as processes:
        processes.start("demo", [sys.executable, "-m", "scripts.demo"], env)
        _wait_for(log, processes, r"password: (\S+)")
        found = log.find(r"password: (\S+)")
        assert found
        yield Pair(
            shape="embedded",
            cms_url=f"http://localhost:{cms_port}",
            search_url=f"http://localhost:{search_port}",
            data_dir=data_dir,
            log=log,
            processes=processes,
            password=found[1],
        )


def _wait_for(log: Log, processes: Processes, pattern: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not log.find(pattern):
        ended = processes.ended()
        assert not ended, f"{ended} ended:\n{log.tail()}"
        assert time.monotonic() < deadline, f"not started after {START_TIMEOUT_S} s:\n{log.tail()}"
        time.sleep(0.05)


@dataclass(frozen=True)
class Prepared:
    """What the services of docker-compose.yml make that end, and the sample. It is copied, and stays as it is."""

    database: str
    folder: Path
    password: str


@contextmanager
def prepared(folder: Path, database_url: str, redis_url: str) -> Iterator[Prepared]:
    """What several pairs can begin with: to make it takes longer than to start one."""
    password = secrets.token_urlsafe(12)
    with _database(database_url) as own_database_url:
        nowhere = "http://localhost:9"  # nothing of it is kept
        commands = _commands(folder, own_database_url, redis_url, nowhere, nowhere)
        for service, command, env in commands:
            if not service.ends:
                continue
            (folder / service.target).mkdir(exist_ok=True)
            _run(command, env)
            if service.name == "cms-init":
                _run(["python", "-m", "cms", "load_demo"], env | {"DEMO_EDITOR_PASSWORD": password})
        database = conninfo_to_dict(own_database_url)["dbname"]
        yield Prepared(str(database), folder, password)


@contextmanager
def production(
    folder: Path,
    database_url: str,
    redis_url: str,
    *,
    environment: Mapping[str, str] | None = None,
    begun: Prepared | None = None,
) -> Iterator[Pair]:
    """As docker-compose.yml starts it: its commands with its environment and what is added to it here, as
    plain processes on a real PostgreSQL and a real Redis."""
    with ExitStack() as stack:
        if begun is None:
            (folder / "prepared").mkdir()
            begun = stack.enter_context(prepared(folder / "prepared", database_url, redis_url))
        own_database_url = stack.enter_context(_database(database_url, begun.database))
        data_dir = shutil.copytree(begun.folder, folder / "data")
        log, (cms_port, search_port) = Log(), free_ports(2)
        processes = stack.enter_context(Processes(log.add, cwd=ROOT))
        pair = Pair(
            shape="production",
            cms_url=f"http://localhost:{cms_port}",
            search_url=f"http://localhost:{search_port}",
            data_dir=data_dir,
            log=log,
            processes=processes,
            password=begun.password,
        )
        ports = {"cms": cms_port, "search": search_port}
        commands = _commands(data_dir, own_database_url, redis_url, pair.cms_url, pair.search_url)
        for service, command, env in commands:
            if service.ends:
                continue
            env |= {"GRANIAN_PORT": str(ports.get(service.name, 0)), **(environment or {})}
            pair.commands[service.name] = command, env
            pair.start(service.name)
        for url in (pair.cms_url, pair.search_url):
            ask = partial(requests.get, f"{url}/readyz", timeout=5)
            try:
                poll(ask, lambda answer: answer.ok, timeout_s=START_TIMEOUT_S)
            except AssertionError as error:
                raise AssertionError(f"{url}/readyz: {error}\n{log.tail()}") from error
        try:
            yield pair
        finally:  # it takes Celery five seconds to end in good order
            for pid in processes.pids():
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)


def _commands(
    folder: Path, database_url: str, redis_url: str, cms_url: str, search_url: str
) -> list[tuple[compose.Service, list[str], dict[str, str]]]:
    """Our services of docker-compose.yml, each with its command and environment; `folder` is for their volumes."""
    values = {
        "CMS_BASE_URL": cms_url,
        "CMS_HOST": "localhost",
        "CMS_SECRET_KEY": secrets.token_urlsafe(40),
        "FEED_TOKEN": secrets.token_urlsafe(40),
        "POSTGRES_PASSWORD": "none",
        "SEARCH_HOST": "localhost",
        "SEARCH_SECRET_KEY": secrets.token_urlsafe(40),
    }
    addresses = {
        "postgres://cms:none@postgres:5432/cms": database_url,
        "redis://redis:6379/0": redis_url,
        "http://cms:8000": cms_url,
        "http://search:8001": search_url,
    }

    def here(service: compose.Service, text: str) -> str:
        text = compose.substitute(text, values)
        for there, address in addresses.items():
            text = text.replace(there, address)
        return re.sub(r"(?<![\w/.])/data\b", str(folder / service.target), text)

    commands = []
    for service in compose.services().values():
        if not service.target:
            continue  # PostgreSQL and Redis run already
        image = compose.stages()["base"].environment | service.environment
        env = {name: here(service, text) for name, text in image.items()} | {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "GRANIAN_HOST": "127.0.0.1",
            # As the demo has it, so that no test waits for a minute.
            "CMS_SCHEDULE_SECONDS": "5",
            # A machine on which all tests run at once is slow.
            "SEARCH_TIMEOUT_SECONDS": "10",
            # Nobody else asks so much from one address.
            "SEARCH_RATE_LIMIT": "100000/60",
        }
        commands.append((service, [here(service, word) for word in service.command], env))
    return commands


def _run(command: list[str], env: dict[str, str]) -> None:
    done = subprocess.run(
        command, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, f"{command} failed with exit code {done.returncode}:\n{done.stdout}"
    assert not re.search("Traceback|CRITICAL", done.stdout), done.stdout


@contextmanager
def _database(url: str, template: str = "template1") -> Iterator[str]:
    """A database of its own on the server, a copy of another: what is in the one that `url` names is never touched."""
    name = f"dny_e2e_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield re.sub(r"[^/?]+(\?|$)", rf"{name}\1", url, count=1)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
