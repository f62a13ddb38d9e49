"""An article is translated, from left to right into right to left, too, and again when its source has changed; the
admin itself is read from right to left."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.e2e.pair import Pair, poll

pytestmark = pytest.mark.slow


def test_a_writer_translates_into_arabic(log_in: OpenAs) -> None:
    editor = log_in("editor")
    page = editor.open("/admin/locales/new/")
    page.get_by_label("Language").select_option("ar")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".messages")).to_contain_text("Arabic")

    writing = log_in("writer")
    page = writing.look_for("Myoclonus")
    page.get_by_role("button", name="Actions", exact=True).first.click()
    page.get_by_role("link", name="Translate this page").click()
    page.get_by_label("Arabic").check()
    page.get_by_role("button", name="Submit").click()
    notice = page.locator(".help-warning")
    expect(notice).to_contain_text("0 of ")
    expect(notice).to_contain_text("Nothing is published before all of them are.")

    page.get_by_role("button", name="Translate").first.click()
    page.locator("textarea").first.fill("الرمع العضلي")
    page.get_by_role("button", name="Save").first.click()
    translated = page.get_by_text("الرمع العضلي").last
    expect(translated).to_be_visible()
    # The browser lays it out from the right, in an admin that is read from the left.
    frame = page.locator(".js-translation-editor").bounding_box()
    text = translated.evaluate(
        "node => { const range = document.createRange(); range.selectNodeContents(node);"
        " return range.getBoundingClientRect().left }"
    )
    assert frame
    assert text > frame["x"] + frame["width"] / 2
    page.reload()
    expect(notice).to_contain_text("1 of ")
    expect(page.get_by_role("button", name="Publish in Arabic")).to_have_count(0)
    writing.keep("translation")


SUMMARY = "Illness of those who go up too fast, told anew by a browser. Sample text."
ZUSAMMENFASSUNG = "Krankheit derer, die zu schnell aufsteigen, von einem Browser neu erzählt. Beispieltext."


def test_a_change_of_the_source_reaches_german_readers_once_it_is_translated_and_signed(
    log_in: OpenAs, pair: Pair
) -> None:
    def told(locale: str) -> Any:
        url = f"{pair.search_url}/api/v1/conditions/altitude-sickness/"
        return requests.get(url, params={"locale": locale}, timeout=10).json()

    def submit(page: Page) -> None:
        page.get_by_role("button", name="More actions").click()
        page.get_by_role("button", name="Submit to Medical review").click()
        expect(page.locator(".messages")).to_contain_text("submitted")

    def sign(page: Page, title: str) -> None:
        page.get_by_role("button", name="More actions").click()
        page.get_by_role("button", name="Approve and sign").click()
        page.locator(".modal-content").get_by_role("button", name="Approve and sign").click()
        expect(page.locator(".messages")).to_contain_text(title)

    before = told("de")
    assert before["name"] == "Höhenkrankheit"
    writing, reviewing = log_in("writer"), log_in("reviewer")
    page = writing.look_for("Altitude sickness")
    page.get_by_role("textbox", name="Summary").fill(SUMMARY)
    writing.settle()
    submit(page)
    reviewing.open("/admin/").get_by_role("link", name="Altitude sickness", exact=True).click()
    sign(reviewing.page, "Altitude sickness")
    poll(lambda: told("en"), lambda document: document["summary"] == SUMMARY, timeout_s=20)

    # It waits for a translator, and readers have what they had.
    writing.open("/admin/")
    page = writing.look_for("Höhenkrankheit")
    notice = page.locator(".help-block").first
    expect(notice).to_contain_text("26 of 27 texts are translated into German.")
    actions = page.get_by_role("navigation", name="Actions").filter(visible=True)
    expect(actions.get_by_role("link")).to_have_text("Review and publishing")
    writing.keep("translation-waits")
    publishing = log_in("editor")
    publishing.look_for("Höhenkrankheit").get_by_role("button", name="Publish in German").filter(
        visible=True
    ).click()
    expect(publishing.page.locator(".messages")).to_contain_text("one text is not translated yet")
    assert told("de")["summary"] == before["summary"]

    page.get_by_role("button", name="Translate", exact=True).click()
    page.locator("textarea").first.fill(ZUSAMMENFASSUNG)
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text(ZUSAMMENFASSUNG).last).to_be_visible()
    page.reload()
    expect(notice).to_contain_text("27 of 27 ")
    actions.get_by_role("link", name="Review and publishing").click()
    submit(page)
    reviewing.open("/admin/").get_by_role("link", name="Höhenkrankheit", exact=True).click()
    reviewing.page.get_by_role("link", name="Review and publishing").click()
    sign(reviewing.page, "Höhenkrankheit")
    signed = poll(lambda: told("de"), lambda document: document["summary"] == ZUSAMMENFASSUNG, timeout_s=20)
    assert signed["reviewer"]["name"] == "Dr Noor Sample"
    assert signed["last_reviewed"] > before["last_reviewed"]


def test_the_admin_in_arabic(log_in: OpenAs) -> None:
    publisher = log_in("publisher")
    page = publisher.open("/admin/account/")
    page.get_by_label("Preferred language").select_option("ar")
    page.locator("#main").get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page = publisher.open("/admin/doctors/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("columnheader", name="Verified")).to_be_visible()
    publisher.keep("doctors-in-arabic")
