"""The page of a translation: wagtail-localize's editor for its texts, Wagtail's form for all else."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import HiddenInput
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, InlinePanel, Panel, PanelGroup
from wagtail.admin.views.pages.edit import EditView
from wagtail.models import Page
from wagtail_localize.models import Translation
from wagtail_localize.views.report import TranslationsReportView
from wagtail_localize.views.update_translations import UpdateTranslationsView

from cms.forms import CompletePageForm
from cms.languages.drafts import drafted
from cms.languages.translated import NotTranslated, check_translated

OWN = "own"  # the value of `form` in the edit view's address


def own_url(page: Page) -> str:
    """Where the fields of a translation are that its language has for itself, and where it is published."""
    return f"{reverse('wagtailadmin_pages:edit', args=[page.pk])}?form={OWN}"


def act(request: HttpRequest, translation: Translation, instance: Any) -> HttpResponseBase:
    """The button "Publish" of wagtail-localize's editor, by our rules and in our words."""
    if isinstance(instance, Page):
        if not instance.permissions_for_user(request.user).can_publish():
            raise PermissionDenied
        lock = instance.get_lock()
        if lock and lock.for_user(request.user):
            messages.error(request, lock.get_message(request.user) or "This page is locked.")
            return redirect(request.path)
    try:
        translation.save_target(user=request.user, publish=True)
    except NotTranslated as error:
        messages.error(request, f"{error.messages[0]} What there is was saved as a draft.")
    except ValidationError as error:
        messages.error(request, f"Not published: {' '.join(error.messages)}")
    else:
        instance.refresh_from_db()
        messages.success(request, f"Published “{instance}” in {translation.target_locale}.")
    return redirect(request.path)


class OwnFieldsView(EditView):
    """Wagtail's edit view of a translation, with all that stands in no other place: the words by which it is searched
    for, its review, its address, its workflow. What it saves has the translations that there are."""

    def get_object(self) -> Page:
        self.translation = Translation.objects.get(
            source__object_id=self.real_page_record.translation_key,
            target_locale=self.real_page_record.locale_id,
            enabled=True,
        )
        return drafted(self.translation)

    def run_hook(self, hook_name: str, *args: Any, **kwargs: Any) -> Any:
        if hook_name == "before_edit_page":
            return None  # they brought us here
        return super().run_hook(hook_name, *args, **kwargs)

    def get_edit_url(self) -> str:
        return own_url(self.page)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self._narrow()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self._narrow()
        return super().post(request, *args, **kwargs)

    def submit_action(self) -> Any:
        return self._if_translated(super().submit_action)

    def restart_workflow_action(self) -> Any:
        return self._if_translated(super().restart_workflow_action)

    def _if_translated(self, action: Callable[[], Any]) -> Any:
        try:
            check_translated(self.page)
        except NotTranslated as error:
            messages.error(self.request, error.messages[0].replace("Not published", "Not submitted"))
            return self.save_action()
        return action()

    def _narrow(self) -> None:
        translated = {field.field_name for field in self.page_class.translatable_fields}
        handler = without(self.page_class.edit_handler, translated)
        # The model's own form asks for what is not here.
        handler.base_form_class = CompletePageForm
        self.edit_handler = handler.bind_to_model(self.page_class)
        self.form_class = self.edit_handler.get_form_class()


def without(group: PanelGroup, fields: Collection[str]) -> PanelGroup:
    """A copy of a group of panels that lacks those of some fields, and the groups that are left with none."""
    left: list[Panel] = []
    for panel in group.children:
        if isinstance(panel, PanelGroup):
            narrowed = without(panel, fields)
            if narrowed.children:
                left.append(narrowed)
        elif getattr(panel, "field_name", getattr(panel, "relation_name", None)) not in fields:
            left.append(panel)
    if not any(isinstance(panel, FieldPanel | InlinePanel | PanelGroup) for panel in left):
        left = []
    copied = group.clone()
    copied.children = left
    return copied


class UpdateView(UpdateTranslationsView):
    """Without the tick to publish at once: what has changed is not translated yet."""

    def get_form(self) -> Any:
        form = super().get_form()
        field = form.fields["publish_translations"]
        field.disabled, field.widget = True, HiddenInput()
        return form


class ReportView(TranslationsReportView):
    """Without what is translated in a form (specialties, texts of pages) or no longer text by text: it would wait for
    ever."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(enabled=True).order_by("source__object_repr", "pk")


def refuse_alias(request: HttpRequest, page_id: int) -> HttpResponseBase:
    """In the place of wagtail-localize's view that makes a translation an alias of its source."""
    messages.error(
        request,
        "Not possible: an alias would show untranslated text. Unpublish or delete the translation instead.",
    )
    return redirect("wagtailadmin_pages:edit", page_id)
