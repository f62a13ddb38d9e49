"""Limits as clients meet them: headers, 429, who counts as one client, and what counts."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import Client
from pytest_django import Settings

from scripts.processes import Processes
from search_service import stores
from search_service.api import limiting
from tests.e2e.pair import ROOT, Log, poll
from tests.search_service.api.test_errors import check
from tests.search_service.fake_feed import FakeFeed
from tests.servers import free_ports

# It says what is missing.
CHEAP = "/api/v1/doctors/"


@pytest.fixture(autouse=True)
def limited(own_counter: None, settings: Settings) -> None:
    """Three requests in a day, counted in a file."""
    settings.RATE_LIMIT = "3/86400"


def ask(path: str = CHEAP, method: str = "get", **meta: str) -> Any:
    return getattr(Client(), method)(path, **meta)


def test_what_remains_is_told_and_what_is_too_much_refused() -> None:
    for remaining in (2, 1, 0):
        response = ask()
        assert response.status_code == 400
        assert response["RateLimit-Policy"] == '"anonymous";q=3;w=86400'
        assert response["RateLimit"] == f'"anonymous";r={remaining};t={(3 - remaining) * 28_800}'
        assert "Retry-After" not in response
    refused = ask()
    check(refused, 429, "too-many-requests")
    assert 28_790 < int(refused["Retry-After"]) <= 28_800
    assert refused["RateLimit"].startswith('"anonymous";r=0;t=')
    assert refused["Cache-Control"] == "no-store"
    assert refused["Access-Control-Allow-Origin"] == "*"
    assert "RateLimit" in refused["Access-Control-Expose-Headers"]


@pytest.mark.usefixtures("published")
def test_what_costs_no_more_than_a_refusal_does_not_count() -> None:
    path = "/api/v1/conditions/myoclonus/"
    tag = ask(path)["ETag"]
    again = ask(path, HTTP_IF_NONE_MATCH=tag)
    assert again.status_code == 304
    for free in (again, ask(path, "options"), ask("/api/v1/nothing/"), ask(path, "post")):
        assert "RateLimit" not in free
    assert ask(path, "head")["RateLimit"][:16] == '"anonymous";r=1;'
    assert ask(f"{path}?x=1")["RateLimit"][:16] == '"anonymous";r=0;'
    assert ask(path).status_code == 429
    assert ask(path, HTTP_IF_NONE_MATCH=tag).status_code == 304


def test_only_the_public_api_is_limited() -> None:
    for _ in range(5):
        assert "RateLimit" not in ask("/healthz")
        assert ask("/api/operations/entities").status_code == 401
    assert ask().status_code == 400


def test_off(settings: Settings) -> None:
    settings.RATE_LIMIT = "off"
    assert all(ask().status_code == 400 for _ in range(5))
    assert "RateLimit" not in ask()
    assert not settings.LIMITS_FILE.exists()


@pytest.mark.usefixtures("published")
def test_a_counter_that_is_away_stops_nobody_and_the_status_says_so(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    def told() -> Any:
        return ask("/api/v1/status/").json()["limits"]

    assert told() == {"state": "on", "counted_in": "file", "error": ""}
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    stores.limiter.cache_clear()
    assert all(ask().status_code == 400 for _ in range(5))
    assert "RateLimit" not in ask()
    limits = told()
    assert (limits["state"], limits["counted_in"]) == ("open", "redis")
    assert limits["error"]
    assert sum("not limited for now" in record.message for record in caplog.records) == 1
    settings.RATE_LIMIT = "off"
    assert told()["state"] == "off"


# --- Who counts as one


def same(one: dict[str, str], other: dict[str, str]) -> bool:
    digests = {limiting.client(Client().get(CHEAP, **meta).wsgi_request) for meta in (one, other)}  # type: ignore[arg-type]
    return len(digests) == 1


@pytest.mark.parametrize(
    ("proxies", "one", "other", "are_one"),
    [
        (0, ("198.51.100.1", None), ("198.51.100.2", None), False),
        (0, ("198.51.100.1", None), ("::ffff:198.51.100.1", None), True),
        (0, ("2001:db8:1:2::1", None), ("2001:db8:1:2:ffff::9", None), True),
        (0, ("2001:db8:1:2::1", None), ("2001:db8:1:3::1", None), False),
        # Without a proxy, what a client says of itself is of no account.
        (0, ("198.51.100.1", "203.0.113.1"), ("198.51.100.1", "203.0.113.2"), True),
        (1, ("10.0.0.1", "203.0.113.1"), ("10.0.0.1", "203.0.113.2"), False),
        (1, ("10.0.0.1", "1.1.1.1, 203.0.113.1"), ("10.0.0.2", "2.2.2.2,203.0.113.1"), True),
        (1, ("10.0.0.1", "203.0.113.1:4711"), ("10.0.0.1", "203.0.113.1"), True),
        (1, ("10.0.0.1", "[2001:db8::1]:443"), ("10.0.0.1", "2001:db8::2"), True),
        (2, ("10.0.0.1", "9.9.9.9, 203.0.113.1, 10.0.0.9"), ("10.0.0.1", "203.0.113.1,10.0.0.8"), True),
        # Fewer proxies than there should be: nothing of it can be trusted.
        (2, ("198.51.100.1", "203.0.113.1"), ("198.51.100.1", "203.0.113.2"), True),
        (1, ("198.51.100.1", "unknown"), ("198.51.100.1", "\udc80" * 9000), True),
        (1, ("198.51.100.1", ""), ("198.51.100.1", None), True),
        (0, ("", None), ("unix:", None), True),
    ],
)
def test_clients_are_told_apart_by_what_can_be_trusted(
    proxies: int,
    one: tuple[str, str | None],
    other: tuple[str, str | None],
    are_one: bool,
    settings: Settings,
) -> None:
    settings.TRUSTED_PROXIES = proxies

    def meta(address: str, forwarded: str | None) -> dict[str, str]:
        return {"REMOTE_ADDR": address} | ({} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded})

    assert same(meta(*one), meta(*other)) == are_one


def test_an_unexpected_proxy_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    limiting._warn_of_a_proxy.cache_clear()
    for _ in range(2):
        ask(HTTP_X_FORWARDED_FOR="203.0.113.1")
    assert [record.message for record in caplog.records if "SEARCH_TRUSTED_PROXIES" in record.message]
    assert sum("SEARCH_TRUSTED_PROXIES" in record.message for record in caplog.records) == 1


def test_no_address_is_kept(settings: Settings) -> None:
    ask(REMOTE_ADDR="203.0.113.77")
    kept = settings.LIMITS_FILE.read_bytes()
    assert kept
    assert b"203.0.113" not in kept
    assert bytes([203, 0, 113, 77]) not in kept


@pytest.mark.slow
def test_web_processes_share_the_limit(tmp_path: Path, published: FakeFeed) -> None:
    """granian as docker-compose.yml starts it, with two processes, asked by eight at once."""
    (port,) = free_ports(1)
    log, url = Log(), f"http://127.0.0.1:{port}"
    env = os.environ | {
        "DATA_DIR": str(tmp_path),
        "SEARCH_RATE_LIMIT": "50/86400",
        "REDIS_URL": "",
        "GRANIAN_INTERFACE": "wsgi",
        "GRANIAN_PORT": str(port),
        "GRANIAN_WORKERS": "2",
    }
    with Processes(log.add, cwd=ROOT) as running:
        running.start("web", [sys.executable, "-m", "granian", "search_service.wsgi:application"], env)
        poll(partial(requests.get, f"{url}/healthz", timeout=5), lambda answer: answer.ok, timeout_s=60)
        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(lambda _: requests.get(url + CHEAP, timeout=10).status_code, range(90)))
    assert sorted(statuses) == [400] * 50 + [429] * 40
