"""The index is rebuilt while editors publish and the public asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from tests.e2e.editor import Editor
from tests.e2e.pair import Pair, poll

PUBLISHES = 50
QUERIES_PER_MINUTE = 1000

pytestmark = pytest.mark.slow


def press_the_button(editor: Editor) -> None:
    url = f"{editor.cms_url}/admin/search-service/rebuild/"
    page = BeautifulSoup(editor.session.get(url, timeout=20).text, "html.parser")
    token = page.select_one("main input[name=csrfmiddlewaretoken]")
    assert token
    answer = editor.session.post(url, {"csrfmiddlewaretoken": str(token["value"])}, timeout=20)
    assert "has been asked to rebuild" in answer.text


class InBackground:
    """Does something again and again; what it raises is kept."""

    def __init__(self, work: Callable[[], object], every_s: float) -> None:
        self._work, self._every_s = work, every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.done = 0
        self.errors: list[BaseException] = []
        self._thread.start()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._over.wait(max(0.0, due - time.monotonic())):
            try:
                self._work()
                self.done += 1
            except BaseException as error:  # noqa: BLE001
                self.errors.append(error)
            due += self._every_s

    def stop(self) -> None:
        self._over.set()
        self._thread.join()


def test_rebuilds_while_editors_publish_and_the_public_asks(pair: Pair, editor: Editor) -> None:
    """No error, nobody is taken back in time, and at the end all that was published is found."""
    api = f"{pair.search_url}/api/v1"
    doctors = requests.get(
        f"{api}/doctors/", params={"place": "leh-ladakh-in", "page_size": "3"}, timeout=10
    ).json()["results"]
    slugs = [doctor["slug"] for doctor in doctors]
    numbers = dict.fromkeys(slugs, 0)
    seen = dict.fromkeys(slugs, 0)
    positions = [0]
    turn = 0
    public = requests.Session()

    def ask() -> None:
        nonlocal turn
        turn += 1
        slug = slugs[turn % len(slugs)]
        answer = public.get(f"{api}/doctors/{slug}/", timeout=10)
        assert answer.status_code == 200, answer.text
        number = _number(answer.json())
        assert number >= seen[slug], f"{slug}: {number} after {seen[slug]}"
        seen[slug] = number
        page = public.get(f"{api}/pages/myoclonus/leh-ladakh-in/", timeout=10)
        assert page.status_code == 200, page.text
        assert len(page.json()["doctors"]["results"]) >= 3
        positions.append(page.json()["meta"]["position"])
        assert positions[-1] >= positions[-2]

    def generation() -> str:
        return str(requests.get(f"{api}/status/", timeout=10).json()["generation"])

    live = {generation()}
    rebuilder = Editor(pair.cms_url, pair.username, pair.password)

    def rebuild() -> None:
        press_the_button(rebuilder)
        live.add(poll(generation, lambda name: name not in live, timeout_s=60))

    # Each turn asks twice.
    asking = InBackground(ask, every_s=2 * 60 / QUERIES_PER_MINUTE)
    rebuilding = InBackground(rebuild, every_s=2.0)
    started = time.monotonic()
    try:
        pages = {slug: editor.page_id(slug) for slug in slugs}
        for number in range(1, PUBLISHES + 1):
            slug = slugs[number % len(slugs)]
            editor.publish(pages[slug], credentials=f"Edition {number}")
            numbers[slug] = number
    finally:
        minutes = (time.monotonic() - started) / 60
        rebuilding.stop()
        asking.stop()
        rebuilder.close()
        public.close()
    assert rebuilding.errors == []
    assert asking.errors == []
    assert rebuilding.done >= 2
    assert 2 * asking.done / minutes > 0.8 * QUERIES_PER_MINUTE
    for slug, number in numbers.items():
        poll(
            lambda: _number(requests.get(f"{api}/doctors/{slug}/", timeout=10).json()),  # noqa: B023
            lambda found: found == number,  # noqa: B023
            timeout_s=5,
        )
    # Which is told, and the former ones are deleted, after the swap.
    poll(
        lambda: requests.get(f"{api}/status/", timeout=10).json(),
        lambda status: status["rebuild"]["state"] == "done" and len(status["generations"]) == 2,
        timeout_s=5,
    )


def _number(doctor: dict[str, Any]) -> int:
    name, _, number = doctor["credentials"].rpartition(" ")
    return int(number) if name == "Edition" else 0
