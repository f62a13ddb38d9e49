"""The root of the page tree."""

from __future__ import annotations

from wagtail.models import Page


class HomePage(Page):
    """The root of one language: it holds the condition index and the doctor index."""

    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["conditions.ConditionIndexPage", "doctors.DoctorIndexPage"]
    max_count = 1
    preview_modes: list[tuple[str, str]] = []  # headless: there is no page to show

    class Meta:
        verbose_name = "home"
