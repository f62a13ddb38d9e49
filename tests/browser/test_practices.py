"""The map on the form of a practice, by mouse and keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenAs

pytestmark = pytest.mark.slow


def test_the_point_is_moved_on_the_map(log_in: OpenAs) -> None:
    admin = log_in("editor")
    page = admin.open("/admin/snippets/doctors/practice/?q=District Hospital Kargil")
    page.get_by_role("link", name="District Hospital Kargil", exact=True).click()
    marker = page.get_by_alt_text("The point of the practice")
    expect(marker).to_be_visible()
    marker.scroll_into_view_if_needed()
    lat, lng = _point(page)

    _drag(page, marker, 6, 4)
    south, east = _point(page)
    assert south < lat
    assert east > lng

    marker.focus()
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("ArrowLeft")
    north, west = _point(page)
    assert north > south
    assert west < east

    # Typing moves the marker, and a click on the map the point.
    before = marker.bounding_box()
    page.get_by_label("Latitude").fill(str(lat))
    page.get_by_label("Longitude").fill(str(lng))
    assert marker.bounding_box() != before
    page.locator(".practice-map__map").click(position={"x": 300, "y": 150})
    assert _point(page) != (lat, lng)

    page.get_by_role("button", name="Find the point of this address").click()
    expect(page.get_by_role("status").filter(has_text="The middle of")).to_contain_text("Kargil")
    admin.keep("practice")
    found = _point(page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".messages")).to_contain_text("updated")
    admin.open("/admin/snippets/doctors/practice/?q=District Hospital Kargil")
    page.get_by_role("link", name="District Hospital Kargil", exact=True).click()
    assert _point(page) == found

    page.get_by_label("Latitude").fill("34.39")
    page.get_by_label("Longitude").fill("77.9")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#main")).to_contain_text("km from Kargil")
    admin.keep("practice-refused")


def _point(page: Page) -> tuple[float, float]:
    lat, lng = (float(page.get_by_label(name).input_value()) for name in ("Latitude", "Longitude"))
    return lat, lng


def _drag(page: Page, marker: Locator, right: float, down: float) -> None:
    box = marker.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=4)
    page.mouse.up()
