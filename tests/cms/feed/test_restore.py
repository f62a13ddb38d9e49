"""A database that was restored from a backup begins a new epoch by itself, where it can be seen that it was."""

from __future__ import annotations

import os
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from cms.feed import reading
from cms.feed.models import Change, Log
from cms.feed.witness import witness
from tests import servers
from tests.cms import factories
from tests.cms.feed.conftest import Consumer

ROOT = Path(__file__).parents[3]
ASK = """
import django; django.setup()
from cms.feed import reading
page = reading.changes(0, 1)
print(page["epoch"], page["head"])
"""


def ask(database_url: str) -> tuple[str, int]:
    """Epoch and head of the log, as another process of the CMS tells them of a database."""
    env = os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "cms.settings"}
    answer = subprocess.run(
        [sys.executable, "-c", ASK], env=env, cwd=ROOT, text=True, capture_output=True, check=True
    )
    epoch, head = answer.stdout.split()
    return epoch, int(head)


def url() -> str:
    """Of the database of this test."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(str(settings['NAME']))}"
    user = f"{settings['USER']}:{quote(settings['PASSWORD'] or '')}"
    return f"postgres://{user}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"


@contextmanager
def restored(folder: Path) -> Iterator[str]:
    """URL of a copy of the database, made as a backup is made and restored."""
    if connection.vendor == "sqlite":
        copy = folder / "restored.sqlite3"
        with closing(sqlite3.connect(copy)) as to:
            connection.ensure_connection()
            connection.connection.backup(to)
        yield f"sqlite:///{quote(str(copy))}"
        return
    name = f"restored_{secrets.token_hex(4)}"
    dump, restore = (servers.binary(name, "postgresql-client") for name in ("pg_dump", "pg_restore"))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            there = url().rpartition("/")[0] + f"/{name}"
            subprocess.run([dump, "--format=custom", f"--file={folder / 'dump'}", url()], check=True)
            subprocess.run([restore, f"--dbname={there}", folder / "dump"], check=True)
            yield there
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_same_database_keeps_its_epoch(consumer: Consumer) -> None:
    epoch = Log.current_epoch()
    assert Log.objects.get().witness == witness() != ""
    connection.close()
    assert ask(url())[0] == str(epoch) == str(Log.current_epoch())


@pytest.mark.slow
def test_a_restored_one_begins_another(consumer: Consumer, tmp_path: Path) -> None:
    factories.make_specialty()
    epoch, head = str(Log.current_epoch()), Change.head()
    with restored(tmp_path) as there:
        first, head_there = ask(there)
        assert first != epoch
        assert head_there == head
        assert ask(there)[0] == first
    assert str(Log.current_epoch()) == epoch


def test_of_several_that_see_it_one_begins_the_epoch(consumer: Consumer) -> None:
    before = Log.current_epoch()
    Log.objects.update(witness="elsewhere")
    seen = {str(reading.changes(0, 1)["epoch"]) for _ in range(3)}
    assert len(seen) == 1
    assert str(before) not in seen


def test_a_log_that_remembers_no_place_keeps_its_epoch(consumer: Consumer) -> None:
    before = Log.current_epoch()
    Log.objects.update(witness="")
    assert Log.current_epoch() == before
    assert Log.objects.get().witness == witness()


@pytest.mark.postgresql
def test_no_right_is_needed_to_see_it(consumer: Consumer) -> None:
    role = f"plain_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")
        try:
            cursor.execute(f"SET ROLE {role}")
            assert witness()
        finally:
            cursor.execute("RESET ROLE")
            cursor.execute(f"DROP ROLE {role}")
