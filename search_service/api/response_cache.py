"""Answers given lately, for whoever asks the same again before anything has changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

# Of headers and of what Python needs, beside the content.
_OVERHEAD_BYTES = 2_048


class Kept(NamedTuple):
    content: bytes
    headers: Mapping[str, str]


class ResponseCache:
    """By ETag, `most_bytes` at most: what was asked for least lately makes room. One process's, for all its threads.

    Nothing in it is ever out of date: an ETag is of one state of all that an answer depends on. Nor does it tell what
    was asked: an ETag is a digest.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, tag: str) -> Kept | None:
        with self._lock:
            kept = self._kept.get(tag)
            if kept:
                self._kept.move_to_end(tag)
            return kept

    def put(self, tag: str, kept: Kept) -> None:
        """One that would take more than a sixteenth of the room is not kept."""
        size = _size(kept)
        if size > self._most_bytes // 16:
            return
        with self._lock:
            if former := self._kept.pop(tag, None):
                self._bytes -= _size(former)
            self._kept[tag] = kept
            self._bytes += size
            while self._bytes > self._most_bytes:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= _size(oldest)


def _size(kept: Kept) -> int:
    return len(kept.content) + _OVERHEAD_BYTES
