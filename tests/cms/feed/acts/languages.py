"""Locales are made and left, pages and snippets copied into them, trees kept in sync."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.test import override_settings
from django.urls import reverse
from wagtail.models import Locale, Page

from cms.doctors.models import DoctorPage
from cms.home.models import HomePage
from cms.taxonomy.models import Specialty
from tests.cms import admin as forms
from tests.cms.feed.acts import (
    NEUROLOGY,
    add,
    delete,
    gone,
    moves,
    new,
    post,
    publish,
    unpublish,
)
from tests.cms.feed.conftest import World

in_sync = override_settings(WAGTAILSIMPLETRANSLATION_SYNC_PAGE_TREE=True)


@moves()
def locale_made(world: World) -> None:
    post(world, "wagtaillocales:add", language_code="hi")


def hindi() -> Locale:
    return Locale.objects.get(language_code="hi")


def translate(world: World, page: Page, **data: Any) -> None:
    post(world, "simple_translation:submit_page_translation", page.pk, locales=[hindi().pk], **data)


@moves(given=locale_made)
def tree_copied_for_translation(world: World) -> None:
    translate(world, HomePage.objects.get())
    translate(world, world.doctors)


@moves(given=tree_copied_for_translation)
def doctor_copied_for_translation(world: World) -> None:
    translate(world, world.angmo)
    assert not world.angmo.get_translation(hindi()).live


@moves(given=locale_made)
def everything_copied_for_translation(world: World) -> None:
    translate(world, HomePage.objects.get(), include_subtree="on")


@moves(new("Translated (hi)"), given=doctor_copied_for_translation)
def translation_published(world: World) -> None:
    publish(world, world.angmo.get_translation(hindi()).specific, title="Translated")


@moves(
    gone("Translated (hi)"),
    given=translation_published,
)
def translation_unpublished(world: World) -> None:
    unpublish(world, world.angmo.get_translation(hindi()))


# --- Trees in sync: what is made in one language has an alias in the others at once.


@moves(new("Dr Sync", "Dr Sync (hi)"), given=tree_copied_for_translation)
def doctor_published_in_sync(world: World) -> None:
    with in_sync:
        add(world, world.doctors, "doctors.doctorpage", forms.doctor_form(title="Dr Sync"), "action-publish")
    assert DoctorPage.objects.get(title="Dr Sync", locale=hindi()).alias_of


def source() -> DoctorPage:
    page: DoctorPage = DoctorPage.objects.get(title="Dr Sync", locale__language_code="en")
    return page


@moves("Dr Sync", "Dr Sync (hi)", given=doctor_published_in_sync)
def source_published_in_sync(world: World) -> None:
    with in_sync:
        publish(world, source(), credentials="MD")


@moves(gone("Dr Sync", "Dr Sync (hi)"), given=doctor_published_in_sync)
def source_unpublished_in_sync(world: World) -> None:
    with in_sync:
        unpublish(world, source())


@moves(gone("Dr Sync", "Dr Sync (hi)"), given=doctor_published_in_sync)
def source_deleted_in_sync(world: World) -> None:
    with in_sync:
        delete(world, source())


@moves(given=doctor_published_in_sync)
def synced_alias_made_a_page_of_its_own(world: World) -> None:
    post(world, "wagtailadmin_pages:convert_alias", source().get_translation(hindi()).pk)


# --- Snippets.


def translate_specialty(world: World, language: str = "hi") -> None:
    locale = Locale.objects.get_or_create(language_code=language)[0]
    args = ("taxonomy", "specialty", world.neurology.pk)
    post(world, "simple_translation:submit_snippet_translation", *args, locales=[locale.pk])


@moves(new(f"{NEUROLOGY} (hi)"))
def specialty_translated(world: World) -> None:
    translate_specialty(world)
    copied = world.neurology.get_translation(hindi()).alternate_names.filter(exact_only=True)
    assert [row.name for row in copied] == ["Neuro"]


@moves(f"{NEUROLOGY} (hi)", given=translate_specialty)
def translation_of_a_specialty_renamed(world: World) -> None:
    translation = world.neurology.get_translation(hindi())
    data = forms.specialty_form(name="Tantrika", slug="tantrika")
    post(world, "wagtailsnippets_taxonomy_specialty:edit", translation.pk, **data)


# --- Locales.


@moves(
    gone(f"{NEUROLOGY} (ja)"), new(f"{NEUROLOGY} (ne)"), given=lambda world: translate_specialty(world, "ja")
)
def language_of_a_locale_changed(world: World) -> None:
    post(world, "wagtaillocales:edit", Locale.objects.get(language_code="ja").pk, language_code="ne")


@moves(gone(f"{NEUROLOGY} (de)"), given=lambda world: translate_specialty(world, "de"))
def language_left_with_all_that_is_in_it(world: World) -> None:
    with transaction.atomic():
        Specialty.objects.filter(locale__language_code="de").delete()
        Locale.objects.filter(language_code="de").delete()


@moves()
def empty_locale_deleted(world: World) -> None:
    locale = Locale.objects.create(language_code="sw")
    world.admin.post(reverse("wagtaillocales:delete", args=[locale.pk]))
    assert not Locale.objects.filter(pk=locale.pk).exists()
