"""The map on the form of a practice, on which its point is seen and moved."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from wagtail.admin.panels import Panel


class PracticeMapPanel(Panel):
    """Beside the fields `lat` and `lng`, which say where the point is: the map shows it, and writes into them."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "doctors/practice_map.html"

        class Media:
            css = {"all": ["doctors/leaflet/leaflet.css", "doctors/practice-map.css"]}
            js = ["doctors/leaflet/leaflet.js", "doctors/practice-map.js"]

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return context | {
                "land_url": static("doctors/land.json"),
                "find_url": reverse("wagtailsnippets_doctors_practice:find_place"),
                "neighbours_url": reverse("wagtailsnippets_doctors_practice:neighbours"),
                "tile_url": settings.CMS_MAP_TILE_URL,
                "attribution": settings.CMS_MAP_ATTRIBUTION,
            }
