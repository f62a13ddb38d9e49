"""Practices in the admin."""

from __future__ import annotations

from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.doctors.practices import Practice


class PracticeViewSet(SnippetViewSet):
    model = Practice
    icon = "home"
    add_to_admin_menu = True
    menu_order = 220
    list_display = ["name", "locality", "region", "country", "lat", "lng"]
    list_filter = ["country", "region"]
    list_export = [
        "uuid",
        "name",
        "street",
        "locality",
        "region",
        "postal_code",
        "country",
        "lat",
        "lng",
        "phone",
    ]
    copy_view_enabled = False  # the copy would stand at the same point under the same name


register_snippet(PracticeViewSet)
