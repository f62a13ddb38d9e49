"""The settings as a process starts with them: each case in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIRED = {"SEARCH_SECRET_KEY": "a key", "FEED_TOKEN": "a-token"}


def start(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA_DIR": str(folder / "data")}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", "import search_service.settings"],
        env=bare | environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_what_is_required_is_enough_and_starting_writes_nothing(tmp_path: Path) -> None:
    done = start(tmp_path, **REQUIRED)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("variable", sorted(REQUIRED))
def test_what_is_required_is_asked_for(tmp_path: Path, variable: str) -> None:
    done = start(tmp_path, **{name: value for name, value in REQUIRED.items() if name != variable})
    assert done.returncode != 0
    assert variable in done.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SEARCH_DEBUG", "flase"),
        ("SEARCH_SECRET_KEY", ""),
        ("SEARCH_DEFAULT_LOCALE", ""),
        ("DATA_DIR", ""),
        ("INDEX_DIR", ""),
        ("PLACES_DIR", ""),
        ("SEARCH_CACHE_SECONDS", "1m"),
        ("SEARCH_CDN", "akamai"),
        ("SITEMAPS_URL", "https://example.org"),
        ("SITEMAPS_SECONDS", "0"),
        ("SEARCH_CDN_TOKEN", "a token"),
        ("SEARCH_CDN_PURGE_URL", "api.fastly.com"),
        ("SEARCH_RATE_LIMIT", "none"),
        ("SEARCH_RATE_LIMIT", "0/60"),
        ("SEARCH_RATE_LIMIT", "10/0"),
        ("SEARCH_TRUSTED_PROXIES", "-1"),
        ("SEARCH_CDN_CACHE_SECONDS", "-1"),
        ("FEED_TOKEN", "a token"),
        ("FEED_URL", "cms:8000"),
        ("FEED_URL", "http://cms:8000/api/feed/"),
        ("FEED_POLL_SECONDS", "0"),
        ("FEED_AUDIT_SECONDS", "daily"),
        ("FEED_TIMEOUT_SECONDS", "-1"),
        ("REBUILD_MAX_FALL", "50"),
        ("REBUILD_MAX_FALL", "-0.1"),
        ("REBUILD_MAX_FALL", "nan"),
        ("REDIS_URL", "localhost:6379"),
    ],
)
def test_a_typo_is_an_error_at_start(tmp_path: Path, variable: str, value: str) -> None:
    done = start(tmp_path, **(REQUIRED | {variable: value}))
    assert done.returncode != 0
    assert variable in done.stderr


def test_a_cdn_must_have_an_address_for_purges(tmp_path: Path) -> None:
    cdn = {"SEARCH_CDN": "fastly"}
    done = start(tmp_path, **REQUIRED, **cdn)
    assert done.returncode != 0
    assert "SEARCH_CDN_PURGE_URL" in done.stderr
    url = {"SEARCH_CDN_PURGE_URL": "https://api.fastly.com/service/1/purge"}
    assert start(tmp_path, **REQUIRED, **cdn, **url).returncode == 0
