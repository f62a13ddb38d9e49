"""What a figure is worth nothing without."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def describe() -> str:
    """One line: processor, cores, system, Python, commit, and how busy the machine is now."""
    cores = len(os.sched_getaffinity(0))
    load, *_ = Path("/proc/loadavg").read_text().split()
    return (
        f"{_processor()}, {cores} cores, {platform.system()} {platform.release().split('-')[0]},"
        f" Python {platform.python_version()}, commit {_commit()}, load {load}"
    )


def peak_mib(pid: int) -> float:
    """The most memory that a running process has held so far (VmHWM), with the pages of files that it has
    mapped."""
    return _status(pid, "VmHWM")


def resident_mib(pid: int) -> float:
    """The memory of a running process that is in use now, with the pages of files that it has mapped."""
    return _status(pid, "VmRSS")


def own_mib(pid: int) -> float:
    """The memory of a running process that is nobody else's: without the pages of files."""
    return _status(pid, "RssAnon")


def children(pid: int) -> list[int]:
    """The processes that a process has started and that run, by the system's own list."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in found for child in file.read_text().split()]


def _status(pid: int, name: str) -> float:
    """Raises OSError or LookupError when the process has ended."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in lines)
    return int(values[name].split()[0]) / 1024


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = " with changes" if git("status", "--porcelain", "--untracked-files=no") else ""
    return (git("rev-parse", "--short", "HEAD") or "unknown") + changed
