"""Doctors and practices in the admin."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.models import ModelLogEntry
from wagtail.snippets.models import register_snippet

from cms.doctors import reports, verifying
from cms.doctors.bulk_actions import ACTIONS
from cms.doctors.listing import DoctorExplorerViewSet, DoctorListingViewSet
from cms.doctors.merging import MERGE, MERGED
from cms.doctors.practice_forms import OVERRIDE
from cms.doctors.practice_merge_views import MergePracticesBulkAction
from cms.doctors.practice_views import PracticeViewSet


def register_permissions() -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label="doctors", codename="override_place_check")


class Overridden(LogFormatter):
    label = "Confirm a point that was refused"

    def format_message(self, entry: ModelLogEntry) -> str:
        return f"Confirmed the point all the same: {entry.data['objection']}"


class Merged(LogFormatter):
    label = "Merge practices"

    def format_message(self, entry: ModelLogEntry) -> str:
        facts = "; ".join(f"{name}: {value}" for name, value in entry.data["facts"].items())
        return f"Merged with '{entry.data['other']}' and its {entry.data['doctors']} doctors' pages. It said: {facts}"


class MergedAway(LogFormatter):
    label = "Merge into another practice"

    def format_message(self, entry: ModelLogEntry) -> str:
        return f"Merged into '{entry.data['kept']}'"


def register_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(OVERRIDE)(Overridden)
    actions.register_action(MERGE)(Merged)
    actions.register_action(MERGED)(MergedAway)
    actions.register_action(verifying.ACTION, "Verify", "Verified: the facts were confirmed")


register_snippet(PracticeViewSet)
hooks.register("register_permissions", register_permissions)
hooks.register("register_log_actions", register_log_actions)
hooks.register("register_bulk_action", MergePracticesBulkAction)
hooks.register("register_admin_viewset", lambda: [DoctorListingViewSet(), DoctorExplorerViewSet()])
hooks.register("register_admin_urls", reports.urls)
hooks.register("register_reports_menu_item", reports.menu_item)
for action in ACTIONS:
    hooks.register("register_bulk_action", action)
