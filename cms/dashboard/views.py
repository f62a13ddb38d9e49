"""The report "Coverage", and what search says on the first page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.models import Locale
from wagtail.permissions import policy_registry

from cms.dashboard.coverage import Country, coverage
from cms.dashboard.models import ListedDoctors
from cms.search_status import client
from cms.search_status.client import SearchUnavailable
from cms.search_status.models import SearchService
from cms.search_status.views import SEE_REPORT

PER_PAGE = 50
# Of the plot, in its own units.
BARS, ROW, LABEL, WIDTH = 30, 26, 190, 400
NOWHERE = "none"


class CoverageView(WagtailAdminTemplateMixin, TemplateView):
    """By country, how many conditions have a doctor there. `?country=IN` lists those that have none; `none`, those
    that have none in any country."""

    template_name = "dashboard/coverage.html"
    page_title = "Coverage"
    header_icon = "globe"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        listed = ListedDoctors.last()
        found = coverage(Locale.get_default(), listed)
        nowhere = found.nowhere()
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context |= {"listed": listed, "countries": found.countries, "nowhere": len(nowhere)}
        context["plot"] = _plot(found.countries[:BARS])
        chosen = self.request.GET.get("country", "")
        if chosen:
            names = {country.code: country.name for country in found.countries} | {NOWHERE: "any country"}
            if chosen not in names:
                raise Http404
            conditions = nowhere if chosen == NOWHERE else found.without(chosen)
            page = Paginator(conditions, PER_PAGE).get_page(self.request.GET.get("p"))
            context |= {"chosen": chosen, "name": names[chosen], "page": page}
        return context


def _plot(countries: list[Country]) -> dict[str, Any]:
    """A bar for each country: where it stands and how long it is."""
    bars = [
        {"country": country, "y": ROW * number, "width": WIDTH * country.percent // 100}
        for number, country in enumerate(countries)
    ]
    return {
        "bars": bars,
        "height": ROW * len(bars),
        "width": LABEL + WIDTH + 60,
        "left": LABEL,
        "full": WIDTH,
    }


def search_line(request: HttpRequest) -> HttpResponse:
    """How many documents the search service has refused: a part of the first page."""
    if not policy_registry.get_by_type(SearchService).user_has_any_permission(request.user, SEE_REPORT):
        raise PermissionDenied
    try:
        context: dict[str, Any] = {"refused": client.status().refused}
    except SearchUnavailable as error:
        context = {"unavailable": error}
    return render(request, "dashboard/search.html", context)
