"""What a user of the demo waits for: its start, and answers of the public API."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import requests

from tests.benchmarks import machine
from tests.benchmarks.times import show
from tests.e2e.pair import embedded

REQUESTS = 300
PATHS = (
    "/api/v1/pages/myoclonus/domkhar-ladakh-in/",
    "/api/v1/doctors/?condition=myoclonus&lat=34.39&lng=76.76",
    "/api/v1/places/?q=domkhar",
    "/api/v1/conditions/myoclonus/",
)


def main() -> None:
    print(machine.describe(), flush=True)
    with tempfile.TemporaryDirectory(prefix="dny-bench-") as folder:
        for name in ("cold", "warm"):
            started = time.monotonic()
            with embedded(Path(folder)) as pair:
                print(f"demo, {name} start: {time.monotonic() - started:.1f} s", flush=True)
                if name == "warm":
                    for path in PATHS:
                        print(f"GET {path}: {show(_get(pair.search_url + path))}", flush=True)


def _get(url: str) -> list[float]:
    seconds = []
    with requests.Session() as session:
        for _ in range(REQUESTS):
            started = time.monotonic()
            session.get(url, timeout=10).raise_for_status()
            seconds.append(time.monotonic() - started)
    return seconds


if __name__ == "__main__":
    main()
