"""Translating as the admin does it: submitted, text by text, published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse
from wagtail.models import Locale, Page
from wagtail_localize.models import StringSegment, Translation

from tests.cms.admin import errors_of


def edit_url(instance: Any) -> str:
    if isinstance(instance, Page):
        return reverse("wagtailadmin_pages:edit", args=[instance.pk])
    return reverse(
        f"wagtailsnippets_{instance._meta.app_label}_{instance._meta.model_name}:edit", args=[instance.pk]
    )


def submit(client: Client, instance: Any, *locales: Locale, **data: Any) -> Any:
    """Send the form "Translate this page". The translation into the first locale is returned, as its row is now."""
    if isinstance(instance, Page):
        url = reverse("wagtail_localize:submit_page_translation", args=[instance.pk])
    else:
        at = [instance._meta.app_label, instance._meta.model_name, instance.pk]
        url = reverse("wagtail_localize:submit_snippet_translation", args=at)
    response = client.post(url, {"locales": [locale.pk for locale in locales]} | data)
    assert response.status_code == 302, errors_of(response)
    return type(instance).objects.get(translation_key=instance.translation_key, locale=locales[0])


def translation_into(target: Any) -> Translation:
    return Translation.objects.get(
        source__object_id=target.translation_key, target_locale=target.locale, enabled=True
    )


def translate(client: Client, target: Any, words: Callable[[str], str], *, leave: int = 0) -> int:
    """Have a translator type `words` of each text, but for the last ones; how many were typed is returned."""
    translation = translation_into(target)
    segments = (
        StringSegment.objects.filter(source=translation.source).order_by("order").select_related("string")
    )
    some = list(segments)[: segments.count() - leave]
    for segment in some:
        type_in(client, translation, segment, words(segment.string.data))
    return len(some)


def type_in(client: Client, translation: Translation, segment: StringSegment, text: str) -> None:
    url = reverse("wagtail_localize:edit_string_translation", args=[translation.pk, segment.pk])
    response = client.put(url, urlencode({"value": text}), content_type="application/x-www-form-urlencoded")
    assert response.status_code in (200, 201), response.content


def press_publish(client: Client, target: Any) -> str:
    """The button of the translation editor. What it says then is returned."""
    response = client.post(edit_url(target), {"action": "publish"}, follow=True)
    return "\n".join(str(message) for message in response.context["messages"])


def in_french(text: str) -> str:
    """Not French, but not English either."""
    return f"fr: {text}"
