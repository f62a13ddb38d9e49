"""Overdue articles are taken offline after the grace, if one is set: each whole or not at all."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageLogEntry
from wagtail.signals import page_unpublished

from cms.conditions.models import ConditionPage
from cms.dashboard.waiting import ReviewsDue
from cms.review.audit import EXPIRED
from cms.review.expiry import unpublish_overdue
from cms.review.tasks import unpublish_overdue as task
from tests.cms import factories
from tests.cms.review.conftest import Staff, fresh

DUE = date(2026, 9, 1)


def reviewed(next_review: date | None = DUE, name: str = "", **fields: Any) -> ConditionPage:
    last_reviewed = next_review and next_review - timedelta(days=365)
    return factories.make_condition(name, last_reviewed=last_reviewed, next_review=next_review, **fields)


def due(staff: Staff) -> set[str]:
    """The titles of those of which the dashboard tells."""
    return set(ReviewsDue.waiting(staff.user).values_list("title", flat=True))


@pytest.mark.django_db
class TestExpiry:
    def test_nothing_happens_unless_a_grace_is_set(self) -> None:
        page = reviewed()
        assert unpublish_overdue(date(2036, 1, 1), None) == 0
        task.apply().get()
        assert fresh(page).live

    @pytest.mark.parametrize(
        ("grace_days", "today", "live"),
        [
            (30, DUE + timedelta(days=30), True),
            (30, DUE + timedelta(days=31), False),
            (0, DUE, True),
            (0, DUE + timedelta(days=1), False),
        ],
    )
    def test_it_comes_after_the_last_day_of_the_grace(self, grace_days: int, today: date, live: bool) -> None:
        page, dateless = reviewed(), reviewed(None)
        assert unpublish_overdue(today, grace_days) == 0
        assert (fresh(page).live, fresh(dateless).live) == (live, True)

    def test_the_history_says_why_once(self, superuser: Staff) -> None:
        page = reviewed()
        today = DUE + timedelta(days=100)
        assert [unpublish_overdue(today, 30), unpublish_overdue(today, 30)] == [0, 0]
        entry = PageLogEntry.objects.get(page=page.pk, action=EXPIRED)
        assert entry.user is None
        for url in (
            reverse("wagtailadmin_pages:history", args=[page.pk]),
            reverse("wagtailadmin_reports:site_history"),
        ):
            html = superuser.client.get(url).content.decode()
            assert "its review was due on Sept. 1, 2026, more than 30 days ago" in html

    def test_what_it_took_offline_is_still_to_be_reviewed(
        self, editor: Staff, reviewer: Staff, superuser: Staff
    ) -> None:
        page = reviewed(name="Asthma", slug="asthma")
        reviewed(name="Draft", live=False)
        assert unpublish_overdue(DUE + timedelta(days=100), 30) == 0
        edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
        assert (
            "It was taken offline because its review is overdue" in editor.client.get(edit).content.decode()
        )
        assert due(editor) == {"Asthma"}
        html = editor.client.get(reverse("reviews_due")).content.decode()
        assert "Taken offline: overdue by" in html
        assert "Draft" not in html

        editor.submit(page)
        reviewer.decide(page)
        assert fresh(page).live
        assert due(editor) == set()
        # By somebody: no longer for its review.
        superuser.client.post(reverse("wagtailadmin_pages:unpublish", args=[page.pk]))
        assert not fresh(page).live
        ConditionPage.objects.filter(pk=page.pk).update(next_review=DUE)
        assert due(editor) == set()

    def test_one_that_fails_blocks_no_other(self, caplog: pytest.LogCaptureFixture) -> None:
        first, second = reviewed(), reviewed(DUE + timedelta(days=1))

        def fail(instance: ConditionPage, **kwargs: Any) -> None:
            if instance.pk == first.pk:
                raise ZeroDivisionError

        page_unpublished.connect(fail)
        try:
            with caplog.at_level(logging.ERROR, logger="cms.review.expiry"):
                assert unpublish_overdue(date(2027, 1, 1), 30) == 1
        finally:
            page_unpublished.disconnect(fail)
        assert (fresh(first).live, fresh(second).live) == (True, False)
        assert not PageLogEntry.objects.filter(page=first.pk, action=EXPIRED).exists()
        assert [record.name for record in caplog.records if record.exc_info] == ["cms.review.expiry"]

    def test_its_alias_goes_with_it(self) -> None:
        page = reviewed()
        alias = page.create_alias(update_slug="alias")
        assert unpublish_overdue(date(2027, 1, 1), 30) == 0
        assert (fresh(page).live, fresh(alias).live) == (False, False)

    def test_an_approved_version_that_waits_for_its_day_is_not_called_off(
        self, editor: Staff, reviewer: Staff
    ) -> None:
        page = reviewed(slug="asthma")
        editor.submit(page, go_live_at=f"{timezone.now() + timedelta(days=3):%Y-%m-%d %H:%M}")
        reviewer.decide(page)
        assert unpublish_overdue(date(2027, 1, 1), 30) == 0
        assert fresh(page).live
        assert fresh(page).scheduled_revision

    def test_a_new_review_brings_it_back(self, editor: Staff, reviewer: Staff) -> None:
        page = reviewed(slug="asthma")
        unpublish_overdue(date(2027, 1, 1), 30)
        editor.submit(page)
        reviewer.decide(page)
        assert fresh(page).live

    def test_the_task(self) -> None:
        page = reviewed(date(2020, 1, 1))
        with override_settings(CMS_REVIEW_GRACE_DAYS=30):
            task.apply().get()
        assert not fresh(page).live
