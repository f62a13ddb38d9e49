"""The bulk action in the list of practices that merges those that are ticked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.shortcuts import get_list_or_404
from django.utils.text import capfirst
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction

from cms.doctors.merging import merge
from cms.doctors.models import DoctorPractice
from cms.doctors.practices import Practice

MOST = 10
# What an editor compares; the rest is of no account or has no name.
COMPARED = (
    "name",
    "kind",
    "street",
    "postal_code",
    "locality",
    "region",
    "country",
    "lat",
    "lng",
    "phone",
    "website",
    "time_zone",
    "accessibility",
)


class _NumberedChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Practices that are one have one name, as a rule: they are told apart by their numbers in the table."""

    numbers: dict[int, int]

    def label_from_instance(self, practice: Any) -> str:
        return f"{self.numbers[practice.pk]}: {practice}"


class MergeForm(forms.Form):
    kept = _NumberedChoiceField(
        Practice.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        label="Keep",
        help_text="The doctors of the others will work there. The others are deleted.",
    )

    def __init__(self, *args: Any, practices: list[Practice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.practices = practices
        field = self.fields["kept"]
        assert isinstance(field, _NumberedChoiceField)
        field.numbers = {practice.pk: number for number, practice in enumerate(practices, 1)}
        field.queryset = Practice.objects.filter(pk__in=[*field.numbers]).order_by("name", "pk")

    def clean(self) -> dict[str, Any]:
        cleaned_data: dict[str, Any] = super().clean() or {}
        if not 2 <= len(self.practices) <= MOST:
            raise ValidationError(f"Choose from 2 to {MOST} practices to merge.")
        return cleaned_data


class MergePracticesBulkAction(SnippetBulkAction):
    display_name = "Merge"
    action_type = "merge"
    aria_label = "Merge the selected practices"
    template_name = "doctors/confirm_bulk_merge.html"
    action_priority = 20
    models = [Practice]
    form_class = MergeForm

    @classmethod
    def get_queryset(cls, model: type[Practice], object_ids: Iterable[Any]) -> list[Practice]:
        pks = [pk for pk in object_ids if str(pk).isdecimal()][: MOST + 1]
        found: list[Practice] = get_list_or_404(model.objects.order_by("name", "pk"), pk__in=pks)
        return found

    def check_perm(self, practice: Practice) -> bool:
        """Merging changes one practice and deletes another."""
        return all(
            self.permission_policy.user_has_permission_for_instance(self.request.user, action, practice)
            for action in ("change", "delete")
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        return kwargs | {"practices": self.get_actionable_objects()[0]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        practices: list[Practice] = context["form"].practices
        return context | {
            "practices": practices,
            "mergeable": 2 <= len(practices) <= MOST,
            "most": MOST,
            "differing": _differing(practices),
            "doctors": _doctors(practices),
        }

    def get_execution_context(self) -> dict[str, Any]:
        assert self.cleaned_form is not None
        context: dict[str, Any] = super().get_execution_context()
        return context | {"kept": self.cleaned_form.cleaned_data["kept"], "user": self.request.user}

    @classmethod
    def execute_action(
        cls, objects: list[Practice], *, kept: Practice, user: AbstractUser, **kwargs: Any
    ) -> tuple[int, int]:
        return merge(kept, [practice for practice in objects if practice != kept], user), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        assert self.cleaned_form is not None
        kept = self.cleaned_form.cleaned_data["kept"]
        return f"Merged into '{kept}': {num_parent_objects} doctors' pages have come to it."


def _differing(practices: list[Practice]) -> list[tuple[str, list[str]]]:
    """Label and values of each field in which they are not all the same."""
    rows = [
        (capfirst(str(Practice._meta.get_field(name).verbose_name)), [_shown(p, name) for p in practices])
        for name in COMPARED
    ]
    hours = ["; ".join(map(str, practice.opening_hours.all())) for practice in practices]
    return [row for row in [*rows, ("Opening hours", hours)] if len(set(row[1])) > 1]


def _shown(practice: Practice, name: str) -> str:
    value = getattr(practice, name)
    return ", ".join(value) if isinstance(value, list) else str(value)


def _doctors(practices: list[Practice]) -> list[str]:
    """How many doctors' pages there are at each."""
    counted = (
        DoctorPractice.objects.filter(practice__in=practices)
        .order_by()
        .values("practice")
        .annotate(
            live=Count("page", filter=Q(page__live=True), distinct=True),
            drafts=Count("page", filter=Q(page__live=False), distinct=True),
        )
    )
    by_practice = {row["practice"]: f"{row['live']} published, {row['drafts']} not" for row in counted}
    return [by_practice.get(practice.pk, "none") for practice in practices]
