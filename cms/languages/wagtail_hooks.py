"""Where the admin asks whether a translation may be published, and wagtail-localize's own ways around."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.views.pages.utils import get_valid_next_url_from_request
from wagtail.admin.widgets.button import Button
from wagtail.models import Page, TranslatableMixin
from wagtail_localize.models import Translation
from wagtail_localize.wagtail_hooks import page_listing_more_buttons

from cms.languages.translated import NotTranslated, Translated, TranslatedPage, check_translated
from cms.languages.views import OWN, OwnFieldsView, ReportView, UpdateView, act, refuse_alias


def addresses() -> list[URLPattern]:
    """At the addresses of wagtail-localize, before which they are looked up."""
    return [
        path("localize/update/<int:translation_source_id>/", UpdateView.as_view()),
        path("localize/page/<int:page_id>/convert_to_alias/", refuse_alias),
        path("localize/reports/translations/", ReportView.as_view()),
        path("localize/reports/translations/results/", ReportView.as_view(results_only=True)),
    ]


def edit_translated_page(request: HttpRequest, page: Page) -> HttpResponseBase | None:
    translation = _translation_into(page)
    if translation and request.GET.get("form") == OWN and isinstance(page, TranslatedPage):
        return OwnFieldsView.as_view()(request, page_id=page.pk)  # type: ignore[no-any-return]
    return _publish(request, translation, page)


def edit_translated_snippet(request: HttpRequest, instance: Any) -> HttpResponseBase | None:
    if not isinstance(instance, TranslatableMixin):
        return None
    return _publish(request, _translation_into(instance), instance)


def _translation_into(instance: Any) -> Translation | None:
    found: Translation | None = Translation.objects.filter(
        source__object_id=instance.translation_key, target_locale=instance.locale_id, enabled=True
    ).first()
    return found


def _publish(request: HttpRequest, translation: Translation | None, instance: Any) -> HttpResponseBase | None:
    if translation and request.method == "POST" and request.POST.get("action") == "publish":
        return act(request, translation, instance)
    return None


def way_back(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """From the form of a translation's own fields to its texts."""
    if view_name == "edit" and _translation_into(page):
        url = reverse("wagtailadmin_pages:edit", args=[page.pk])
        yield Button("Texts to translate", url, icon_name="wagtail-localize-language", priority=1)


def refuse_untranslated(request: HttpRequest, instance: Any) -> HttpResponseBase | None:
    """In Wagtail's forms: what was typed is saved as a draft by then."""
    return _refused(request, [instance], request.get_full_path())


def refuse_untranslated_in_bulk(
    request: HttpRequest, action_type: str, objects: Iterable[Any], action: Any
) -> HttpResponseBase | None:
    if action_type != "publish" or request.method != "POST":
        return None
    rows = [it.specific.get_latest_revision_as_object() if isinstance(it, Page) else it for it in objects]
    return _refused(request, rows, get_valid_next_url_from_request(request) or "wagtailadmin_home")


def _refused(request: HttpRequest, instances: Iterable[Any], to: str) -> HttpResponseBase | None:
    try:
        for instance in instances:
            if isinstance(instance, Translated):
                check_translated(instance)
    except NotTranslated as error:
        messages.error(request, error.messages[0])
        return redirect(to)
    return None


def no_alias(items: list[ActionMenuItem], request: HttpRequest, context: dict[str, Any]) -> None:
    items[:] = [item for item in items if item.name != "localize-convert-to-alias"]


hooks.register("register_admin_urls", addresses, order=-1)
hooks.register("before_edit_page", edit_translated_page, order=-1)
hooks.register("before_edit_snippet", edit_translated_snippet, order=-1)
hooks.register("register_page_header_buttons", way_back)
hooks.register("before_publish_page", refuse_untranslated)
hooks.register("before_publish", refuse_untranslated)
hooks.register("before_bulk_action", refuse_untranslated_in_bulk)
hooks.register("construct_page_action_menu", no_alias)
# wagtail-localize asks of each page in a listing whether it can be translated: two queries or more a row. The
# button stays where it is asked of one page, in its header. Wagtail has no way to take a hook back.
hooks._hooks["register_page_listing_more_buttons"].remove((page_listing_more_buttons, 0))  # noqa: SLF001
