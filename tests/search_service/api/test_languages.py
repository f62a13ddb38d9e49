"""In which language an answer is: by `locale`, by Accept-Language, and by what there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from search_service.feed.consumer import Outcome
from tests.search_service import documents
from tests.search_service.api.conftest import LEH, Get, myoclonus, neurology
from tests.search_service.fake_feed import FakeFeed

Json = dict[str, Any]

# What Nepali readers are shown in Hindi, and Hindi ones in English.
IN_HINDI: Json = {"locale": "hi", "fallback_for": ["ne"]}
SPOKEN = {
    "page": "pages/myoclonus/leh-ladakh-in/",
    "article-page": "pages/myoclonus/",
    "doctors": "doctors/?condition=myoclonus&place=leh-ladakh-in",
    "search": "search/?q=myoclonus",
    "suggest": "suggest/?q=my",
    "condition": "conditions/myoclonus/",
    "specialty": "specialties/neurology/",
    "doctor": "doctors/leh-one/",
}


@pytest.fixture(autouse=True)
def hindi(published: FakeFeed, pull: Callable[[], Outcome]) -> None:
    """The condition, its specialty and a doctor in Hindi as well; Nepali falls back to it."""
    published.put(myoclonus | IN_HINDI | {"name": "मायोक्लोनस", "slug": "मायोक्लोनस", "summary": "झटके"})
    published.put(neurology | IN_HINDI | {"name": "तंत्रिका विज्ञान"})
    for slug in ("leh-one", "leh-hindi"):
        doctor = documents.doctor(slug, LEH, specialties=[documents.reference(neurology)])
        published.put(doctor | IN_HINDI | {"name": "डॉ लेह"})
    pull()


def ask(path: str, accept_language: str = "", **headers: str) -> Any:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client().get(f"/api/v1/{path}", headers={"accept-language": accept_language, **headers})


def with_locale(path: str, locale: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}locale={locale}"


@pytest.mark.parametrize("name", SPOKEN)
def test_locale_wins_then_accept_language_then_the_default(name: str) -> None:
    path = SPOKEN[name]
    plain, by_header = ask(path), ask(path, "xx, hi-IN;q=0.9, en;q=0.1")
    by_locale = ask(with_locale(path, "hi"), "en")
    assert [each["Content-Language"] for each in (plain, by_header, by_locale)] == ["en", "hi", "hi"]
    for negotiated in plain, by_header:
        assert "Accept-Language" in negotiated["Vary"]
    assert "Accept-Language" not in by_locale["Vary"]
    assert len({each["ETag"] for each in (plain, by_header, by_locale)}) == 3
    assert ask(path, "hi", if_none_match=plain["ETag"]).status_code == 200
    assert ask(with_locale(path, "hi"), "fr", if_none_match=by_locale["ETag"]).status_code == 304
    # The same but for what was asked, and how.
    told = [{**each.json(), "locale": None} for each in (by_header, by_locale)]
    assert told[0] == told[1]
    assert ask(path, "en-GB").content != by_header.content


@pytest.mark.parametrize("name", ["page", "article-page", "doctors", "search", "suggest"])
@pytest.mark.parametrize(
    ("asked", "given", "fallback"),
    [("hi", "hi", False), ("hi-IN", "hi", False), ("fr", "en", True), ("EN-gb", "en", False)],
)
def test_what_was_asked_and_what_is_given(
    get: Get, name: str, asked: str, given: str, fallback: bool
) -> None:
    answer = ask(with_locale(SPOKEN[name], asked))
    assert answer.json()["locale"] == {"asked": asked, "given": given, "fallback": fallback}
    assert answer["Content-Language"] == given


@pytest.mark.parametrize("name", ["page", "doctors", "search", "condition"])
def test_the_nearest_language_that_editors_show_instead(name: str) -> None:
    """Not the default one."""
    answer = ask(with_locale(SPOKEN[name], "ne"))
    assert answer["Content-Language"] == "hi"
    assert "मायोक्लोनस" in answer.content.decode()
    assert ask(SPOKEN[name], "ne-NP, en")["Content-Language"] == "hi"
    if name != "condition":
        assert answer.json()["locale"] == {"asked": "ne", "given": "hi", "fallback": True}


@pytest.mark.parametrize("name", ["page", "search", "condition"])
def test_a_language_of_page_texts_alone_is_none_to_answer_in(
    name: str, published: FakeFeed, pull: Callable[[], Outcome]
) -> None:
    published.put(documents.page_texts("condition-in-place", locale="ja"))
    pull()
    assert ask(SPOKEN[name], "ja, hi;q=0.5")["Content-Language"] == "hi"


def test_each_document_falls_back_for_itself(get: Get) -> None:
    page = get("pages/myoclonus/leh-ladakh-in/", locale="hi")
    assert page["condition"]["name"] == "मायोक्लोनस"
    by_slug = {result["slug"]: result["locale"] for result in page["doctors"]["results"]}
    assert by_slug == {"leh-one": "hi", "leh-hindi": "hi", "leh-two": "en"}
    found = get("search/", q="myoclonus near leh", locale="hi")
    assert (found["article"]["locale"], found["article"]["name"]) == ("hi", "मायोक्लोनस")
    assert get("doctors/", near="Leh", locale="hi")["facets"]["specialty"][0]["name"] == "तंत्रिका विज्ञान"
    assert get("suggest/", q="myoclonus", locale="hi")["conditions"][0]["name"] == "मायोक्लोनस"


def test_a_page_has_an_address_in_each_language(
    get: Get, published: FakeFeed, pull: Callable[[], Outcome]
) -> None:
    published.put(documents.page_texts("condition-in-place", locale="hi"))
    pull()
    site = "http://localhost:8001/doctors"
    quoted = "%E0%A4%AE%E0%A4%BE%E0%A4%AF%E0%A5%8B%E0%A4%95%E0%A5%8D%E0%A4%B2%E0%A5%8B%E0%A4%A8%E0%A4%B8"
    english, hindi = (
        f"{site}/myoclonus/leh-ladakh-in/",
        f"{site}/{quoted}/leh-ladakh-in/?locale=hi",
    )
    for locale, canonical in {"en": english, "hi": hindi, "ne": hindi, "fr": english}.items():
        page = get("pages/myoclonus/leh-ladakh-in/", locale=locale)
        assert page["canonical"] == canonical
        assert page["alternates"] == [{"locale": "en", "url": english}, {"locale": "hi", "url": hindi}]
        assert ("other-language" in page["indexable"]["reasons"]) == (locale in ("ne", "fr"))
    # By the slug of another language it is the page in the language asked for.
    assert get("pages/मायोक्लोनस/leh-ladakh-in/", locale="en")["canonical"] == english


@pytest.mark.parametrize(
    "header", ["*", "xx", "xx-YY, *;q=0.1", ";;;", "hi;q=0", "a" * 600, "\x00", "hi-" * 200]
)
def test_a_header_that_says_nothing_is_as_none(header: str) -> None:
    answer = ask("pages/myoclonus/", header)
    assert answer.json()["locale"] == {"asked": None, "given": "en", "fallback": False}
