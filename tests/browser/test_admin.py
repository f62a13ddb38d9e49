"""The admin's main screens, as those who work with them see them, and the tutorial by mouse and keyboard."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.e2e.pair import Pair, poll

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("name", "path", "shows"),
    [
        ("dashboard", "/admin/", "Doctors near you"),
        ("practices", "/admin/snippets/doctors/practice/", "Bir Hospital"),
        ("doctors", "/admin/doctors/", "Dr "),
        ("reviews-due", "/admin/reports/reviews-due/", "Reviews due"),
        ("coverage", "/admin/reports/coverage/", "Coverage"),
        ("search-service", "/admin/search-service/", "Search service"),
    ],
)
def test_a_screen(log_in: OpenAs, name: str, path: str, shows: str) -> None:
    admin = log_in("editor")
    page = admin.open(path)
    expect(page.locator("#main")).to_contain_text(shows)
    admin.keep(name)


def test_a_doctor_is_published_by_hand_and_found(log_in: OpenAs, pair: Pair) -> None:
    """What docs/tutorial/publish-a-doctor.md says, step by step."""
    admin = log_in("editor")
    page = admin.open("/admin/")
    page.get_by_role("link", name="Doctors", exact=True).click()
    page.get_by_role("link", name="Add doctor").first.click()

    page.get_by_role("textbox", name="Full name").fill("Dr Browser Example")
    page.get_by_role("tab", name="Practices").click()
    page.get_by_role("button", name="Add practice").click()
    _choose(page, "Community Health Centre Skurbuchan")
    page.get_by_role("tab", name="Treats").click()
    page.get_by_label("Neurology", exact=True).check()
    admin.keep("doctor")
    admin.settle()
    _publish(page)

    def nearest() -> str:
        answer = requests.get(
            f"{pair.search_url}/api/v1/pages/myoclonus/domkhar-ladakh-in/", timeout=10
        ).json()
        return str(answer["doctors"]["results"][0]["name"])

    poll(nearest, lambda name: name == "Dr Browser Example", timeout_s=20)


def _choose(page: Page, title: str) -> None:
    """In the chooser of several that is open."""
    chooser = page.locator(".modal-content")
    chooser.get_by_label("Search term").fill(title)
    expect(chooser.get_by_role("row")).to_have_count(2)  # the table's head, and the one
    chooser.get_by_role("row").filter(has_text=title).get_by_role("checkbox").check()
    chooser.get_by_role("button", name="Confirm selection").click()
    expect(chooser).to_be_hidden()


def _publish(page: Page) -> None:
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".messages")).to_contain_text("published")
