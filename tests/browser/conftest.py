"""A real browser before the running pair: Debian's Chromium, driven by Playwright.

What a page logs as an error, an exception of a script and any request to another host fail the test that
sees it. Screens that a test keeps are in var/screenshots/.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Route,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests import servers
from tests.e2e.conftest import begun, pair
from tests.e2e.pair import ROOT, Pair

__all__ = ["begun", "pair"]

SCREENSHOTS = ROOT / "var" / "screenshots"
DESKTOP = (1280, 900)
TELEPHONE = (360, 740)
# Of a page and of what is expected of it, milliseconds. A first page compiles templates, and the machine may be busy.
PATIENCE_MS = 20_000

OpenAs = Callable[[str], "Admin"]
NewWindow = Callable[..., Page]


def keep(page: Page, name: str) -> Path:
    """Keep what is on the screen, the whole page, as var/screenshots/<name>.png."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path, full_page=True, animations="disabled")
    return path


class Admin:
    """The CMS's admin in one browser window, logged in."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open(self, path: str) -> Page:
        """Show the page at `path`, such as "/admin/"."""
        answer = self.page.goto(self.url + path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.page

    def look_for(self, title: str) -> Page:
        """From the dashboard, open the page of that title."""
        self.page.get_by_placeholder("Search all pages").fill(title)
        self.page.keyboard.press("Enter")
        self.page.get_by_role("link", name=title, exact=True).click()
        return self.page

    def settle(self) -> None:
        """Until Wagtail has saved by itself what was changed. It begins about a second later, and its script complains
        when the form was sent meanwhile."""
        self.page.evaluate("new Promise(resolve => setTimeout(resolve, 1500))")
        indicator = self.page.locator("#w-autosave-indicator")
        expect(indicator).not_to_have_attribute("data-w-autosave-state-value", "saving")

    def keep(self, name: str) -> Path:
        return keep(self.page, name)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)  # it has a patience of its own
    chromium = os.environ.get("CHROMIUM") or servers.binary("chromium", "chromium")
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses to run as root, as CI does; every page shown here is our own.
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def window(browser: Browser) -> Iterator[NewWindow]:
    """Opens a window of a size, (width, height) in CSS pixels."""
    with _windows(browser) as new_window:
        yield new_window


@pytest.fixture
def log_in(browser: Browser, pair: Pair) -> Iterator[OpenAs]:
    """Opens a window in which a user is logged in. All demo users have the editor's password."""
    with _windows(browser) as new_window:

        def open_as(username: str) -> Admin:
            page = new_window()
            page.goto(f"{pair.cms_url}/admin/login/")
            page.fill("input[name=username]", username)
            page.fill("input[name=password]", pair.password)
            page.click("button[type=submit]")
            page.wait_for_url(f"{pair.cms_url}/admin/")
            return Admin(page, pair.cms_url)

        yield open_as


@contextmanager
def _windows(browser: Browser) -> Iterator[NewWindow]:
    """Windows without each other's cookies. At the end, what went wrong in any of them is an AssertionError."""
    wrong: list[str] = []
    contexts = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(f"{message.location.get('url', '')}: {message.text}")

    def refuse_strangers(route: Route) -> None:
        if urlsplit(route.request.url).hostname in ("localhost", "127.0.0.1"):
            route.continue_()
        else:
            wrong.append(f"a request to {route.request.url}")
            route.abort()

    def new_window(size: tuple[int, int] = DESKTOP) -> Page:
        viewport: ViewportSize = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, locale="en-GB", timezone_id="UTC")
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.route("**/*", refuse_strangers)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        return page

    try:
        yield new_window
    finally:
        for context in contexts:
            context.close()
    assert not wrong, "\n".join(wrong)
