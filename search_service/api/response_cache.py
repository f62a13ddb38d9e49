"""Answers given lately, for whoever asks the same again before anything has changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

# Of headers and of what Python needs, beside the content.
_OVERHEAD_BYTES = 2_048


class Kept(NamedTuple):
    """An answer: its ETag, the headers of a request that it depends on, and what it is."""

    tag: str
    varies_by: Sequence[str]
    content: bytes
    headers: Mapping[str, str]


class ResponseCache:
    """`most_bytes` at most: what was asked for least lately makes room. One process's, for all its threads.

    Nothing in it is ever out of date: a key is a digest of the request and of one state of all that its answer depends
    on. So it does not tell what was asked, either.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Kept | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept:
                self._kept.move_to_end(key)
            return kept

    def put(self, key: str, kept: Kept) -> None:
        """One that would take more than a sixteenth of the room is not kept."""
        size = _size(kept)
        if size > self._most_bytes // 16:
            return
        with self._lock:
            if former := self._kept.pop(key, None):
                self._bytes -= _size(former)
            self._kept[key] = kept
            self._bytes += size
            while self._bytes > self._most_bytes:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= _size(oldest)


def _size(kept: Kept) -> int:
    return len(kept.content) + _OVERHEAD_BYTES
