"""Lists of what waits for somebody, each for whoever may do something about it."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import F, Model, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import Page, PageLogEntry, Revision
from wagtail.permissions import policy_registry

from cms.conditions.models import ConditionPage
from cms.doctors.models import DoctorPage
from cms.doctors.practices import Practice
from cms.feed.scheduled import REFUSED
from cms.review.models import ReviewStatus

VERIFIED_FOR = timedelta(days=365)


def edit_page(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


class Waiting:
    """What the first page counts: `line` says what that is, and leads to the list at `url_name`."""

    line: str
    url_name: str
    model: type[Model]
    action = "change"

    @classmethod
    def may(cls, user: Any) -> bool:
        return bool(policy_registry.get_by_type(cls.model).user_has_permission(user, cls.action))

    @classmethod
    def waiting(cls, user: Any) -> QuerySet[Any]:
        """What waits for this user, the most urgent first."""
        raise NotImplementedError

    @classmethod
    def among(cls, user: Any, pages: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the pages with which the user may do what the list is for."""
        if user.is_superuser:
            return pages
        # Wagtail's own way, a subquery over all pages, takes its time among 100,000.
        wanted = f"{cls.action}_page"
        rights = policy_registry.get_by_type(Page).get_cached_permissions_for_user(user)
        trees = [
            Q(path__startswith=right.page.path) for right in rights if right.permission.codename == wanted
        ]
        return pages.filter(reduce(or_, trees)) if trees else pages.none()


class ReviewsDue(Waiting):
    """Its list is the report of cms.review."""

    line = "Published articles whose review is due soon or overdue, or without a date, and those taken offline for it"
    url_name = "reviews_due"
    model = Page

    @classmethod
    def waiting(cls, user: Any) -> QuerySet[Any]:
        valid = ConditionPage.with_status(ReviewStatus.VALID, timezone.localdate())
        return cls.among(user, ConditionPage.kept_reviewed().exclude(valid))


class WaitingList(Waiting, ReportView):
    """One that is listed here."""

    list_export: list[str] = []

    @cached_property
    def index_url_name(self) -> str:
        return self.url_name

    @cached_property
    def index_results_url_name(self) -> str:
        return f"{self.url_name}_results"

    @property
    def any_permission_required(self) -> list[str]:
        return [self.action]

    def get_base_queryset(self) -> QuerySet[Any]:
        return self.waiting(self.request.user)


class MyDrafts(WaitingList):
    url_name = "dashboard_my-drafts"
    model = Page
    page_title = "My drafts"
    header_icon = "edit"
    line = "Drafts of yours, last edited by you and not published as they are"
    list_export = ["title", "latest_revision_created_at"]

    @classmethod
    def waiting(cls, user: Any) -> QuerySet[Any]:
        mine = Page.objects.filter(has_unpublished_changes=True, latest_revision__user=user)
        return cls.among(user, mine).order_by("-latest_revision_created_at")

    columns = [
        TitleColumn("title", label="Title", accessor="draft_title", get_url=edit_page),
        Column("kind", label="Kind", accessor="page_type_display_name"),
        DateColumn("latest_revision_created_at", label="Edited"),
    ]


class RefusedSchedules(WaitingList):
    url_name = "dashboard_refused-schedules"
    model = Page
    action = "publish"
    page_title = "Refused schedules"
    header_icon = "warning"
    line = "Pages that were to be published by now, and were refused"
    list_export = ["title"]

    @classmethod
    def waiting(cls, user: Any) -> QuerySet[Any]:
        overdue = Revision.page_revisions.filter(approved_go_live_at__lt=timezone.now())
        refused = PageLogEntry.objects.filter(action=REFUSED, revision__in=overdue)
        return cls.among(user, Page.objects.filter(pk__in=refused.values("page"))).order_by("title")

    columns = [
        TitleColumn("title", label="Title", accessor="draft_title", get_url=edit_page),
        Column("kind", label="Kind", accessor="page_type_display_name"),
        TitleColumn(
            "history",
            label="Why",
            accessor=lambda page: "See its history",
            get_url=lambda page: reverse("wagtailadmin_pages:history", args=[page.pk]),
        ),
    ]


class UnverifiedDoctors(WaitingList):
    url_name = "dashboard_unverified-doctors"
    model = DoctorPage
    page_title = "Doctors to verify"
    header_icon = "user"
    line = "Published doctors not verified for a year"
    list_export = ["title", "verified_at"]

    @classmethod
    def waiting(cls, user: Any) -> QuerySet[Any]:
        before = timezone.localdate() - VERIFIED_FOR
        old = DoctorPage.objects.filter(
            Q(verified_at=None) | Q(verified_at__lt=before), live=True, alias_of=None
        )
        return cls.among(user, old).order_by(F("verified_at").asc(nulls_first=True), "pk")

    columns = [
        TitleColumn("title", label="Doctor", get_url=edit_page),
        DateColumn("verified_at", label="Verified"),
    ]


class PracticesToMend(WaitingList):
    url_name = "dashboard_practices-to-mend"
    model = Practice
    page_title = "Practices to mend"
    header_icon = "home"
    line = "Practices without a position or with a telephone number that is none"
    list_export = ["name", "locality", "country", "phone", "lat", "lng"]

    @classmethod
    def waiting(cls, user: Any) -> QuerySet[Any]:
        nowhere = Q(lat=0, lng=0) | Q(lat__isnull=True) | Q(lng__isnull=True)
        no_number = ~Q(phone="") & ~Q(phone__startswith="+")
        found: QuerySet[Any] = Practice.objects.filter(nowhere | no_number).order_by("name", "pk")
        return found

    columns = [
        TitleColumn(
            "name",
            label="Practice",
            get_url=lambda practice: reverse("wagtailsnippets_doctors_practice:edit", args=[practice.pk]),
        ),
        Column("locality", label="Locality"),
        Column("country", label="Country"),
        Column("phone", label="Phone"),
        Column("lat", label="Latitude"),
        Column("lng", label="Longitude"),
    ]


LISTS: list[type[WaitingList]] = [MyDrafts, RefusedSchedules, UnverifiedDoctors, PracticesToMend]
