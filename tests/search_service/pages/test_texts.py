"""The texts of pages: as editors wrote them, in the language of the page, and nothing but words put into them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from search_service import cdn
from search_service.feed.consumer import Outcome
from search_service.pages import texts
from tests.search_service import documents
from tests.search_service.api.conftest import Get, myoclonus
from tests.search_service.fake_feed import FakeFeed

pytestmark = pytest.mark.usefixtures("published")

Json = dict[str, Any]
Pull = Callable[[], Outcome]

IN_LEH = "pages/myoclonus/leh-ladakh-in/"
SORTS = {
    "condition-in-place": IN_LEH,
    "condition": "pages/myoclonus/",
    "specialty-in-place": "pages/neurology/leh-ladakh-in/",
    "specialty": "pages/neurology/",
}
OTHER = "other-language"


def told(sort: str, locale: str = "en", **fields: Any) -> Json:
    own = {"locale": locale, "title": f"{locale}: {{condition}}{{specialty}} in {{place}}"}
    return documents.page_texts(sort, **own | fields)


def test_those_of_its_sort_and_else_the_built_in_ones(get: Get, published: FakeFeed, pull: Pull) -> None:
    built_in = {sort: page(get, path) for sort, path in SORTS.items()}
    for sort in SORTS:
        published.put(documents.page_texts(sort))
    pull()
    assert {sort: page(get, path) for sort, path in SORTS.items()} == built_in, (
        "as in the contract's examples"
    )
    for sort in SORTS:
        published.put(
            told(
                sort,
                title=f"{sort} {{condition}}{{specialty}}, {{place}}, {{region}}, {{country}}",
                meta_description="1 {summary}",
                heading="2 {condition}{specialty}",
                doctors_heading="3   {place}",
                article_heading='4 & "5" \'',
            )
        )
    pull()
    for sort, path in SORTS.items():
        now = page(get, path)
        name = "Myoclonus" if sort.startswith("condition") else "Neurology"
        names, place = (", Leh, Ladakh, India", " Leh") if "place" in sort else (", , ,", "")
        assert now["title"] == f"{sort} {name}{names}"
        assert now["meta_description"].startswith(f"1 {now['article']['summary'][:20]}")
        assert now["headings"] == {"page": f"2 {name}", "doctors": f"3{place}", "article": '4 & "5" \''}
        assert now["texts"] == {"id": documents.page_texts(sort)["id"], "locale": "en"}
        published.delete(documents.page_texts(sort))
    pull()
    assert {sort: page(get, path) for sort, path in SORTS.items()} == built_in


def page(get: Get, path: str) -> Json:
    return get(path) | {"meta": None}


def test_they_are_in_the_language_of_the_page_or_the_nearest_to_it(
    get: Get, published: FakeFeed, pull: Pull
) -> None:
    published.put(myoclonus | {"locale": "hi", "name": "मायोक्लोनस", "fallback_for": ["ne"]})
    of = {
        "bn": told("condition-in-place", "bn"),
        "en": told("condition-in-place", "en"),
        "ur": told("condition-in-place", "ur", fallback_for=["hi"]),
        "hi": told("condition-in-place", "hi"),
    }
    for there, given in {
        "": "",
        "bn": "",  # nobody has said that it stands in for another
        "bn en": "en",
        "bn en ur": "ur",
        "bn en ur hi": "hi",
    }.items():
        for locale, document in of.items():
            (published.put if locale in there.split() else published.delete)(document)
        pull()
        # A page in Hindi, whoever asks for it.
        for asked in ("hi", "ne"):
            page = get(IN_LEH, locale=asked)
            title = f"{given}: मायोक्लोनस in" if given else "Doctors Near You for मायोक्लोनस in"
            assert page["title"].startswith(title)
            assert page["texts"]["locale"] == (given or "en")
            assert page["locale"]["given"] == "hi"
            assert page["indexable"]["reasons"].count(OTHER) == (asked == "ne" or given != "hi")
        page = get(IN_LEH)
        assert page["title"].startswith(
            "en: Myoclonus" if "en" in there else "Doctors Near You for Myoclonus"
        )
        assert OTHER not in page["indexable"]["reasons"]


def test_what_falls_back_to_the_default_language_has_its_texts(
    get: Get, published: FakeFeed, pull: Pull
) -> None:
    """The article is not in French: the page is in English, and so are its texts."""
    published.put(told("condition-in-place", "fr"))
    published.put(told("condition-in-place", "en"))
    pull()
    page = get(IN_LEH, locale="fr")
    assert page["title"].startswith("en: Myoclonus")
    assert page["texts"]["locale"] == "en"


def test_texts_in_a_more_general_language_are_in_the_page_s(
    get: Get, published: FakeFeed, pull: Pull
) -> None:
    published.put(myoclonus | {"locale": "pt-BR"})
    published.put(told("condition-in-place", "pt", fallback_for=["pt-BR"]))
    pull()
    page = get(IN_LEH, locale="pt-BR")
    assert page["texts"]["locale"] == "pt"
    assert OTHER not in page["indexable"]["reasons"]


def test_texts_that_do_not_follow_the_contract_are_refused_and_the_last_good_ones_stay(
    get: Get, published: FakeFeed, pull: Pull
) -> None:
    """More of such in tests/contracts."""
    published.put(told("condition-in-place"))
    pull()
    for title in ("{place.__class__}", "<script>alert(1)</script>", "a" * 100_000, None):
        published.put(told("condition-in-place") | {"title": title})
        pull()
        assert get(IN_LEH)["title"] == "en: Myoclonus in Leh"
        (refused,) = get("status/")["refused"]["first"]
        assert refused["kind"] == "page_texts"


def test_nothing_but_known_words_is_replaced_and_no_value_is_read_again() -> None:
    """Should a template ever come by another way."""
    built_in = texts.BUILT_IN["condition", True]
    for template, made in {
        "{place.__class__} {place!r} {0} {}": "{place.__class__} {place!r} {}",
        "{place}{unknown}": "{region}{{place}}",
        "%s %(place)s {{ place }}": "%s %(place)s {{ place }}",
    }.items():
        said = texts.filled(
            built_in._replace(title=template), {"place": "{region}{{place}}", "region": "never"}
        )
        assert said.title == made


def test_quotes_and_signs_are_escaped_where_people_read(
    client: Client, published: FakeFeed, pull: Pull
) -> None:
    hostile = "\" onload='x' & &lt;/script&gt; {place}"
    published.put(myoclonus | {"name": "</script><b>{place}"})
    published.put(told("condition-in-place", title=hostile + "{condition}", heading=hostile))
    pull()
    html = client.get("/doctors/myoclonus/leh-ladakh-in/").content.decode()
    escaped = "&quot; onload=&#x27;x&#x27; &amp; &amp;lt;/script&amp;gt; Leh"
    assert f"<h1>{escaped}</h1>" in html
    assert f"<title>{escaped}&lt;/script&gt;&lt;b&gt;{{place}}</title>" in html
    assert html.count("</script>") == 1


def test_a_cdn_can_purge_all_pages_of_a_sort_before_anybody_has_written_for_it(client: Client) -> None:
    ids = {sort: documents.page_texts(sort)["id"] for sort in SORTS}
    for sort, path in SORTS.items():
        keys = cdn.keys(client.get(f"/api/v1/{path}").content)
        assert {*ids.values()} & {*keys} == {ids[sort]}


def test_another_text_is_another_answer(client: Client, published: FakeFeed, pull: Pull) -> None:
    tag = client.get(f"/api/v1/{IN_LEH}")["ETag"]
    published.put(told("condition-in-place"))
    pull()
    answer = client.get(f"/api/v1/{IN_LEH}", headers={"if-none-match": tag})
    assert answer.status_code == 200
    assert answer.json()["title"] == "en: Myoclonus in Leh"
