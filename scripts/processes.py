"""Programs that run side by side: started, watched, and stopped without leaving one behind."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

Show = Callable[[str, str], None]
"""Takes the name of a program and one line that it printed."""


class Processes:
    """Each program runs in a process group of its own, so that a Ctrl-C at the terminal reaches none of
    them past us, and that stopping one takes its children along.

    One that has been asked to end is killed after `patience_s`. `pass_fds` are open files that every program
    inherits.
    """

    def __init__(
        self, show: Show, *, cwd: Path, patience_s: float = 10.0, pass_fds: Sequence[int] = ()
    ) -> None:
        self._show = show
        self._cwd = cwd
        self._patience_s = patience_s
        self._pass_fds = pass_fds
        self._running: dict[str, subprocess.Popen[str]] = {}
        self._readers: dict[str, threading.Thread] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        process = subprocess.Popen(
            command,
            env=env,
            cwd=self._cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            pass_fds=self._pass_fds,
        )
        self._running[name] = process
        self._readers[name] = threading.Thread(target=self._read, args=(name, process), daemon=True)
        self._readers[name].start()

    def pids(self) -> list[int]:
        return [process.pid for process in self._running.values()]

    def pid(self, name: str) -> int:
        """Of the program itself, which is also the number of its process group."""
        return self._running[name].pid

    def ended(self) -> tuple[str, int] | None:
        """Name and exit code of a program that has ended by itself, if there is one."""
        for name, process in self._running.items():
            code = process.poll()
            if code is not None:
                return name, code
        return None

    def stop(self, *names: str) -> None:
        """Stop the named programs, or all if none is named.

        Only the program itself is asked to end: it ends its own children in good order.
        """
        processes = {name: self._running.pop(name) for name in names or tuple(self._running)}
        for process in processes.values():
            process.terminate()
        deadline = time.monotonic() + self._patience_s
        for process in processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            # What is left of the group: a program that would not end, or children of one that has.
            _kill_group(process)
            process.wait()
        for name in processes:
            self._readers.pop(name).join(timeout=1.0)

    def _read(self, name: str, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self._show(name, line.rstrip("\n"))


def _kill_group(process: subprocess.Popen[str]) -> None:
    # All of it may have ended; macOS says so by the second.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
