"""A search service that answers about places as the real one did, with the places that ship."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.cms.search_status.conftest import search
from tests.cms.search_status.fake_search import FakeSearch

__all__ = ["search"]


@pytest.fixture
def places(search: FakeSearch, settings: Settings) -> FakeSearch:
    """Answers by text, or by "lat,lng", cut off after eight rows."""
    settings.SEARCH_TIMEOUT_SECONDS = 10.0
    search.places = json.loads(Path(__file__).with_name("recorded.json").read_text(encoding="utf-8"))
    return search
