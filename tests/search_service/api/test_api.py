"""The public API, through HTTP as an app uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import ANY

import pytest
from django.test import Client
from pytest_django import Settings

from search_service import stores
from search_service.feed.consumer import Outcome
from search_service.index.protocol import Index
from tests.search_service import documents
from tests.search_service.api.conftest import Get, neurology, restless_legs
from tests.search_service.fake_feed import FakeFeed

pytestmark = pytest.mark.usefixtures("published")

Json = dict[str, Any]


def found(answer: Json) -> list[str]:
    return [result["slug"] for result in answer["results"]]


# --- pages


def test_the_page_has_everything_in_one_answer(get: Get) -> None:
    page = get("pages/myoclonus/domkhar-ladakh-in/")
    assert page["title"] == "Doctors Near You for Myoclonus in Domkhar"
    assert page["condition"]["slug"] == "myoclonus"
    assert page["place"]["status"] == "exact"
    assert page["place"]["match"]["slug"] == "domkhar-ladakh-in"
    assert page["place"]["match"]["official_name"] == "Domkhar Dho"
    assert {"Domkhar Burma", "Dhomkhar Gongma"} <= {place["name"] for place in page["place"]["alternatives"]}
    assert [section["aspect"] for section in page["article"]["sections"]] == ["overview"]
    assert [result["slug"] for result in page["doctors"]["results"]] == ["leh-one", "leh-two"]
    url = "http://localhost:8001/doctors/restless-legs-syndrome/domkhar-dho-ladakh-in/"
    assert page["related_searches"][0] == {
        "phrase": "restless leg syndrome treatment",
        "condition": documents.reference(restless_legs),
        "url": url,
    }
    assert page["related_conditions"] == [
        {**documents.reference(restless_legs), "summary": restless_legs["summary"], "url": url}
    ]
    nearby = page["nearby_places"]
    assert len(nearby) == 8
    assert nearby == sorted(nearby, key=lambda place: place["distance_km"])
    assert page["place"]["match"]["id"] not in [place["id"] for place in nearby]
    assert [(level["kind"], level["name"]) for level in page["breadcrumbs"]] == [
        ("condition", "Myoclonus"),
        ("country", "India"),
        ("region", "Ladakh"),
        ("district", "Leh"),
        ("place", "Domkhar"),
    ]
    assert page["meta"] == {"generation": ANY, "position": 9, "as_of": "2026-11-22T10:00:00Z"}


def test_widening_is_disclosed(get: Get) -> None:
    doctors = get("pages/myoclonus/domkhar-ladakh-in/")["doctors"]
    assert (doctors["radius_km"], doctors["widened_to_km"]) == (50, 100)
    assert doctors["total"] == {"value": 2, "relation": "eq"}
    assert all(70 < result["distance_km"] < 90 for result in doctors["results"])


def test_nothing_is_widened_where_somebody_is_near(get: Get) -> None:
    doctors = get("pages/myoclonus/leh-ladakh-in/")["doctors"]
    assert (doctors["radius_km"], doctors["widened_to_km"]) == (50, None)


def test_each_result_says_why_it_is_listed(get: Get) -> None:
    results = get("pages/myoclonus/domkhar-ladakh-in/")["doctors"]["results"]
    assert [result["why_listed"] for result in results] == [
        {"by": "specialty", "specialty": "neurology"},
        {"by": "condition", "condition": "myoclonus"},
    ]


def test_a_page_without_a_doctor_in_reach_says_so(get: Get) -> None:
    doctors = get("pages/myoclonus/suva-central-fj/")["doctors"]
    assert doctors["results"] == []
    assert doctors["total"] == {"value": 0, "relation": "eq"}
    assert doctors["widened_to_km"] is None


def test_the_pages_next_continues_in_the_doctors_list(get: Get) -> None:
    first = get("pages/myoclonus/domkhar-ladakh-in/", page_size=1)["doctors"]
    rest = get("doctors/", condition="myoclonus", place="domkhar-ladakh-in", cursor=first["next"])
    assert [first["results"][0]["slug"], *found(rest)] == ["leh-one", "leh-two"]
    assert rest["next"] is None
    assert rest["widened_to_km"] == 100


# --- doctors


def test_a_doctor_with_two_practices_appears_once_at_the_nearest(get: Get) -> None:
    answer = get("doctors/", condition="myoclonus", place="leh-ladakh-in", radius_km=500)
    assert found(answer).count("leh-two") == 1
    result = next(result for result in answer["results"] if result["slug"] == "leh-two")
    assert result["practice"]["name"] == "Practice 0 of leh-two"
    assert result["other_practices"] == 1
    assert result["distance_km"] < 2


def test_the_order_is_the_same_for_slug_text_id_and_point(get: Get) -> None:
    by_slug = get("doctors/", specialty="neurology", place="domkhar-ladakh-in")
    match = by_slug["query"]["place"]["match"]
    by_text = get("doctors/", specialty="neurology", near="Domkhar, Ladakh")
    by_id = get("doctors/", specialty="neurology", place=match["id"])
    by_point = get("doctors/", specialty="neurology", lat=match["lat"], lng=match["lng"])
    assert by_point["query"]["point"] == {"lat": match["lat"], "lng": match["lng"]}
    assert by_slug["results"] == by_text["results"] == by_id["results"] == by_point["results"]
    assert found(by_slug) == ["leh-one", "leh-two"]


def test_without_a_condition_any_doctor_is_listed(get: Get) -> None:
    answer = get("doctors/", place="domkhar-ladakh-in", radius_km=100)
    assert found(answer) == ["heart", "leh-one", "leh-two"]
    assert answer["results"][0]["why_listed"] == {"by": "any"}


def test_a_stated_radius_is_kept_when_somebody_is_inside(get: Get) -> None:
    answer = get("doctors/", place="domkhar-ladakh-in", radius_km=20)
    assert found(answer) == ["heart"]
    assert (answer["radius_km"], answer["widened_to_km"]) == (20, None)


def test_paging_one_by_one_sees_each_once_while_the_index_changes(
    get: Get, published: FakeFeed, pull: Callable[[], Outcome]
) -> None:
    params: Json = {"place": "domkhar-ladakh-in", "radius_km": 100, "page_size": 1}
    seen = []
    answer = get("doctors/", **params)
    while True:
        seen += found(answer)
        if answer["next"] is None:
            break
        # Nearer than all that have been seen: it must not move the pages that follow.
        published.put(documents.doctor(f"new-{len(seen)}", (34.39, 76.76)))
        pull()
        answer = get("doctors/", cursor=answer["next"], **params)
    assert seen == ["heart", "leh-one", "leh-two"]


# --- documents


@pytest.mark.parametrize(
    ("path", "slug"), [("doctors", "leh-two"), ("conditions", "myoclonus"), ("specialties", "neurology")]
)
def test_documents_are_answered_by_slug(get: Get, path: str, slug: str) -> None:
    assert get(f"{path}/{slug}/")["slug"] == slug


@pytest.mark.parametrize(
    ("path", "slug"), [("doctors", "leh-two"), ("conditions", "myoclonus"), ("specialties", "neurology")]
)
def test_documents_are_answered_by_id(get: Get, path: str, slug: str) -> None:
    assert get(f"{path}/{documents.uid(slug)}/")["slug"] == slug
    assert get(f"{path}/{documents.uid(slug).upper()}/")["slug"] == slug
    get(f"{path}/{documents.uid('nobody')}/", status=404)


@pytest.mark.parametrize("former", ["leh-one", "leh-first"])
def test_a_former_slug_leads_to_the_new_one(
    client: Client, published: FakeFeed, pull: Callable[[], Outcome], former: str
) -> None:
    doctor = documents.doctor("leh-one")
    published.put(doctor | {"slug": "leh-first"})
    published.put(doctor | {"slug": "leh-ångmo"})
    pull()
    response = client.get(f"/api/v1/doctors/{former}/")
    assert (response.status_code, response.content) == (301, b"")
    assert response["Location"] == "/api/v1/doctors/leh-%C3%A5ngmo/"
    assert client.get(response["Location"]).json()["slug"] == "leh-ångmo"


def test_a_former_slug_that_another_has_now(
    get: Get, published: FakeFeed, pull: Callable[[], Outcome]
) -> None:
    published.put(documents.doctor("leh-one") | {"slug": "leh-first"})
    published.put(documents.doctor("leh-two") | {"slug": "leh-one"})
    pull()
    assert get("doctors/leh-one/")["id"] == documents.uid("leh-two")


def test_a_condition_by_a_former_slug(
    get: Get, client: Client, published: FakeFeed, pull: Callable[[], Outcome]
) -> None:
    published.put(
        documents.condition("myoclonus", specialties=[documents.reference(neurology)]) | {"slug": "jerks"}
    )
    published.put(neurology | {"slug": "nerves"})
    pull()
    response = client.get("/api/v1/pages/myoclonus/leh-ladakh-in/?radius_km=60&page_size=3")
    assert response.status_code == 301
    assert response["Location"] == "/api/v1/pages/jerks/leh-ladakh-in/?radius_km=60&page_size=3"
    assert get("pages/jerks/leh-ladakh-in/")["condition"]["slug"] == "jerks"
    answer = get("doctors/", condition="myoclonus", place="leh-ladakh-in")
    assert answer["query"]["condition"]["slug"] == "jerks"
    assert set(found(answer)) == {"leh-one", "leh-two"}
    by_specialty = get("doctors/", specialty="neurology", place="leh-ladakh-in")
    assert by_specialty["query"]["specialties"][0]["slug"] == "nerves"
    assert (
        get("doctors/", condition=documents.uid("myoclonus"), place="leh-ladakh-in")["results"]
        == answer["results"]
    )
    # Whatever is wrong with the parameters comes first.
    assert client.get("/api/v1/pages/myoclonus/leh-ladakh-in/?radius=60").status_code == 400


def test_what_is_unpublished_is_gone(get: Get, published: FakeFeed, pull: Callable[[], Outcome]) -> None:
    published.delete(documents.doctor("leh-one"))
    published.delete(restless_legs)
    pull()
    for address in ("doctors/leh-one/", f"doctors/{documents.uid('leh-one')}/"):
        assert get(address, status=410)["type"] == "urn:doctors-near-you:problem:gone"
    assert found(get("doctors/", condition="myoclonus", place="leh-ladakh-in")) == ["leh-two"]
    slug = restless_legs["slug"]
    for address in (f"conditions/{slug}/", f"pages/{slug}/leh-ladakh-in/"):
        get(address, status=410)
    get("doctors/", status=410, condition=slug, place="leh-ladakh-in")
    # Until it is published again.
    published.put(documents.doctor("leh-one"))
    pull()
    assert get("doctors/leh-one/")["slug"] == "leh-one"


# --- places


def test_places_are_completed(get: Get) -> None:
    results = get("places/", q="domk")["results"]
    assert results[0]["region"]["name"] == "Ladakh"
    assert get("places/", q="xqxqxqxq")["results"] == []


def test_a_place_is_answered_by_slug_with_those_around_it(get: Get) -> None:
    answer = get("places/leh-ladakh-in/")
    assert answer["match"]["label"] == "Leh, Ladakh, India"
    assert answer["nearby_places"]


# --- status, health, documentation


def test_status_counts_what_is_served_and_what_was_refused(
    get: Get, published: FakeFeed, pull: Callable[[], Outcome]
) -> None:
    published.put(documents.doctor("bad", (95.0, 0.0)))
    pull()
    status = get("status/")
    assert status["counts"] == {"condition": 2, "doctor": 5, "specialty": 2}
    assert status["refused"]["count"] == 1
    assert status["refused"]["first"][0]["id"] == documents.uid("bad")
    assert status["position"] == 10
    assert status["lag_seconds"] != 0
    assert status["places"]["count"] > 50_000


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health(path: str) -> None:
    assert Client().get(path).status_code == 200


def test_the_documentation_page_asks_nobody_else(client: Client) -> None:
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    assert b"//cdn" not in page.content


# --- before there is anything to serve


@pytest.mark.parametrize("path", ["doctors/x/", "pages/myoclonus/leh-ladakh-in/", "status/"])
def test_without_an_index_the_answer_is_503(
    get: Get, path: str, settings: Settings, tmp_path: Any, index: Index
) -> None:
    settings.INDEX_DIR = tmp_path / "nothing"
    stores.index.cache_clear()
    assert get(path, status=503)["type"].endswith(":not-ready")
    assert Client().get("/readyz").status_code == 503
    assert Client().get("/healthz").status_code == 200


def test_without_places_the_answer_is_503(get: Get, settings: Settings, tmp_path: Any) -> None:
    settings.PLACES_DIR = tmp_path / "nothing"
    stores.gazetteer.cache_clear()
    get("places/", q="leh", status=503)
    assert Client().get("/readyz").status_code == 503
