"""What the admin forms of several kinds of page share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from django.utils import timezone
from wagtail.admin.forms import WagtailAdminModelForm, WagtailAdminPageForm
from wagtail.admin.forms.pages import CopyForm

from cms.validation import check_slug_is_free


class CompleteForm(WagtailAdminModelForm):
    """A form that asks for the required fields of a draft, too.

    Wagtail lets a draft lack them. Bulk publishing and workflows then publish it without a form: a blank
    name in a list would go live unseen, a blank field would end in a server error.
    """

    def defer_required_fields(self) -> None:
        pass


class CompletePageForm(CompleteForm, WagtailAdminPageForm):
    """As CompleteForm, of a page."""

    def clean(self) -> dict[str, Any]:
        cleaned_data: dict[str, Any] = super().clean()
        go_live_at = cleaned_data.get("go_live_at")
        if self.instance._state.adding and go_live_at and go_live_at > timezone.now():
            # Wagtail would insert the page as live, and only then put it off.
            self.instance.live = False
        return cleaned_data


class OneSlugCopyForm(CopyForm):
    """Copies a page whose slug must be free in its whole language. Wagtail only asks for its new siblings."""

    def clean(self) -> dict[str, Any]:
        cleaned_data: dict[str, Any] = super().clean()
        if slug := cleaned_data.get("new_slug"):
            try:
                # A copy keeps the language, wherever it goes.
                check_slug_is_free(self.page.specific_class(slug=slug, locale_id=self.page.locale_id))
            except ValidationError as error:
                self.add_error("new_slug", error.messages)
        return cleaned_data


class FolderCopyForm(CopyForm):
    """Copies a folder without its pages: their copies would keep their slugs, in the same language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if subpages := self.fields.get("copy_subpages"):
            subpages.initial, subpages.disabled = False, True
            subpages.help_text = "Not possible: two pages in one language cannot have the same slug."


def filled_in(formset: forms.BaseFormSet[Any], field: str) -> Iterator[tuple[forms.BaseForm, Any]]:
    """The rows of a child formset that stay and have a `field` that can be used, with its value."""
    for form in formset.forms:
        if (
            form.is_valid()
            and not form.cleaned_data.get("DELETE")
            and form.cleaned_data.get(field) is not None
        ):
            yield form, form.cleaned_data[field]


def refuse_repeats(formset: forms.BaseFormSet[Any], field: str, message: str, *, of: str = "") -> None:
    """Mark every row of a child formset whose `field` stands in an earlier row, too; where `of` is given, in one
    that has the same in that field.

    Not a unique constraint: rows are saved one by one, so two rows that swap their values would break it.
    """
    seen = set()
    for form, value in filled_in(formset, field):
        key = value, of and form.cleaned_data.get(of)
        if key in seen:
            form.add_error(field, message)
        seen.add(key)


def offer_own_language(
    field: forms.Field, locale_id: int | None, *, chosen: Iterable[Model], order: str
) -> None:
    """Let a multiple choice offer what is in the page's language, and what has been chosen already."""
    assert isinstance(field, forms.ModelMultipleChoiceField)
    assert field.queryset is not None
    wanted = Q(locale=locale_id) | Q(pk__in=[instance.pk for instance in chosen])
    field.queryset = field.queryset.filter(wanted).order_by(order)
