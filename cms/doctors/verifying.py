"""Doctors are verified: their facts were confirmed with them today.

That is a fact about the doctor and no edit of the page: it is set on the live page and in its draft alike, and
nothing else that stands in the draft is published.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from wagtail.models import Page, PageLogEntry, Revision, TaskState

from cms.doctors.models import DoctorPage

ACTION = "doctors.verify"
BATCH = 500


def verify(ids: Collection[int], user: AbstractBaseUser, today: datetime.date) -> None:
    """Have been verified today those doctors whose pages these are, and the history of each say so.

    All or nothing, in one transaction. Aliases of the pages follow.
    """
    ordered = sorted(ids)
    with transaction.atomic():
        for start in range(0, len(ordered), BATCH):
            _verify(ordered[start : start + BATCH], user, today)


def _verify(ids: Collection[int], user: AbstractBaseUser, today: datetime.date) -> None:
    now = timezone.now()
    pages = list(
        Page.objects.filter(pk__in=ids).only("title", "latest_revision", "live_revision").select_for_update()
    )
    revisions = list(_open_revisions(pages).select_for_update())
    latest = {page.latest_revision_id for page in pages}
    for revision in revisions:
        revision.content["verified_at"] = today.isoformat()
        if revision.pk in latest:
            # Whoever has it open in the editor is told that there is a newer version, and cannot overwrite it.
            revision.created_at, revision.user = now, user
    Revision.objects.bulk_update(revisions, ["content", "created_at", "user"], batch_size=100)
    Page.objects.filter(pk__in=ids, latest_revision__isnull=False).update(latest_revision_created_at=now)

    following = list(ids)
    while following:
        DoctorPage.objects.filter(pk__in=following).update(verified_at=today)
        following = list(DoctorPage.objects.filter(alias_of__in=following).values_list("pk", flat=True))

    PageLogEntry.objects.bulk_create(
        PageLogEntry(
            page_id=page.pk,
            content_type=ContentType.objects.get_for_model(DoctorPage),
            label=page.title,
            action=ACTION,
            timestamp=now,
            user_id=user.pk,
            revision_id=page.latest_revision_id,
            content_changed=True,
        )
        for page in pages
    )


def _open_revisions(pages: Collection[Page]) -> QuerySet[Revision]:
    """Those from which the pages are edited, or may yet be published by schedule or at the end of a workflow. Older
    ones stay what they were."""
    current = {id for page in pages for id in (page.latest_revision_id, page.live_revision_id)}
    in_review = TaskState.objects.filter(status=TaskState.STATUS_IN_PROGRESS).values("revision")
    revisions: QuerySet[Revision] = Revision.page_revisions.filter(
        Q(pk__in=current) | Q(approved_go_live_at__isnull=False) | Q(pk__in=in_review),
        object_id__in=[str(page.pk) for page in pages],
    )
    return revisions
