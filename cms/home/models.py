"""The root of the page tree."""

from __future__ import annotations

from wagtail.models import Page


class HomePage(Page):  # type: ignore[misc]
    """The root of one language: it holds the condition index and the doctor index."""

    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["conditions.ConditionIndexPage", "doctors.DoctorIndexPage"]
    max_count = 1
    preview_modes = []

    class Meta:
        verbose_name = "home"
