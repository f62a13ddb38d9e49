"""What a page has, for a condition or a specialty, in a place or without one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from search_service.feed.consumer import Outcome
from tests.search_service import documents
from tests.search_service.api.conftest import LEH, Get, myoclonus, neurology, restless_legs
from tests.search_service.fake_feed import FakeFeed

pytestmark = pytest.mark.usefixtures("published")

Json = dict[str, Any]
Pull = Callable[[], Outcome]

SITE = "http://localhost:8001/doctors"
EDGE = documents.condition("edge")


def test_the_page_of_a_specialty_in_a_place(get: Get) -> None:
    page = get("pages/neurology/leh-ladakh-in/")
    assert (page["kind"], page["condition"], page["specialty"]) == (
        "specialty",
        None,
        documents.reference(neurology),
    )
    assert page["title"] == "Doctors Near You for Neurology in Leh"
    assert page["article"]["summary"] == neurology["description"]
    assert page["article"]["sections"] == []
    assert [result["why_listed"] for result in page["doctors"]["results"]] == [
        {"by": "specialty", "specialty": "neurology"}
    ] * 2
    assert page["canonical"] == f"{SITE}/neurology/leh-ladakh-in/"
    assert [(other["slug"], other["url"]) for other in page["related_conditions"]] == [
        ("myoclonus", f"{SITE}/myoclonus/leh-ladakh-in/"),
        ("restless-legs-syndrome", f"{SITE}/restless-legs-syndrome/leh-ladakh-in/"),
    ]
    assert page["related_searches"][-1]["phrase"] == "legs that will not keep still"
    assert get("pages/cardiology/")["related_conditions"] == []


def test_a_page_without_a_place(get: Get) -> None:
    page = get("pages/myoclonus/")
    assert page["title"] == "Myoclonus: what it is, and doctors who treat it"
    assert page["meta_description"] == myoclonus["summary"]
    assert (page["place"], page["doctors"], page["telehealth"], page["nearby_places"]) == (
        None,
        None,
        None,
        [],
    )
    assert page["faq"] == [{"question": "Is a hiccup one?", "html": "<p>Yes.</p>"}]
    assert page["canonical"] == f"{SITE}/myoclonus/"
    assert [crumb["url"] for crumb in page["breadcrumbs"]] == [f"{SITE}/myoclonus/"]
    assert page["related_conditions"][0]["url"] == f"{SITE}/restless-legs-syndrome/"
    assert page["indexable"] == {"value": True, "reasons": []}
    assert get("pages/neurology/")["specialty"]["slug"] == "neurology"
    get("pages/myoclonus/", status=400, radius_km=10)


def test_a_condition_has_a_slug_before_a_specialty(get: Get, published: FakeFeed, pull: Pull) -> None:
    published.put(documents.specialty("myoclonus", id=documents.uid("namesake")))
    pull()
    assert get("pages/myoclonus/")["kind"] == "condition"
    chosen = get("pages/myoclonus/leh-ladakh-in/", kind="specialty")
    assert chosen["specialty"]["id"] == documents.uid("namesake")
    assert get(f"pages/{documents.uid('namesake')}/")["kind"] == "specialty"
    assert get("pages/neurology/", status=404, kind="condition")["title"] == "No such condition"
    assert get("pages/nothing/", status=404)["title"] == "No such condition or specialty"
    get("pages/myoclonus/", status=400, kind="doctor")


@pytest.mark.parametrize("place", ["", "leh-ladakh-in/"])
def test_what_is_called_otherwise_now(
    client: Client, get: Get, published: FakeFeed, pull: Pull, place: str
) -> None:
    published.put(myoclonus | {"slug": "jerks"})
    published.put(neurology | {"slug": "nerves"})
    published.delete(restless_legs)
    pull()
    for former, now in {"myoclonus": "jerks", "neurology": "nerves"}.items():
        response = client.get(f"/api/v1/pages/{former}/{place}?locale=hi")
        assert (response.status_code, response["Location"]) == (301, f"/api/v1/pages/{now}/{place}?locale=hi")
    get(f"pages/restless-legs-syndrome/{place}", status=410)
    # Who has a slug now has it before who had it.
    published.put(documents.specialty("myoclonus", id=documents.uid("namesake")))
    pull()
    assert get(f"pages/myoclonus/{place}")["kind"] == "specialty"


def test_a_place_by_another_of_its_names_has_one_canonical_address(get: Get) -> None:
    addresses = {
        get(f"pages/myoclonus/{place}/")["canonical"]
        for place in ("domkhar-ladakh-in", "domkhar-dho-ladakh-in")
    }
    assert addresses == {f"{SITE}/myoclonus/domkhar-dho-ladakh-in/"}


def test_breadcrumbs_have_addresses_where_there_are_places(get: Get) -> None:
    crumbs = get("pages/myoclonus/domkhar-ladakh-in/")["breadcrumbs"]
    assert [(crumb["kind"], crumb["slug"], crumb["url"]) for crumb in crumbs] == [
        ("condition", "myoclonus", f"{SITE}/myoclonus/"),
        ("country", None, None),
        ("region", None, None),
        ("district", "leh-ladakh-in", f"{SITE}/myoclonus/leh-ladakh-in/"),
        ("place", "domkhar-dho-ladakh-in", f"{SITE}/myoclonus/domkhar-dho-ladakh-in/"),
    ]
    # No level leads to the page that it is on.
    assert [crumb["url"] for crumb in get("pages/myoclonus/leh-ladakh-in/")["breadcrumbs"]][:-1] == [
        f"{SITE}/myoclonus/", None, None, None,
    ]  # fmt: skip


def test_nearby_places_are_those_with_doctors(get: Get, published: FakeFeed, pull: Pull) -> None:
    nearby = get("pages/myoclonus/domkhar-ladakh-in/")["nearby_places"]
    for place in nearby:
        assert get("doctors/", condition="myoclonus", place=place["slug"])["results"]
        assert place["url"] == f"{SITE}/myoclonus/{place['slug']}/"
    assert get("pages/myoclonus/suva-central-fj/")["nearby_places"] == []
    # At the edge: from some of the places around, the doctor is in reach, from others not.
    at_edge = get("pages/myoclonus/domkhar-ladakh-in/")["place"]["match"]["lat"] - 499.9 / 111.195
    for lat in (at_edge, at_edge - 0.01):
        published.put(EDGE)
        published.put(documents.doctor("edge", (lat, 76.7603), conditions=[documents.reference(EDGE)]))
        pull()
        shown = {place["slug"] for place in get("pages/edge/domkhar-ladakh-in/")["nearby_places"]}
        reach = {
            place["slug"]: bool(get("doctors/", condition="edge", place=place["slug"])["results"])
            for place in get("places/domkhar-ladakh-in/")["nearby_places"]
        }
        assert shown == {slug for slug, is_there in reach.items() if is_there}
        assert len(set(reach.values())) == 2


def test_telehealth_where_nobody_is_near(get: Get, published: FakeFeed, pull: Pull) -> None:
    by_specialty: Json = {"specialties": [documents.reference(neurology)]}
    published.put(documents.doctor("afar", (0.0, 0.0), telehealth_countries=["IN"], **by_specialty))
    pull()
    telehealth = get("pages/myoclonus/domkhar-ladakh-in/")["telehealth"]
    assert telehealth["country"] == "IN"
    assert "afar" in [result["slug"] for result in telehealth["results"]]
    assert get("pages/myoclonus/leh-ladakh-in/")["telehealth"] is None
    assert get("pages/myoclonus/0.1,-30.2/")["telehealth"] is None


OVERDUE = myoclonus | {"last_reviewed": "2020-01-01", "next_review": "2022-01-01"}


@pytest.mark.parametrize(
    ("document", "path", "reasons"),
    [
        (myoclonus, "pages/myoclonus/leh-ladakh-in/", []),
        (myoclonus, "pages/myoclonus/domkhar-ladakh-in/", []),
        (myoclonus | {"reviewer": None}, "pages/myoclonus/leh-ladakh-in/", ["no-reviewer"]),
        (myoclonus | {"sections": []}, "pages/myoclonus/", ["no-article"]),
        (OVERDUE, "pages/myoclonus/", ["review-overdue"]),
        (neurology | {"description": ""}, "pages/neurology/", ["no-description"]),
        (neurology, "pages/neurology/leh-ladakh-in/", []),
        (neurology, "pages/neurology/suva-central-fj/", ["few-doctors"]),
        (myoclonus, "pages/myoclonus/34.165,77.584/", ["place-is-a-point"]),
        (myoclonus, "pages/myoclonus/?locale=hi", ["other-language"]),
        (OVERDUE, "pages/myoclonus/suva-central-fj/?locale=fr", ["review-overdue", "other-language", "few-doctors"]),
    ],
)  # fmt: skip
def test_what_is_worth_a_search_engines_index(
    get: Get,
    published: FakeFeed,
    pull: Pull,
    settings: Settings,
    document: Json,
    path: str,
    reasons: list[str],
) -> None:
    settings.INDEXABLE_MIN_DOCTORS = 2
    published.put(document)
    pull()
    path, _, locale = path.partition("?locale=")
    asked: Json = {"locale": locale} if locale else {}
    page = get(path, **asked)
    assert page["indexable"] == {"value": not reasons, "reasons": reasons}


@pytest.mark.parametrize(("least", "reasons"), [(2, []), (3, ["few-doctors"])])
def test_with_fewer_doctors_than_wanted_it_is_not(
    get: Get, settings: Settings, least: int, reasons: list[str]
) -> None:
    settings.INDEXABLE_MIN_DOCTORS = least
    assert get("pages/myoclonus/leh-ladakh-in/", page_size=1)["indexable"]["reasons"] == reasons


def test_it_was_modified_when_the_latest_of_it_was_published(
    get: Get, published: FakeFeed, pull: Pull
) -> None:
    assert get("pages/myoclonus/leh-ladakh-in/")["last_modified"] == "2026-10-02T08:00:00Z"
    by_condition: Json = {"conditions": [documents.reference(myoclonus)]}
    published.put(documents.doctor("new", LEH, last_published_at="2026-11-20T09:00:00Z", **by_condition))
    pull()
    assert get("pages/myoclonus/leh-ladakh-in/")["last_modified"] == "2026-11-20T09:00:00Z"
    assert get("pages/myoclonus/")["last_modified"] == "2026-10-02T08:00:00Z"


def test_a_description_is_as_long_as_it_is_shown(get: Get, published: FakeFeed, pull: Pull) -> None:
    published.put(myoclonus | {"summary": "word  " * 100 + "{place} {"})
    pull()
    for path in ("pages/myoclonus/", "pages/myoclonus/leh-ladakh-in/"):
        description = get(path)["meta_description"]
        assert 140 < len(description) <= 160
        assert description.endswith("word…")
        assert "  " not in description
