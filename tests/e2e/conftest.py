"""The pair, started once for all end-to-end tests; its shape follows from the servers that there are."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest

from tests.e2e.editor import Editor
from tests.e2e.pair import Pair, Prepared, embedded, prepared, production


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """With what each pair in the production shape begins."""
    folder = tmp_path_factory.mktemp("begun")
    with prepared(folder, os.environ["DATABASE_URL"], os.environ["REDIS_URL"]) as made:
        yield made


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Pair]:
    """With DATABASE_URL and REDIS_URL as docker-compose.yml starts it, else as `make demo` does."""
    folder = tmp_path_factory.mktemp("pair")
    servers = [os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)]
    if len(servers) == 2:
        shape = production(folder, *servers, begun=request.getfixturevalue("begun"))
    else:
        shape = embedded(folder)
    with shape as running:
        yield running


@pytest.fixture(scope="module")
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
