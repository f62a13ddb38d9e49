"""The report "Search service" in the admin, its permissions, and its line in the audit log."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogActionRegistry

from cms.menu import item_for
from cms.search_status import rebuild
from cms.search_status.views import ReportView


def register_urls() -> list[URLResolver]:
    return [path("search-service/", include("cms.search_status.urls"))]


def register_menu_item() -> MenuItem:
    url = reverse("search_status:report")
    item = item_for(ReportView)
    return item(_("Search service"), url, name="search-service", icon_name="search", order=1200)


def register_permissions() -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label="search_status")


def register_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action(rebuild.ACTION, rebuild.ACTION_LABEL, rebuild.ACTION_MESSAGE)


hooks.register("register_admin_urls", register_urls)
hooks.register("register_reports_menu_item", register_menu_item)
hooks.register("register_permissions", register_permissions)
hooks.register("register_log_actions", register_log_actions)
