"""Practices: their points are compared with the places that the search service really knows; merged ones are one in search."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.e2e.editor import Editor
from tests.e2e.pair import Pair, poll

SOON_S = 2.0
DOMKHAR = {"lat": "34.39", "lng": "76.76"}
LEH = {"locality": "Leh", "region": "Ladakh", "country": "IN", "lat": "34.1641", "lng": "77.5848"}


def test_a_point_elsewhere_than_the_address_is_refused(editor: Editor) -> None:
    with pytest.raises(AssertionError, match="This point lies 80 km from Leh, Ladakh, India"):
        editor.change_practice("SNM Hospital Leh", **DOMKHAR)
    with pytest.raises(AssertionError, match="This point lies in Bhutan"):
        editor.change_practice("SNM Hospital Leh", lat="27.47", lng="89.64")
    assert editor.practice_form("SNM Hospital Leh")["lat"] == ["34.152859"]


def test_the_point_of_an_address_is_found(editor: Editor) -> None:
    def found(**address: str) -> Any:
        url = f"{editor.cms_url}/admin/snippets/doctors/practice/find-place/"
        return editor.session.get(url, params=address, timeout=10).json()["places"]

    (leh, *_) = found(locality="Leh", region="Ladakh", country="IN")
    assert (leh["label"], leh["time_zone"]) == ("Leh, Ladakh, India", "Asia/Kolkata")
    assert all("omkhar" in place["label"] for place in found(locality="Domkhar", country="IN"))
    assert found(locality="Nowhereville", country="BT") == []


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
