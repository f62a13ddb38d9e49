"""The import as a task, and what the status tells of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from search_service import stores
from search_service.feed import consumer
from search_service.generations import Generations
from search_service.places import importer, progress, tasks
from search_service.places.gazetteer import Gazetteer
from tests.search_service.places.dump import row, write

ROOT = Path(__file__).parents[3]


@pytest.fixture
def directory(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    settings.PLACES_DIR = tmp_path / "places"
    stores.gazetteer.cache_clear()
    yield tmp_path / "places"
    stores.gazetteer.cache_clear()


def last(directory: Path) -> dict[str, Any]:
    record = progress.last(directory)
    assert record
    return record


def test_what_was_done_is_told(tmp_path: Path, directory: Path) -> None:
    assert progress.last(directory) is None
    source = write(tmp_path / "rows.txt", row(1, "Leh"), row(2, "Kargil", population="x"), "bad")
    tasks.import_places([str(source)])
    assert Gazetteer(directory).get(1) is not None
    record = last(directory)
    assert (record["state"], record["files"], record["error"]) == ("done", ["rows.txt"], "")
    assert (record["generation"], record["places"]) == (Generations(directory).current(), 2)
    assert record["started_at"] < record["ended_at"]
    (of_source,) = [source for source in record["sources"] if source["name"] == "rows.txt"]
    assert of_source == {
        "name": "rows.txt",
        "kind": "places",
        "rows": 3,
        "used": 2,
        "other": 0,
        "repeated": 0,
        "bad": 1,
        "mended": 1,
        "faults": [
            {"line": 2, "reason": "population is not a number that can be one, read as 0"},
            {"line": 3, "reason": "1 columns, not 19"},
        ],
    }


def test_a_refusal_is_told_and_not_raised(tmp_path: Path, directory: Path) -> None:
    tasks.import_places([str(write(tmp_path / "rows.txt", row(1, "Leh")))])
    live = Generations(directory).current()
    tasks.import_places([str(tmp_path / "absent.txt")])
    record = last(directory)
    assert (record["state"], record["generation"]) == ("refused", "")
    assert "absent.txt" in record["error"]
    assert str(tmp_path) not in json.dumps({**record, "error": ""})
    assert Generations(directory).names() == [live]


def test_an_import_under_way_is_left_alone(tmp_path: Path, directory: Path) -> None:
    source = write(tmp_path / "rows.txt", row(1, "Leh"))
    with Generations(directory).lock("import"):
        Generations(directory).note(progress.NAME, json.dumps({"state": "running"}))
        tasks.import_places([str(source)])
        importer.tidy(directory)
    assert Generations(directory).noted(progress.NAME) == json.dumps({"state": "running"})
    assert Generations(directory).names() == []


def test_a_message_that_comes_twice_is_dealt_with_once(tmp_path: Path, directory: Path) -> None:
    one, two = (write(tmp_path / f"{name}.txt", row(1, name)) for name in ("One", "Two"))
    for source, request in ((one, "a"), (two, "b"), (one, "a"), (two, "b")):
        tasks.import_places.apply(([str(source)],), task_id=request)
    leh = Gazetteer(directory).get(1)
    assert leh
    assert leh.name == "Two"
    assert len(Generations(directory).names()) == 2
    tasks.import_places.apply(([str(one)],), task_id="c")
    assert len(Generations(directory).names()) == 2
    assert Gazetteer(directory).resolve_text("One").match is not None


def test_status(
    tmp_path: Path, directory: Path, pull: Callable[[], consumer.Outcome], client: Client
) -> None:
    pull()
    status = client.get("/api/v1/status/").json()
    assert status["places"] is status["places_import"] is None
    tasks.import_places([str(write(tmp_path / "rows.txt", row(1, "Leh"), "bad"))])
    status = client.get("/api/v1/status/").json()
    assert status["places"]["count"] == 1
    (source,) = [source for source in status["places"]["sources"] if source["name"] == "rows.txt"]
    assert source == {
        "name": "rows.txt",
        "kind": "places",
        "rows": 1,
        "data_date": "2026-01-01",
        "attribution": "GeoNames (https://www.geonames.org), CC BY 4.0",
    }
    assert status["places_import"]["state"] == "done"
    assert status["places_import"].keys() == progress.Record.KEYS
    tasks.import_places(["/absent.txt"])
    status = client.get("/api/v1/status/").json()
    assert status["places"]["count"] == 1
    assert status["places_import"]["state"] == "refused"


@pytest.mark.parametrize("junk", ["", "{", "[]", "{}", '{"state": "done"}'])
def test_a_note_that_cannot_be_read_is_none(directory: Path, junk: str) -> None:
    Generations(directory).note(progress.NAME, junk)
    assert progress.last(directory) is None
    importer.tidy(directory)


def test_an_import_that_was_killed(tmp_path: Path, directory: Path) -> None:
    """With the processes that read for it; the next start of a worker tells, and cleans up."""
    live = importer.import_places([write(tmp_path / "rows.txt", row(1, "Leh"))], directory).generation
    source = tmp_path / "many.txt"
    with source.open("w") as file:
        for i in range(300_000):
            file.write(row(i + 1, f"Village {i}") + "\n")
    assert source.stat().st_size > importer._MUCH
    command = [sys.executable, "-m", "search_service", "import_places", str(source)]
    env = os.environ | {"PLACES_DIR": str(directory), "DJANGO_SETTINGS_MODULE": "search_service.settings"}
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        _wait(lambda: last(directory)["state"] == "running" and last(directory)["places"] > 0)
        readers = _children(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert readers
    _wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in readers))
    assert last(directory)["state"] == "running"
    assert len(Generations(directory).names()) == 2
    importer.tidy(directory)
    assert last(directory)["state"] == "killed"
    assert Generations(directory).names() == [live] == [Generations(directory).current()]
    assert Gazetteer(directory).get(1) is not None


@pytest.mark.slow
def test_a_worker_imports(tmp_path: Path) -> None:
    """Celery's own processes may have children, too."""
    source = tmp_path / "many.txt"
    with source.open("w") as file:
        for i in range(100_000):
            file.write(row(i + 1, f"Village {i}") + "\n")
    assert source.stat().st_size > importer._MUCH
    places = tmp_path / "places"
    with _worker(tmp_path) as env:
        script = (
            "from search_service.celery import app;"
            f"app.send_task('search_service.import_places', [[{str(source)!r}]], queue='search')"
        )
        subprocess.run([sys.executable, "-c", script], env=env, cwd=ROOT, check=True)
        _wait(lambda: (progress.last(places) or {}).get("state") == "done")
    assert Gazetteer(places).about().places == 100_000


@contextmanager
def _worker(folder: Path) -> Iterator[dict[str, str]]:
    env = os.environ | {
        "DATA_DIR": str(folder),
        "PLACES_DIR": str(folder / "places"),
        "INDEX_DIR": str(folder / "index"),
        "REDIS_URL": "",
        "FEED_URL": "http://localhost:9/changes",
        "DJANGO_SETTINGS_MODULE": "search_service.settings",
    }
    flags = ["--concurrency=2", "--without-gossip", "--without-mingle", "--loglevel=error"]
    (folder / "broker" / "control").mkdir(parents=True)
    command = [sys.executable, "-m", "celery", "--app=search_service.celery:app", "--quiet", "worker", *flags]
    with subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True) as worker:
        try:
            yield env
        finally:
            worker.terminate()
            worker.wait(30)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _wait(until: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.05)
