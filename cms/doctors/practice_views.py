"""Practices in the admin: their snippet views, and what the map asks for."""

from __future__ import annotations

import math
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin
from wagtail.snippets.views.snippets import CreateView, EditView, SnippetViewSet

from cms.doctors import places
from cms.doctors.practices import Practice
from cms.search_status.client import SearchUnavailable
from cms.usage import UsageView

NEIGHBOURS = 100
NEIGHBOURHOOD_DEGREES = 1.0


class _WarnsOfUncheckedPlace:
    """Beside a practice's having been saved, say that its place could not be checked."""

    request: HttpRequest
    form: Any

    def save_action(self) -> Any:
        response = super().save_action()  # type: ignore[misc]
        if reason := self.form.place_unchecked:
            messages.warning(
                self.request,
                "Whether the point lies where the address says was not checked, since the search service cannot be "
                f"reached: {reason}.",
            )
        return response


class PracticeCreateView(_WarnsOfUncheckedPlace, CreateView):
    pass


class PracticeEditView(_WarnsOfUncheckedPlace, EditView):
    pass


class _MapView(PermissionCheckedMixin, View):
    """For whoever may write practices."""

    model = Practice
    any_permission_required = ("add", "change")


class FindPlaceView(_MapView):
    """GET with `locality`, `region`, `postal_code` and `country`: `{"places": [{label, lat, lng, time_zone}]}`, the
    likeliest first; or `{"error"}`."""

    def get(self, request: HttpRequest) -> JsonResponse:
        address = [request.GET.get(name, "") for name in ("locality", "region", "postal_code", "country")]
        try:
            found = places.find(*address)
        except SearchUnavailable as error:
            return JsonResponse({"error": f"The search service cannot be reached: {error}."})
        return JsonResponse(
            {
                "places": [
                    {"label": place.label, "lat": place.lat, "lng": place.lng, "time_zone": place.time_zone}
                    for place in found
                ]
            }
        )


class NeighboursView(_MapView):
    """GET with `lat` and `lng`, decimal degrees: `{"practices": [{name, lat, lng}]}`, some of those a degree around
    it, but for the one whose primary key is `but`."""

    def get(self, request: HttpRequest) -> JsonResponse:
        lat, lng = (_degrees(request.GET.get(name, "")) for name in ("lat", "lng"))
        around = Practice.objects.filter(
            lat__range=(lat - NEIGHBOURHOOD_DEGREES, lat + NEIGHBOURHOOD_DEGREES),
            lng__range=(lng - NEIGHBOURHOOD_DEGREES, lng + NEIGHBOURHOOD_DEGREES),
        )
        if (but := request.GET.get("but", "")).isdecimal():
            around = around.exclude(pk=but)
        return JsonResponse(
            {"practices": list(around.order_by("pk").values("name", "lat", "lng")[:NEIGHBOURS])}
        )


def _degrees(text: str) -> float:
    """Nowhere, if it is no number."""
    try:
        value = float(text)
    except ValueError:
        return 1000.0
    return value if math.isfinite(value) else 1000.0


class PracticeViewSet(SnippetViewSet):
    model = Practice
    icon = "home"
    add_to_admin_menu = True
    menu_order = 220
    add_view_class = PracticeCreateView
    edit_view_class = PracticeEditView
    usage_view_class = UsageView
    list_display = ["name", "locality", "region", "country", "kind", "phone_or_fault"]
    list_filter = ["country", "region", "kind", "place_confirmed"]
    list_export = [
        "uuid",
        "name",
        "kind",
        "street",
        "locality",
        "region",
        "postal_code",
        "country",
        "lat",
        "lng",
        "phone",
        "website",
        "time_zone",
    ]
    copy_view_enabled = False  # the copy would stand at the same point under the same name

    def get_urlpatterns(self) -> list[URLPattern]:
        patterns: list[URLPattern] = super().get_urlpatterns()
        return [
            *patterns,
            path("find-place/", FindPlaceView.as_view(), name="find_place"),
            path("neighbours/", NeighboursView.as_view(), name="neighbours"),
        ]
