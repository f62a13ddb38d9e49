"""Articles go through the medical review, and offline when it is overdue."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.management import call_command
from django.utils import timezone

from cms.conditions.models import ConditionPage
from cms.review.expiry import unpublish_overdue
from tests.cms.feed.acts import MYOCLONUS, NAMING_MYOCLONUS, edit, gone, moves, new
from tests.cms.feed.acts.editing import a_day_passes, approve, in_a_day, reject
from tests.cms.feed.conftest import World

DRAFT_CONDITION = "Draft condition"


@moves()
def article_submitted(world: World) -> None:
    edit(world, world.myoclonus, "action-submit", summary="In other words.")


@moves(MYOCLONUS, given=article_submitted)
def article_approved(world: World) -> None:
    approve(world, world.myoclonus)
    assert ConditionPage.objects.get(pk=world.myoclonus.pk).last_reviewed == timezone.localdate()


@moves(given=article_submitted)
def article_sent_back(world: World) -> None:
    reject(world, world.myoclonus)


@moves()
def draft_of_an_article_submitted(world: World) -> None:
    edit(world, world.draft_condition, "action-submit")


@moves(new(DRAFT_CONDITION), given=draft_of_an_article_submitted)
def draft_of_an_article_approved(world: World) -> None:
    approve(world, world.draft_condition)


@moves()
def draft_of_an_article_approved_for_a_day_to_come(world: World) -> None:
    edit(world, world.draft_condition, "action-submit", go_live_at=in_a_day())
    approve(world, world.draft_condition)


@moves(new(DRAFT_CONDITION), given=draft_of_an_article_approved_for_a_day_to_come)
def approved_draft_goes_live(world: World) -> None:
    a_day_passes()
    call_command("publish_scheduled")


@moves(MYOCLONUS)
def review_dated_by_an_update(world: World) -> None:
    ConditionPage.objects.filter(pk=world.myoclonus.pk).update(
        last_reviewed=date(2024, 1, 1), next_review=date(2026, 1, 1)
    )


@moves(given=review_dated_by_an_update)
def overdue_article_within_its_grace(world: World) -> None:
    unpublish_overdue(date(2026, 1, 1) + timedelta(days=30), 30)


@moves(gone(MYOCLONUS), NAMING_MYOCLONUS, given=review_dated_by_an_update)
def overdue_article_unpublished(world: World) -> None:
    unpublish_overdue(date(2026, 1, 1) + timedelta(days=31), 30)
