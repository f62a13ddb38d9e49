"""Many doctors are verified at once: live and in their drafts, and nothing else is published."""

from __future__ import annotations

import datetime
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import (
    GroupApprovalTask,
    PageLogEntry,
    Revision,
    Workflow,
    WorkflowState,
    WorkflowTask,
)

from cms.doctors.models import DoctorIndexPage, DoctorPage
from cms.doctors.verifying import ACTION, verify
from tests.cms.factories import make_doctor, make_practice

LONG_AGO = datetime.date(2020, 1, 1)
TODAY = datetime.date(2026, 11, 23)
VERIFY = reverse("wagtail_bulk_action", args=["doctors", "doctorpage", "verify"])


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_superuser("manager", "manager@example.org")


def drafted(page: DoctorPage, **changes: Any) -> DoctorPage:
    """The page with a draft that differs from what is live."""
    draft = page.get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save_revision()
    now: DoctorPage = DoctorPage.objects.get(pk=page.pk)
    return now


def test_the_live_page_and_its_draft_are_verified_and_nothing_else_is_published(user: User) -> None:
    page = drafted(make_doctor("Dr Live", verified_at=LONG_AGO), title="Dr Draft", credentials="MD")
    verify([page.pk], user, TODAY)
    page = DoctorPage.objects.get(pk=page.pk)
    assert (page.title, page.credentials, page.verified_at) == ("Dr Live", "", TODAY)
    assert page.has_unpublished_changes
    draft = page.get_latest_revision_as_object()
    assert (draft.title, draft.credentials, draft.verified_at) == ("Dr Draft", "MD", TODAY)
    assert page.live_revision.as_object().verified_at == TODAY
    page.latest_revision.publish()
    assert DoctorPage.objects.get(pk=page.pk).verified_at == TODAY


def test_a_live_page_without_a_draft_gets_none(user: User) -> None:
    page = make_doctor("Dr Live")
    published = page.last_published_at
    verify([page.pk], user, TODAY)
    page = DoctorPage.objects.get(pk=page.pk)
    assert (page.verified_at, page.has_unpublished_changes, page.last_published_at) == (
        TODAY,
        False,
        published,
    )
    assert page.latest_revision == page.live_revision
    assert page.get_latest_revision_as_object().verified_at == TODAY


def test_a_page_that_is_not_live_stays_so(user: User) -> None:
    page = make_doctor("Dr Draft", live=False)
    saved = make_doctor("Dr Saved", live=False)
    saved.save_revision()
    verify([page.pk, saved.pk], user, TODAY)
    for one in DoctorPage.objects.all():
        assert (one.live, one.verified_at) == (False, TODAY)
        assert one.get_latest_revision_as_object().verified_at == TODAY


def test_what_is_scheduled_does_not_bring_the_old_day_back(user: User) -> None:
    page = make_doctor("Dr Live", verified_at=LONG_AGO)
    page.title, page.go_live_at = "Dr Scheduled", timezone.now() + timedelta(hours=1)
    page.save_revision(approved_go_live_at=page.go_live_at)
    drafted(page, title="Dr Newer draft", go_live_at=None)
    verify([page.pk], user, TODAY)
    past = timezone.now() - timedelta(hours=1)
    for revision in Revision.objects.filter(approved_go_live_at__isnull=False):
        revision.content["go_live_at"] = past.isoformat()
        revision.approved_go_live_at = past
        revision.save()
    call_command("publish_scheduled")
    live = DoctorPage.objects.get(pk=page.pk)
    assert (live.title, live.verified_at) == ("Dr Scheduled", TODAY)
    assert live.get_latest_revision_as_object().title == "Dr Newer draft"


def test_what_is_in_a_workflow_does_not_bring_the_old_day_back(user: User) -> None:
    page = drafted(make_doctor("Dr Live", verified_at=LONG_AGO), title="Dr Submitted")
    workflow = Workflow.objects.create(name="Approval")
    WorkflowTask.objects.create(workflow=workflow, task=GroupApprovalTask.objects.create(name="Approval"))
    state = workflow.start(page, user)
    drafted(page, title="Dr Newer draft")
    verify([page.pk], user, TODAY)
    WorkflowState.objects.get(pk=state.pk).current_task_state.specific.approve(user=user)
    assert DoctorPage.objects.get(pk=page.pk).verified_at == TODAY


def test_an_older_revision_stays_what_it_was(user: User) -> None:
    page = make_doctor("Dr Live", verified_at=LONG_AGO)
    old = page.latest_revision
    page.credentials = "MD"
    page.save_revision().publish()
    verify([page.pk], user, TODAY)
    assert old.as_object().verified_at == LONG_AGO


def test_aliases_follow_their_source(user: User) -> None:
    page = make_doctor("Dr Live")
    alias = page.create_alias(update_slug="dr-alias")
    alias.create_alias(update_slug="dr-alias-of-alias")
    verify([page.pk], user, TODAY)
    assert set(DoctorPage.objects.values_list("verified_at", flat=True)) == {TODAY}
    assert PageLogEntry.objects.filter(action=ACTION).count() == 1


def test_whoever_has_the_page_open_cannot_overwrite_it(user: User) -> None:
    author = User.objects.create_superuser("author", "author@example.org")
    page = make_doctor("Dr Live")
    revision = page.save_revision(user=author)
    verify([page.pk], user, TODAY)
    after = DoctorPage.objects.get(pk=page.pk).latest_revision
    assert after.pk == revision.pk
    assert (after.user, after.created_at > revision.created_at) == (user, True)
    assert DoctorPage.objects.get(pk=page.pk).latest_revision_created_at == after.created_at


