"""Texts of pages in the admin."""

from __future__ import annotations

from wagtail.admin.ui.tables import LiveStatusTagColumn, UpdatedAtColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.page_texts.models import PageTexts


class PageTextsViewSet(SnippetViewSet):
    model = PageTexts
    icon = "title"
    menu_label = "Page texts"
    add_to_admin_menu = True
    menu_order = 250
    list_display = ["__str__", "title", LiveStatusTagColumn(), UpdatedAtColumn()]
    copy_view_enabled = False  # there is one of each


register_snippet(PageTextsViewSet)
