"""The feed tells under which slugs an entity was public before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model
from wagtail.models import Locale, Page, PageViewRestriction

from cms.doctors.models import DoctorPage
from cms.feed import triggers
from cms.feed.kinds import kinds
from cms.feed.models import Change, Slug
from cms.page_texts.placeholders import Sort
from cms.taxonomy.models import Specialty
from tests.cms import admin as forms
from tests.cms import factories
from tests.cms.feed.acts import (
    add,
    bulk,
    copy,
    delete,
    edit,
    move,
    post,
    publish,
    restrict,
    snippet,
    unpublish,
)
from tests.cms.feed.acts.editing import in_a_day
from tests.cms.feed.acts.tree import another_index, elsewhere
from tests.cms.feed.conftest import Consumer, World

ANGMO, DORJE = "dr-angmo-example", "dr-dorje-example"


def former(consumer: Consumer, entity: Any) -> list[str]:
    """The former slugs of an entity, as the feed has told them by now."""
    consumer.pull()
    kind = next(kind.name for kind in kinds().values() if isinstance(entity, kind.model))
    return consumer.former[kind, str(entity.translation_key), entity.locale.language_code]


def rename(entity: Any, *slugs: str) -> None:
    """By updates, each committed by itself."""
    model: type[Model] = Page if isinstance(entity, Page) else type(entity)
    for slug in slugs:
        assert model._default_manager.filter(pk=entity.pk).update(slug=slug)


def republish(page: DoctorPage, slug: str) -> None:
    """As the form does it, in less time."""
    page.slug = slug
    factories.publish(page)


def kept() -> list[tuple[Any, ...]]:
    return list(Slug.objects.order_by("pk").values_list())


# --- Pages.


def test_none_at_first(consumer: Consumer, world: World) -> None:
    assert former(consumer, world.angmo) == []
    assert former(consumer, world.neurology) == []


def test_renamed_twice(consumer: Consumer, world: World) -> None:
    publish(world, world.angmo, slug="dr-second")
    assert former(consumer, world.angmo) == [ANGMO]
    publish(world, world.angmo, slug="dr-third")
    assert former(consumer, world.angmo) == [ANGMO, "dr-second"]
    assert former(consumer, world.dorje) == []


def test_renamed_twice_before_anyone_reads(consumer: Consumer, world: World) -> None:
    rename(world.angmo, "dr-second", "dr-third")
    assert former(consumer, world.angmo) == [ANGMO, "dr-second"]


def test_renamed_and_back_and_on(consumer: Consumer, world: World) -> None:
    republish(world.angmo, "dr-second")
    republish(world.angmo, ANGMO)
    assert former(consumer, world.angmo) == ["dr-second"]
    republish(world.angmo, "dr-third")
    assert former(consumer, world.angmo) == ["dr-second", ANGMO]


def test_published_without_another_slug(consumer: Consumer, world: World) -> None:
    republish(world.angmo, "dr-second")
    before = kept()
    publish(world, world.angmo, credentials="MD")
    assert former(consumer, world.angmo) == [ANGMO]
    assert kept() == before


def test_unpublished_and_published_again(consumer: Consumer, world: World) -> None:
    republish(world.angmo, "dr-second")
    unpublish(world, world.angmo)
    assert former(consumer, world.angmo) == [ANGMO, "dr-second"]
    publish(world, world.angmo)
    assert former(consumer, world.angmo) == [ANGMO]


def test_a_slug_that_only_the_draft_had_is_not_told(consumer: Consumer, world: World) -> None:
    unpublish(world, world.angmo)
    edit(world, world.angmo, slug="dr-never")
    publish(world, world.angmo, slug="dr-second")
    edit(world, world.angmo, slug="dr-never-either")
    assert former(consumer, world.angmo) == [ANGMO]
    edit(world, world.draft_doctor, slug="dr-draft")
    delete(world, world.draft_doctor)
    assert not Slug.objects.filter(key=world.draft_doctor.translation_key).exists()


def test_drafts_touch_nothing(consumer: Consumer, world: World) -> None:
    before = kept()
    edit(world, world.angmo, slug="dr-draft", title="Other")
    edit(world, world.draft_doctor, slug="dr-other")
    world.angmo.save_revision()
    assert kept() == before


def test_a_page_that_is_yet_to_come_gives_nothing_away(consumer: Consumer, world: World) -> None:
    data = forms.doctor_form(title="Dr Later", slug="dr-later", go_live_at=in_a_day())
    add(world, world.doctors, "doctors.doctorpage", data, "action-publish")
    later = DoctorPage.objects.get(slug="dr-later")
    assert (later.live, later.approved_schedule) == (False, True)
    assert not Slug.objects.filter(slug="dr-later").exists()
    assert not Change.objects.filter(key=later.translation_key).exists()


def test_deleted(consumer: Consumer, world: World) -> None:
    republish(world.angmo, "dr-second")
    delete(world, world.angmo)
    assert former(consumer, world.angmo) == [ANGMO, "dr-second"]


def test_deleted_with_what_is_above(consumer: Consumer, world: World) -> None:
    rename(world.dorje, "dr-second")
    delete(world, world.doctors)
    assert former(consumer, world.angmo) == [ANGMO]
    assert former(consumer, world.dorje) == [DORJE, "dr-second"]


def test_deleted_by_a_query_right_after_a_new_slug(consumer: Consumer, world: World) -> None:
    with transaction.atomic():
        rename(world.angmo, "dr-second")
        Page.objects.filter(pk=world.dorje.pk).delete()
    Page.objects.filter(pk=world.angmo.pk).delete()
    assert former(consumer, world.angmo) == [ANGMO, "dr-second"]
    assert former(consumer, world.dorje) == [DORJE]


def test_moved_is_not_renamed(consumer: Consumer, world: World) -> None:
    another_index(world)
    move(world, world.angmo, elsewhere())
    publish(world, world.doctors, slug="people")
    assert former(consumer, world.angmo) == []
    assert former(consumer, world.dorje) == []
    assert not Slug.objects.filter(slug__in=["people", "doctors"]).exists()


def test_unpublished_in_bulk_and_with_what_is_above(consumer: Consumer, world: World) -> None:
    bulk(world, "unpublish", world.angmo)
    unpublish(world, world.doctors, include_descendants="on")
    assert former(consumer, world.angmo) == [ANGMO]
    assert former(consumer, world.dorje) == [DORJE]


def test_a_copy_has_slugs_of_its_own(consumer: Consumer, world: World) -> None:
    rename(world.angmo, "dr-second")
    copy(world, DoctorPage.objects.get(pk=world.angmo.pk), "dr-copy", publish_copies="on")
    assert former(consumer, DoctorPage.objects.get(slug="dr-copy")) == []


def test_of_a_slug_that_another_takes_both_tell(consumer: Consumer, world: World) -> None:
    rename(world.angmo, "dr-second")
    rename(world.dorje, ANGMO, "dr-third")
    assert former(consumer, world.angmo) == [ANGMO]
    assert former(consumer, world.dorje) == [DORJE, ANGMO]


# --- Private pages.


def test_a_slug_that_a_page_had_while_private_is_not_told(consumer: Consumer, world: World) -> None:
    restrict(world, world.doctors, "login")
    assert former(consumer, world.angmo) == [ANGMO]
    republish(world.angmo, "dr-secret")
    republish(world.angmo, "dr-second")
    assert former(consumer, world.angmo) == [ANGMO]
    restrict(world, world.doctors, "none")
    assert former(consumer, world.angmo) == [ANGMO]
    republish(world.angmo, "dr-third")
    assert former(consumer, world.angmo) == [ANGMO, "dr-second"]


# --- Snippets.


def test_a_snippet_is_renamed_and_deleted(consumer: Consumer, world: World) -> None:
    data = forms.specialty_form(name="Unused", slug="second")
    first = world.unused_specialty.slug
    snippet(world, "taxonomy_specialty:edit", world.unused_specialty.pk, **data)
    assert former(consumer, world.unused_specialty) == [first]
    snippet(world, "taxonomy_specialty:delete", world.unused_specialty.pk)
    assert former(consumer, world.unused_specialty) == [first, "second"]


# --- Languages.


def test_each_language_has_its_own(consumer: Consumer, world: World) -> None:
    hindi = factories.make_locale("hi")
    page = world.angmo.copy_for_translation(hindi, copy_parents=True)
    assert not page.live
    rename(page, "dr-hindi")
    factories.publish(DoctorPage.objects.get(pk=page.pk))
    rename(page, "dr-hindi-second")
    rename(world.angmo, "dr-second")
    assert former(consumer, page) == ["dr-hindi"]
    assert former(consumer, world.angmo) == [ANGMO]


def test_a_language_with_another_code(consumer: Consumer, world: World) -> None:
    locale = factories.make_locale("ja")
    translated: Specialty = world.neurology.copy_for_translation(locale)
    translated.save()
    rename(translated, "shinkei")
    post(world, "wagtaillocales:edit", locale.pk, language_code="ne")
    consumer.pull()
    entity = "specialty", str(translated.translation_key)
    assert consumer.former[*entity, "ja"] == ["neurology", "shinkei"]
    assert consumer.former[*entity, "ne"] == []


# --- What no view does.


def test_slugs_changed_in_bulk(consumer: Consumer, world: World) -> None:
    pages = [world.angmo.page_ptr, world.dorje.page_ptr, world.draft_doctor.page_ptr]
    for page in pages:
        page.slug += "-second"
    Page.objects.bulk_update(pages, ["slug"])
    assert former(consumer, world.angmo) == [ANGMO]
    assert former(consumer, world.dorje) == [DORJE]
    assert not Slug.objects.filter(key=world.draft_doctor.translation_key).exists()


def test_slugs_changed_in_plain_sql(consumer: Consumer, world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE wagtailcore_page SET slug = slug || '-second' WHERE id = %s", [world.angmo.pk])
        cursor.execute("UPDATE taxonomy_specialty SET slug = slug || '-second'")
    assert former(consumer, world.angmo) == [ANGMO]
    assert former(consumer, world.neurology) == ["neurology"]


def test_slugs_upserted_and_loaded(consumer: Consumer, world: World) -> None:
    one = Specialty.objects.get(pk=world.neurology.pk)
    one.slug = "second"
    Specialty.objects.bulk_create([one], update_conflicts=True, unique_fields=["id"], update_fields=["slug"])
    fields = {"name": "Neurology", "slug": "third", "locale": one.locale_id}
    fields |= {"translation_key": str(one.translation_key)}
    path = world.folder / "specialty.json"
    path.write_text(json.dumps([{"model": "taxonomy.specialty", "pk": one.pk, "fields": fields}]))
    call_command("loaddata", path, verbosity=0)
    assert former(consumer, world.neurology) == ["neurology", "second"]


def test_what_is_rolled_back_has_not_been(consumer: Consumer, world: World) -> None:
    before = kept()
    with transaction.atomic():
        rename(world.angmo, "dr-second")
        transaction.set_rollback(True)
    assert kept() == before


def check_constraints_now() -> None:
    """As `loaddata` does before it ends: on PostgreSQL, what waits for the commit is done at once."""
    connection.check_constraints()


@pytest.mark.parametrize("entity", ["angmo", "neurology"])
def test_renamed_again_after_the_change_was_noted(consumer: Consumer, world: World, entity: str) -> None:
    """In one transaction, at whose end the entity has been moved in the log already."""
    renamed = getattr(world, entity)
    with transaction.atomic():
        rename(renamed, "second")
        check_constraints_now()
        rename(renamed, "third")
    rename(renamed, "fourth")
    assert former(consumer, renamed)[-1] == "third"


def test_made_public_after_the_change_was_noted(consumer: Consumer, world: World) -> None:
    restrict(world, world.doctors, "login")
    with transaction.atomic():
        rename(world.angmo, "dr-second")
        check_constraints_now()
        PageViewRestriction.objects.all().delete()
    rename(world.angmo, "dr-third")
    assert former(consumer, world.angmo) == [ANGMO, "dr-second"]


def test_a_language_has_its_code_back_after_the_change_was_noted(consumer: Consumer, world: World) -> None:
    locale = factories.make_locale("ja")
    translated: Specialty = world.neurology.copy_for_translation(locale)
    translated.save()
    with transaction.atomic():
        Locale.objects.filter(pk=locale.pk).update(language_code="ne")
        rename(translated, "second")
        check_constraints_now()
        Locale.objects.filter(pk=locale.pk).update(language_code="ja")
    rename(translated, "third")
    assert former(consumer, translated) == ["neurology", "second"]


# --- What is told, and what is kept.


def test_a_hundred_at_most_the_latest(consumer: Consumer, world: World) -> None:
    rename(world.angmo, *(f"dr-{number}" for number in range(102)))
    assert former(consumer, world.angmo) == [f"dr-{number}" for number in range(1, 101)]
    unpublish(world, world.angmo)
    assert former(consumer, world.angmo) == [f"dr-{number}" for number in range(2, 102)]


def test_a_reader_from_the_beginning_is_told_the_same(consumer: Consumer, world: World) -> None:
    rename(world.angmo, "dr-second")
    rename(world.dorje, "dr-third")
    unpublish(world, world.dorje)
    consumer.pull()
    reader = Consumer(limit=1000)
    reader.pull()
    assert {entity: reader.former[entity] for entity in consumer.former} == consumer.former
    assert sorted(filter(None, consumer.former.values())) == [[ANGMO], [DORJE, "dr-third"]]


def test_they_do_not_count_in_the_digest(consumer: Consumer, world: World) -> None:
    rename(world.neurology, "second")
    (before,) = [entry["digest"] for entry in consumer.pull() if entry["former_slugs"]]
    Slug.objects.filter(slug="neurology").delete()
    triggers.reissue([("specialty", world.neurology.translation_key, "en")])
    (entry,) = consumer.pull()
    assert (entry["digest"], entry["former_slugs"]) == (before, [])


@pytest.fixture
def restored_triggers(transactional_db: None) -> Any:
    yield
    triggers.install()


def test_the_installation_keeps_what_is_public_then(
    consumer: Consumer, world: World, restored_triggers: None
) -> None:
    triggers.remove()
    Slug.objects.all().delete()
    PageViewRestriction.objects.create(page=world.restless_legs, restriction_type="login")
    assert triggers.install()
    found = {(slug.kind, slug.slug) for slug in Slug.objects.all()}
    assert found == {
        *(("page_texts", sort) for sort in Sort.values),
        ("doctor", ANGMO),
        ("doctor", DORJE),
        ("condition", "myoclonus"),
        ("specialty", "neurology"),
        ("specialty", "sleep-medicine"),
        ("specialty", world.unused_specialty.slug),
    }


def test_another_installation_changes_nothing_that_is_kept(
    consumer: Consumer, world: World, restored_triggers: None
) -> None:
    rename(world.angmo, "dr-second")
    rename(world.dorje, "dr-third", DORJE)
    before = kept()
    triggers.remove()
    assert triggers.install()
    assert kept() == before
    assert former(consumer, world.angmo) == [ANGMO]
    assert former(consumer, world.dorje) == ["dr-third"]


def test_a_slug_that_came_while_there_were_no_triggers(
    consumer: Consumer, world: World, restored_triggers: None
) -> None:
    triggers.remove()
    rename(world.angmo, "dr-unseen", "dr-third")
    triggers.install()
    assert former(consumer, world.angmo) == [ANGMO]
    rename(world.angmo, "dr-fourth")
    assert former(consumer, world.angmo) == [ANGMO, "dr-third"]


@pytest.mark.slow
def test_a_database_from_before_starts_with_the_slugs_of_what_is_public(
    consumer: Consumer, world: World, restored_triggers: None
) -> None:
    try:
        call_command("migrate", "feed", "0002", verbosity=0)
        assert triggers.missing()
        rename(world.angmo, "dr-second")
    finally:
        call_command("migrate", verbosity=0)
    assert triggers.missing() == []
    assert former(consumer, world.angmo) == []
    rename(world.angmo, "dr-third")
    assert former(consumer, world.angmo) == ["dr-second"]
