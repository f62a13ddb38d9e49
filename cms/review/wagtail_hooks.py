"""Reviewers, the report "Reviews due" and the review's audit log in the admin."""

from __future__ import annotations

from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogActionRegistry
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.menu import item_for
from cms.review.audit import FORMATTERS
from cms.review.models import Reviewer
from cms.review.reports import ReviewsDueView
from cms.usage import UsageView


class ReviewerViewSet(SnippetViewSet):
    model = Reviewer
    icon = "user"
    add_to_admin_menu = True
    menu_order = 240
    usage_view_class = UsageView
    list_display = ["name", "credentials", "registration_authority", "conflict_of_interest_stated_on", "user"]
    copy_view_enabled = False  # nobody is there twice


def register_urls() -> list[URLPattern]:
    return [
        path("reports/reviews-due/", ReviewsDueView.as_view(), name="reviews_due"),
        path(
            "reports/reviews-due/results/",
            ReviewsDueView.as_view(results_only=True),
            name="reviews_due_results",
        ),
    ]


def register_menu_item() -> MenuItem:
    url = reverse("reviews_due")
    return item_for(ReviewsDueView)("Reviews due", url, icon_name="history", order=650)


def register_log_actions(actions: LogActionRegistry) -> None:
    for action, formatter in FORMATTERS.items():
        actions.register_action(action)(formatter)


register_snippet(ReviewerViewSet)
hooks.register("register_admin_urls", register_urls)
hooks.register("register_reports_menu_item", register_menu_item)
hooks.register("register_log_actions", register_log_actions)
