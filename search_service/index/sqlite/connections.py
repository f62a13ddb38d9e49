"""Connections to a generation's file, for reading."""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from search_service.index.protocol import IndexNotBuilt, IndexUnavailable
from search_service.index.sqlite.schema import BUSY_SECONDS, DAMAGED, ReaderConnection, open_reader


class Connections:
    """As many as threads read at once: each serves one at a time, and waits here for the next."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: deque[ReaderConnection] = deque()
        self._was_read = False

    def __len__(self) -> int:
        """How many wait."""
        return len(self._idle)

    @contextmanager
    def snapshot(self) -> Iterator[ReaderConnection]:
        """One, in a snapshot. Raises IndexUnavailable, as does what is read from it."""
        with Guard(self._path):
            connection = self.borrow()
            try:
                connection.begin()
                self._was_read = True
                yield connection
                if connection.is_closed:
                    return
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
        self._idle.append(connection)

    def recall(self, sql: str) -> list[Any]:
        """What one statement says now, remembered as long as nobody writes: it takes a third of a snapshot's time."""
        with Guard(self._path):
            connection = self.borrow()
            try:
                connection.look()
                self._was_read = True
                rows = connection.recall(sql, ())
            except BaseException:
                connection.close()
                raise
        self._idle.append(connection)
        return rows

    def borrow(self) -> ReaderConnection:
        """An idle one, else a new one; once the file has been dropped, the next that a thread gives back."""
        try:
            return self._idle.pop()
        except IndexError:
            pass
        try:
            return open_reader(self._path)
        except sqlite3.OperationalError:
            if not self._was_read:
                raise
            deadline = time.monotonic() + BUSY_SECONDS
            while time.monotonic() < deadline:
                with suppress(IndexError):
                    return self._idle.pop()
                time.sleep(0.01)
            raise

    def close(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def __del__(self) -> None:
        self.close()


class Guard:
    """Turns what SQLite says of a bad file or disk into IndexUnavailable. What is damaged is marked as such, so that
    whoever writes has it built anew."""

    # Not a generator's: it is entered several times in each request, and takes a third of the time.

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if not isinstance(error, sqlite3.DatabaseError) or isinstance(error, sqlite3.ProgrammingError):
            return
        # Without a code it is ours: a file of another version.
        code = getattr(error, "sqlite_errorcode", None)
        damaged = code is not None and code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
        if damaged:
            with suppress(OSError):
                (self._path.parent / DAMAGED).touch()
        unavailable = IndexNotBuilt if damaged or code is None else IndexUnavailable
        raise unavailable(f"generation {self._path.parent.name}: {error}") from error


class Lent(AbstractContextManager[ReaderConnection]):
    """A connection that somebody else holds, in a snapshot. It is closed if it fails."""

    def __init__(self, path: Path, connection: ReaderConnection) -> None:
        self._guard, self._connection = Guard(path), connection

    def recall(self, sql: str) -> list[Any]:
        with self as connection:
            return connection.recall(sql, ())

    def __enter__(self) -> ReaderConnection:
        return self._connection

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, sqlite3.DatabaseError):
            self._connection.close()
        self._guard.__exit__(kind, error, traceback)
