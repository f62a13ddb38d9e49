"""What stands above the form of a doctor."""

from __future__ import annotations

from typing import Any

from wagtail.admin.panels import Panel

from cms.doctors import duplicates


class DuplicatesPanel(Panel):
    """A warning where the doctor, as saved last, seems to have been entered twice."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "doctors/duplicates_panel.html"

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return context | {"found": duplicates.of(self.instance)}

        def is_shown(self) -> bool:
            return self.instance.pk is not None
