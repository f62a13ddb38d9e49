"""Reviewers in the admin."""

from __future__ import annotations

from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.review.models import Reviewer


class ReviewerViewSet(SnippetViewSet):
    model = Reviewer
    icon = "user"
    add_to_admin_menu = True
    menu_order = 240
    list_display = ["name", "credentials", "registration_authority", "conflict_of_interest_stated_on", "user"]
    copy_view_enabled = False  # nobody is there twice


register_snippet(ReviewerViewSet)
