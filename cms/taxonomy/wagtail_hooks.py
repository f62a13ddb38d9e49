"""Specialties in the admin."""

from __future__ import annotations

from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.taxonomy.models import Specialty


class SpecialtyViewSet(SnippetViewSet):
    model = Specialty
    icon = "tag"
    add_to_admin_menu = True
    menu_order = 230
    list_display = ["name", "practitioner_name", "slug", "schema_org_code"]
    copy_view_enabled = False  # a copy would only be a second specialty of the same name


register_snippet(SpecialtyViewSet)
