"""The line at the top of an article's tab "Medical review"."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from wagtail.admin.panels import Panel


class ReviewPanel(Panel):
    """Says how the review stands, and what keeps the reader from approving what is in review."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "review/panel.html"

        def is_shown(self) -> bool:
            return self.instance.pk is not None

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            # What is live, not the draft that is being edited.
            kept = type(self.instance).kept_reviewed().filter(pk=self.instance.pk).first()
            context["kept"] = kept
            context["status"] = kept and kept.review_status(timezone.localdate())
            context["why_not"] = self.why_not_approve()
            return context

        def why_not_approve(self) -> str:
            task, user = self.instance.current_workflow_task, self.request.user
            why_not = getattr(task, "why_not_approve", None)  # other tasks may stand in the workflow
            if why_not is None or task.locked_for_user(self.instance, user):
                return ""
            return str(why_not(self.instance, user))
