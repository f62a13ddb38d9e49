"""Which pages are in the sitemaps: each is asked for what it says of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import Settings

from search_service.feed.consumer import Outcome
from search_service.sitemaps import entries
from tests.search_service import documents
from tests.search_service.api.conftest import (
    KHALTSE,
    LEH,
    Get,
    cardiology,
    myoclonus,
    neurology,
    restless_legs,
    world,
)
from tests.search_service.fake_feed import FakeFeed
from tests.search_service.sitemaps.conftest import SITE, Build, Read

Json = dict[str, Any]
Pull = Callable[[], Outcome]

# Of the places of Berlin, Wilhelmstadt has the most people near it.
SPANDAU = (52.5361, 13.2033)
NEUROLOGISTS: Json = {"specialties": [documents.reference(neurology)]}


def in_hindi(document: Json, slug: str, **fields: Any) -> Json:
    return document | {"locale": "hi", "slug": slug, "name": slug} | fields


def as_pages_say(get: Get, found: Json) -> None:
    """Every address is that of a page that says just this of itself."""
    for url, (lastmod, alternates) in found.items():
        address = urlsplit(url)
        assert url.startswith(f"{SITE}/doctors/")
        asked: Json = {name: values[0] for name, values in parse_qs(address.query).items()}
        page = get(f"pages/{unquote(address.path.removeprefix('/doctors/'))}", **asked)
        assert page["indexable"] == {"value": True, "reasons": []}, url
        assert page["canonical"] == url
        assert page["last_modified"] == lastmod, url
        of_page = {each["locale"]: each["url"] for each in page["alternates"]}
        assert alternates.items() <= of_page.items()
        for other in alternates.values():
            assert found[other][1] == alternates


def paths(found: Json) -> set[str]:
    return {url.removeprefix(f"{SITE}/doctors/") for url in found}


def test_where_somebody_practises_who_treats_it(
    build: Build, read: Read, get: Get, published: FakeFeed, pull: Pull
) -> None:
    for slug in ("spandau-one", "spandau-two"):
        published.put(documents.doctor(slug, SPANDAU, **NEUROLOGISTS))
    pull()
    build()
    found = read()
    # Berlin is the city around; one heart doctor is too few; and nobody is in Domkhar, or near it.
    own = {"", "leh-ladakh-in/", "wilhelmstadt-berlin-de/", "berlin-berlin-de/"}
    own |= {"new-delhi-delhi-in/", "delhi-delhi-in/"}
    assert paths(found) == {"cardiology/"} | {
        f"{slug}/{place}" for slug in ("myoclonus", "restless-legs-syndrome", "neurology") for place in own
    }
    assert get("pages/myoclonus/domkhar-ladakh-in/")["indexable"]["value"]
    as_pages_say(get, found)


def test_languages(
    build: Build, read: Read, get: Get, published: FakeFeed, pull: Pull, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The languages of one subject are not read at once.
    monkeypatch.setattr(entries, "_AT_ONCE", 1)
    later, latest = "2026-11-20T09:00:00.250000Z", "2026-11-21T09:00:00Z"
    for sort in ("condition", "condition-in-place", "specialty"):
        published.put(documents.page_texts(sort, locale="hi"))
    published.put(in_hindi(myoclonus, "मायोक्लोनस", last_published_at=later))
    published.put(in_hindi(restless_legs, "restless-legs-syndrome", next_review="2026-01-01"))
    published.put(in_hindi(neurology, "neurology"))
    one = documents.doctor("leh-one", LEH, **NEUROLOGISTS)
    published.put(in_hindi(one, "leh-one", last_published_at=latest))
    pull()
    build()
    found = read()
    as_pages_say(get, found)
    english = f"{SITE}/doctors/myoclonus/leh-ladakh-in/"
    hindi = f"{SITE}/doctors/{quote('मायोक्लोनस')}/leh-ladakh-in/?locale=hi"
    alternates = {"en": english, "hi": hindi}
    assert found[english] == ("2026-10-02T08:00:00Z", alternates)
    assert found[hindi] == (latest, alternates)
    assert found[hindi.replace("leh-ladakh-in/", "")][0] == later
    # What is overdue in one language is no alternate.
    assert found[f"{SITE}/doctors/restless-legs-syndrome/leh-ladakh-in/"][1] == {}
    assert "restless-legs-syndrome/?locale=hi" not in paths(found)
    # Its pages in places have no Hindi texts.
    assert found[f"{SITE}/doctors/neurology/?locale=hi"][0] is None
    assert "neurology/leh-ladakh-in/?locale=hi" not in paths(found)


def test_who_treats_it_may_be_another_in_another_language(
    build: Build, read: Read, get: Get, published: FakeFeed, pull: Pull
) -> None:
    for sort in ("condition", "condition-in-place"):
        published.put(documents.page_texts(sort, locale="hi"))
    published.put(in_hindi(restless_legs, "rls", specialties=[documents.reference(cardiology)]))
    published.put(documents.doctor("heart-two", KHALTSE, specialties=[documents.reference(cardiology)]))
    pull()
    build()
    found = read()
    as_pages_say(get, found)
    assert {path for path in paths(found) if "rls" in path} == {
        f"rls/{place}?locale=hi" for place in ("", "khaltse-ladakh-in/", "tia-ladakh-in/")
    }
    assert "restless-legs-syndrome/khaltse-ladakh-in/" not in paths(found)


def test_what_is_not_worth_an_index_in_any_place(
    build: Build, read: Read, get: Get, published: FakeFeed, pull: Pull, settings: Settings
) -> None:
    settings.INDEXABLE_MIN_DOCTORS = 1
    published.put(myoclonus | {"reviewer": None})
    published.put(restless_legs | {"next_review": "2020-01-01"})
    published.put(cardiology | {"description": ""})
    pull()
    build()
    found = read()
    assert paths(found) == {
        "neurology/", "neurology/leh-ladakh-in/", "neurology/new-delhi-delhi-in/", "neurology/delhi-delhi-in/",
    }  # fmt: skip
    as_pages_say(get, found)


def test_an_address_is_of_one_page(
    build: Build, read: Read, get: Get, published: FakeFeed, pull: Pull
) -> None:
    # A specialty and another condition have a condition's slug; the other one has it in Hindi as well.
    published.put(neurology | {"slug": "myoclonus"})
    published.put(restless_legs | {"slug": "myoclonus"})
    published.put(in_hindi(restless_legs, "myoclonus"))
    published.put(documents.page_texts("condition", locale="hi"))
    pull()
    build()
    found = read()
    as_pages_say(get, found)
    shown = get("pages/myoclonus/")["condition"]["id"]
    assert paths(found) >= {"myoclonus/", "myoclonus/leh-ladakh-in/", "myoclonus/?locale=hi"}
    assert shown == min(myoclonus["id"], restless_legs["id"])


@pytest.mark.parametrize("number", [19, 20, 21])
def test_no_more_doctors_are_looked_at_than_are_shown(
    build: Build, read: Read, get: Get, published: FakeFeed, pull: Pull, number: int
) -> None:
    # All at one point, so that it goes by their ids: the last one was published last.
    crowd = sorted(
        (documents.doctor(f"crowd-{n}", SPANDAU, **NEUROLOGISTS) for n in range(number)),
        key=lambda doctor: UUID(doctor["id"]),
    )
    for n, doctor in enumerate(crowd):
        published.put(doctor | {"last_published_at": f"2026-11-20T09:00:{n:02}Z"})
    pull()
    build()
    found = read()
    as_pages_say(get, found)
    assert (
        found[f"{SITE}/doctors/neurology/wilhelmstadt-berlin-de/"][0]
        == f"2026-11-20T09:00:{min(number, 20) - 1:02}Z"
    )


def test_an_address_that_is_too_long(build: Build, read: Read, published: FakeFeed, pull: Pull) -> None:
    # Nine letters for each when it is quoted: with a place it is longer than 2,047, without one it is not.
    published.put(myoclonus | {"slug": "म" * 223})
    pull()
    build()
    assert sorted(len(url) for url in read() if "%" in url) == [2040]


def test_without_doctors(build: Build, read: Read, published: FakeFeed, pull: Pull) -> None:
    for document in world():
        if "practices" in document:
            published.delete(document)
    pull()
    build()
    assert paths(read()) == {"cardiology/", "neurology/", "myoclonus/", "restless-legs-syndrome/"}


def test_nothing_at_all(build: Build, client: Client, published: FakeFeed, pull: Pull) -> None:
    for document in world():
        published.delete(document)
    pull()
    build()
    answer = client.get("/sitemap.xml")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
