"""What the end of a workflow does. Wagtail's models import this module, so it imports none at its top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser
    from wagtail.models import WorkflowState


def publish_approved(workflow_state: WorkflowState, user: AbstractUser | None = None) -> None:
    """Publish or schedule what has gone through its workflow, in the name of whoever approved it last.

    Wagtail's own asks for the right to publish as well: reviewers, who may not publish, could approve nothing. Of a
    reviewed page it is the revision that the medical review approved, where Wagtail's takes the latest.
    """
    from cms.review.models import ReviewedPage, is_approved  # noqa: PLC0415

    revision = workflow_state.content_object.get_latest_revision()
    if issubclass(revision.content_type.model_class(), ReviewedPage):
        revision = workflow_state.current_task_state.revision
        if not is_approved(revision):
            # A workflow without the task, or a task that is taken out of service: Wagtail then finishes what is at it.
            raise PermissionDenied("No medical review has approved this version.")
    revision.publish(user=user, skip_permission_checks=True)
