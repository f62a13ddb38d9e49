"""Locales are made and left, pages and snippets translated, languages stand in for others."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse
from wagtail.models import Locale, Page
from wagtail_localize.operations import translate_page_subtree

from cms.doctors.models import DoctorIndexPage, DoctorPage
from cms.home.models import HomePage
from cms.languages.models import LocaleFallback
from cms.taxonomy.models import Specialty
from tests.cms import admin as forms
from tests.cms.feed.acts import (
    ALL_PAGES,
    ANGMO,
    MYOCLONUS,
    NEUROLOGY,
    PAGE_TEXTS,
    SLEEP_MEDICINE,
    UNUSED,
    bulk,
    delete,
    edit,
    gone,
    moves,
    new,
    post,
    publish,
    unpublish,
)
from tests.cms.feed.conftest import World
from tests.cms.languages.translating import (
    edit_url,
    in_french,
    press_publish,
    submit,
    translate,
    translation_into,
)

EVERYTHING = ALL_PAGES | {NEUROLOGY, SLEEP_MEDICINE, UNUSED} | PAGE_TEXTS
ANGMO_HI, MYOCLONUS_HI = f"fr: {ANGMO} (hi)", f"fr: {MYOCLONUS} (hi)"


def hindi() -> Locale:
    return Locale.objects.get(language_code="hi")


def english() -> Locale:
    return Locale.objects.get(language_code="en")


@moves()
def locale_made(world: World) -> None:
    post(world, "wagtaillocales:add", language_code="hi")
    assert DoctorIndexPage.objects.filter(locale=hindi(), live=False).exists()


# --- Pages are translated.


@moves(given=locale_made)
def doctor_submitted_for_translation(world: World) -> None:
    submit(world.admin, world.angmo, hindi())


def translated(page: Page) -> Any:
    return type(page).objects.get(translation_key=page.translation_key, locale=hindi())


@moves(given=doctor_submitted_for_translation)
def doctor_translated_and_not_published(world: World) -> None:
    translate(world.admin, translated(world.angmo), in_french)


@moves(given=doctor_submitted_for_translation)
def untranslated_doctor_refused(world: World) -> None:
    assert "not translated yet" in press_publish(world.admin, translated(world.angmo))


@moves(given=doctor_submitted_for_translation)
def untranslated_doctor_refused_in_bulk(world: World) -> None:
    bulk(world, "publish", translated(world.angmo))


@moves(given=doctor_submitted_for_translation)
def translated_doctor_stopped_and_refused(world: World) -> None:
    stop(world, translated(world.angmo))
    edit(world, translated(world.angmo), "action-publish")


def stop(world: World, page: Page) -> None:
    translation = page.locale.translations.get(source__object_id=page.translation_key)
    post(world, "wagtail_localize:stop_translation", translation.pk)


@moves(new(ANGMO_HI), given=doctor_translated_and_not_published)
def translation_published(world: World) -> None:
    press_publish(world.admin, translated(world.angmo))


@moves(gone(ANGMO_HI), given=translation_published)
def translation_unpublished(world: World) -> None:
    unpublish(world, translated(world.angmo))


@moves(given=translation_published)
def published_translation_submitted_again_with_its_tree(world: World) -> None:
    translation_into(translated(world.angmo)).source.stringsegment_set.get_translations(hindi()).delete()
    translate_page_subtree(world.doctors.pk, [hindi()], None, None)
    assert DoctorPage.objects.filter(locale=hindi()).count() == 3


@moves(ANGMO, given=translation_published)
def source_published_with_a_new_text(world: World) -> None:
    publish(world, world.angmo, credentials="MD")
    assert translated(world.angmo).credentials == ""


@moves(ANGMO, ANGMO_HI, given=translation_published)
def source_published_with_a_new_fact(world: World) -> None:
    publish(world, world.angmo, practising_since="2004")
    assert translated(world.angmo).practising_since == 2004


@moves(given=translation_published)
def translation_not_made_an_alias(world: World) -> None:
    post(world, "wagtail_localize:convert_to_alias", translated(world.angmo).pk)


@moves(gone(ANGMO), given=translation_published)
def source_deleted(world: World) -> None:
    delete(world, world.angmo)


@moves(new(MYOCLONUS_HI, "Tantrika (hi)"), given=locale_made)
def article_translated_with_its_own_specialties(world: World) -> None:
    submit_specialty(world)
    publish_specialty(world)
    target = submit(world.admin, world.myoclonus, hindi())
    translate(world.admin, target, in_french)
    press_publish(world.admin, target)
    treating = [row.specialty.name for row in translated(world.myoclonus).treating_specialties.all()]
    assert treating == ["Tantrika"]


# --- Snippets.


def submit_specialty(world: World, language: str = "hi") -> None:
    locale = Locale.objects.get_or_create(language_code=language)[0]
    submit(world.admin, world.neurology, locale)


@moves()
def specialty_submitted_for_translation(world: World) -> None:
    submit_specialty(world)
    copied = world.neurology.get_translation(hindi())
    assert not copied.live
    assert not copied.alternate_names.exists()


def publish_specialty(world: World, language: str = "hi") -> None:
    translation = world.neurology.get_translation(Locale.objects.get(language_code=language))
    data = forms.specialty_form(name="Tantrika", slug="tantrika")
    response = world.admin.post(edit_url(translation), data)
    assert response.status_code == 302, forms.errors_of(response)


@moves(given=specialty_submitted_for_translation)
def untranslated_specialty_refused(world: World) -> None:
    translation = world.neurology.get_translation(hindi())
    world.admin.post(edit_url(translation), forms.specialty_form())


@moves(new("Tantrika (hi)"), given=specialty_submitted_for_translation)
def translation_of_a_specialty_published(world: World) -> None:
    publish_specialty(world)


@moves(given=translation_of_a_specialty_published)
def draft_of_a_live_specialty(world: World) -> None:
    translation = world.neurology.get_translation(hindi())
    data = forms.specialty_form(name="Another", slug="tantrika")
    del data["action-publish"]
    assert world.admin.post(edit_url(translation), data).status_code == 302


@moves(gone(UNUSED))
def specialty_unpublished(world: World) -> None:
    post(world, "wagtailsnippets_taxonomy_specialty:unpublish", world.unused_specialty.pk)


@moves(gone(NEUROLOGY), MYOCLONUS, "Restless legs", ANGMO)
def specialty_that_is_named_unpublished(world: World) -> None:
    post(world, "wagtailsnippets_taxonomy_specialty:unpublish", world.neurology.pk)


# --- Locales.


def specialty_in(language: str) -> Any:
    def given(world: World) -> None:
        submit_specialty(world, language)
        publish_specialty(world, language)

    return given


@moves(gone("Tantrika (bn)"), new("Tantrika (ru)"), given=specialty_in("bn"))
def language_of_a_locale_changed(world: World) -> None:
    post(world, "wagtaillocales:edit", Locale.objects.get(language_code="bn").pk, language_code="ru")


@moves(gone("Tantrika (de)"), given=specialty_in("de"))
def language_left_with_all_that_is_in_it(world: World) -> None:
    with transaction.atomic():
        Specialty.objects.filter(locale__language_code="de").delete()
        HomePage.objects.get(locale__language_code="de").delete()
        Locale.objects.filter(language_code="de").delete()


@moves()
def empty_locale_deleted(world: World) -> None:
    locale = Locale.objects.create(language_code="sw")
    delete(world, HomePage.objects.get(locale=locale))
    world.admin.post(reverse("wagtaillocales:delete", args=[locale.pk]))
    assert not Locale.objects.filter(pk=locale.pk).exists()


# --- Languages that stand in for others.


def indonesian() -> Locale:
    return Locale.objects.get(language_code="id")


def fallback(locale: Locale | None) -> dict[str, Any]:
    name = "component-languages_localefallback"
    return {f"{name}-enabled": "on", f"{name}-fallback": locale.pk} if locale else {}


@moves(EVERYTHING)
def locale_made_with_a_fallback(world: World) -> None:
    post(world, "wagtaillocales:add", language_code="id", **fallback(english()))
    assert LocaleFallback.objects.get().fallback == english()


@moves(EVERYTHING, given=locale_made_with_a_fallback)
def fallback_taken_away(world: World) -> None:
    post(world, "wagtaillocales:edit", indonesian().pk, language_code="id")
    assert not LocaleFallback.objects.exists()


@moves(EVERYTHING, given=locale_made_with_a_fallback)
def fallback_of_a_fallback(world: World) -> None:
    post(world, "wagtaillocales:add", language_code="ne", **fallback(indonesian()))


@moves(EVERYTHING, given=locale_made_with_a_fallback)
def language_of_a_locale_with_a_fallback_changed(world: World) -> None:
    post(world, "wagtaillocales:edit", indonesian().pk, language_code="ur", **fallback(english()))


@moves(EVERYTHING, given=locale_made_with_a_fallback)
def locale_with_a_fallback_deleted(world: World) -> None:
    delete(world, HomePage.objects.get(locale=indonesian()))
    world.admin.post(reverse("wagtaillocales:delete", args=[indonesian().pk]))
    assert not LocaleFallback.objects.exists()


@moves(given=locale_made_with_a_fallback)
def draft_kept_to_its_language(world: World) -> None:
    edit(world, world.angmo, shown_elsewhere="")


@moves(ANGMO, given=locale_made_with_a_fallback)
def doctor_kept_to_its_language(world: World) -> None:
    publish(world, world.angmo, shown_elsewhere="")
    assert not DoctorPage.objects.get(pk=world.angmo.pk).shown_elsewhere


@moves(MYOCLONUS, given=locale_made_with_a_fallback)
def article_kept_to_its_language(world: World) -> None:
    publish(world, world.myoclonus, shown_elsewhere="")
