"""Set up the workflow by which articles are published, in the place of Wagtail's own."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from cms.review.workflow import WORKFLOW, assign_workflow
from cms.roles.groups import MEDICAL_REVIEWERS

WAGTAILS = "Moderators approval"


def set_up(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    retire_wagtails(apps)
    content_type = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="review", model="medicalreviewtask"
    )[0]
    task = apps.get_model("review", "MedicalReviewTask").objects.create(
        name=WORKFLOW, content_type=content_type, active=True
    )
    task.groups.set(apps.get_model("auth", "Group").objects.filter(name=MEDICAL_REVIEWERS))
    workflow = apps.get_model("wagtailcore", "Workflow").objects.create(name=WORKFLOW, active=True)
    apps.get_model("wagtailcore", "WorkflowTask").objects.create(
        workflow=workflow, task_id=task.pk, sort_order=0
    )
    for index in apps.get_model("conditions", "ConditionIndexPage").objects.all():
        assign_workflow(apps, index)


def retire_wagtails(apps: Apps) -> None:
    """What is under way in it is cancelled: its approval would publish nothing. The drafts stay."""
    Workflow = apps.get_model("wagtailcore", "Workflow")
    for workflow in Workflow.objects.filter(name=WAGTAILS, workflow_pages=None, workflow_content_types=None):
        states = apps.get_model("wagtailcore", "WorkflowState").objects.filter(workflow=workflow)
        tasks = apps.get_model("wagtailcore", "TaskState").objects.filter(workflow_state__in=states)
        tasks.filter(status="in_progress").update(status="cancelled")
        states.filter(status__in=["in_progress", "needs_changes"]).update(status="cancelled")
        Workflow.objects.filter(pk=workflow.pk).update(active=False)
        own = apps.get_model("wagtailcore", "Task").objects.filter(workflow_tasks__workflow=workflow)
        own.exclude(workflow_tasks__workflow__active=True).update(active=False)


def take_away(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("wagtailcore", "Workflow").objects.filter(name=WORKFLOW).delete()
    apps.get_model("wagtailcore", "Task").objects.filter(content_type__app_label="review").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0003_medical_review_task"),
        ("roles", "0001_groups"),
        ("home", "0002_page_tree"),
        ("conditions", "0003_reviewer_moved"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [migrations.RunPython(set_up, take_away)]
