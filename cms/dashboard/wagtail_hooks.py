"""The panel, its lists and the report in the admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from cms.dashboard.panels import WaitingPanel
from cms.dashboard.views import CoverageView, search_line
from cms.dashboard.waiting import LISTS


def register_urls() -> list[URLPattern]:
    urls = [
        path("dashboard/search/", search_line, name="dashboard_search"),
        path("reports/coverage/", CoverageView.as_view(), name="coverage"),
    ]
    for waiting in LISTS:
        address, name = waiting.url_name.replace("_", "/"), waiting.url_name
        urls.append(path(f"{address}/", waiting.as_view(), name=name))
        results = waiting.as_view(results_only=True)
        urls.append(path(f"{address}/results/", results, name=f"{name}_results"))
    return urls


def add_panel(request: HttpRequest, panels: list[Any]) -> None:
    panels.append(WaitingPanel())


def register_menu_item() -> MenuItem:
    return MenuItem("Coverage", reverse("coverage"), name="coverage", icon_name="globe", order=1150)


hooks.register("register_admin_urls", register_urls)
hooks.register("construct_homepage_panels", add_panel)
hooks.register("register_reports_menu_item", register_menu_item)
