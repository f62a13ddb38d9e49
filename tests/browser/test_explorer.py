"""The search page and the page of a condition in a place, as those who look for a doctor use them."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, TELEPHONE, NewWindow, keep
from tests.e2e.pair import Pair

pytestmark = pytest.mark.slow

SIZES = [pytest.param(TELEPHONE, id="telephone"), pytest.param(DESKTOP, id="desktop")]


def check(page: Page) -> None:
    """It is accessible as far as axe can tell, and nothing stands out to the right."""
    page.wait_for_load_state("networkidle")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("size", SIZES)
def test_someone_searches_filters_and_takes_another_place(
    window: NewWindow, pair: Pair, size: tuple[int, int]
) -> None:
    page = window(size)
    page.goto(pair.search_url)
    check(page)
    box = page.get_by_role("combobox", name="Condition, specialty or doctor, and a place")

    # Completion, by keyboard.
    box.press_sequentially("eczem")
    suggestion = page.get_by_role("option", name="Eczema").first
    expect(suggestion).to_be_visible()
    check(page)
    box.press("ArrowDown")
    expect(suggestion).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(page.locator("#article h2").first).to_have_text("Eczema")
    expect(page.locator("#doctors")).to_contain_text("Add a place")

    # The place as understood, the doctors nearest to it, the article beside them.
    box.fill("eczema near domkhar")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#understood")).to_contain_text("Near Domkhar Dho, Leh, Ladakh, India.")
    heading = page.get_by_role("heading", level=2).first
    expect(heading).to_have_text("11 doctors within 50 km of Domkhar")
    doctors = page.locator("#doctors ol > li")
    expect(doctors).to_have_count(11)
    expect(doctors.first).to_contain_text("6.3 km")
    expect(doctors.first).to_contain_text("Fictitious")
    expect(page.get_by_role("img", name=re.compile("Map: 8 practices around Domkhar"))).to_be_visible()
    page.locator("#article summary").first.click()
    expect(page.locator("#article details p").first).to_be_visible()
    check(page)
    keep(page, f"explorer-{size[0]}")

    # A filter, and back.
    if size == TELEPHONE:
        page.locator("#filters summary").click()
    page.get_by_role("checkbox", name="Female (5)").check()
    expect(doctors).to_have_count(5)
    expect(page.get_by_role("checkbox", name=re.compile("Female"))).to_be_focused()
    check(page)
    page.go_back()
    expect(doctors).to_have_count(11)

    # An alternative of the place.
    page.get_by_role("link", name="Domkhar Burma").click()
    expect(page.locator("#understood")).to_contain_text("Near Domkhar Burma, Leh, Ladakh, India.")
    # A link says it all; and the server is not told by loading it.
    assert page.url.startswith(f"{pair.search_url}/#"), page.url
    again = window(size)
    again.goto(page.url)
    expect(again.locator("#understood")).to_contain_text("Near Domkhar Burma, Leh, Ladakh, India.")


def test_what_cannot_be_found_says_so(window: NewWindow, pair: Pair) -> None:
    page = window()
    page.goto(f"{pair.search_url}/#q=myoclonus+in+Xyzzyville")
    expect(page.locator("#understood")).to_contain_text("No place is known as Xyzzyville.")
    check(page)
    page.goto(f"{pair.search_url}/#q=chest+pain+now")
    expect(page.get_by_role("alert")).not_to_be_empty()
    check(page)
    page.goto(f"{pair.search_url}/#q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E")
    expect(page.locator("#status")).not_to_have_text("Searching …")
    expect(page.locator("main img")).to_have_count(0)


def test_more_doctors(window: NewWindow, pair: Pair) -> None:
    page = window()
    page.goto(f"{pair.search_url}/#q=doctors+in+leh")
    doctors = page.locator("#doctors ol > li")
    expect(doctors).to_have_count(20)
    page.get_by_role("button", name="More doctors").click()
    expect(doctors.nth(20)).to_be_focused()
    names = doctors.locator("h3").all_inner_texts()
    assert len(names) == len(set(names)) > 20


@pytest.mark.parametrize("size", SIZES)
def test_a_page_to_share(window: NewWindow, pair: Pair, size: tuple[int, int]) -> None:
    page = window(size)
    page.goto(f"{pair.search_url}/doctors/eczema/domkhar-ladakh-in/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Doctors Near You for Eczema in Domkhar")
    expect(page.locator("ol.doctors > li")).to_have_count(11)
    # The village's own name, whatever it was asked by.
    canonical = f"{pair.search_url}/doctors/eczema/domkhar-dho-ladakh-in/"
    expect(page.locator("link[rel=canonical]")).to_have_attribute("href", canonical)
    check(page)
    keep(page, f"doctors-near-{size[0]}")
    page.get_by_role("link", name="Search, with filters").click()
    expect(page.locator("#doctors ol > li")).to_have_count(11)


@pytest.mark.parametrize("size", SIZES)
def test_someone_reads_in_another_language(window: NewWindow, pair: Pair, size: tuple[int, int]) -> None:
    page = window(size)
    page.goto(pair.search_url)
    chooser = page.get_by_label("Language of articles and places")
    chooser.select_option("Deutsch")
    page.get_by_role("link", name="myoclonus near Domkhar").click()
    article = page.locator("#article h2").first
    expect(article).to_have_text("Myoklonie")
    expect(page.locator("#article [lang=de]")).to_contain_text("Beispieltext")
    expect(page.locator("#understood")).to_contain_text("Leh, Ladakh, Indien.")

    # What is typed next is looked for in the same language; another one is there at once.
    page.get_by_role("combobox", name="Condition").fill("Bergkrankheit Leh")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(article).to_have_text("Höhenkrankheit")
    chooser.select_option("اردو")
    expect(article).to_have_text("بلندی کی بیماری")
    assert article.evaluate("heading => getComputedStyle(heading).direction") == "rtl"
    check(page)

    page.get_by_role("link", name="This page to print or to share").click()
    html = page.locator("html")
    expect(html).to_have_attribute("lang", "ur")
    expect(html).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("heading", level=1)).to_contain_text("بلندی کی بیماری")
    check(page)
    keep(page, f"doctors-near-in-urdu-{size[0]}")
    page.get_by_role("navigation", name="Languages").get_by_role("link", name="Deutsch").click()
    expect(html).to_have_attribute("lang", "de")
    page.locator("section .choices a").first.click()
    expect(html).to_have_attribute("lang", "de")
    page.get_by_role("link", name="Search, with filters").click()
    expect(article).to_have_text("Höhenkrankheit")
    expect(chooser).to_have_value("de")


def test_a_browser_says_which_language(window: NewWindow, pair: Pair) -> None:
    page = window()
    page.set_extra_http_headers({"Accept-Language": "de-AT, en;q=0.5"})
    page.goto(f"{pair.search_url}/#q=myoclonus+near+Leh")
    expect(page.locator("#article h2").first).to_have_text("Myoklonie")
