"""The report "Reviews due", and the line on the article's own page."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission

from cms.conditions.models import ConditionPage
from cms.roles.groups import DIRECTORY_MANAGERS
from tests.cms import factories
from tests.cms.review.conftest import Staff, make_staff

HEADINGS = ["Article", "Language", "Review", "Next review", "Last reviewed", "Reviewer"]


def make(title: str, next_in_days: int | None, **fields: Any) -> ConditionPage:
    today = timezone.localdate()
    days = None if next_in_days is None else today + timedelta(days=next_in_days)
    reviewed = days and today - timedelta(days=800)
    return factories.make_condition(title, last_reviewed=reviewed, next_review=days, **fields)


def report(staff: Staff, **filters: Any) -> list[list[str]]:
    """As it is exported: what is in the table, and the headings."""
    answer: Any = staff.client.get(reverse("reviews_due"), filters | {"export": "csv"})
    content = b"".join(answer.streaming_content).decode()
    first, *rows = csv.reader(StringIO(content))
    assert first == HEADINGS
    return [row[:1] + row[2:3] for row in rows]


@pytest.fixture
def articles(db: None) -> None:
    make("Due", 60)
    make("Valid", 61)
    make("Today", 0)
    make("Overdue", -10, reviewer=factories.make_reviewer())
    make("Never", None)
    make("Draft", -10, live=False)


@pytest.mark.usefixtures("articles")
class TestReport:
    def test_what_is_most_urgent_stands_first(self, editor: Staff) -> None:
        assert report(editor) == [
            ["Never", "Never reviewed"],
            ["Overdue", "Overdue by 10 days"],
            ["Today", "Due in 0 days"],
            ["Due", "Due in 60 days"],
        ]

    def test_the_table_says_the_same(self, editor: Staff) -> None:
        soup = BeautifulSoup(editor.client.get(reverse("reviews_due")).content, "html.parser")
        rows = [[cell.get_text(" ", strip=True) for cell in row.select("td")] for row in soup.select("tr")]
        titles = [row[0] for row in rows if row]
        assert titles == ["Never", "Overdue", "Today", "Due"]
        assert soup.find("a", href=reverse("wagtailadmin_pages:edit", args=[overdue().pk]))

    @pytest.mark.parametrize(
        ("status", "titles"),
        [
            ("overdue", {"Overdue"}),
            ("due", {"Today", "Due"}),
            ("never", {"Never"}),
            ("valid", {"Valid"}),
            ("garbage", {"Never", "Overdue", "Today", "Due", "Valid"}),
        ],
    )
    def test_it_is_filtered_by_status(self, editor: Staff, status: str, titles: set[str]) -> None:
        assert {title for title, _ in report(editor, status=status)} == titles

    def test_it_is_filtered_by_reviewer_and_language(self, editor: Staff) -> None:
        page = overdue()
        assert [title for title, _ in report(editor, reviewer=page.reviewer.pk)] == ["Overdue"]
        assert len(report(editor, locale=page.locale_id)) == 4
        assert report(editor, locale=factories.make_locale("es").pk) == []

    def test_how_soon_is_soon_is_a_setting(self, editor: Staff) -> None:
        with override_settings(CMS_REVIEW_WARNING_DAYS=0):
            assert [title for title, _ in report(editor, status="due")] == ["Today"]

    def test_it_is_for_who_works_on_articles(self, reviewer: Staff, publisher: Staff) -> None:
        assert len(report(reviewer)) == len(report(publisher)) == 4
        directory = make_staff(DIRECTORY_MANAGERS)
        assert directory.client.get(reverse("reviews_due")).status_code == 302
        GroupPagePermission.objects.create(
            group=directory.user.groups.get(),
            page=overdue(),
            permission=Permission.objects.get(codename="change_page"),
        )
        assert [title for title, _ in report(directory)] == ["Overdue"]

    @pytest.mark.parametrize(
        ("title", "words"),
        [
            ("Overdue", "The review is overdue: it was due on"),
            ("Due", "The review is due on"),
            ("Never", "says no day of its next review"),
            ("Valid", "Reviewed on"),
            ("Draft", "published when a medical reviewer approves it"),
        ],
    )
    def test_the_article_warns_by_itself(self, editor: Staff, title: str, words: str) -> None:
        page = ConditionPage.objects.get(title=title)
        html = editor.client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
        assert words in html


def test_nothing_due_is_said(editor: Staff) -> None:
    assert "No review is due." in editor.client.get(reverse("reviews_due")).content.decode()


def overdue() -> Any:
    return ConditionPage.objects.get(title="Overdue")


@pytest.mark.django_db
def test_a_day_is_due_until_it_has_passed() -> None:
    page, day = ConditionPage(next_review=date(2026, 9, 1)), timedelta(days=1)
    assert page.review_status(date(2026, 9, 1)) == "due"
    assert page.review_status(date(2026, 9, 1) + day) == "overdue"
    assert page.review_status(date(2026, 9, 1) - 60 * day) == "due"
    assert page.review_status(date(2026, 9, 1) - 61 * day) == "valid"
