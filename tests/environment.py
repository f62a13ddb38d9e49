"""Pytest plugin: what the services' settings ask of the environment, and tests bound to one database.

Loaded by `-p` in pyproject.toml because pytest-django reads the settings before any conftest.py.
"""

from __future__ import annotations

import os
import tempfile

import pytest

# Every run has a folder of its own; nothing of a demo on this machine is read or written.
_data_dir = tempfile.TemporaryDirectory(prefix="dny-tests-", ignore_cleanup_errors=True)
os.environ["DATA_DIR"] = _data_dir.name
os.environ.setdefault("CMS_SECRET_KEY", "only for tests")
os.environ.setdefault("SEARCH_SECRET_KEY", "only for tests")
os.environ.setdefault("FEED_TOKEN", "only-for-tests")
# Tests ask more of the API than anybody; those of the limits set their own.
os.environ.setdefault("SEARCH_RATE_LIMIT", "off")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that are about another shape than this run's. They are not skipped: another run
    has them, and a skip stays what it is, a test that could not be run."""
    on_postgresql = os.environ.get("DATABASE_URL", "").startswith(("postgres://", "postgresql://"))
    others = {"sqlite" if on_postgresql else "postgresql"}
    others.add("embedded" if on_postgresql and os.environ.get("REDIS_URL") else "production")
    left_out = [item for item in items if any(item.get_closest_marker(other) for other in others)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_unconfigure() -> None:
    _data_dir.cleanup()
