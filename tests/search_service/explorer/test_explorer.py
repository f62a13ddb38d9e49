"""The pages for people, without a browser: whole in what the server sends."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import orjson
import pytest
from django.test import Client
from pytest_django import Settings

from search_service.feed.consumer import Outcome
from tests.search_service import documents
from tests.search_service.api.conftest import myoclonus, neurology, published
from tests.search_service.fake_feed import FakeFeed

__all__ = ["published"]

PAGE = "/doctors/myoclonus/leh-ladakh-in/"


def text(html: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.decode()))


def test_the_search_page_asks_nobody_else(client: Client, places: None) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", html)
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]* src=)|\son\w+=|<style|\sstyle=", html), (
        "its policy would refuse it"
    )
    assert "GeoNames" in html, "the places' licence asks for it"


def test_before_anything_was_imported_it_comes_all_the_same(client: Client) -> None:
    assert client.get("/").status_code == 200
    answer = client.get(PAGE)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Not ready" in text(answer.content)


@pytest.mark.usefixtures("published")
def test_a_page_is_whole_without_a_script(client: Client) -> None:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    said = text(answer.content)
    assert "Doctors Near You for Myoclonus in Leh" in said
    assert "2 doctors within 50 km" in said
    assert said.index("leh-one") < said.index("leh-two"), "the nearer first"
    assert "States to treat this condition" in said
    assert myoclonus["summary"] in said
    assert myoclonus["sections"][0]["heading"] in said
    assert re.findall(rb"<script[^>]*>", answer.content) == [b'<script type="application/ld+json">']
    data = re.search(rb"ld.json..(.*?)</script>", answer.content)
    assert data
    assert orjson.loads(data[1])["@context"] == "https://schema.org"


@pytest.mark.usefixtures("published")
def test_what_editors_typed_is_text(client: Client, feed: FakeFeed, pull: Callable[[], Outcome]) -> None:
    evil = "</script><script>alert(1)</script>"
    specialties = [documents.reference(neurology)]
    feed.put(documents.condition("myoclonus", name=evil, summary=evil, specialties=specialties))
    pull()
    answer = client.get(PAGE)
    assert b"<script>alert" not in answer.content
    assert evil in answer.content.decode().replace("&lt;", "<").replace("&gt;", ">")


@pytest.mark.usefixtures("published")
def test_a_renamed_condition_leads_on(client: Client, feed: FakeFeed, pull: Callable[[], Outcome]) -> None:
    feed.put(myoclonus | {"slug": "jerks"})
    pull()
    answer = client.get(PAGE + "?page_size=3")
    assert (answer.status_code, answer["Location"]) == (301, "/doctors/jerks/leh-ladakh-in/?page_size=3")


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/doctors/no-such/leh-ladakh-in/", 404, "No such"),
        ("/doctors/myoclonus/lehh/", 422, "Leh, Ladakh, India"),
        (PAGE + "?page=2", 400, "page"),
        ("/doctors/%00/%F0%9F%92%A9/", 422, "Place not understood"),
        ("/doctors/<script>alert(1)</script>/leh-ladakh-in/", 404, ""),
    ],
)
@pytest.mark.usefixtures("published")
def test_a_refusal_is_a_page_too(client: Client, address: str, status: int, says: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert b"<script>" not in answer.content
    assert says in answer.content.decode()
    if status == 422 and "lehh" in address:
        assert b'href="/doctors/myoclonus/leh-ladakh-in/"' in answer.content


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("address", ["/", PAGE])
def test_only_reading(client: Client, address: str) -> None:
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405


@pytest.mark.usefixtures("published")
def test_a_page_that_is_still_so_is_not_sent_again(client: Client) -> None:
    answer = client.get(PAGE, headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content) == client.get(PAGE).content
    again = client.get(PAGE, headers={"Accept-Encoding": "gzip", "If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "Content-Length" not in again
    assert answer["ETag"] != client.get(f"/api/v1/pages/{PAGE.removeprefix('/doctors/')}")["ETag"]


@pytest.mark.usefixtures("published")
def test_the_page_of_a_specialty_and_one_without_a_place(client: Client) -> None:
    assert "2 doctors within 50 km" in text(client.get("/doctors/neurology/leh-ladakh-in/").content)
    about = client.get("/doctors/myoclonus/")
    assert about.status_code == 200
    assert myoclonus["summary"] in text(about.content)
    assert b"doctors-heading" not in about.content
    assert client.get("/doctors/no-such/").status_code == 404


@pytest.mark.usefixtures("published", "own_counter")
def test_pages_count_as_the_api_does(client: Client, settings: Settings) -> None:
    settings.RATE_LIMIT = "2/86400"
    client.get(PAGE)
    client.get("/api/v1/conditions/myoclonus/")
    assert client.get(PAGE).status_code == 429
    assert client.get("/").status_code == 200, "it asks for nothing"


@pytest.fixture
def in_urdu(published: FakeFeed, pull: Callable[[], Outcome]) -> None:
    published.put(myoclonus | {"locale": "ur", "name": "جھٹکے", "slug": "جھٹکے", "fallback_for": []})
    pull()


@pytest.mark.usefixtures("published")
def test_where_all_is_in_one_language_there_is_none_to_choose(client: Client) -> None:
    assert b'id="locale"' not in client.get("/").content
    page = client.get(PAGE).content
    assert b'aria-label="Languages"' not in page
    assert b'<html lang="en" dir="ltr">' in page


@pytest.mark.usefixtures("in_urdu")
def test_languages_to_choose_from_are_called_as_their_readers_do(client: Client) -> None:
    html = client.get("/").content.decode()
    offered = re.findall(r'<option value="(\w*)"(?: lang="(\w+)" dir="(\w+)")?>([^<]+)<', html)
    assert offered == [
        ("", "", "", "As in your browser"),
        ("en", "en", "ltr", "English"),
        ("ur", "ur", "rtl", "اردو"),
    ]


@pytest.mark.usefixtures("in_urdu")
def test_a_page_is_written_in_the_direction_of_its_language_and_leads_on_in_it(client: Client) -> None:
    html = client.get(PAGE + "?locale=ur").content.decode()
    assert '<html lang="ur" dir="rtl">' in html
    assert '<a href="?locale=en" hreflang="en" lang="en" dir="ltr">English</a>' in html
    assert '<a href="?locale=ur" hreflang="ur" lang="ur" dir="rtl" aria-current="true">اردو</a>' in html
    pages = re.findall(r'href="(/doctors/[^"]+)"', html)
    assert pages
    assert all(link.endswith("?locale=ur") for link in pages)
    (search,) = set(re.findall(r'href="/#(q=[^"]+)"', html))
    assert search.endswith("&amp;locale=ur")
    # Who has chosen none is asked again on the next page.
    assert "?locale=" not in "".join(
        re.findall(r'href="(/doctors/[^"]+)"', client.get(PAGE).content.decode())
    )


@pytest.mark.usefixtures("in_urdu")
def test_what_was_asked_for_comes_back_as_text(client: Client) -> None:
    answer = client.get(PAGE + '?locale=ur-"onclick=')
    assert answer.status_code == 400
    assert b'"onclick' not in answer.content
