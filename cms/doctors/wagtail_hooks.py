"""Practices in the admin."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry
from wagtail.snippets.models import register_snippet

from cms.doctors.practice_forms import OVERRIDE
from cms.doctors.practice_views import PracticeViewSet


def register_permissions() -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label="doctors", codename="override_place_check")


def register_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(
        OVERRIDE, "Confirm a point that was refused", "Confirmed the point, though it was refused"
    )


register_snippet(PracticeViewSet)
hooks.register("register_permissions", register_permissions)
hooks.register("register_log_actions", register_log_actions)
