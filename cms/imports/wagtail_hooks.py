"""Drafts that are not complete, since they come from a list, among those published in bulk."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.views.pages.bulk_actions import PublishBulkAction
from wagtail.models import Page


class PublishIfComplete(PublishBulkAction):
    """Wagtail's, which publishes without a form; but a page that lacks something is named, not a server error."""

    def form_valid(self, form: Form) -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)
        except ValidationError as error:
            missing = "; ".join(
                f"{name}: {' '.join(reasons)}"
                for name, reasons in getattr(error, "message_dict", {"": error.messages}).items()
            )
            messages.error(
                self.request, f"Nothing was published. {self._first_incomplete()} is not complete: {missing}"
            )
            return redirect(self.next_url)
        return response

    def _first_incomplete(self) -> str:
        for page in self.actionable_objects:
            try:
                # Anew: what the attempt left in memory has been rolled back.
                Page.objects.get(pk=page.pk).get_latest_revision_as_object().full_clean()
            except ValidationError:
                return f"“{page.get_admin_display_title()}”"
        return "A page below them"


# After Wagtail's own, whose place it takes.
hooks.register("register_bulk_action", PublishIfComplete, order=1)