def test_the_history_says_who_did_it(admin_client: Client, user: User) -> None:
    page = make_doctor("Dr Live")
    verify([page.pk], user, TODAY)
    html = admin_client.get(reverse("wagtailadmin_pages:history", args=[page.pk])).content.decode()
    assert "Verified: the facts were confirmed" in html
    assert "manager" in html


def test_all_or_nothing(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [make_doctor() for _ in range(3)]
    monkeypatch.setattr("cms.doctors.verifying.BATCH", 1)

    def fail(*args: Any, **kwargs: Any) -> None:
        if PageLogEntry.objects.filter(action=ACTION).exists():
            raise RuntimeError

    monkeypatch.setattr("cms.doctors.verifying.ContentType.objects.get_for_model", fail)
    with pytest.raises(RuntimeError):
        verify([page.pk for page in pages], user, TODAY)
    assert not DoctorPage.objects.filter(verified_at__isnull=False).exists()


def test_as_many_queries_for_many_as_for_one(user: User, django_assert_max_num_queries: Any) -> None:
    pages = [make_doctor().pk for _ in range(12)]
    verify(pages[:1], user, TODAY)
    with django_assert_max_num_queries(12):
        verify(pages[1:], user, TODAY)


# --- In the admin.


def test_the_bulk_action_asks_and_then_verifies(admin_client: Client, db: None) -> None:
    pages = [make_doctor(f"Dr {number}") for number in range(3)]
    other = make_doctor("Dr Other")
    query = {"id": [page.pk for page in pages], "next": reverse("doctors:index")}
    asked = admin_client.get(VERIFY, query).content.decode()
    assert "These 3 doctors are marked as verified today" in asked
    assert "Dr Other" not in asked
    assert not DoctorPage.objects.filter(verified_at__isnull=False).exists()
    response = admin_client.post(f"{VERIFY}?{_encoded(query)}", follow=True)
    assert "3 doctors were verified today" in response.content.decode()
    assert DoctorPage.objects.filter(verified_at=timezone.localdate()).count() == 3
    other.refresh_from_db()
    assert other.verified_at is None


def test_all_in_the_listing_are_what_its_filters_leave(admin_client: Client, db: None) -> None:
    leh, suva = make_practice("Leh"), make_practice("Suva", country="FJ")
    for name, practice in (("Dr Leh", leh), ("Dr Suva", suva), ("Dr Suva draft", suva)):
        make_doctor(name, practices=[practice], live="draft" not in name)
    query = {"id": "all", "country": "FJ", "status": "live"}
    admin_client.post(f"{VERIFY}?{_encoded(query)}")
    verified = DoctorPage.objects.filter(verified_at__isnull=False)
    assert [page.title for page in verified] == ["Dr Suva"]


@pytest.mark.parametrize("action", ["unpublish", "delete"])
def test_wagtails_own_actions_keep_to_the_filters(admin_client: Client, db: None, action: str) -> None:
    leh, suva = make_practice("Leh"), make_practice("Suva", country="FJ")
    make_doctor("Dr Leh", practices=[leh])
    make_doctor("Dr Suva", practices=[suva])
    url = reverse("wagtail_bulk_action", args=["doctors", "doctorpage", action])
    admin_client.post(f"{url}?{_encoded({'id': 'all', 'country': 'FJ'})}", {"confirm_site_name": ""})
    assert [page.title for page in DoctorPage.objects.live()] == ["Dr Leh"]


def test_all_of_a_search_and_of_a_folder(
    admin_client: Client, doctor_index: DoctorIndexPage, locale: Any
) -> None:
    make_doctor("Dr Angmo")
    make_doctor("Dr Dorje")
    for query in ({"q": "angmo"}, {"q": "angmo", "childOf": doctor_index.pk}):
        html = admin_client.get(VERIFY, {"id": "all", **query}).content.decode()
        assert "Dr Angmo" in html
        assert "Dr Dorje" not in html


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"id": "x"},
        {"id": "987654"},
        {"id": "all", "specialty": "x"},
        {"id": "all", "childOf": "x"},
        {"id": "all", "q": "nobody has this name"},
    ],
)
def test_a_request_for_nobody_verifies_nobody(admin_client: Client, db: None, query: dict[str, str]) -> None:
    make_doctor()
    for response in (admin_client.get(VERIFY, query), admin_client.post(f"{VERIFY}?{_encoded(query)}")):
        assert response.status_code in (200, 302, 404)
    assert not DoctorPage.objects.filter(verified_at__isnull=False).exists()


def test_locked_pages_and_aliases_are_left_out(admin_client: Client, db: None) -> None:
    locked, source = make_doctor("Dr Locked"), make_doctor("Dr Source")
    other = User.objects.create_superuser("other", "other@example.org")
    DoctorPage.objects.filter(pk=locked.pk).update(locked=True, locked_by=other, locked_at=timezone.now())
    alias = source.create_alias(update_slug="dr-alias")
    query = {"id": [locked.pk, alias.pk]}
    html = admin_client.get(VERIFY, query).content.decode()
    assert "left out" in html
    assert "Yes, verify" not in html
    admin_client.post(f"{VERIFY}?{_encoded(query)}")
    assert not DoctorPage.objects.filter(verified_at__isnull=False).exists()


def test_too_many_at_once_are_refused(
    admin_client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cms.doctors.bulk_actions.MOST_AT_ONCE", 2)
    for _ in range(3):
        make_doctor()
    assert "verify them in parts" in admin_client.get(VERIFY, {"id": "all"}).content.decode()
    response = admin_client.post(f"{VERIFY}?id=all", follow=True)
    assert "nothing was done" in response.content.decode()
    assert not DoctorPage.objects.filter(verified_at__isnull=False).exists()


def _encoded(query: dict[str, Any]) -> str:
    return urlencode(query, doseq=True)
