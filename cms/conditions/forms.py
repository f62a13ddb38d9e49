"""The admin form of a condition."""

from __future__ import annotations

from typing import Any

from cms.forms import CompletePageForm, refuse_repeats


class ConditionPageForm(CompletePageForm):
    def clean(self) -> dict[str, Any]:
        cleaned_data: dict[str, Any] = super().clean()
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
