"""The sets of sitemap files that are kept: the one that is served, and the one before it."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from search_service.generations import Generations

# In a set's folder: what it says of itself, and the index of its files.
_ABOUT, INDEX = "about.json", "sitemap.xml"

Json = dict[str, Any]


class Served(NamedTuple):
    """A file as it is answered."""

    content: bytes
    digest: str
    changed_at: datetime


class Sets:
    """Under `root`, each in a folder that never changes once it is live. For any number of processes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._generations = Generations(root)

    def live(self) -> Json | None:
        """What the set that is served says of itself: `built_at`, `seconds`, `urls`, what it is `of`, and of each
        of its `files`, by name, `urls`, `bytes`, `digest` and `changed_at`. None while there is none."""
        name = self._generations.current()
        return self._about(name) if name else None

    def file(self, name: str) -> Served | None:
        """A file of the set that is served, else of the one before: who read that one's index finds what it names."""
        for generation in self._served():
            if about := self._about(generation):
                file = about["files"].get(name)
                with suppress(OSError, LookupError):
                    if file:
                        content = (self._generations.path(generation) / name).read_bytes()
                        return Served(content, file["digest"], datetime.fromisoformat(file["changed_at"]))
        return None

    def create(self) -> Path:
        """The folder of a new set."""
        return self._generations.create()

    def publish(self, folder: Path, about: Json) -> None:
        """Make a set, with what it says of itself, the one that is served, at once and durably."""
        (folder / _ABOUT).write_text(json.dumps(about))
        self._generations.promote(folder.name)

    def tidy(self) -> None:
        """Drop all but the set that is served and the one before it. To be called by who builds."""
        kept = self._served()
        for name in self._generations.names():
            if name not in kept:
                self._generations.drop(name)

    def drop(self, folder: Path) -> None:
        """A set that was not published."""
        with suppress(LookupError, ValueError):
            self._generations.drop(folder.name)

    def lock(self, timeout_s: float = 0.0) -> AbstractContextManager[bool]:
        """For who builds; yields False while another does."""
        return self._generations.lock("build", timeout_s)

    def note(self, record: Json) -> None:
        """How a build goes, or went."""
        self._generations.note("last", json.dumps(record))

    def last(self) -> Json | None:
        """What was noted; None if nothing was."""
        try:
            record = json.loads(self._generations.noted("last") or "null")
        except ValueError:
            return None
        return record if isinstance(record, dict) else None

    def _served(self) -> list[str]:
        """Names, the live one's first."""
        live = self._generations.current()
        if live is None:
            return []
        former = [name for name in self._generations.names() if name < live]
        return [live, *former[-1:]]

    def _about(self, name: str) -> Json | None:
        try:
            about: Json = json.loads((self._generations.path(name) / _ABOUT).read_text())
        except (OSError, LookupError, ValueError):
            return None
        return about
