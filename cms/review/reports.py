"""The report "Reviews due"."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import Locale

from cms.conditions.models import ConditionPage
from cms.menu import KindPermissionPolicy
from cms.review.models import Reviewer, ReviewStatus


class ReviewsDueFilterSet(WagtailFilterSet):
    status = django_filters.ChoiceFilter(
        label="Review", choices=ReviewStatus.choices, method="filter_status", empty_label="Not valid"
    )
    reviewer = django_filters.ModelChoiceFilter(label="Reviewer", queryset=Reviewer.objects.all())
    locale = django_filters.ModelChoiceFilter(label="Language", queryset=Locale.objects.all())

    class Meta:
        model = ConditionPage
        fields = ["status", "reviewer", "locale"]

    def filter_status(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(ConditionPage.with_status(ReviewStatus(value), timezone.localdate()))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found: QuerySet[Any] = super().filter_queryset(queryset)
        if self.form.cleaned_data["status"]:
            return found
        return found.exclude(ConditionPage.with_status(ReviewStatus.VALID, timezone.localdate()))


class ReviewsDueView(ReportView):
    """Articles whose review is overdue, due soon, or without a date, live or offline since it was overdue; the most
    urgent first."""

    model = ConditionPage
    page_title = "Reviews due"
    header_icon = "history"
    index_url_name = "reviews_due"
    index_results_url_name = "reviews_due_results"
    filterset_class = ReviewsDueFilterSet
    permission_policy = KindPermissionPolicy(ConditionPage)
    any_permission_required = ["add", "change", "publish"]
    no_results_message = "No review is due."

    list_export = ["title", "locale", "status", "next_review", "last_reviewed", "reviewer"]
    export_headings = {
        "title": "Article",
        "locale": "Language",
        "status": "Review",
        "next_review": "Next review",
        "last_reviewed": "Last reviewed",
        "reviewer": "Reviewer",
    }

    def get_queryset(self) -> QuerySet[ConditionPage]:
        may = self.permission_policy.instances_user_has_any_permission_for(
            self.request.user, self.any_permission_required
        )
        pages = ConditionPage.kept_reviewed().filter(pk__in=may.values("pk"))
        # Without a date is the most urgent: nobody has looked at it.
        self.queryset: QuerySet[ConditionPage] = pages.select_related("locale", "reviewer").order_by(
            F("next_review").asc(nulls_first=True), "title"
        )
        found: QuerySet[ConditionPage] = super().get_queryset()
        return found

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        for page in object_list:
            page.status = status_line(page, timezone.localdate())
        return object_list

    @property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "title",
                label="Article",
                get_url=lambda page: reverse("wagtailadmin_pages:edit", args=[page.pk]),
            ),
            Column("locale", label="Language"),
            Column("status", label="Review"),
            DateColumn("next_review", label="Next review"),
            DateColumn("last_reviewed", label="Last reviewed"),
            Column("reviewer", label="Reviewer"),
        ]


def status_line(page: ConditionPage, today: date) -> str:
    status = page.review_status(today)
    if page.next_review and status == ReviewStatus.OVERDUE:
        overdue = f"overdue by {(today - page.next_review).days} days"
        return overdue.capitalize() if page.live else f"Taken offline: {overdue}"
    if page.next_review and status == ReviewStatus.DUE:
        return f"Due in {(page.next_review - today).days} days"
    return str(status.label)
