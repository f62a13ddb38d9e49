"""What somebody has, and where, is in no log: neither as words nor as a position, whatever became of the request."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
import requests

from tests.e2e.pair import Pair

pytestmark = pytest.mark.slow

SENSITIVE = re.compile(r"narcolep|skurbu|194106|34\.43|76\.71|zzqx|203\.0\.113\.77", re.IGNORECASE)
ASKED = [
    "api/v1/pages/narcolepsy/skurbuchan-ladakh-in/",
    "api/v1/pages/narcolepsy/",
    "api/v1/pages/narcolepsy/zzqx/",
    "api/v1/pages/zzqx/skurbuchan-ladakh-in/",
    "api/v1/doctors/?condition=narcolepsy&lat=34.43&lng=76.71",
    "api/v1/doctors/?condition=narcolepsy&near=Skurbuchan&nonsense=zzqx",
    "api/v1/search/?q=narcolepsy+in+skurbuchan",
    "api/v1/search/?q=narcolepsy+194106&lat=34.43&lng=76.71",
    "api/v1/search/?q=" + "zzqx" * 2_000,
    "api/v1/suggest/?q=narcolep",
    "api/v1/places/?q=skurbu",
    "api/v1/places/nearest/?lat=34.43&lng=76.71",
    "api/v1/zzqx/?narcolepsy=skurbuchan",
    "api/v1/doctors/?condition=narcolepsy%00&near=%ff%fe",
    "doctors/narcolepsy/skurbuchan-ladakh-in/",
    "doctors/narcolepsy/zzqx/",
    "zzqx?narcolepsy=skurbuchan",
]


def test_no_log_says_what_was_searched_where_or_by_whom(pair: Pair) -> None:
    already = len(pair.log.tail(10**6).splitlines())
    headers = {"X-Forwarded-For": "203.0.113.77", "Referer": "https://example.org/?narcolepsy+skurbuchan"}
    for path in ASKED:
        for method in ("GET", "HEAD", "OPTIONS", "POST"):
            answer = requests.request(method, f"{pair.search_url}/{path}", headers=headers, timeout=10)
            assert answer.status_code < 500, path
    time.sleep(1)  # what was printed last is on its way through a pipe
    said = pair.log.tail(10**6).splitlines()[already:]
    assert [line for line in said if SENSITIVE.search(line)] == []


def test_nothing_of_it_is_written_to_a_file(pair: Pair) -> None:
    """But for what is published, which stands in the index and the gazetteer, and was there before."""
    address = f"{pair.search_url}/api/v1/search/"
    requests.get(
        address, params={"q": "zzqxsecret in skurbuchan"}, headers={"User-Agent": "zzqxsecret"}, timeout=10
    )
    files = [Path(folder, name) for folder, _, names in os.walk(pair.data_dir) for name in names]
    assert files
    assert [path for path in files if b"zzqxsecret" in _content(path)] == []


def _content(path: Path) -> bytes:
    """Empty when the file is gone: a task waits in a file until the worker takes it, while this test looks."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
