"""`make demo`: the pair on one machine, with sample content and no server to install.

SQLite for the CMS, the embedded index, Celery over a folder. Everything that is kept is in DATA_DIR; deleting
that folder is a fresh start.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from scripts.processes import Processes

ROOT = Path(__file__).resolve().parent.parent
READY_TIMEOUT_S = 120.0
# A closed terminal and a process manager's stop are the same wish as Ctrl-C.
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COLOURS = {"cms": 36, "search": 32, "worker": 33, "beat": 35, "schedule": 34}


class Refused(Exception):
    """The demo cannot start or go on; the message is for whoever started it."""


@dataclass(frozen=True)
class Demo:
    cms_port: int
    search_port: int
    data_dir: Path

    @property
    def cms_url(self) -> str:
        return f"http://localhost:{self.cms_port}"

    @property
    def search_url(self) -> str:
        return f"http://localhost:{self.search_port}"


def main() -> int:
    for number in STOPS:
        signal.signal(number, _interrupt)
    try:
        demo = _read_settings(os.environ)
        with _only_one_in(demo.data_dir) as lock:
            return _run(demo, lock)
    except Refused as error:
        print(f"\nmake demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.")
        return 0


def _run(demo: Demo, lock: IO[str]) -> int:
    started = time.monotonic()
    _check_port_is_free("CMS_PORT", demo.cms_port)
    _check_port_is_free("SEARCH_PORT", demo.search_port)
    kept = _kept_secrets(demo.data_dir)
    env = _environment(demo, kept)
    _forget_messages(demo.data_dir)

    print(f"Content and indexes are kept in {demo.data_dir}")
    _step("The CMS's database", "cms", ["migrate", "--verbosity=0"], env)
    _step("Sample content", "cms", ["load_demo"], env)
    _step("The gazetteer", "search_service", ["import_places", "--if-empty"], env)
    for service, group in (("cms", "cms"), ("search_service", "search")):
        _collect_static(service, group, demo.data_dir / "static", env)

    print("  Starting both services", flush=True)
    # Celery takes five seconds to end when there is nothing to do. Nothing is lost with it, so it gets two.
    with Processes(_printer(), cwd=ROOT, patience_s=2, pass_fds=[lock.fileno()]) as processes:
        with _undisturbed():
            processes.start("cms", _web("cms", demo.cms_port, demo.data_dir), env)
            processes.start("search", _web("search_service", demo.search_port, demo.data_dir), env)
            _note_pids(lock, processes)
        _wait_for(f"{demo.cms_url}/readyz", _is_well, processes)
        status, _ = _wait_for(f"{demo.search_url}/readyz", lambda status, _: bool(status), processes)
        if not _is_well(status):
            _step("The index", "search_service", ["rebuild"], env)
            _wait_for(f"{demo.search_url}/readyz", _is_well, processes)
        # Who follows the feed comes once there is one, and an index: before, it would complain.
        status_url = f"{demo.search_url}/api/v1/status/"
        _, before = _wait_for(status_url, _is_well, processes)
        with _undisturbed():
            processes.start("worker", _worker(), env)
            processes.start("beat", _beat(demo.data_dir), env)
            _note_pids(lock, processes)
        _wait_for(status_url, lambda _, now: _as_of(now) != _as_of(before), processes)
        with _undisturbed():
            # After the others: it would take the processor from them, and nobody waits for it.
            processes.start("schedule", _schedule(demo.data_dir), env)
            _note_pids(lock, processes)
        _welcome(demo, kept["editor_password"], time.monotonic() - started)
        while (ended := processes.ended()) is None:
            time.sleep(0.2)
    name, code = ended
    raise Refused(f"{name} ended by itself with exit code {code}, so everything was stopped.")


# --- What it is given


def _read_settings(environ: Mapping[str, str]) -> Demo:
    cms_port = _read_port(environ, "CMS_PORT", 8000)
    search_port = _read_port(environ, "SEARCH_PORT", 8001)
    if cms_port == search_port:
        raise Refused(f"CMS_PORT and SEARCH_PORT are both {cms_port}.")
    data_dir = ROOT / Path(environ.get("DATA_DIR") or "var/demo").expanduser()
    return Demo(cms_port, search_port, data_dir.resolve())


def _read_port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65_536):
        raise Refused(f"{name}={text} is not a port: a whole number from 1 to 65535.")
    return int(text)


def _check_port_is_free(name: str, port: int) -> None:
    """On all that localhost stands for: a browser may ask ::1 before 127.0.0.1."""
    for family, kind, _, _, address in socket.getaddrinfo("localhost", port, type=socket.SOCK_STREAM):
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise Refused(
                        f"port {port} is in use. Stop what uses it, or take another: make demo {name}=8100"
                    ) from error
                if error.errno != errno.EADDRNOTAVAIL:  # /etc/hosts may name ::1 where there is no IPv6
                    raise Refused(f"{name}={port} cannot be used: {error.strerror}.") from error


@contextmanager
def _only_one_in(data_dir: Path) -> Iterator[IO[str]]:
    """Make the folder and hold its lock.

    The programs that are started inherit the lock: it is free once all of them have ended, even
    when this one was killed and could not stop them.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "demo.lock").open("a+")
    except (FileExistsError, NotADirectoryError) as error:
        raise Refused(f"DATA_DIR={data_dir} cannot be used: it is not a folder.") from error
    except OSError as error:
        raise Refused(f"DATA_DIR={data_dir} cannot be used: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Refused(
                f"a demo is running in {data_dir} already (processes {lock.read() or 'not started yet'}). "
                "Stop it, or take another folder: make demo DATA_DIR=var/other"
            ) from None
        yield lock


