"""What is translated, and the rule that nothing untranslated is published."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.utils.text import slugify
from wagtail.coreutils import find_available_slug
from wagtail.models import Locale, Page
from wagtail_localize.models import String, StringTranslation, Translation
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments

# Shorter texts may be the same in two languages ("Migraine", "10 mg"). Where texts are translated one by one,
# somebody has said so; where they are written freely, nobody was asked.
SENTENCE = 4


class NotTranslated(ValidationError, PermissionDenied):
    """A translation was to be published before all of it was translated.

    What is not valid the scheduler refuses, once; what is denied the admin answers with a message.
    """


class Translated:
    """For the model of a page or of a snippet with drafts, published in several languages, each a row of its own.

    wagtail-localize reads `translatable_fields`: what is translated text by text, and what is as in the source.
    All else each language has for itself: of it, `own_fields` are empty when a translation begins, since in the
    source they are words of its language, or claim what was done for its text only.
    """

    translatable_fields: list[Any] = []
    own_fields: list[str] = []
    # Whether a translation is published anew by itself when its source is, if there is nothing to translate.
    follows_source = False

    def copy_for_translation(self, locale: Locale, *args: Any, **kwargs: Any) -> Any:
        if kwargs.pop("alias", False):
            raise NotTranslated("An alias in another language would show untranslated text.")
        exclude = [*(kwargs.pop("exclude_fields", None) or ()), *self.own_fields]
        return super().copy_for_translation(locale, *args, exclude_fields=exclude, **kwargs)  # type: ignore[misc]

    def adapt_to_locale(self) -> None:
        """Name what is named as in the source by its translation into this language, where there is one."""

    def publish(self, revision: Any, *args: Any, **kwargs: Any) -> Any:
        check_translated(revision.as_object())
        return super().publish(revision, *args, **kwargs)  # type: ignore[misc]


class TranslatedPage(Translated, Page):
    """A page that may be shown in other languages, too."""

    shown_elsewhere = models.BooleanField(
        "shown in other languages",
        default=True,
        help_text="Where it is not translated, in each language that has this one as its fallback.",
    )

    class Meta:
        abstract = True


def check_translated(instance: Any) -> None:
    """Raise NotTranslated, in the words an editor sees, if this may not be published as it is."""
    found = untranslated(instance)
    if found:
        some = ", ".join(f"“{text[:60]}”" for text in found[:3])
        raise NotTranslated(
            f"Not published: of “{instance}” {len(found)} texts are not translated yet, such as {some}."
            if len(found) > 1
            else f"Not published: of “{instance}” one text is not translated yet: {some}."
        )


def untranslated(instance: Any) -> list[str]:
    """The texts of a translation that stand as in the language of its source, in reading order. Of what is no
    translation, none."""
    translation = (
        Translation.objects.filter(
            source__object_id=instance.translation_key, target_locale=instance.locale_id
        )
        .order_by("-enabled")
        .select_related("source")
        .first()
    )
    if translation is None:
        return []
    texts = [
        (segment.path, segment.string.data)
        for segment in extract_segments(instance)
        if isinstance(segment, StringSegmentValue)
    ]
    hashes = [String._get_data_hash(text) for _, text in texts]  # noqa: SLF001 - the column that is indexed
    # All that was ever a text of a source: a draft may have been made from an older one.
    strings = String.objects.filter(locale=translation.source.locale_id, data_hash__in=hashes)
    foreign = set(strings.values_list("data", flat=True))
    # The translator has said that it is the same in both languages.
    same = set(
        StringTranslation.objects.filter(
            locale=instance.locale_id, context__object=instance.translation_key, has_error=False
        ).values_list("context__path", "data")
    )
    found = [text for path, text in texts if text in foreign and (path, text) not in same]
    if not translation.enabled and len(found) < len(texts):
        found = [text for text in found if len(text.split()) >= SENTENCE]
    return found


def in_locale(instance: Any, locale: Locale) -> Any:
    """The translation of a page or a live snippet into a language, itself if there is none."""
    rows = type(instance)._default_manager.filter(translation_key=instance.translation_key, locale=locale)
    if not isinstance(instance, Page):
        rows = rows.filter(live=True)
    return rows.first() or instance


def slug_from_title(page: Page, source: Page) -> str:
    """The slug of a translation: made from its title once that is translated, and then kept."""
    made = slugify(page.title, allow_unicode=True)[:200]
    if page.live or page.slug != source.slug or not made or page.title == source.title:
        return str(page.slug)
    return str(find_available_slug(page.get_parent(), made, ignore_page_id=page.pk))
