"""What the CMS says of the search service is what the search service has; the CMS can have it rebuilt."""

from __future__ import annotations

from functools import partial

import pytest
import requests
from bs4 import BeautifulSoup

from tests.e2e.editor import Editor
from tests.e2e.pair import Pair, poll

SOON_S = 2.0
REPORT = "/admin/search-service/"


def told(editor: Editor, path: str) -> str:
    """What an admin page says, in one line."""
    answer = editor.session.get(editor.cms_url + path, timeout=10)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    assert answer.url == editor.cms_url + path
    return " ".join(BeautifulSoup(answer.text, "html.parser").get_text(" ").split())


def status_path(editor: Editor, path: str) -> str:
    """Where the editor at `path` loads from what the search service has."""
    page = BeautifulSoup(editor.session.get(editor.cms_url + path, timeout=20).text, "html.parser")
    (panel,) = page.select("[data-w-swap-target-value='#search-status']")
    return str(panel["data-w-swap-src-value"])


@pytest.mark.parametrize("slug", ["migraine", "conditions"])
def test_editors_of_what_is_fed_say_what_search_has(editor: Editor, slug: str) -> None:
    edit = f"/admin/pages/{editor.page_id(slug)}/edit/"
    if slug == "conditions":  # the folder, which no search finds
        assert "search-status" not in editor.session.get(editor.cms_url + edit, timeout=20).text
    else:
        assert told(editor, status_path(editor, edit)) == "Found in search: this version."


def test_an_editor_who_publishes_sees_it_arrive(editor: Editor, pair: Pair) -> None:
    near_leh = {"specialty": "neurology", "place": "leh-ladakh-in"}
    doctors = requests.get(f"{pair.search_url}/api/v1/doctors/", params=near_leh, timeout=10).json()
    page = editor.page_id(doctors["results"][0]["slug"])
    ask = partial(told, editor, status_path(editor, f"/admin/pages/{page}/edit/"))
    editor.publish(page, credentials="As the test of the status has it")
    poll(ask, lambda words: words == "Found in search: this version.", timeout_s=SOON_S)
    editor.save_draft(page, credentials="As nobody shall see it")
    assert ask() == "Found in search: the published version."
    editor.unpublish(page)
    poll(ask, lambda words: words.startswith("Not in search: it is not published."), timeout_s=SOON_S)
    editor.publish(page, credentials="As the test of the status has left it")
    poll(ask, lambda words: words == "Found in search: this version.", timeout_s=SOON_S)


def test_a_practice_is_found_with_its_doctors(editor: Editor) -> None:
    name = "Community Health Centre Khaltse"
    page = BeautifulSoup(
        editor.session.get(
            f"{editor.cms_url}/admin/snippets/doctors/practice/", params={"q": name}, timeout=20
        ).text,
        "html.parser",
    )
    (edit,) = {str(link["href"]) for link in page.select("a[href*='/practice/edit/']")}
    ask = partial(told, editor, status_path(editor, edit))
    editor.change_practice(name, phone="+1 202 555 0143")
    poll(ask, lambda words: words.startswith("Found in search: this version, with"), timeout_s=SOON_S)


def test_the_button_makes_a_new_generation(editor: Editor, pair: Pair) -> None:
    def live() -> str:
        status = requests.get(f"{pair.search_url}/api/v1/status/", timeout=10).json()
        return str(status["generation"])

    before = live()
    assert f"Generation {before}" in told(editor, REPORT)
    path = f"{REPORT}rebuild/"
    page = BeautifulSoup(editor.session.get(editor.cms_url + path, timeout=10).text, "html.parser")
    token = page.select_one(f"form[action='{path}'] input[name=csrfmiddlewaretoken]")
    assert token
    answer = editor.session.post(
        editor.cms_url + path, {"csrfmiddlewaretoken": str(token["value"])}, timeout=10
    )
    assert answer.url == editor.cms_url + REPORT
    assert "has been asked to rebuild" in answer.text
    after = poll(live, lambda generation: generation != before, timeout_s=60)
    words = poll(
        partial(told, editor, REPORT), lambda words: f"Generation {after} was made" in words, timeout_s=10
    )
    assert "has not begun" not in words


@pytest.mark.production
def test_a_search_service_that_is_stopped_is_said_to_be(pair: Pair, editor: Editor) -> None:
    """Its web process only: the CMS goes on, and says why it knows nothing."""
    path = status_path(editor, f"/admin/pages/{editor.page_id('migraine')}/edit/")
    pair.stop("search")
    try:
        assert "The search service cannot be reached:" in told(editor, path)
        assert "The search service cannot be reached:" in told(editor, REPORT)
    finally:
        pair.start("search")
    poll(partial(told, editor, path), lambda words: words == "Found in search: this version.", timeout_s=60)
