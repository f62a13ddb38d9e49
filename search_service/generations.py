"""Generations of a file-based index: one directory each, side by side under a root.

The file `CURRENT` names the live one. It is replaced by an atomic rename, so a reader sees the former
generation or the new one, never something between. What a generation holds is its owner's affair.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

_CURRENT = "CURRENT"
_MOST_BYTES = 100
# The UTC time of creation, to the microsecond: names sort by age.
_NAME_FORMAT = "%Y%m%dT%H%M%S%fZ"
_NAME = re.compile(r"\d{8}T\d{12}Z")


class Generations:
    """The generations under `root`, which is made when the first is created."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._current = root / _CURRENT
        # What was read last, and of which file.
        self._read: tuple[tuple[int, int, int], str | None] = ((0, 0, 0), None)

    def create(self) -> Path:
        """The directory, new and empty, of a further generation."""
        self.root.mkdir(parents=True, exist_ok=True)
        while True:
            moment = datetime.now(UTC)
            if names := self.names():
                # Younger than all, also when the clock was put back.
                newest = datetime.strptime(names[-1], _NAME_FORMAT).replace(tzinfo=UTC)
                moment = max(moment, newest + timedelta(microseconds=1))
            path = self.root / moment.strftime(_NAME_FORMAT)
            with contextlib.suppress(FileExistsError):
                path.mkdir()
                return path

    def names(self) -> list[str]:
        """Names of all that exist, finished or not, oldest first."""
        if not self.root.is_dir():
            return []
        return sorted(path.name for path in self.root.iterdir() if _NAME.fullmatch(path.name))

    def current(self) -> str | None:
        """Name of the live generation; None when there is none (yet), or it cannot be told which. Raises
        OSError when that cannot be read for now."""
        # It is asked for several times in each request, and the file is replaced, never changed: so it is only looked
        # at. Each call of the system lets another thread go first.
        try:
            status = self._current.stat()
            file = status.st_ino, status.st_mtime_ns, status.st_size
            if file != self._read[0]:
                # Should it be replaced right now, the next look sees another file.
                self._read = file, self._name()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return self._read[1]

    def _name(self) -> str | None:
        with self._current.open("rb") as file:
            try:
                return file.read(_MOST_BYTES).decode("ascii")
            except UnicodeDecodeError:
                return None

    def path(self, name: str) -> Path:
        """The directory of a generation. Raises LookupError if there is none of that name."""
        path = self.root / name
        if not _NAME.fullmatch(name) or not path.is_dir():
            raise LookupError(f"no generation {name!r}")
        return path

    def promote(self, name: str) -> None:
        """Make `name` the live generation, at once and durably. Raises LookupError."""
        _sync(self.path(name))
        self._write(_CURRENT, name)
        _sync(self.root)

    def drop(self, name: str) -> None:
        """Delete a generation; who has its files open can go on reading them.

        Raises ValueError if it is the live one, LookupError if there is none of that name.
        """
        if name == self.current():
            raise ValueError(f"generation {name} is live")
        shutil.rmtree(self.path(name))

    def note(self, name: str, text: str) -> None:
        """Keep a small text beside the generations, as a whole or not at all."""
        self.root.mkdir(parents=True, exist_ok=True)
        self._write(f"{name}.json", text)

    def noted(self, name: str) -> str | None:
        """The text kept under a name, None when there is none."""
        try:
            return (self.root / f"{name}.json").read_text()
        except (OSError, UnicodeDecodeError):
            return None

    def _write(self, name: str, text: str) -> None:
        """Replace a file under the root atomically."""
        new = self.root / f"{name}.{os.getpid()}.{time.monotonic_ns()}"
        with new.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.root / name)

    @contextlib.contextmanager
    def lock(self, name: str, timeout_s: float = 0.0) -> Iterator[bool]:
        """Hold the named lock; yields False when it was not to be had in time.

        The system releases it when its holder dies.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / f"{name}.lock").open("w") as file:
            yield _locked(file.fileno(), timeout_s)


def _locked(descriptor: int, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
