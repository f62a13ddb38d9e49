"""The admin form of a condition."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from cms.conditions.citations import check_citations
from cms.forms import CompletePageForm, refuse_repeats


class ConditionPageForm(CompletePageForm):
    is_draft = False

    def defer_required_fields(self) -> None:
        """Wagtail calls this for what is neither published nor submitted."""
        self.is_draft = True
        super().defer_required_fields()

    def clean(self) -> dict[str, Any]:
        cleaned_data: dict[str, Any] = super().clean()
        if not self.is_draft and "body" in cleaned_data:
            try:
                check_citations(cleaned_data["body"])
            except ValidationError as error:
                self.add_error("body", error)
        refuse_repeats(
            self.formsets["treating_specialties"], "specialty", "This specialty is in the list already."
        )
        refuse_repeats(self.formsets["codes"], "code", "This code is in the list already.", of="system")
        related = self.formsets["related_conditions"]
        refuse_repeats(related, "condition", "This condition is in the list already.")
        for form in related.forms:
            if form.is_valid() and self.instance.pk and form.cleaned_data.get("condition") == self.instance:
                form.add_error("condition", "A condition cannot be related to itself.")
        return cleaned_data
