"""A real PostgreSQL and a real Redis for the tests, on free ports, from the binaries on this machine."""

from __future__ import annotations

import fcntl
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import psycopg
import redis as redis_client

START_TIMEOUT_S = 30.0
# Below those that a system gives to whoever asks for any or connects to somebody. What has a port of these may be
# stopped, or not be started yet: nobody else, of all who run beside it, comes to be there.
PORTS = range(15_000, 32_000)


class Missing(Exception):
    """The server is not on this machine and cannot be installed; the message is one line."""


@contextmanager
def postgresql(more: Mapping[str, str] | None = None) -> Iterator[str]:
    """URL of a server of its own, of its first database, with these settings besides. Speed over safety: nothing is
    synced to disk."""
    initdb, postgres = binary("initdb", "postgresql"), binary("postgres", "postgresql")
    owner, (port,) = _owner(), free_ports(1)
    with _folder("postgresql", owner) as folder, (folder / "log").open("wb") as log, ExitStack() as stack:

        def start(command: list[str | Path]) -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                command, cwd=folder, user=owner, stdout=log, stderr=log, start_new_session=True
            )

        flags = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
        if start([initdb, "--pgdata=data", *flags]).wait():
            raise RuntimeError(f"initdb failed:\n{(folder / 'log').read_text()}")
        settings = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "full_page_writes": "off",
            **(more or {}),
        }
        server = start([postgres, "-D", "data", *(f"--{name}={value}" for name, value in settings.items())])
        stack.callback(_stop, server)
        url = f"postgres://postgres@127.0.0.1:{port}/postgres"
        _wait("PostgreSQL", lambda: psycopg.connect(url).close(), server, folder / "log")
        yield url


class Redis:
    """A Redis of its own, which writes nothing to disk. It can be stopped and started again at the same `url`."""

    def __init__(self, folder: Path) -> None:
        self._binary, self._log = binary("redis-server", "redis-server"), folder / "log"
        (self._port,) = free_ports(1)
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        address = ["--port", str(self._port), "--bind", "127.0.0.1"]
        with self._log.open("ab") as log:
            self._server = subprocess.Popen(
                [self._binary, *address, "--save", "", "--appendonly", "no"],
                cwd=self._log.parent,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _wait("Redis", self._ping, self._server, self._log)

    def stop(self) -> None:
        _stop(self._server)

    def kill(self) -> None:
        self._server.kill()
        self._server.wait()

    def freeze(self) -> None:
        """It takes connections, and answers nothing."""
        self._server.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._server.send_signal(signal.SIGCONT)

    def _ping(self) -> None:
        with closing(redis_client.Redis(port=self._port)) as client:
            client.ping()


@contextmanager
def redis_server() -> Iterator[Redis]:
    """As `redis`, for a test that stops and starts it."""
    with _folder("redis") as folder:
        server = Redis(folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextmanager
def redis() -> Iterator[str]:
    """The URL of a Redis of its own, which writes nothing to disk."""
    with redis_server() as server:
        yield server.url


def binary(name: str, package: str) -> Path:
    """Where the program is, installed first on a Debian or Ubuntu whose root we are. Raises Missing."""
    if (found := _find(name)) is None and os.getuid() == 0 and shutil.which("apt-get"):
        install(package)
        found = _find(name)
    if found is None:
        raise Missing(f"{name} is not on this machine (Debian, Ubuntu: apt-get install {package})")
    return found


def _find(name: str) -> Path | None:
    # Debian keeps PostgreSQL's programs off the PATH; the newest version first.
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)]))
    return Path(found) if found else None


def install(package: str) -> None:
    """From Debian's or Ubuntu's packages, as root. Raises Missing."""
    print(f"Installing {package}", flush=True)
    with (Path(tempfile.gettempdir()) / "dny-install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # apt refuses a second one, and tests run beside each other
        _install(package)


def _install(package: str) -> None:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", package]
    if subprocess.run(install, env=env, capture_output=True, check=False).returncode:
        # The list of packages may be old, or not there yet.
        subprocess.run(["apt-get", "update", "-qq"], env=env, capture_output=True, check=False)
        done = subprocess.run(install, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Missing(f"{package} could not be installed: {done.stderr.strip().splitlines()[-1:]}")


def _owner() -> str | None:
    """Whom PostgreSQL runs as: it refuses root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def _folder(name: str, owner: str | None = None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=f"dny-{name}-", ignore_cleanup_errors=True) as folder:
        if owner:
            shutil.chown(folder, owner)
        yield Path(folder)


def free_ports(count: int) -> list[int]:
    """Of 127.0.0.1. By chance, so that others who look for some at the same time find others."""
    chance = random.SystemRandom()
    found: set[int] = set()
    while len(found) < count:
        port = chance.choice(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.add(port)
    return list(found)


def _wait(name: str, try_it: Callable[[], None], server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            return try_it()
        except (psycopg.OperationalError, redis_client.ConnectionError) as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start: {error}\n{log.read_text()}") from error
            time.sleep(0.05)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)  # to PostgreSQL: end now, not when the last client has left
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
