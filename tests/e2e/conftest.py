"""The pair, started once for all end-to-end tests; its shape follows from the servers that there are."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest

from tests.e2e.editor import Editor
from tests.e2e.pair import Pair, embedded, production


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """With DATABASE_URL and REDIS_URL as docker-compose.yml starts it, else as `make demo` does."""
    folder = tmp_path_factory.mktemp("pair")
    servers = [os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)]
    with production(folder, *servers) if len(servers) == 2 else embedded(folder) as running:
        yield running


@pytest.fixture
def editor(pair: Pair) -> Iterator[Editor]:
    """Logged in to Wagtail."""
    editor = Editor(pair.cms_url, pair.username, pair.password)
    yield editor
    editor.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed shows what the services printed."""
    report = yield
    running = getattr(item, "funcargs", {}).get("pair")
    if report.failed and running:
        report.sections.append(("what the services printed", running.log.tail()))
    return report
