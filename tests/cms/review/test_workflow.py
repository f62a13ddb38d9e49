"""An article is submitted, approved and signed, or sent back."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale, PageLogEntry, Workflow

from cms.conditions.models import ConditionIndexPage, ConditionPage
from cms.review.audit import BYPASSED, SIGNED
from cms.review.models import MedicalReviewTask
from cms.roles.groups import EDITORS, MEDICAL_REVIEWERS
from tests.cms import factories
from tests.cms.review.conftest import Staff, acts, fresh, make_staff


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def actions_of(staff: Staff, page: ConditionPage) -> set[str]:
    """The acts that the menu at the foot of the editor offers."""
    html = staff.client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content
    soup = BeautifulSoup(html, "html.parser")
    names = {str(tag["data-workflow-action-name"]) for tag in soup.select("[data-workflow-action-name]")}
    return names | {str(tag["name"]) for tag in soup.select("button[name^=action-]")}


def test_an_approval_publishes_and_signs(editor: Staff, reviewer: Staff, draft: ConditionPage) -> None:
    signed_by = factories.make_reviewer(user=reviewer.user)
    editor.submit(draft, title="Asthma", summary="As submitted.")
    assert not fresh(draft).live
    reviewer.decide(draft, next_review=in_days(90), comment="Well done.")
    page = fresh(draft)
    assert (page.live, page.summary, page.reviewer) == (True, "As submitted.", signed_by)
    assert (str(page.last_reviewed), str(page.next_review)) == (in_days(0), in_days(90))
    assert not page.has_unpublished_changes
    assert acts(draft)[-4:] == [
        "wagtail.workflow.start",
        SIGNED,
        "wagtail.workflow.approve",
        "wagtail.publish",
    ]
    assert {entry.user for entry in PageLogEntry.objects.filter(action__in=[SIGNED, "wagtail.publish"])} == {
        reviewer.user
    }
    history = reviewer.client.get(reverse("wagtailadmin_pages:history", args=[draft.pk])).content.decode()
    assert "Signed by Dr Sample Reviewer" in history


def test_the_next_review_is_proposed(editor: Staff, reviewer: Staff, draft: ConditionPage) -> None:
    editor.submit(draft)
    state = fresh(draft).current_workflow_task_state
    url = reverse("wagtailadmin_pages:workflow_action", args=[draft.pk, "approve", state.pk])
    with override_settings(CMS_REVIEW_INTERVAL_DAYS=100):
        assert f'value=\\"{in_days(100)}\\"' in reviewer.client.get(url).content.decode()
        reviewer.decide(draft)
    assert str(fresh(draft).next_review) == in_days(100)


@pytest.mark.parametrize("next_review", ["garbage", "2020-01-01", "0000-00-00", "x" * 5000])
def test_a_day_that_cannot_be_is_an_error_in_the_dialogue(
    editor: Staff, reviewer: Staff, draft: ConditionPage, next_review: str
) -> None:
    editor.submit(draft)
    state = fresh(draft).current_workflow_task_state
    url = reverse("wagtailadmin_pages:workflow_action", args=[draft.pk, "approve", state.pk])
    data = {"next_review": next_review}
    response = reviewer.client.post(url, data, headers={"x-requested-with": "XMLHttpRequest"})
    assert "error-message" in response.json()["html"]
    reviewer.client.post(url, data)
    assert not fresh(draft).live


@pytest.mark.parametrize(
    ("extra", "live"),
    [
        ({"next_review": in_days(30), "comment": "Fine."}, True),
        ({}, True),
        ({"next_review": "garbage"}, False),
        ({"next_review": {"a": [1]}}, False),
        ({"surprise": 1, "next_review": in_days(30)}, True),
    ],
)
def test_an_approval_from_the_editor_takes_the_last_touch_along(
    editor: Staff, reviewer: Staff, draft: ConditionPage, extra: dict[str, object], live: bool
) -> None:
    editor.submit(draft)
    response = reviewer.edit(
        draft,
        "action-workflow-action",
        summary="A word mended.",
        **{"workflow-action-name": "approve", "workflow-action-extra-data": json.dumps(extra)},
    )
    assert response.status_code == 302
    assert (fresh(draft).live, fresh(draft).summary == "A word mended.") == (live, live)


def test_who_has_no_account_is_signed_for_by_a_member(
    editor: Staff, reviewer: Staff, draft: ConditionPage
) -> None:
    named = factories.make_reviewer()
    editor.submit(draft, reviewer=named.pk)
    reviewer.decide(draft)
    assert fresh(draft).reviewer == named


def test_nobody_signs_in_the_name_of_who_has_an_account(
    editor: Staff, reviewer: Staff, draft: ConditionPage
) -> None:
    other = make_staff(MEDICAL_REVIEWERS, name="other")
    named = factories.make_reviewer(name="Dr Named", user=other.user)
    editor.submit(draft, reviewer=named.pk)
    assert "approve" not in actions_of(reviewer, draft)
    html = reviewer.client.get(reverse("wagtailadmin_pages:edit", args=[draft.pk])).content.decode()
    assert "It is for Dr Named to sign" in html
    reviewer.decide(draft)
    assert not fresh(draft).live
    other.decide(draft)
    assert fresh(draft).reviewer == named


def test_who_is_a_reviewer_signs_in_the_own_name(
    editor: Staff, reviewer: Staff, draft: ConditionPage
) -> None:
    own = factories.make_reviewer(name="Dr Own", user=reviewer.user)
    editor.submit(draft, reviewer=factories.make_reviewer(name="Dr Other").pk)
    reviewer.decide(draft)
    assert fresh(draft).reviewer == own


def test_nobody_approves_what_they_submitted(draft: ConditionPage) -> None:
    both, other = make_staff(EDITORS, MEDICAL_REVIEWERS), make_staff(MEDICAL_REVIEWERS, name="other")
    both.submit(draft)
    assert "approve" not in actions_of(both, draft)
    both.decide(draft)
    assert not fresh(draft).live
    html = both.client.get(reverse("wagtailadmin_pages:edit", args=[draft.pk])).content.decode()
    assert "another reviewer must approve it" in html
    other.decide(draft)
    assert fresh(draft).live
    assert BYPASSED not in acts(draft)


def test_nobody_approves_what_they_submitted_again(
    editor: Staff, reviewer: Staff, draft: ConditionPage
) -> None:
    editor.submit(draft)
    reviewer.decide(draft, "reject", comment="No.")
    assert fresh(draft).current_workflow_state.status == "needs_changes"
    reviewer.submit(draft, summary="In my words.")
    reviewer.decide(draft)
    assert not fresh(draft).live


def test_nobody_approves_by_the_address_of_another_page(
    editor: Staff, draft: ConditionPage, article: ConditionPage
) -> None:
    both = make_staff(EDITORS, MEDICAL_REVIEWERS)
    both.submit(draft)
    editor.submit(article)
    state = fresh(draft).current_workflow_task_state
    both.post("wagtailadmin_pages:workflow_action", article.pk, "approve", state.pk)
    assert not fresh(draft).live


def test_what_is_in_review_is_locked_for_its_authors(
    editor: Staff, publisher: Staff, draft: ConditionPage
) -> None:
    editor.submit(draft, summary="As submitted.")
    for staff in (editor, publisher):
        staff.edit(draft, summary="Later.")
        staff.post("wagtailadmin_pages:unlock", draft.pk)
        staff.edit(draft, summary="Later.")
    assert fresh(draft).get_latest_revision_as_object().summary == "As submitted."


def test_what_was_edited_in_between_is_what_is_approved(
    editor: Staff, reviewer: Staff, draft: ConditionPage
) -> None:
    editor.submit(draft)
    reviewer.edit(draft, summary="A word mended.")
    reviewer.decide(draft)
    assert fresh(draft).summary == "A word mended."


def test_what_cannot_be_published_is_not_approved_and_the_reason_is_said(
    editor: Staff, reviewer: Staff, draft: ConditionPage
) -> None:
    """Its slug was free when it was submitted."""
    editor.submit(draft, slug="wanted")
    ConditionPage.objects.filter(pk=draft.pk).update(slug="asthma")
    factories.make_condition("Other", slug="wanted")
    before = acts(draft)
    assert reviewer.decide(draft).status_code == 302
    html = reviewer.client.get(reverse("wagtailadmin_home")).content.decode()
    assert "already in use" in html
    assert (fresh(draft).live, fresh(draft).workflow_in_progress, acts(draft)) == (False, True, before)


def test_a_superuser_who_is_no_reviewer_may_approve_and_the_log_says_so(
    editor: Staff, superuser: Staff, draft: ConditionPage
) -> None:
    editor.submit(draft)
    superuser.decide(draft)
    assert fresh(draft).live
    assert BYPASSED in acts(draft)


def test_a_task_that_is_taken_out_of_service_publishes_nothing(
    editor: Staff, superuser: Staff, draft: ConditionPage
) -> None:
    editor.submit(draft)
    superuser.post("wagtailadmin_workflows:disable_task", MedicalReviewTask.objects.get().pk)
    assert (fresh(draft).live, fresh(draft).workflow_in_progress) == (False, True)
    workflow = Workflow.objects.get(name="Medical review")
    superuser.post("wagtailadmin_workflows:disable", workflow.pk)
    assert (fresh(draft).live, fresh(draft).workflow_in_progress) == (False, False)


def test_another_workflow_publishes_nothing(editor: Staff, draft: ConditionPage) -> None:
    """An administrator has put one of Wagtail's own over the articles."""
    reviewers = editor.user.groups.get()
    factories.make_workflow(factories.condition_index(), reviewers)
    editor.submit(draft)
    editor.decide(draft)
    assert not fresh(draft).live


@pytest.mark.django_db
def test_each_language_is_reviewed() -> None:
    workflow = Workflow.objects.get(name="Medical review")
    assert factories.condition_index().get_workflow() == workflow
    locale = Locale.objects.create(language_code="es")
    index = ConditionIndexPage.objects.get(locale=locale)
    assert index.get_workflow() == workflow


def test_only_a_superuser_sets_the_dates_by_hand(
    editor: Staff, superuser: Staff, draft: ConditionPage
) -> None:
    for staff, changed in ((editor, False), (superuser, True)):
        staff.edit(draft, last_reviewed="2026-01-01", next_review="2027-01-01")
        assert bool(fresh(draft).get_latest_revision_as_object().next_review) == changed
