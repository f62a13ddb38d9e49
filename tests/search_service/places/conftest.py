from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from search_service.places.gazetteer import Gazetteer
from search_service.places.importer import import_places
from tests.search_service.places.dump import write


@pytest.fixture(scope="session")
def shipped(places_dir: Path) -> Gazetteer:
    """The places that ship."""
    return Gazetteer(places_dir)


@pytest.fixture
def gazetteer_of(tmp_path: Path) -> Callable[..., Gazetteer]:
    """Makes a gazetteer of the rows given."""

    def make(*rows: str) -> Gazetteer:
        import_places([write(tmp_path / "rows.txt", *rows)], tmp_path / "places")
        return Gazetteer(tmp_path / "places")

    return make
