"""The workflow that the migrations set up: which pages it is for. An administrator may change it."""

from __future__ import annotations

from typing import Any

WORKFLOW = "Medical review"


def assign_workflow(apps: Any, index: Any) -> None:
    """Have what lies below `index` go through the medical review, unless an administrator has said otherwise.

    `apps` is Django's registry, or that of a migration.
    """
    workflow = apps.get_model("wagtailcore", "Workflow").objects.filter(name=WORKFLOW, active=True).first()
    if workflow:
        pages = apps.get_model("wagtailcore", "WorkflowPage").objects
        pages.get_or_create(page_id=index.pk, defaults={"workflow": workflow})
