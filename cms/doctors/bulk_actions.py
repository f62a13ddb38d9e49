"""What is done to many doctors at once, from their listing: Wagtail's own actions, and "Verify now".

"All in the listing" are what the listing's filters and its search leave. Wagtail's own actions on pages know nothing
of filters: they would unpublish all doctors where those of one practice were meant.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages
from wagtail.admin.views.pages.bulk_actions.delete import DeleteBulkAction
from wagtail.admin.views.pages.bulk_actions.move import MoveBulkAction
from wagtail.admin.views.pages.bulk_actions.page_bulk_action import PageBulkAction
from wagtail.admin.views.pages.bulk_actions.publish import PublishBulkAction
from wagtail.admin.views.pages.bulk_actions.unpublish import UnpublishBulkAction

from cms.doctors.listing import in_listing
from cms.doctors.models import DoctorPage
from cms.doctors.verifying import verify

MOST_AT_ONCE = 10_000
NAMED = 20  # on the page that asks


class OfDoctors(PageBulkAction):
    """A bulk action of the listing of doctors."""

    models = [DoctorPage]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not all(id == "all" or id.isdecimal() for id in request.GET.getlist("id")):
            raise Http404
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def get_all_objects_in_listing_query(self, parent_id: str | None) -> Any:
        return in_listing(self.request, parent_id).order_by().values_list("pk", flat=True)


class MoveDoctors(OfDoctors, MoveBulkAction):
    pass


class PublishDoctors(OfDoctors, PublishBulkAction):
    pass


class UnpublishDoctors(OfDoctors, UnpublishBulkAction):
    pass


class DeleteDoctors(OfDoctors, DeleteBulkAction):
    pass


class VerifyDoctors(OfDoctors):
    """Their facts were confirmed with them today."""

    display_name = gettext_lazy("Verify now")
    action_type = "verify"
    aria_label = gettext_lazy("Say that the selected doctors were verified today")
    template_name = "doctors/confirm_verify.html"
    action_priority = 5

    @classmethod
    def get_queryset(cls, model: type[DoctorPage], object_ids: Any) -> list[DoctorPage]:
        # Not its StreamFields and texts; and what the permissions ask for is read at once.
        doctors = model.objects.filter(pk__in=object_ids).order_by("title", "pk").prefetch_workflow_states()
        return list(doctors.defer("bio")[: MOST_AT_ONCE + 1])

    def check_perm(self, page: DoctorPage) -> bool:
        permissions = page.permissions_for_user(self.request.user)
        return not page.alias_of_id and permissions.can_publish() and not permissions.page_locked()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        doctors, without_access = self.get_actionable_objects()
        refused = without_access["items_with_no_access"]
        return {
            "form": self.get_form(),
            "number": len(doctors),
            "doctors": doctors[:NAMED],
            "more": max(0, len(doctors) - NAMED),
            "refused": refused[:NAMED],
            "refused_more": max(0, len(refused) - NAMED),
            "today": timezone.localdate(),
            "too_many": len(doctors) + len(refused) > MOST_AT_ONCE,
            "most": MOST_AT_ONCE,
            "next": self.next_url,
            "submit_url": f"{self.request.path}?{self.request.META['QUERY_STRING']}",
        }

    def prepare_action(self, objects: list[DoctorPage], objects_without_access: Any) -> HttpResponse | None:
        if len(objects) > MOST_AT_ONCE:
            messages.error(self.request, _("Too many at once: nothing was done."))
            return redirect(self.next_url)
        return None

    @classmethod
    def execute_action(
        cls, objects: list[DoctorPage], user: AbstractBaseUser | None = None, **kwargs: Any
    ) -> tuple[int, int]:
        assert user is not None
        verify([page.pk for page in objects], user, timezone.localdate())
        return len(objects), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        words = ngettext(
            "%(number)d doctor was verified today.",
            "%(number)d doctors were verified today.",
            num_parent_objects,
        )
        return words % {"number": num_parent_objects}


ACTIONS = (MoveDoctors, PublishDoctors, UnpublishDoctors, DeleteDoctors, VerifyDoctors)
