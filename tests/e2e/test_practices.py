"""Practices: their points are compared with the places that the search service really knows; merged ones are one in search."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.e2e.editor import Editor
from tests.e2e.pair import Pair, poll

SOON_S = 2.0
DOMKHAR = {"lat": "34.39", "lng": "76.76"}
ADDRESS = {"locality": "Leh", "region": "Ladakh", "country": "IN"}
LEH = {**ADDRESS, "lat": "34.1641", "lng": "77.5848"}


def places_of(editor: Editor, **address: str) -> Any:
    """What the button on the form of a practice finds; None when the search service did not answer in time."""
    url = f"{editor.cms_url}/admin/snippets/doctors/practice/find-place/"
    return editor.session.get(url, params=address, timeout=20).json().get("places")


@pytest.fixture(scope="module", autouse=True)
def known_places(editor: Editor) -> None:
    """The first question makes the search service open its places, which may take longer than the CMS waits: it then
    checks nothing."""
    poll(lambda: places_of(editor, **ADDRESS), bool, timeout_s=60)


def test_a_point_elsewhere_than_the_address_is_refused(editor: Editor) -> None:
    name = "E2E Clinic That Stays"
    editor.add_practice(name, **LEH)
    with pytest.raises(AssertionError, match="This point lies 80 km from Leh, Ladakh, India"):
        editor.change_practice(name, **DOMKHAR)
    with pytest.raises(AssertionError, match="This point lies in Bhutan"):
        editor.change_practice(name, lat="27.47", lng="89.64")
    assert editor.practice_form(name)["lat"] == [LEH["lat"]]


def test_the_point_of_an_address_is_found(editor: Editor) -> None:
    (leh, *_) = places_of(editor, **ADDRESS)
    assert (leh["label"], leh["time_zone"]) == ("Leh, Ladakh, India", "Asia/Kolkata")
    assert all("omkhar" in place["label"] for place in places_of(editor, locality="Domkhar", country="IN"))
    assert places_of(editor, locality="Nowhereville", country="BT") == []


def test_the_doctors_of_a_merged_practice_are_found_at_the_one_that_is_kept(
    editor: Editor, pair: Pair
) -> None:
    kept = editor.add_practice("Kept E2E Clinic", **LEH)
    other = editor.add_practice("Doubled E2E Clinic", **LEH)
    slug = "dr-e2e-merged"
    editor.add_doctor("Dr E2E Merged", slug, specialty="Neurology", practice="Doubled E2E Clinic")

    def works_at() -> list[str]:
        answer = requests.get(f"{pair.search_url}/api/v1/doctors/{slug}/", timeout=10)
        return [practice["name"] for practice in answer.json().get("practices", [])]

    poll(works_at, lambda names: names == ["Doubled E2E Clinic"], timeout_s=SOON_S)
    editor.merge_practices(kept, other)
    poll(works_at, lambda names: names == ["Kept E2E Clinic"], timeout_s=SOON_S)
    editor.unpublish(editor.page_id(slug))
