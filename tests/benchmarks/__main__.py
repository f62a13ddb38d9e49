"""`make bench`: what a user of the demo waits for, measured on this machine."""

from __future__ import annotations

import operator
import statistics
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import requests

from tests.e2e.editor import Editor
from tests.e2e.pair import Pair, embedded, poll

PUBLISHES = 20
REQUESTS = 300
PATHS = (
    "/api/v1/pages/myoclonus/domkhar-ladakh-in/",
    "/api/v1/doctors/?condition=myoclonus&lat=34.39&lng=76.76",
    "/api/v1/places/?q=domkhar",
    "/api/v1/conditions/myoclonus/",
)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="dny-bench-") as folder:
        for name in ("cold", "warm"):
            started = time.monotonic()
            with embedded(Path(folder)) as pair:
                print(f"demo, {name} start: {time.monotonic() - started:.1f} s", flush=True)
                if name == "warm":
                    print(f"publish to searchable: {_times(_publish(pair))}", flush=True)
                    for path in PATHS:
                        print(f"GET {path}: {_times(_get(pair.search_url + path))}", flush=True)


def _publish(pair: Pair) -> list[float]:
    """Seconds from the editor's click until the public API shows the change."""
    editor = Editor(pair.cms_url, pair.username, pair.password)
    (doctor,) = requests.get(
        f"{pair.search_url}/api/v1/doctors/?place=leh-ladakh-in&page_size=1", timeout=10
    ).json()["results"]
    url, page_id = f"{pair.search_url}/api/v1/doctors/{doctor['slug']}/", editor.page_id(doctor["slug"])
    seconds = []
    for number in range(PUBLISHES):
        name = f"Dr Example {number}"
        sent = editor.publish(page_id, title=name)
        poll(
            lambda: requests.get(url, timeout=10).json()["name"],
            partial(operator.eq, name),
            timeout_s=30,
            every_s=0.01,
        )
        seconds.append(time.monotonic() - sent)
    editor.close()
    return seconds


def _get(url: str) -> list[float]:
    seconds = []
    with requests.Session() as session:
        for _ in range(REQUESTS):
            started = time.monotonic()
            session.get(url, timeout=10).raise_for_status()
            seconds.append(time.monotonic() - started)
    return seconds


def _times(seconds: Sequence[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    p50, p99, most = (1000 * value for value in (cuts[49], cuts[98], max(seconds)))
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {most:.1f} ms of {len(seconds)}"


if __name__ == "__main__":
    main()
