"""Whoever is not a superuser finds no way round the medical review, and that a superuser took one is on record.

Each way is tried through the admin's own view. It is one if afterwards the public sees a text that nobody approved.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.utils import timezone
from wagtail.log_actions import LogContext
from wagtail.models import Locale, Page, PageLogEntry, Revision
from wagtail_localize.models import StringTranslation

from cms.conditions.models import ConditionPage
from cms.review.audit import BYPASSED
from tests.cms import admin as forms
from tests.cms import factories
from tests.cms.languages.translating import edit_url, submit, translation_into
from tests.cms.review.conftest import STAFF, SUPERUSER, Staff, fresh, make_staff

UNREVIEWED = "Nobody has approved this."
TOMORROW = f"{timezone.now() + timedelta(days=1):%Y-%m-%d %H:%M}"

Way = Callable[[Staff, ConditionPage], object]


def due() -> None:
    """What is scheduled for tomorrow becomes due."""
    for revision in Revision.objects.filter(approved_go_live_at__isnull=False):
        revision.approved_go_live_at = timezone.now() - timedelta(minutes=1)
        revision.content["go_live_at"] = revision.approved_go_live_at.isoformat()
        revision.save(update_fields=["approved_go_live_at", "content"])
    call_command("publish_scheduled")


def write(staff: Staff, page: ConditionPage) -> None:
    """A draft, by whoever may write one."""
    version = fresh(page).get_latest_revision_as_object()
    version.summary = UNREVIEWED
    version.save_revision(user=staff.user)


def publish(staff: Staff, page: ConditionPage) -> None:
    staff.edit(page, "action-publish", summary=UNREVIEWED)


def create(staff: Staff, page: ConditionPage) -> None:
    staff.add(title="New", slug="new", summary=UNREVIEWED, **{"action-publish": "action-publish"})


def create_scheduled(staff: Staff, page: ConditionPage) -> None:
    publish_now = {"action-publish": "action-publish"}
    staff.add(title="New", slug="new", summary=UNREVIEWED, go_live_at=TOMORROW, **publish_now)
    due()


def schedule(staff: Staff, page: ConditionPage) -> None:
    staff.edit(page, "action-publish", summary=UNREVIEWED, go_live_at=TOMORROW)
    due()


def publish_in_bulk(staff: Staff, page: ConditionPage) -> None:
    write(staff, page)
    staff.bulk("publish", page)


def publish_in_bulk_with_the_folder(staff: Staff, page: ConditionPage) -> None:
    ConditionPage.objects.filter(pk=page.pk).update(live=False)
    write(staff, page)
    staff.bulk("publish", factories.condition_index(), include_descendants="on")


def publish_in_bulk_with_home(staff: Staff, page: ConditionPage) -> None:
    ConditionPage.objects.filter(pk=page.pk).update(live=False)
    write(staff, page)
    staff.bulk("publish", factories.home_page(), include_descendants="on")


def copy(staff: Staff, page: ConditionPage) -> None:
    ConditionPage.objects.filter(pk=page.pk).update(summary=UNREVIEWED)
    staff.copy(page, "copy", publish_copies="on")
    ConditionPage.objects.filter(pk=page.pk).update(summary=page.summary)


def revert(staff: Staff, page: ConditionPage) -> None:
    write(staff, page)
    old = fresh(page).latest_revision
    fresh(page).save_revision()
    form = forms.condition_form(title=page.title, slug=page.slug, summary=UNREVIEWED) | forms.PUBLISH
    staff.post("wagtailadmin_pages:revisions_revert", page.pk, old.pk, **form)


def unlock(staff: Staff, page: ConditionPage) -> None:
    staff.post("wagtailadmin_pages:lock", page.pk)
    staff.post("wagtailadmin_pages:unlock", page.pk)
    publish(staff, page)


def cancel_the_workflow(staff: Staff, page: ConditionPage) -> None:
    staff.submit(page, summary=UNREVIEWED)
    staff.edit(page, "action-cancel-workflow", summary=UNREVIEWED)
    publish(staff, page)


def restart_the_workflow(staff: Staff, page: ConditionPage) -> None:
    staff.submit(page, summary=UNREVIEWED)
    staff.edit(page, "action-restart-workflow", summary=UNREVIEWED)
    publish(staff, page)


def approve_what_nobody_else_has_seen(staff: Staff, page: ConditionPage) -> None:
    staff.submit(page, summary=UNREVIEWED)
    staff.decide(page)


def unpublish_and_publish(staff: Staff, page: ConditionPage) -> None:
    staff.post("wagtailadmin_pages:unpublish", page.pk)
    publish(staff, page)


def move(staff: Staff, page: ConditionPage) -> None:
    ConditionPage.objects.filter(pk=page.pk).update(live=False)
    write(staff, page)
    staff.post("wagtailadmin_pages:move_confirm", page.pk, factories.condition_index().pk)
    staff.bulk("move", page, chooser=factories.condition_index().pk)


def translate(staff: Staff, page: ConditionPage) -> None:
    locale = Locale.objects.create(language_code="es")
    staff.user.user_permissions.add(Permission.objects.get(codename="submit_translation"))
    target = submit(staff.client, page, locale)
    for segment in translation_into(target).source.stringsegment_set.all():
        StringTranslation.objects.create(
            translation_of=segment.string, context=segment.context, locale=locale, data=UNREVIEWED
        )
    staff.client.post(edit_url(target), {"action": "publish"})


def make_the_alias_of_a_draft_a_page(staff: Staff, page: ConditionPage) -> None:
    alias = page.create_alias(update_slug="alias")
    staff.post("wagtailadmin_pages:convert_alias", alias.pk)
    staff.edit(alias, "action-publish", summary=UNREVIEWED)


WAYS: list[Way] = [
    publish,
    create,
    create_scheduled,
    schedule,
    publish_in_bulk,
    publish_in_bulk_with_the_folder,
    publish_in_bulk_with_home,
    copy,
    revert,
    unlock,
    cancel_the_workflow,
    restart_the_workflow,
    approve_what_nobody_else_has_seen,
    unpublish_and_publish,
    move,
    translate,
    make_the_alias_of_a_draft_a_page,
]
# Nor does a superuser publish by moving: what is a draft stays one.
NO_WAY: list[Way] = [move]


def is_public() -> bool:
    return bool(ConditionPage.objects.filter(live=True, summary=UNREVIEWED).exists())


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("groups", [(group,) for group in STAFF] + [STAFF], ids=" and ".join)
def test_there_is_no_way_round(groups: tuple[str, ...], way: Way, article: ConditionPage) -> None:
    """Nor for who is in all groups."""
    staff = make_staff(*groups)
    way(staff, article)
    assert not is_public()
    # And what is public has not changed.
    assert not fresh(article).live or fresh(article).summary == "As it was approved."
    assert not PageLogEntry.objects.filter(action=BYPASSED).exists()


@pytest.mark.parametrize("way", [way for way in WAYS if way not in NO_WAY], ids=lambda way: way.__name__)
def test_a_superuser_has_and_the_log_says_so(way: Way, article: ConditionPage) -> None:
    staff = make_staff(SUPERUSER)
    way(staff, article)
    assert is_public()
    page = ConditionPage.objects.filter(live=True, summary=UNREVIEWED).latest("pk")
    entry = PageLogEntry.objects.filter(page=page.pk, action=BYPASSED).latest("timestamp")
    assert entry.user == staff.user
    report = staff.client.get("/admin/reports/site-history/", {"action": BYPASSED}).content.decode()
    assert "Published without the approval of a medical reviewer" in report


@pytest.mark.parametrize("groups", [(group,) for group in STAFF] + [STAFF], ids=" and ".join)
def test_what_an_add_on_publishes_without_asking_is_refused(
    groups: tuple[str, ...], article: ConditionPage
) -> None:
    """In a request of theirs, by a revision of theirs, and in their name."""
    staff = make_staff(*groups)
    article.summary = UNREVIEWED
    for publish_it in (
        lambda: in_context(staff, article.save_revision().publish),
        lambda: article.save_revision(user=staff.user).publish(),
        lambda: article.save_revision().publish(user=staff.user, skip_permission_checks=True),
    ):
        with pytest.raises(PermissionDenied):
            publish_it()
    assert not is_public()


def in_context(staff: Staff, do: Callable[[], Any]) -> None:
    with LogContext(user=staff.user):
        do()


def test_a_program_publishes(article: ConditionPage) -> None:
    article.summary = "Imported."
    article.save_revision().publish()
    assert fresh(article).summary == "Imported."
    assert not PageLogEntry.objects.filter(action=BYPASSED).exists()


@pytest.mark.parametrize("what", ["publish_copies", "alias"])
def test_nobody_is_offered_to_publish_a_copy(editor: Staff, article: ConditionPage, what: str) -> None:
    editor.copy(article, "copy", **{what: "on"})
    assert not Page.objects.filter(slug="copy", live=True).exists()


# --- On a day to come


def test_what_was_approved_for_a_day_goes_live_then(
    editor: Staff, reviewer: Staff, article: ConditionPage
) -> None:
    editor.submit(article, summary="Approved for tomorrow.", go_live_at=TOMORROW)
    reviewer.decide(article)
    assert fresh(article).summary == "As it was approved."
    due()
    assert fresh(article).summary == "Approved for tomorrow."
    assert not PageLogEntry.objects.filter(action=BYPASSED).exists()


def test_what_was_edited_after_the_approval_does_not(
    editor: Staff, reviewer: Staff, article: ConditionPage
) -> None:
    editor.submit(article, summary="Approved for tomorrow.", go_live_at=TOMORROW)
    reviewer.decide(article)
    for staff in (editor, reviewer):
        staff.edit(article, summary=UNREVIEWED)  # it is locked
        write(staff, article)  # as a program might
    due()
    assert fresh(article).summary == "Approved for tomorrow."


def test_a_publisher_calls_off_what_is_scheduled(
    editor: Staff, reviewer: Staff, publisher: Staff, article: ConditionPage
) -> None:
    editor.submit(article, summary="Approved for tomorrow.", go_live_at=TOMORROW)
    reviewer.decide(article)
    revision = fresh(article).scheduled_revision
    editor.post("wagtailadmin_pages:revisions_unschedule", article.pk, revision.pk)
    assert fresh(article).scheduled_revision
    publisher.post("wagtailadmin_pages:revisions_unschedule", article.pk, revision.pk)
    due()
    assert fresh(article).summary == "As it was approved."


def test_a_copy_is_not_reviewed(superuser: Staff, article: ConditionPage) -> None:
    article.reviewer = factories.make_reviewer()
    article.last_reviewed, article.next_review = timezone.localdate(), timezone.localdate() + timedelta(30)
    factories.publish(article)
    superuser.copy(article, "copy", publish_copies="on")
    page = ConditionPage.objects.get(slug="copy")
    for version in (page, page.get_latest_revision_as_object()):
        assert (version.reviewer, version.last_reviewed, version.next_review) == (None, None, None)
