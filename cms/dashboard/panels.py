"""The panel on the admin's first page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from wagtail.admin.ui.components import Component
from wagtail.permissions import policy_registry

from cms.dashboard.waiting import LISTS, ReviewsDue, Waiting
from cms.search_status.models import SearchService
from cms.search_status.views import SEE_REPORT

# Counting stops here: nobody needs to know, and of 100,000 doctors it would take its time.
MANY = 1000


@dataclass(frozen=True)
class Line:
    count: str
    text: str
    url: str


def lines_for(user: Any) -> list[Line]:
    lines = []
    everything: list[type[Waiting]] = [ReviewsDue, *LISTS]
    for waiting in everything:
        if waiting.may(user):
            count = len(waiting.waiting(user).order_by().values_list("pk", flat=True)[: MANY + 1])
            if count:
                shown = f"{count:,}" if count <= MANY else f"more than {MANY:,}"
                lines.append(Line(shown, waiting.line, reverse(waiting.url_name)))
    return lines


class WaitingPanel(Component):
    """What waits for the user. Articles to approve are in Wagtail's own panel."""

    name = "waiting"
    template_name = "dashboard/waiting.html"
    order = 150  # before Wagtail's

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        user = parent_context["request"].user
        policy = policy_registry.get_by_type(SearchService)
        return {
            "lines": lines_for(user),
            # The search service is asked after the page is shown: it may be slow or down.
            "ask_search": policy.user_has_any_permission(user, SEE_REPORT),
        }
