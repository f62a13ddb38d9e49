"""An article is changed, reviewed and found: two people, each at their own screen."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.conftest import OpenAs
from tests.e2e.pair import Pair, poll

pytestmark = pytest.mark.slow

SUMMARY = "Airways that narrow now and then, told anew by a browser. Sample text."


def test_a_writer_submits_and_a_reviewer_signs(log_in: OpenAs, pair: Pair) -> None:
    def article() -> Any:
        return requests.get(f"{pair.search_url}/api/v1/conditions/asthma/", timeout=10).json()

    before = article()

    writing = log_in("writer")
    page = writing.look_for("Asthma")
    page.get_by_role("textbox", name="Summary").fill(SUMMARY)
    writing.keep("article")
    writing.settle()
    page.get_by_role("button", name="More actions").click()
    expect(page.get_by_role("button", name="Publish")).to_have_count(0)
    page.get_by_role("button", name="Submit to Medical review").click()
    expect(page.locator(".messages")).to_contain_text("submitted")
    assert article() == before

    reviewing = log_in("reviewer")
    reviewing.keep("dashboard-reviewer")
    page = reviewing.page
    page.get_by_role("link", name="Asthma", exact=True).click()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Approve and sign").click()
    dialog = page.locator(".modal-content")
    expect(dialog.get_by_label("Next review")).not_to_have_value("")
    reviewing.keep("approve")
    dialog.get_by_role("button", name="Approve and sign").click()
    expect(page.locator(".messages")).to_contain_text("Asthma")

    signed = poll(article, lambda document: document["summary"] == SUMMARY, timeout_s=20)
    assert signed["reviewer"]["name"] == "Dr Noor Sample"
    assert signed["last_reviewed"] > before["last_reviewed"]
    assert signed["review_overdue"] is False
