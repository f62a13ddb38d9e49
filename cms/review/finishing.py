"""What the end of a workflow does. Wagtail's models import this module, so it imports none at its top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser
    from wagtail.models import WorkflowState


def publish_approved(workflow_state: WorkflowState, user: AbstractUser | None = None) -> None:
    """In the place of Wagtail's `publish_workflow_state`: publishes or schedules the revision that was approved,
    where that takes the latest, and asks the approver for no right to publish."""
    from wagtail.workflows import publish_workflow_state  # noqa: PLC0415

    from cms.review.models import ReviewedPage, is_approved  # noqa: PLC0415

    if not isinstance(workflow_state.content_object.specific, ReviewedPage):
        publish_workflow_state(workflow_state, user=user)
        return
    revision = workflow_state.current_task_state.revision
    if not is_approved(revision):
        # A workflow without the task, or a task that is taken out of service: Wagtail then finishes what is at it.
        raise PermissionDenied("No medical review has approved this version.")
    revision.publish(user=user, skip_permission_checks=True)
