"""Specialties in the admin."""

from __future__ import annotations

from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.taxonomy.models import Specialty
from cms.usage import UsageView


class SpecialtyViewSet(SnippetViewSet):
    model = Specialty
    icon = "tag"
    add_to_admin_menu = True
    menu_order = 230
    usage_view_class = UsageView
    list_display = ["name", "practitioner_name", "slug", "schema_org_code"]
    copy_view_enabled = False  # a copy would only be a second specialty of the same name


register_snippet(SpecialtyViewSet)
