"""The database and the files as they were, put back after each test that commits.

To take back through the models what a test did, page by page, takes longer than most tests do.
"""

from __future__ import annotations

import shutil
import sqlite3
from itertools import count
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection

from cms.feed import nudge

_numbers = count(1)


class Snapshot:
    """All rows of all tables, and all media files, as they are when it is made. The schema must be the same when it
    is restored. On PostgreSQL ids are not given again; the numbers of the log are."""

    def __init__(self, folder: Path) -> None:
        """`folder` is an empty one, for the files."""
        self._media = folder / "media"
        if Path(settings.MEDIA_ROOT).exists():
            shutil.copytree(settings.MEDIA_ROOT, self._media)
        self._rows = _SQLite() if connection.vendor == "sqlite" else _PostgreSQL()

    def restore(self) -> None:
        """Outside a transaction. What the process remembers of the database is forgotten."""
        self._rows.restore()
        shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
        if self._media.exists():
            shutil.copytree(self._media, settings.MEDIA_ROOT)
        cache.clear()
        ContentType.objects.clear_cache()
        nudge._seen_head = None


class _SQLite:
    def __init__(self) -> None:
        connection.ensure_connection()
        self._copy = sqlite3.connect(":memory:", check_same_thread=False)
        connection.connection.backup(self._copy)

    def restore(self) -> None:
        connection.ensure_connection()
        self._copy.backup(connection.connection)


class _PostgreSQL:
    """Only what is another row now is written: no table is emptied, since the triggers take a TRUNCATE for a restore
    from a backup. The triggers fire as ever; what they wrote is undone last."""

    def __init__(self) -> None:
        schema = f"snapshot_{next(_numbers)}"
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name, string_agg(quote_ident(column_name), ', ') FROM information_schema.columns "
                "JOIN information_schema.tables USING (table_schema, table_name) "
                "WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' GROUP BY table_name"
            )
            tables = sorted(cursor.fetchall(), key=lambda row: (row[0].startswith("feed_"), row[0]))
            # It may be there from an earlier run: with --reuse-db.
            cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
            statements = []
            for table, columns in tables:
                now, was = f'"{table}"', f'{schema}."{table}"'
                cursor.execute(f"CREATE TABLE {was} AS TABLE {now}")
                if table == "feed_change":
                    statements.append("SET CONSTRAINTS ALL IMMEDIATE")
                row, insert = f"ROW({columns})::text", f"INSERT INTO {now} ({columns}) SELECT {columns}"
                statements += [
                    f"DELETE FROM {now} WHERE {row} NOT IN (SELECT {row} FROM {was})",
                    f"{insert} FROM {was} WHERE {row} NOT IN (SELECT {row} FROM {now})",
                ]
            # A table that a migration's test has made anew counts from 1, and its rows are back.
            cursor.execute(
                "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema() "
                "AND last_value IS NOT NULL AND sequencename <> 'feed_change_seq'"
            )
            statements += [
                f'PERFORM setval(\'"{name}"\', {last}) FROM "{name}" WHERE last_value < {last} OR NOT is_called'
                for name, last in cursor.fetchall()
            ]
            cursor.execute("SELECT last_value, is_called FROM feed_change_seq")
            statements.append("PERFORM setval('feed_change_seq', {}, {})".format(*cursor.fetchone()))
            # As a function, it is planned once.
            self._restore = f"{schema}.restore()"
            cursor.execute(
                f"CREATE FUNCTION {self._restore} RETURNS void LANGUAGE plpgsql "
                f"AS $restore$ BEGIN {'; '.join(statements)}; END $restore$"
            )

    def restore(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {self._restore}")
