"""Articles and doctors with all that the feed tells of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from search_service import stores
from search_service.feed.consumer import Outcome
from tests.search_service import documents
from tests.search_service.api.conftest import LEH, Get
from tests.search_service.fake_feed import FakeFeed

pytestmark = pytest.mark.usefixtures("published")

Json = dict[str, Any]


def articles(get: Get) -> list[Json]:
    """The article of myoclonus, wherever it is told."""
    return [
        get("conditions/myoclonus/"),
        get("pages/myoclonus/leh-ladakh-in/")["article"],
        get("search/", q="myoclonus treatment")["article"],
    ]


@pytest.mark.parametrize(
    ("next_review", "now", "overdue"),
    [
        ("2026-11-23", (2026, 11, 23, 23, 59), False),
        ("2026-11-23", (2026, 11, 24, 0, 0), True),
        ("2024-02-29", (2026, 11, 24, 0, 0), True),
        (None, (2026, 11, 24, 0, 0), False),
    ],
)
def test_a_review_is_overdue_from_the_day_after(
    get: Get,
    published: FakeFeed,
    pull: Callable[[], Outcome],
    monkeypatch: pytest.MonkeyPatch,
    next_review: str | None,
    now: tuple[int, int, int, int, int],
    overdue: bool,
) -> None:
    published.put(documents.condition("myoclonus", next_review=next_review))
    pull()
    monkeypatch.setattr(stores, "now", lambda: datetime(*now, tzinfo=UTC))
    for article in articles(get):
        assert (article["next_review"], article["review_overdue"]) == (next_review, overdue)


def test_what_an_article_rests_on_is_told_with_it(get: Get) -> None:
    example = documents.example("condition-myoclonus")
    article, of_page, of_search = articles(get)
    assert article["sections"] == of_page["sections"] == example["sections"]
    for told in (article, of_page, of_search):
        assert told["reviewer"] == example["reviewer"]


def test_words_of_questions_and_key_points_are_found(
    get: Get, published: FakeFeed, pull: Callable[[], Outcome]
) -> None:
    html = (
        '<aside class="key-points"><ul><li>Startle</li></ul></aside><dl class="faq"><dt>Flinching?</dt><dd>Yes.</dd></dl>'
        '<table><tr><td>Hiccup</td><td>Sneezeless</td></tr></table><figure><img src="https://cms.example/1.jpg" '
        'alt="A quivering eyelid"><figcaption>Twitchy</figcaption></figure>'
    )
    section = documents.example("condition-myoclonus")["sections"][0] | {"html": html}
    published.put(documents.condition("myoclonus", sections=[section]))
    pull()
    for word in ("startle", "flinching", "hiccup", "sneezeless", "quivering", "twitchy"):
        assert [found["slug"] for found in get("search/", q=word)["conditions"]] == ["myoclonus"], word


def test_a_card_has_what_one_chooses_by_and_the_document_has_all(
    get: Get, published: FakeFeed, pull: Callable[[], Outcome]
) -> None:
    doctor = documents.doctor("alone", LEH)
    published.put(doctor)
    pull()
    (card,) = get("doctors/", near="Leh", name="alone")["results"]
    assert card["photo"] == doctor["photo"]
    assert card["practice"]["kind"] == "hospital"
    assert card["practice"]["accessibility"] == ["step-free-entrance"]
    assert not card["practice"].keys() & {"website", "time_zone", "opening_hours"}
    document = get("doctors/alone/")
    for field in ("practices", "photo", "education", "memberships", "registrations"):
        assert document[field] == doctor[field]
