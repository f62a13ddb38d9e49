"""An article is translated from left to right into right to left, and the admin itself is read so."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenAs

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
