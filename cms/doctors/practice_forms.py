"""The admin form of a practice."""

from __future__ import annotations

from typing import Any

from django import forms
from wagtail.admin.forms import WagtailAdminModelForm

from cms.doctors.opening_hours import overlapping


class PracticeForm(WagtailAdminModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned_data: dict[str, Any] = super().clean()
        self._check_opening_hours()
        return cleaned_data

    def _check_opening_hours(self) -> None:
        rows = [
            row
            for row in self.formsets["opening_hours"].forms
            if row.is_valid() and row.has_changed() | bool(row.instance.pk) and not _is_deleted(row)
        ]
        hours = [
            (row.cleaned_data["day"], row.cleaned_data["opens"], row.cleaned_data["closes"]) for row in rows
        ]
        for number in overlapping(hours):
            rows[number].add_error("opens", "Overlaps with the hours of another row.")


def _is_deleted(row: forms.BaseForm) -> bool:
    return bool(row.cleaned_data.get("DELETE"))
