"""A rebuild from the feed at size: documents a second end to end, and what memory each process takes.

    python -m tests.benchmarks.bench_feed --doctors 100000

The pair runs as docker-compose.yml starts it, on PostgreSQL, and then with SQLite in its place (20,000
doctors at most). The triggers are as `migrate` leaves them. Each measurement is taken at a fifth of the size
and at the whole: memory that grows with the number of documents would show.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

import requests

from tests import compose
from tests.benchmarks import machine
from tests.benchmarks.directory import directory
from tests.benchmarks.production import running
from tests.e2e.pair import ROOT, Pair, poll

CONDITIONS = 300
PRACTICES = 20_000
SQLITE_DOCTORS = 20_000
PAGE = 500


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--doctors", type=int, default=20_000)
    options = arguments.parse_args()
    print(machine.describe(), flush=True)
    with tempfile.TemporaryDirectory(prefix="dny-bench-") as folder, running(Path(folder)) as pair:
        # What is measured is the CMS and the rebuild; nothing else reads the feed meanwhile.
        for service in compose.services().values():
            if service.target and not service.ends and service.name != "cms":
                pair.stop(service.name)
        _measure(pair, "PostgreSQL", options.doctors)
        _move_to_sqlite(pair)
        _measure(pair, "SQLite", min(options.doctors, SQLITE_DOCTORS))


def _measure(pair: Pair, name: str, doctors: int) -> None:
    cms = pair.commands["cms"][1]
    (cms_pid,) = pair.processes.pids()
    with directory(cms["DATABASE_URL"]) as rows:
        started = time.monotonic()
        rows.add_practices(PRACTICES)
        rows.add_conditions(CONDITIONS)
        there = 0
        for size in (doctors // 5, doctors):
            rows.add_doctors(size - there)
            print(
                f"\n{name}, {size:,} doctors, {size - there:,} of them added in {time.monotonic() - started:.1f} s"
            )
            there = size
            seconds, documents, size_mb = _read(pair.cms_url, cms["FEED_TOKEN"])
            print(
                f"  the feed alone: {documents:,} documents, {size_mb:.0f} MB in {seconds:.1f} s:"
                f" {documents / seconds:,.0f} a second"
            )
            # Each time from nothing: a rebuild also keeps the live generation up to date, which would be
            # behind by what has just been added.
            index = {"INDEX_DIR": str(pair.data_dir / f"index-{name}-{size}")}
            seconds, peak, own = _rebuild(pair.commands["search-worker"][1] | index)
            print(f"  rebuild, end to end: {seconds:.1f} s: {documents / seconds:,.0f} documents a second")
            print(f"  memory of the rebuild: {peak:.0f} MiB at most, {own:.0f} MiB without mapped files")
            workers = sorted(f"{machine.peak_mib(pid):.0f} MiB" for pid in machine.children(cms_pid))
            print(f"  memory of the CMS's processes, so far: {', '.join(workers)} at most", flush=True)
            started = time.monotonic()


def _read(cms_url: str, token: str) -> tuple[float, int, float]:
    """Read the feed from its beginning and forget it: seconds, public documents, megabytes."""
    documents, size, after, more = 0, 0, 0, True
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        started = time.monotonic()
        while more:
            answer = session.get(
                f"{cms_url}/api/feed/changes", params={"after": after, "limit": PAGE}, timeout=60
            )
            answer.raise_for_status()
            page = answer.json()
            documents += sum(change["document"] is not None for change in page["changes"])
            size += len(answer.content)
            after, more = page["next"], page["has_more"]
        return time.monotonic() - started, documents, size / 1e6


def _rebuild(env: Mapping[str, str]) -> tuple[float, float, float]:
    """Seconds, with the start of the process, and the most MiB that it held: in all, and without files."""
    peak = own = 0.0
    started = time.monotonic()
    rebuild = subprocess.Popen(
        ["python", "-m", "search_service", "rebuild"],
        env=env,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    while rebuild.poll() is None:
        with suppress(OSError, LookupError):  # it has just ended
            peak, own = machine.peak_mib(rebuild.pid), max(own, machine.own_mib(rebuild.pid))
        time.sleep(0.02)
    seconds = time.monotonic() - started
    output = rebuild.communicate()[0]
    assert rebuild.returncode == 0, output
    return seconds, peak, own


def _move_to_sqlite(pair: Pair) -> None:
    """The same CMS with an SQLite file, and the sample content in it."""
    command, env = pair.commands["cms"]
    env = env | {
        "DATABASE_URL": f"sqlite:///{pair.data_dir}/cms.sqlite3",
        "DEMO_EDITOR_PASSWORD": pair.password,
    }
    for arguments in (["migrate", "--no-input"], ["load_demo"]):
        subprocess.run(
            ["python", "-m", "cms", *arguments], env=env, cwd=ROOT, stdout=subprocess.PIPE, check=True
        )
    pair.commands["cms"] = command, env
    pair.stop("cms")
    pair.start("cms")
    poll(partial(requests.get, f"{pair.cms_url}/readyz", timeout=5), lambda answer: answer.ok, timeout_s=60)


if __name__ == "__main__":
    main()
