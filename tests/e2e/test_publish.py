"""What editors do in Wagtail is found through the public API within two seconds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import requests

from tests.e2e.editor import Editor
from tests.e2e.pair import ROOT, Pair, poll

Json = dict[str, Any]
Get = Callable[..., Json]

SOON_S = 2.0
# CMS_SCHEDULE_SECONDS of the demo, and a little for the worker to take it up.
SCHEDULE_S = 5.0 + 2.0
MYOCLONUS_IN_DOMKHAR = "pages/myoclonus/domkhar-ladakh-in/"


@pytest.fixture
def get(pair: Pair) -> Get:
    """GET a path of /api/v1/: its JSON, with the HTTP status as `status_code`."""

    def get(path: str, **params: Any) -> Json:
        answer = requests.get(f"{pair.search_url}/api/v1/{path}", params=params, timeout=10)
        return {"status_code": answer.status_code, **answer.json()}

    return get


def slugs(answer: Json) -> list[str]:
    return [doctor["slug"] for doctor in answer["results"]]


def test_the_page_of_the_issue(get: Get) -> None:
    page = get(MYOCLONUS_IN_DOMKHAR)
    assert page["status_code"] == 200
    assert page["title"] == "Doctors Near You for Myoclonus in Domkhar"
    assert page["place"]["status"] == "exact"
    assert {"overview", "symptoms", "causes", "diagnosis", "treatments"} <= {
        section["aspect"] for section in page["article"]["sections"]
    }
    assert "sample" in page["article"]["notice"].lower()
    doctors = page["doctors"]
    assert (doctors["radius_km"], doctors["widened_to_km"]) == (50, 100)
    distances = [doctor["distance_km"] for doctor in doctors["results"]]
    assert distances
    assert distances == sorted(distances)
    assert 70 < distances[0] < 90
    assert len({doctor["id"] for doctor in doctors["results"]}) == len(distances)
    assert all(doctor["practice"] and doctor["why_listed"]["by"] for doctor in doctors["results"])
    assert all("fictitious" in doctor["notice"].lower() for doctor in doctors["results"])
    searches = {search["phrase"]: search["condition"]["slug"] for search in page["related_searches"]}
    assert searches["restless leg syndrome treatment"] == "restless-legs-syndrome"
    assert page["related_conditions"]
    assert page["nearby_places"]
    assert [crumb["name"] for crumb in page["breadcrumbs"][:2]] == ["Myoclonus", "India"]
    addresses = {alternate["locale"]: alternate["url"] for alternate in page["alternates"]}
    assert addresses.keys() == {"de", "en"}
    assert page["canonical"] == addresses["en"]
    types = {str(node["@type"]) for node in page["structured_data"]["@graph"]}
    assert {"MedicalWebPage", "MedicalCondition", "BreadcrumbList", "ItemList"} <= types
    assert page["meta"]["position"] > 0


def test_a_doctor_who_is_published_is_found_and_one_who_is_unpublished_is_not(
    editor: Editor, get: Get
) -> None:
    before = slugs(get(MYOCLONUS_IN_DOMKHAR)["doctors"])
    editor.add_doctor(
        "Dr E2E Test", "dr-e2e-test", specialty="Neurology", practice="Community Health Centre Skurbuchan"
    )
    page = poll(
        partial(get, MYOCLONUS_IN_DOMKHAR),
        lambda page: "dr-e2e-test" in slugs(page["doctors"]),
        timeout_s=SOON_S,
    )
    assert page["doctors"]["results"][0]["slug"] == "dr-e2e-test"
    assert page["doctors"]["widened_to_km"] is None

    editor.unpublish(editor.page_id("dr-e2e-test"))
    page = poll(
        partial(get, MYOCLONUS_IN_DOMKHAR),
        lambda page: "dr-e2e-test" not in slugs(page["doctors"]),
        timeout_s=SOON_S,
    )
    assert slugs(page["doctors"]) == before
    assert get("doctors/dr-e2e-test/")["status_code"] == 410


@pytest.mark.production
def test_a_former_slug_leads_on_until_it_is_forgotten(pair: Pair, editor: Editor) -> None:
    def status(slug: str) -> int:
        url = f"{pair.search_url}/api/v1/doctors/{slug}/"
        return requests.get(url, allow_redirects=False, timeout=10).status_code

    editor.add_doctor("Dr E2E Name", "dr-e2e-former", specialty="Neurology", practice="SNM Hospital Leh")
    page = editor.page_id("dr-e2e-former")
    poll(partial(status, "dr-e2e-former"), lambda code: code == 200, timeout_s=SOON_S)
    editor.publish(page, slug="dr-e2e-name")
    poll(partial(status, "dr-e2e-former"), lambda code: code == 301, timeout_s=SOON_S)
    _, env = pair.commands["cms"]
    forget = [sys.executable, "-m", "cms", "forget_slugs", "doctor", "dr-e2e-name"]
    subprocess.run(forget, env=env, cwd=ROOT, check=True, capture_output=True)
    poll(partial(status, "dr-e2e-former"), lambda code: code == 404, timeout_s=SOON_S)
    assert status("dr-e2e-name") == 200
    editor.unpublish(page)
    poll(partial(status, "dr-e2e-name"), lambda code: code == 410, timeout_s=SOON_S)
    subprocess.run(forget, env=env, cwd=ROOT, check=True, capture_output=True)
    poll(partial(status, "dr-e2e-name"), lambda code: code == 404, timeout_s=SOON_S)


@pytest.mark.slow
def test_a_doctor_who_is_scheduled_goes_live_by_itself(editor: Editor, get: Get) -> None:
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=5)
    editor.add_doctor(
        "Dr E2E Later",
        "dr-e2e-later",
        specialty="Neurology",
        practice="SNM Hospital Leh",
        go_live_at=f"{at:%Y-%m-%d %H:%M:%S}",
    )
    ask = partial(get, "doctors/dr-e2e-later/")
    poll(ask, lambda doctor: doctor["status_code"] == 200, timeout_s=5 + SCHEDULE_S + SOON_S)
    assert datetime.now(UTC) >= at
    editor.unpublish(editor.page_id("dr-e2e-later"))
    poll(ask, lambda doctor: doctor["status_code"] == 410, timeout_s=SOON_S)


def test_a_practice_that_moves_takes_its_doctors_along(editor: Editor, get: Get) -> None:
    ask = partial(get, "doctors/", condition="myoclonus", place="domkhar-ladakh-in")
    nearest = ask()["results"][0]
    practice = nearest["practice"]["name"]
    editor.change_practice(practice, lat="34.4", lng="76.8", locality="Domkhar")
    try:
        moved = poll(ask, lambda answer: answer["results"][0]["distance_km"] < 5, timeout_s=SOON_S)
        assert moved["results"][0]["practice"]["name"] == practice
    finally:
        was = nearest["practice"]
        address = {"lat": str(was["lat"]), "lng": str(was["lng"]), "locality": was["address"]["locality"]}
        editor.change_practice(practice, **address)
    poll(ask, lambda answer: answer["results"] == [nearest, *answer["results"][1:]], timeout_s=SOON_S)


def test_a_condition_that_is_unpublished_is_gone_until_it_is_published_again(
    editor: Editor, get: Get
) -> None:
    ask = partial(get, "pages/migraine/leh-ladakh-in/")
    assert ask()["status_code"] == 200
    migraine = editor.page_id("migraine")
    editor.unpublish(migraine)
    poll(ask, lambda page: page["status_code"] == 410, timeout_s=SOON_S)
    editor.publish_again(migraine)
    poll(ask, lambda page: page["status_code"] == 200, timeout_s=SOON_S)


def test_editors_write_the_titles_of_all_pages(editor: Editor, get: Get) -> None:
    in_domkhar, in_leh = partial(get, MYOCLONUS_IN_DOMKHAR), partial(get, "pages/migraine/leh-ladakh-in/")
    before = in_domkhar()
    editor.publish_page_texts("Condition in a place", title="{condition} · {place}, {country}")
    try:
        poll(in_domkhar, lambda page: page["title"] == "Myoclonus · Domkhar, India", timeout_s=SOON_S)
        assert in_leh()["title"] == "Migraine · Leh, India"
    finally:
        editor.publish_page_texts("Condition in a place", title="Doctors Near You for {condition} in {place}")
    poll(in_domkhar, lambda page: page["title"] == before["title"], timeout_s=SOON_S)


def test_a_draft_is_not_shown(editor: Editor, get: Get) -> None:
    draft, published = slugs(get(MYOCLONUS_IN_DOMKHAR)["doctors"])[:2]
    name = get(f"doctors/{draft}/")["name"]
    editor.save_draft(editor.page_id(draft), title="As nobody shall see it")
    # Once a later change is seen, the draft would have been seen too.
    editor.publish(editor.page_id(published), credentials="Changed by a test")
    poll(
        partial(get, f"doctors/{published}/"),
        lambda doctor: doctor["credentials"] == "Changed by a test",
        timeout_s=SOON_S,
    )
    assert get(f"doctors/{draft}/")["name"] == name


@pytest.mark.parametrize(
    ("lat", "lng"), [("0", "0"), ("91", "0"), ("0", "-181"), ("nan", "1"), ("1e400", "1"), ("", "")]
)
def test_a_point_that_no_practice_can_have_is_a_form_error(editor: Editor, lat: str, lng: str) -> None:
    def point() -> tuple[list[str], list[str]]:
        form = editor.practice_form("Community Health Centre Khaltse")
        return form["lat"], form["lng"]

    before = point()
    with pytest.raises(AssertionError, match=r"between|required|Enter a number|Atlantic"):
        editor.change_practice("Community Health Centre Khaltse", lat=lat, lng=lng)
    assert point() == before


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}], ids=str
)
def test_the_feed_is_closed_without_its_token(pair: Pair, headers: dict[str, str]) -> None:
    answer = requests.get(f"{pair.cms_url}/api/feed/changes", headers=headers, timeout=10)
    assert answer.status_code == 401
    assert "changes" not in answer.json()


@pytest.mark.production
def test_with_the_cms_stopped_the_public_api_goes_on(pair: Pair, get: Get) -> None:
    pair.stop("cms")
    try:
        page = get(MYOCLONUS_IN_DOMKHAR)
        assert page["status_code"] == 200
        assert page["article"]["sections"]
        assert page["doctors"]["results"]
        assert get("status/")["status_code"] == 200
    finally:
        pair.start("cms")
    poll(lambda: requests.get(f"{pair.cms_url}/readyz", timeout=5), lambda answer: answer.ok, timeout_s=60)


@pytest.mark.production
def test_what_is_published_while_no_worker_runs_is_found_when_it_is_back(
    pair: Pair, editor: Editor, get: Get
) -> None:
    """The worker is away while an editor publishes; it looks by itself when it comes back."""
    slug = slugs(get(MYOCLONUS_IN_DOMKHAR)["doctors"])[0]
    ask = partial(get, f"doctors/{slug}/")
    pair.stop("search-worker")
    try:
        editor.publish(editor.page_id(slug), credentials="Published while no worker ran")
        assert ask()["credentials"] != "Published while no worker ran"
    finally:
        pair.start("search-worker")
    poll(ask, lambda doctor: doctor["credentials"] == "Published while no worker ran", timeout_s=30)


def test_the_search_box_knows_a_doctor_as_soon_as_they_are_published(editor: Editor, get: Get) -> None:
    understood = get("search/", q="restles leg syndrome treatment in domkhar")
    assert understood["query"]["intent"]["section"] == "treatments"
    assert understood["query"]["did_you_mean"] == "restless leg syndrome treatment in domkhar"
    assert understood["article"]["section"]["aspect"] == "treatments"
    assert understood["query"]["place"]["match"]["name"] == "Domkhar"
    assert understood["doctors"]["results"]

    asked = "dr qrstuvw near skurbuchan"
    assert get("search/", q=asked)["query"]["what"]["status"] == "none"
    editor.add_doctor(
        "Dr E2E Qrstuvw",
        "dr-e2e-qrstuvw",
        specialty="Neurology",
        practice="Community Health Centre Skurbuchan",
    )
    found = poll(
        partial(get, "search/", q=asked),
        lambda answer: answer["query"]["what"]["status"] == "exact",
        timeout_s=SOON_S,
    )
    assert slugs(found["doctors"]) == ["dr-e2e-qrstuvw"]
    suggested = get("suggest/", q="qrstu")
    assert [doctor["slug"] for doctor in suggested["doctors"]] == ["dr-e2e-qrstuvw"]
    editor.unpublish(editor.page_id("dr-e2e-qrstuvw"))
