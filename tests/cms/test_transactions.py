"""Several editors at once, on the real database: nobody is turned away, nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db import connection, transaction
from django.test import Client

from cms.doctors.practices import Practice
from tests.cms.factories import make_condition, make_practice

pytestmark = pytest.mark.usefixtures("transactional_db")


def in_threads(*jobs: Callable[[], None]) -> None:
    """Run each job in a thread with a connection of its own; raise what one raises."""

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        for future in [pool.submit(run, job) for job in jobs]:
            future.result(timeout=60)


def test_editors_who_read_and_then_write_wait_for_each_other() -> None:
    """On SQLite a deferred transaction would be refused at once ("database is locked")."""
    practice, start = make_practice(lat=1), Barrier(2)

    def move_north() -> None:
        start.wait()
        for _ in range(20):
            with transaction.atomic():
                moving = Practice.objects.select_for_update().get(pk=practice.pk)
                time.sleep(0.001)
                moving.lat += 1
                moving.save()

    in_threads(move_north, move_north)
    assert Practice.objects.get().lat == 41


def test_a_reader_does_not_wait_for_an_editor() -> None:
    make_condition("Myoclonus")
    written, read = Event(), Event()

    def edit() -> None:
        with transaction.atomic():
            Practice.objects.create(name="Not yet", country="IN", lat=1, lng=1)
            written.set()
            assert read.wait(15)

    def look() -> None:
        assert written.wait(15)
        try:
            for path in ("/api/v2/pages/", "/readyz", "/admin/login/"):
                started = time.monotonic()
                assert Client().get(path).status_code == 200
                assert time.monotonic() - started < 5
            assert not Practice.objects.exists()
        finally:
            read.set()

    in_threads(edit, look)
    assert Practice.objects.get().name == "Not yet"
