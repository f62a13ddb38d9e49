"""The line at the top of an editor that says what the search service has."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from wagtail.admin.panels import Panel


class SearchStatusPanel(Panel):
    """Shown once there is something to look for. It asks by itself, after the page has been shown."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "search_status/panel.html"

        def is_shown(self) -> bool:
            return self.instance.pk is not None

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            at = [self.instance._meta.label_lower, self.instance.pk]
            context["url"] = reverse("search_status:presence", args=at)
            context["results_url"] = reverse("search_status:presence_results", args=at)
            return context
