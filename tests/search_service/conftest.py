"""Fixtures of the search service: a feed, an index in a folder of its own, the shipped gazetteer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from search_service import stores
from search_service.feed import consumer
from search_service.feed.client import FeedClient
from search_service.index.protocol import Index
from tests.search_service.fake_feed import TOKEN, FakeFeed

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def feed() -> Iterator[FakeFeed]:
    feed = FakeFeed()
    yield feed
    feed.close()


@pytest.fixture
def client_of_feed(feed: FakeFeed) -> FeedClient:
    return FeedClient(feed.url, TOKEN, timeout_s=5)


@pytest.fixture
def index(tmp_path: Path, settings: Settings) -> Iterator[Index]:
    """The index of this process, empty."""
    settings.INDEX_DIR = tmp_path / "index"
    stores.index.cache_clear()
    yield stores.index()
    stores.index.cache_clear()


@pytest.fixture(autouse=True)
def nothing_answered() -> None:
    """No answer is left of another test, nor of before a setting was changed: only a release changes one."""
    stores.responses.cache_clear()


@pytest.fixture
def own_counter(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Requests are counted in a file of the test's own, where `settings.RATE_LIMIT` limits them."""
    settings.REDIS_URL, settings.LIMITS_FILE = "", tmp_path / "limits"
    stores.limiter.cache_clear()
    yield
    stores.limiter.cache_clear()


@pytest.fixture
def pull(index: Index, client_of_feed: FeedClient) -> Callable[[], consumer.Outcome]:
    """Bring the index to the head of the feed, at 2026-11-22T10:00Z."""
    return lambda: consumer.pull(index, client_of_feed, lambda: NOW)


@pytest.fixture(scope="session")
def places_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The places that ship, imported once."""
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("places")
    with override_settings(PLACES_DIR=folder):
        stores.gazetteer.cache_clear()
        call_command("import_places", verbosity=0)
    stores.gazetteer.cache_clear()
    return folder


@pytest.fixture
def places(places_dir: Path, settings: Settings) -> Iterator[None]:
    """The gazetteer of this process holds the places that ship."""
    settings.PLACES_DIR = places_dir
    stores.gazetteer.cache_clear()
    yield
    stores.gazetteer.cache_clear()


@pytest.fixture
def feed_of_process(feed: FakeFeed, settings: Settings) -> Iterator[FakeFeed]:
    """The feed that this process reads: its tasks, commands and views."""
    settings.FEED_URL, settings.FEED_TOKEN = feed.url, TOKEN
    stores.feed_client.cache_clear()
    yield feed
    stores.feed_client.cache_clear()
