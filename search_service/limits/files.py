"""Counts in a file that the web processes of one machine share: for where there is no Redis.

A table of fixed size, 1 MB: each client has its place in one of a row's slots. In a full row the client who owes least
makes room. A lock on the row holds the processes apart, one of the threads' own the threads, and the system gives
both back when a process dies. It takes some microseconds; SQLite would wait for its disk or its one writer.
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
import time
from functools import cached_property
from pathlib import Path

from search_service.limits.policy import CounterUnavailable, Policy, Verdict, judge

ROWS = 8192
SLOTS = 8
_SLOT = struct.Struct("<Qd")  # the client, and the policy's number
_ROW = struct.Struct("<" + "Qd" * SLOTS)
_ROW_BYTES = _ROW.size


class FileCounter:
    name = "file"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()

    def take(self, client: bytes, policy: Policy) -> Verdict:
        tag, row = int.from_bytes(client[:8]), int.from_bytes(client[8:]) % ROWS
        start = row * _ROW_BYTES
        try:
            with self._threads:
                fcntl.lockf(self._file, fcntl.LOCK_EX, _ROW_BYTES, start)
                try:
                    return self._take(tag, start, policy)
                finally:
                    fcntl.lockf(self._file, fcntl.LOCK_UN, _ROW_BYTES, start)
        except OSError as error:
            raise CounterUnavailable(f"{self._path.name}: {error.strerror}") from error

    def _take(self, tag: int, start: int, policy: Policy) -> Verdict:
        # What has not been written yet is empty.
        data = _ROW.unpack(os.pread(self._file, _ROW_BYTES, start).ljust(_ROW_BYTES, b"\0"))
        owners, dues = data[::2], data[1::2]
        if tag in owners:
            place = owners.index(tag)
            kept = dues[place]
        else:
            place, kept = dues.index(min(dues)), 0.0
        verdict, due = judge(policy, kept, time.time())
        if verdict.allowed:
            os.pwrite(self._file, _SLOT.pack(tag, due), start + place * _SLOT.size)
        return verdict

    @cached_property
    def _file(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
