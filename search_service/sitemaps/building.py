"""Builds a set of sitemap files beside the one that is served, and swaps.

Killed anywhere, that one is as it was; what is left behind is dropped by the next build.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from search_service.index.protocol import IndexUnavailable
from search_service.places.gazetteer import PlacesUnavailable
from search_service.sitemaps import files
from search_service.sitemaps.entries import Entry, Sources, entries
from search_service.sitemaps.sets import INDEX, Sets

logger = logging.getLogger(__name__)

Json = dict[str, Any]
Clock = Callable[[], datetime]
# Subjects done, all of them, and URLs so far.
Progress = Callable[[int, int, int], None]

# What failed is not tried again at each look.
RETRY = timedelta(minutes=10)
# What a set is of that makes another at once, not only after a while.
_AT_ONCE = ("generation", "places", "program")

# Who asks whether a build is under way holds the lock for moments.
_LOCK_SECONDS = 1.0

ERRORS = (IndexUnavailable, PlacesUnavailable, OSError)


class BuildRunning(Exception):
    """Another build is under way."""


def state(sources: Sources, program: str) -> Json:
    """What a set is of. `program` says which code and settings. Raises IndexUnavailable, PlacesUnavailable."""
    position = sources.reader.position()
    return {
        "generation": sources.reader.generation,
        "position": position.seq if position else 0,
        "places": sources.gazetteer.generation,
        "day": sources.today.isoformat(),
        "program": program,
    }


def is_due(sets: Sets, of: Json, now: datetime, every: timedelta) -> bool:
    """Whether a set of this state is to be built now: at once where the generation or the program is another, else when
    what is served is older than `every` and anything has changed."""
    last, live = sets.last(), sets.live()
    if last and last["state"] == "running" and _is_building(sets):
        return False
    if last and last["state"] != "done" and now - datetime.fromisoformat(last["started_at"]) < RETRY:
        return False
    if live is None or any(live["of"].get(name) != of[name] for name in _AT_ONCE):
        return True
    return bool(live["of"] != of and now - datetime.fromisoformat(live["built_at"]) >= every)


def build(
    sets: Sets,
    sources: Sources,
    of: Json,
    url: str,
    clock: Clock,
    progress: Progress = lambda done, all_, urls: None,
    *,
    most_urls: int = files.MOST_URLS,
) -> Json:
    """What the new set says of itself; it is served from now on. `of` is its state, `url` the folder in which crawlers
    find what is served here, with its slash at the end.

    Raises BuildRunning, IndexUnavailable, PlacesUnavailable or OSError: what was served is then untouched.
    """
    with sets.lock(_LOCK_SECONDS) as free:
        if not free:
            raise BuildRunning("another build is under way")
        started, started_at = time.monotonic(), clock().isoformat()
        record: Json = {"state": "running", "started_at": started_at, "ended_at": None, "error": ""}
        sets.note(record)
        folder: Path | None = None
        try:
            sets.tidy()
            folder = sets.create()
            written = files.write(folder, _counted(sources, progress), most_urls=most_urls)
            about: Json = {"of": of, "urls": sum(file.urls for file in written), "built_at": started_at}
            about["files"] = _files(folder, written, sets.live(), started_at, url)
            about["seconds"] = round(time.monotonic() - started, 3)
            _sync(folder)
            sets.publish(folder, about)
        except BaseException as error:
            sets.note(
                record
                | {"state": "failed", "ended_at": clock().isoformat(), "error": str(error) or repr(error)}
            )
            if folder:
                sets.drop(folder)
            raise
        sets.note(record | {"state": "done", "ended_at": clock().isoformat()})
        sets.tidy()
        logger.info("sitemaps: %d URLs in %d files", about["urls"], len(written))
        return about


def status(sets: Sets) -> Json:
    """How the last build went, and what is served."""
    last = sets.last() or {"state": "none", "error": ""}
    told = last["state"]
    if told == "running" and not _is_building(sets):
        told = "killed"
    live = sets.live()
    return {"state": told, "error": last["error"], "served": live and in_brief(live)}


def in_brief(about: Json) -> Json:
    """What is told of a set."""
    return {
        "built_at": about["built_at"],
        "seconds": about["seconds"],
        "generation": about["of"]["generation"],
        "position": about["of"]["position"],
        "urls": about["urls"],
        "files": len(about["files"].keys() - {INDEX}),
    }


def _counted(sources: Sources, progress: Progress) -> Iterator[Entry]:
    urls = 0

    def tell(done: int, all_: int) -> None:
        progress(done, all_, urls)

    for entry in entries(sources, tell):
        urls += len(entry.urls)
        yield entry


def _files(folder: Path, written: list[files.File], former: Json | None, now: str, url: str) -> Json:
    """What a set says of its files, by name, the index among them. One that is as it was has not changed now."""

    def about(name: str, digest: str, **of: int) -> Json:
        was = former["files"].get(name) if former else None
        changed_at = was["changed_at"] if was and was["digest"] == digest else now
        return {**of, "digest": digest, "changed_at": changed_at}

    found = {file.name: about(file.name, file.digest, urls=file.urls, bytes=file.bytes) for file in written}
    if found:  # an index of nothing is not valid
        index = files.index((f"{url}sitemaps/{name}", file["changed_at"]) for name, file in found.items())
        (folder / INDEX).write_bytes(index)
        found[INDEX] = about(INDEX, files.digest(index))
    return found


def _is_building(sets: Sets) -> bool:
    with sets.lock() as free:
        return not free


def _sync(folder: Path) -> None:
    """Before it is named: a power cut must not leave a set of empty files."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
