"""How a translation is written: as a draft, and published only when somebody publishes it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from wagtail.models import Locale, Page, Revision, TranslatableMixin
from wagtail_localize.fields import copy_synchronised_fields
from wagtail_localize.models import StringTranslation, Translation, TranslationLog, TranslationSource
from wagtail_localize.segments.ingest import ingest_segments

from cms.languages.translated import Translated, slug_from_title, untranslated


def save_translation(
    source: TranslationSource,
    locale: Locale,
    user: Any = None,
    publish: bool = True,
    copy_parent_pages: bool = False,
    fallback: bool = False,
) -> tuple[Any, bool]:
    """What wagtail-localize calls as TranslationSource.create_or_update_translation.

    Its own one writes what it has, the source's words where there is no translation, into the live row, whether it
    is to be published or not, and publishes after the commit. This one writes a revision, and publishes that by the
    rules of its model. NotTranslated leaves the draft.
    """
    original = source.as_instance()
    target, created = _target(source, original, locale, copy_parent_pages)
    try:
        revision = _save_draft(source, original, target, locale, fallback, user)
    except ValidationError as error:
        _mark(source, locale, error)
        raise
    if isinstance(original, Page):
        source.sync_view_restrictions(original, target)
    TranslationLog.objects.create(source=source, locale=locale, revision=revision)
    if publish:
        # The transaction is for a refusal in mid-publication: the draft stays.
        with transaction.atomic():
            revision.publish(user=user)
    return target, created


def drafted(translation: Translation) -> Any:
    """The target as it would be published now: its latest draft with the translations that there are."""
    source = translation.source
    target = translation.get_target_instance().get_latest_revision_as_object()
    return _with_translations(source, source.as_instance(), target, translation.target_locale, fallback=True)


def follow_source(instance: Any, **kwargs: Any) -> None:
    """On the signal published: show translators what has changed, and keep facts that nobody translates in step."""
    if not isinstance(instance, TranslatableMixin) or not instance.live:
        return
    source = TranslationSource.objects.filter(
        object_id=instance.translation_key, locale=instance.locale_id
    ).first()
    if source is None:
        return
    source.update_from_db()
    if not getattr(instance, "follows_source", False):
        return
    for translation in source.translations.filter(enabled=True).select_related("target_locale"):
        target = translation.get_target_instance()
        if target.live and not target.has_unpublished_changes and not untranslated(drafted(translation)):
            translation.save_target(publish=True)


def _target(source: TranslationSource, original: Any, locale: Locale, copy_parents: bool) -> tuple[Any, bool]:
    try:
        return source.get_translated_instance(locale), False
    except ObjectDoesNotExist:
        pass
    if isinstance(original, Page):
        return original.copy_for_translation(locale, copy_parents=copy_parents), True
    target = original.copy_for_translation(locale)
    # A snippet's copy is as live as its source.
    target.live = False
    target.live_revision = target.first_published_at = target.last_published_at = None
    target.save()
    return target, True


def _save_draft(
    source: TranslationSource, original: Any, target: Any, locale: Locale, fallback: bool, user: Any
) -> Revision:
    with transaction.atomic():
        draft = target.get_latest_revision_as_object()
        draft = _with_translations(source, original, draft, locale, fallback=fallback)
        return draft.save_revision(user=user, log_action=True)


def _with_translations(
    source: TranslationSource, original: Any, draft: Any, locale: Locale, fallback: bool
) -> Any:
    copy_synchronised_fields(original, draft)
    segments = source._get_segments_for_translation(locale, fallback=fallback)  # noqa: SLF001 - else from the live row
    ingest_segments(original, draft, source.locale, locale, segments)
    if isinstance(draft, Translated):
        draft.adapt_to_locale()
    if isinstance(draft, Page):
        draft.slug = slug_from_title(draft, original)
    return draft


def _mark(source: TranslationSource, locale: Locale, error: ValidationError) -> None:
    """Show an error beside the translation that it is about."""
    for field, errors in getattr(error, "error_dict", {}).items():
        for string in StringTranslation.objects.filter(
            context__object=source.object_id,
            context__path=field,
            locale=locale,
            translation_of__segments__source=source,
        ).distinct():
            string.set_field_error(errors)