def _kept_secrets(data_dir: Path) -> dict[str, str]:
    """Made at the first start, so that neither a password nor a key is the same on two machines."""
    names = ("cms_secret_key", "search_secret_key", "feed_token", "editor_password")
    path, unfinished = data_dir / "secrets.json", data_dir / "secrets.json.new"
    if path.exists() or (data_dir / "cms.sqlite3").exists():
        try:
            kept = json.loads(path.read_text())
            return {name: str(kept[name]) for name in names}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Refused(
                f"{path}, with the editor's password, cannot be read ({error!r}). "
                f"Put it back, or delete {data_dir} for a fresh start."
            ) from error
    made = {name: secrets.token_urlsafe(12 if name == "editor_password" else 40) for name in names}
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(made))
    unfinished.rename(path)
    return made


def _environment(demo: Demo, kept: Mapping[str, str]) -> dict[str, str]:
    """What the services read. A DATABASE_URL or REDIS_URL of the caller's is meant for something else."""
    ours = (
        "CMS_",
        "SEARCH_",
        "FEED_",
        "INDEX",
        "PAGE_",
        "PLACES_",
        "DATABASE_",
        "REDIS_",
        "DJANGO_",
        "CELERY_",
        "GRANIAN_",
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return env | {
        "DATA_DIR": str(demo.data_dir),
        "CMS_SECRET_KEY": kept["cms_secret_key"],
        "CMS_BASE_URL": demo.cms_url,
        "SEARCH_URL": demo.search_url,
        "PAGE_URL": demo.search_url + "/doctors/{slug}{/place}/{?locale}",
        "CMS_SCHEDULE_SECONDS": "5",
        "SEARCH_SECRET_KEY": kept["search_secret_key"],
        "SEARCH_LOG_LEVEL": "WARNING",
        # Whoever tries it out may try what it bears.
        "SEARCH_RATE_LIMIT": "100000/60",
        "FEED_TOKEN": kept["feed_token"],
        "FEED_URL": f"{demo.cms_url}/api/feed/changes",
        "DEMO_EDITOR_PASSWORD": kept["editor_password"],
        "PYTHONUNBUFFERED": "1",
        # Celery warns of a worker that is root's; in a container or on a machine for trying things, so be it.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
    }


# --- What it does first


def _forget_messages(data_dir: Path) -> None:
    """Of a start that was killed: messages that nobody took, and a schedule that may be half written.
    Neither is needed, since the worker reads the feed when it starts."""
    for kept in (*data_dir.glob("broker*"), *data_dir.glob("beat-schedule*")):
        if kept.is_dir():
            shutil.rmtree(kept)
        else:
            kept.unlink()


def _step(title: str, service: str, arguments: list[str], env: Mapping[str, str]) -> None:
    with _timed(title):
        done = subprocess.run(
            [sys.executable, "-m", service, *arguments],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode:
        print(done.stdout)
        raise Refused(f"`python -m {service} {' '.join(arguments)}` failed with exit code {done.returncode}.")


@contextmanager
def _timed(title: str) -> Iterator[None]:
    started = time.monotonic()
    print(f"  {title:.<28} ", end="", flush=True)
    try:
        yield
    except BaseException:
        print()
        raise
    print(f"{time.monotonic() - started:5.1f} s")


def _collect_static(service: str, group: str, folder: Path, env: Mapping[str, str]) -> None:
    """Static files come from the pinned packages and from the service's own `static` folders: as long
    as neither has changed, those collected are good."""
    digest = hashlib.sha256((ROOT / "requirements" / f"{group}.txt").read_bytes())
    for file in sorted((ROOT / service).glob("**/static/**/*")):
        digest.update(f"{file}{file.stat().st_mtime_ns}".encode())
    collected = folder / f"{service}.collected"
    if collected.exists() and collected.read_text() == digest.hexdigest():
        return
    _step(f"Static files of {group}", service, ["collectstatic", "--no-input", "--verbosity=0"], env)
    collected.write_text(digest.hexdigest())


# --- What it starts


def _web(service: str, port: int, data_dir: Path) -> list[str]:
    folder = {"cms": "cms", "search_service": "search"}[service]
    static = [f"--static-path-mount={data_dir / 'static' / folder}"]
    if service == "cms":
        (data_dir / "media").mkdir(exist_ok=True)
        static = ["--static-path-route=/static", *static]
        static += ["--static-path-route=/media", f"--static-path-mount={data_dir / 'media'}"]
    return [
        *(sys.executable, "-m", "granian", "--interface=wsgi", "--host=127.0.0.1", f"--port={port}"),
        # Without an access log: what people look for, and where, is health data.
        *("--workers=1", "--blocking-threads=4", "--log-level=warning", "--no-access-log"),
        *static,
        f"{service}.wsgi:application",
    ]


def _celery(service: str, *arguments: str) -> list[str]:
    app = f"--app={service}.celery:app"
    return [sys.executable, "-m", "celery", app, "--quiet", *arguments, "--loglevel=warning"]


def _worker() -> list[str]:
    # One process and no pool: with the folder as broker, a pool that lost its child would stand still.
    return _celery("search_service", "worker", "--pool=solo", "--without-gossip", "--without-mingle")


def _beat(data_dir: Path) -> list[str]:
    return _celery("search_service", "beat", "--pidfile=", f"--schedule={data_dir / 'beat-schedule'}")


def _schedule(data_dir: Path) -> list[str]:
    """Worker and beat of the CMS in one, which costs half the memory of two."""
    alone = ("--pool=solo", "--without-gossip", "--without-mingle", "--hostname=cms@%h")
    return _celery("cms", "worker", "--beat", *alone, f"--schedule={data_dir / 'beat-schedule-cms'}")


def _wait_for(url: str, until: Callable[[int, str], bool], processes: Processes) -> tuple[int, str]:
    """Ask until the answer is right: its status (0 while there is none) and its text."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not until(*(answer := _ask(url))):
        if ended := processes.ended():
            raise Refused(f"{ended[0]} ended by itself with exit code {ended[1]}; its last words are above.")
        if time.monotonic() > deadline:
            raise Refused(f"Not ready after {READY_TIMEOUT_S:.0f} s. {url} says: {answer[1][:500]}")
        time.sleep(0.1)
    return answer


def _ask(url: str) -> tuple[int, str]:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 - our own http address
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode(errors="replace").strip()
    except (URLError, OSError) as error:
        return 0, str(error)


def _is_well(status: int, _: str = "") -> bool:
    return status == HTTPStatus.OK


def _as_of(status: str) -> str:
    """Since when the index is known to hold all that is published."""
    told: str = json.loads(status)["as_of"]
    return told


# --- What it says


def _printer() -> Callable[[str, str], None]:
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    lock = threading.Lock()

    def show(name: str, line: str) -> None:
        prefix = f"{name:>8} |"
        if colour:
            prefix = f"\x1b[{COLOURS[name]}m{prefix}\x1b[0m"
        if line.strip():
            with lock:
                print(prefix, line, flush=True)

    return show


def _welcome(demo: Demo, password: str, seconds: float) -> None:
    print(
        f"""
Ready after {seconds:.0f} s.

  Search, as somebody who needs a doctor
    {demo.search_url}/
  Doctors near you for myoclonus in Domkhar
    {demo.search_url}/api/v1/pages/myoclonus/domkhar-ladakh-in/
  The public API
    {demo.search_url}/api/v1/docs/
  Edit and publish
    {demo.cms_url}/admin/   login: editor   password: {password}
    With the same password, one for each role: writer, reviewer, directory, publisher

Ctrl-C stops everything; the content stays in {demo.data_dir}
""",
        flush=True,
    )


# --- How it is stopped


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Once: a second Ctrl-C must not disturb the stopping."""
    for stop in STOPS:
        signal.signal(stop, signal.SIG_IGN)
    print("\nStopping", flush=True)
    raise KeyboardInterrupt


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put off a stop. Were it to come between the start of a program and our note of it, that program
    would be left behind."""
    came: list[int] = []
    former = {stop: signal.signal(stop, lambda number, frame: came.append(number)) for stop in STOPS}
    try:
        yield
    finally:
        for stop, handler in former.items():
            signal.signal(stop, handler)
    if came:
        signal.raise_signal(came[0])


def _note_pids(lock: IO[str], processes: Processes) -> None:
    """For whoever finds the lock taken."""
    lock.truncate(0)
    lock.write(" ".join(map(str, [os.getpid(), *processes.pids()])))
    lock.flush()


if __name__ == "__main__":
    sys.exit(main())
