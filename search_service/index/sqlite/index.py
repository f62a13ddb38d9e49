"""The generations of an index in a directory."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from search_service.generations import Generations
from search_service.index.protocol import GenerationNotFound, IndexNotBuilt, IndexUnavailable
from search_service.index.sqlite import schema
from search_service.index.sqlite.loading import ready
from search_service.index.sqlite.reader import SQLiteReader
from search_service.index.sqlite.writer import SQLiteWriter


class SQLiteIndex:
    """An index in the directory `root`: one SQLite file per generation.

    Any number of processes may read while one writes. What is not there in the locale asked for is shown
    in `default_locale`.
    """

    def __init__(self, root: Path, default_locale: str) -> None:
        self._generations = Generations(root)
        self._default_locale = default_locale
        self._live: SQLiteReader | None = None

    def reader(self) -> SQLiteReader:
        while True:
            name = self._live_name()
            live = self._live
            if live is not None and live.generation == name:
                return live
            try:
                self._live = SQLiteReader(self._file(name), name, self._default_locale)
            except (GenerationNotFound, IndexUnavailable) as error:
                # Unless another was promoted, and this one dropped, since we asked.
                if name == self._live_name():
                    raise self._unreadable(name, error) from error

    def writer(self, generation: str | None = None) -> SQLiteWriter:
        name = generation or self._live_name()
        try:
            return SQLiteWriter(self._file(name), name, self._default_locale)
        except (GenerationNotFound, IndexUnavailable) as error:
            raise self._unreadable(name, error) from error

    def live(self) -> str | None:
        try:
            return self._generations.current()
        except OSError as error:
            raise IndexUnavailable(f"it cannot be told which generation is live: {error}") from error

    def create(self) -> SQLiteWriter:
        try:
            path = self._generations.create() / schema.FILE_NAME
            schema.create(path)
        except (OSError, sqlite3.DatabaseError) as error:
            raise IndexUnavailable(f"no generation can be made: {error}") from error
        return SQLiteWriter(path, path.parent.name, self._default_locale)

    def promote(self, generation: str) -> None:
        try:
            ready(self._file(generation), self._default_locale)
        except sqlite3.DatabaseError as error:
            raise GenerationNotFound(f"generation {generation} cannot be promoted: {error}") from error
        self._generations.promote(generation)

    def generations(self) -> list[str]:
        return self._generations.names()

    def drop(self, generation: str) -> None:
        self._file(generation)
        self._generations.drop(generation)

    def note(self, name: str, record: Mapping[str, Any]) -> None:
        self._generations.note(name, json.dumps(record))

    def noted(self, name: str) -> dict[str, Any] | None:
        try:
            record = json.loads(self._generations.noted(name) or "null")
        except ValueError:
            return None
        return record if isinstance(record, dict) else None

    def lock(self, name: str, timeout_s: float) -> AbstractContextManager[bool]:
        return self._generations.lock(name, timeout_s)

    def _live_name(self) -> str:
        name = self.live()
        if name is None:
            raise IndexNotBuilt("no index has been built yet")
        return name

    def _unreadable(self, name: str, error: Exception) -> IndexUnavailable:
        """What to raise when a generation cannot be opened."""
        gone = isinstance(error, GenerationNotFound) or not self._file(name).exists()
        kind = IndexNotBuilt if gone or isinstance(error, IndexNotBuilt) else IndexUnavailable
        return kind(f"the generation cannot be used: {error}")

    def _file(self, generation: str) -> Path:
        try:
            return self._generations.path(generation) / schema.FILE_NAME
        except LookupError as error:
            raise GenerationNotFound(str(error)) from error
