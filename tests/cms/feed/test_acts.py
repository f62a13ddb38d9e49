"""After each act, what a consumer of the feed holds is exactly what the public may see.

Each act says which entities it moves in the log, by name, so that none is moved for nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale, Page, PageViewRestriction
from wagtail.test.utils.form_data import (
    inline_formset,
    nested_form_data,
    querydict_from_html,
    rich_text,
    streamfield,
)

from cms.conditions.models import (
    ConditionName,
    ConditionPage,
    ConditionSpecialty,
    RelatedCondition,
)
from cms.doctors.models import DoctorLanguage, DoctorPage, DoctorPractice, Practice
from cms.taxonomy.models import Specialty
from tests.cms import admin as forms
from tests.cms import factories
from tests.cms.feed.conftest import Consumer, World
from tests.cms.feed.truth import differences, public_truth

MYOCLONUS, RESTLESS_LEGS = "Myoclonus", "Restless legs"
ANGMO, DORJE = "Dr Angmo Example", "Dr Dorje Example"
NEUROLOGY, SLEEP_MEDICINE, UNUSED = "Neurology", "Sleep medicine", "Unused"
SPECIALTIES = {NEUROLOGY, SLEEP_MEDICINE, UNUSED}
CONDITIONS, DOCTORS = {MYOCLONUS, RESTLESS_LEGS}, {ANGMO, DORJE}
ALL_PAGES = CONDITIONS | DOCTORS
# Whoever names the condition: as related, by a link, as treated.
NAMING_MYOCLONUS = {RESTLESS_LEGS, ANGMO}
NEVER_PUBLIC = "(never public)"
NOTHING: set[str] = set()

Act = Callable[[World], object]
ACTS: list[Any] = []


def moves(*names: set[str] | str, given: Act | None = None) -> Callable[[Act], Act]:
    """Note an act, with the entities that it moves, and what has happened before."""
    moved = {one for name in names for one in (name if isinstance(name, set) else {name})}

    def note(act: Act) -> Act:
        ACTS.append(pytest.param(given, act, moved, id=act.__name__))
        return act

    return note


def follow(consumer: Consumer) -> set[str]:
    """Have the consumer read on; the names of the entities that moved are returned."""
    before = dict(consumer.held)
    changes = consumer.pull()
    return {
        (consumer.held | before).get((c["kind"], c["id"], c["locale"]), {"name": NEVER_PUBLIC})["name"]
        for c in changes
    }


# --- Pages, through the admin.


def post(world: World, view: str, *args: Any, **data: Any) -> None:
    response = world.admin.post(reverse(view, args=args), data)
    assert response.status_code == 302, forms.errors_of(response)


def edit(world: World, page: Page, action: str = "", **changes: Any) -> None:
    """Open the edit form, change some of it, send it."""
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    form: QueryDict = querydict_from_html(world.admin.get(url).content.decode(), form_id="page-edit-form")
    if isinstance(page, ConditionPage):  # the editor's script makes these fields
        sections = [dict(block.value) for block in page.body]
        body = streamfield(
            [("section", section | {"text": rich_text(section["text"].source)}) for section in sections]
        )
        changes = nested_form_data({"body": body}) | changes
    for name, value in changes.items():
        form[name] = value
    if action:
        form[action] = action
    response = world.admin.post(url, form.urlencode(), content_type="application/x-www-form-urlencoded")
    assert response.status_code == 302, forms.errors_of(response)


@moves("Dr New")
def doctor_published_in_the_admin(world: World) -> None:
    data = forms.doctor_form(
        title="Dr New",
        slug="dr-new",
        specialties=[world.neurology.pk],
        treated_conditions=[world.myoclonus.pk],
        practices=inline_formset([{"practice": world.clinic.pk, "accepting_new_patients": "on"}]),
        languages=inline_formset([{"language": "lbj"}]),
        registrations=inline_formset([{"authority": "Example Council", "number": "2"}]),
        bio=rich_text("<p>New & <b>bold</b></p>"),
    )
    response = forms.add_page(world.admin, world.doctors, "doctors.doctorpage", data | forms.PUBLISH)
    assert response.status_code == 302, forms.errors_of(response)


@moves("New condition")
def condition_published_in_the_admin(world: World) -> None:
    data = forms.condition_form(
        title="New condition",
        slug="new-condition",
        reviewer=world.reviewer.pk,
        treating_specialties=inline_formset([{"specialty": world.neurology.pk}]),
        sections=[("overview", "What?", f'<p>As <a linktype="page" id="{world.myoclonus.pk}">jerks</a></p>')],
    )
    response = forms.add_page(world.admin, world.conditions, "conditions.conditionpage", data | forms.PUBLISH)
    assert response.status_code == 302, forms.errors_of(response)


@moves()
def draft_made_in_the_admin(world: World) -> None:
    data = forms.doctor_form(practices=inline_formset([{"practice": world.clinic.pk}]))
    response = forms.add_page(world.admin, world.doctors, "doctors.doctorpage", data)
    assert response.status_code == 302, forms.errors_of(response)


@moves(NEVER_PUBLIC)
def first_publish_scheduled_in_the_admin(world: World) -> None:
    # Wagtail inserts the row as live and takes that back in the same request.
    data = forms.doctor_form(go_live_at=(timezone.now() + timedelta(days=1)).strftime("%Y-%m-%d %H:%M"))
    response = forms.add_page(world.admin, world.doctors, "doctors.doctorpage", data | forms.PUBLISH)
    assert response.status_code == 302, forms.errors_of(response)


@moves()
def draft_of_a_live_doctor_saved_in_the_admin(world: World) -> None:
    edit(world, world.angmo, title="Dr Other Name", credentials="MD")


@moves()
def draft_of_a_live_condition_saved_in_the_admin(world: World) -> None:
    edit(world, world.myoclonus, title="Other name", summary="Other")


@moves(ANGMO)
def edit_of_a_doctor_published_in_the_admin(world: World) -> None:
    edit(world, world.angmo, "action-publish", title="Dr Angmo Renamed", credentials="MD")


@moves(MYOCLONUS)
def article_published_in_the_admin(world: World) -> None:
    edit(world, world.myoclonus, "action-publish", summary="In other words.")


@moves(MYOCLONUS, NAMING_MYOCLONUS)
def condition_renamed_in_the_admin(world: World) -> None:
    edit(world, world.myoclonus, "action-publish", title="Muscle jerks")


@moves(ANGMO)
def doctor_unpublished_in_the_admin(world: World) -> None:
    post(world, "wagtailadmin_pages:unpublish", world.angmo.pk)


@moves(MYOCLONUS, NAMING_MYOCLONUS)
def condition_unpublished_in_the_admin(world: World) -> None:
    post(world, "wagtailadmin_pages:unpublish", world.myoclonus.pk)


@moves(ALL_PAGES - DOCTORS, ANGMO)
def conditions_unpublished_with_their_index(world: World) -> None:
    post(world, "wagtailadmin_pages:unpublish", world.conditions.pk, include_descendants="on")


@moves(MYOCLONUS, NAMING_MYOCLONUS)
def condition_deleted_in_the_admin(world: World) -> None:
    post(world, "wagtailadmin_pages:delete", world.myoclonus.pk)


@moves()
def draft_deleted(world: World) -> None:
    world.draft_doctor.delete()


@moves()
def doctors_reordered(world: World) -> None:
    url = reverse("wagtailadmin_pages:set_page_position", args=[world.dorje.pk])
    assert world.admin.post(f"{url}?position=0").status_code == 200
    assert DoctorPage.objects.first() == world.dorje


@moves(ANGMO)
def slug_of_a_doctor_changed(world: World) -> None:
    edit(world, world.angmo, "action-publish", slug="dr-other")


@moves(DOCTORS)
def slug_of_the_index_changed(world: World) -> None:
    edit(world, world.doctors, "action-publish", slug="people")


@moves(ANGMO)
def doctor_moved_to_another_parent(world: World) -> None:
    world.angmo.move(world.conditions, pos="last-child")


# --- Pages, otherwise.


@moves("Dr Draft Example")
def draft_published(world: World) -> None:
    factories.publish(world.draft_doctor)


@moves()
def draft_saved_again_and_again(world: World) -> None:
    page = world.angmo
    revision = page.save_revision()
    for title in ("Dr A", "Dr An", "Dr Ang"):  # as autosave does
        page.title = title
        page.practices = [DoctorPractice(practice=world.clinic)]
        page.specialties = [world.sleep_medicine]
        revision = page.save_revision(overwrite_revision=revision)


@moves()
def draft_of_a_draft_saved(world: World) -> None:
    world.draft_doctor.practices = [DoctorPractice(practice=world.clinic)]
    world.draft_doctor.save_revision()
    world.draft_doctor.save()


@moves(ANGMO)
def practices_languages_specialties_published(world: World) -> None:
    page = world.angmo
    page.practices = [DoctorPractice(practice=world.clinic, accepting_new_patients=False)]
    page.languages = [DoctorLanguage(language="hi")]
    page.specialties = [world.sleep_medicine, world.neurology]
    page.treated_conditions = [world.myoclonus, world.restless_legs, world.draft_condition]
    factories.publish(page)


@moves(MYOCLONUS)
def specialties_of_a_condition_published(world: World) -> None:
    page = world.myoclonus
    page.treating_specialties = [
        ConditionSpecialty(specialty=world.sleep_medicine),
        ConditionSpecialty(specialty=world.neurology),
    ]
    page.related_conditions = [
        RelatedCondition(condition=world.restless_legs),
        RelatedCondition(condition=world.draft_condition),
    ]
    factories.publish(page)


@moves(ANGMO)
def edit_reverted(world: World) -> None:
    first = world.angmo.save_revision()
    world.angmo.title = "Dr Edited"
    factories.publish(world.angmo)
    first.publish()


@moves(ANGMO)
def expiry_by_publish_scheduled(world: World) -> None:
    DoctorPage.objects.filter(pk=world.angmo.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
    call_command("publish_scheduled")


@moves("Dr Draft Example")
def go_live_by_publish_scheduled(world: World) -> None:
    world.draft_doctor.go_live_at = timezone.now() + timedelta(seconds=1)
    world.draft_doctor.save_revision().publish()
    time.sleep(1.1)
    call_command("publish_scheduled")


@moves("Copy of Dr Angmo")
def doctor_copied(world: World) -> None:
    world.angmo.copy(update_attrs={"title": "Copy of Dr Angmo", "slug": "dr-copy"}, keep_live=True)


@moves("Alias")
def alias_made(world: World) -> None:
    alias = world.angmo.create_alias(update_slug="dr-alias")
    DoctorPage.objects.filter(pk=alias.pk).update(title="Alias")


@moves(ANGMO, "Alias", given=alias_made)
def source_of_an_alias_published(world: World) -> None:
    world.angmo.credentials = "MD"
    factories.publish(world.angmo)


@moves(ANGMO, "Alias", given=alias_made)
def source_of_an_alias_unpublished(world: World) -> None:
    world.angmo.unpublish()


@moves(MYOCLONUS, RESTLESS_LEGS, ANGMO)
def linked_condition_given_another_slug(world: World) -> None:
    world.myoclonus.slug = "jerks"
    factories.publish(world.myoclonus)


@moves(DORJE)
def condition_linked_in_a_bio(world: World) -> None:
    world.dorje.bio = f'<p>Sees <a linktype="page" id="{world.restless_legs.pk}">it</a></p>'
    factories.publish(world.dorje)


@moves(RESTLESS_LEGS, DORJE, given=condition_linked_in_a_bio)
def linked_condition_given_another_slug_by_an_update(world: World) -> None:
    Page.objects.filter(pk=world.restless_legs.pk).update(slug="restless")


@moves(RESTLESS_LEGS, DORJE, given=condition_linked_in_a_bio)
def linked_condition_unpublished(world: World) -> None:
    world.restless_legs.unpublish()


@moves(RESTLESS_LEGS, DORJE, given=condition_linked_in_a_bio)
def linked_condition_made_private(world: World) -> None:
    PageViewRestriction.objects.create(page=world.restless_legs, restriction_type="login")


@moves(RESTLESS_LEGS, DORJE, given=condition_linked_in_a_bio)
def linked_condition_deleted(world: World) -> None:
    world.restless_legs.delete()


# --- Who may see it.


@moves(MYOCLONUS, NAMING_MYOCLONUS)
def condition_made_private_in_the_admin(world: World) -> None:
    url = reverse("wagtailadmin_pages:set_privacy", args=[world.myoclonus.pk])
    response = world.admin.post(url, {"restriction_type": "login"})
    assert json.loads(response.content)["step"] == "set_privacy_done"


@moves(DOCTORS)
def index_made_private(world: World) -> None:
    PageViewRestriction.objects.create(page=world.doctors, restriction_type="login")


@moves(ALL_PAGES)
def everything_made_private(world: World) -> None:
    PageViewRestriction.objects.create(page=world.doctors.get_parent(), restriction_type="login")


@moves(DOCTORS, given=index_made_private)
def index_made_public_again(world: World) -> None:
    PageViewRestriction.objects.get().delete()


@moves(ALL_PAGES, given=index_made_private)
def restriction_put_on_another_page(world: World) -> None:
    restriction = PageViewRestriction.objects.get()
    restriction.page = world.conditions
    restriction.save()


@moves(given=index_made_private)
def restriction_changed_to_a_password(world: World) -> None:
    restriction = PageViewRestriction.objects.get()
    restriction.restriction_type, restriction.password = "password", "x"
    restriction.save()


@moves(given=index_made_private)
def draft_of_a_private_page_saved(world: World) -> None:
    world.angmo.save_revision()


@moves(MYOCLONUS, NAMING_MYOCLONUS)
def condition_moved_into_a_private_section(world: World) -> None:
    PageViewRestriction.objects.create(page=world.draft_doctor, restriction_type="login")
    world.myoclonus.move(world.draft_doctor, pos="last-child")


# --- Snippets.


@moves(DOCTORS)
def practice_moved_in_the_admin(world: World) -> None:
    post(
        world,
        "wagtailsnippets_doctors_practice:edit",
        world.hospital.pk,
        **forms.practice_form(name="Hospital", lat="35.5", lng="76.5"),
    )


@moves(DORJE)
def practice_changed_by_an_update(world: World) -> None:
    Practice.objects.filter(pk=world.clinic.pk).update(phone="+91 1")


@moves(DORJE)
def practice_left_and_deleted(world: World) -> None:
    with transaction.atomic():
        DoctorPractice.objects.filter(practice=world.clinic).delete()
        world.clinic.delete()


@moves()
def practice_saved_unchanged(world: World) -> None:
    world.hospital.save()


@moves(NEUROLOGY, CONDITIONS, ANGMO)
def specialty_renamed_in_the_admin(world: World) -> None:
    post(
        world,
        "wagtailsnippets_taxonomy_specialty:edit",
        world.neurology.pk,
        **forms.specialty_form(name="Nerves", slug="nerves"),
    )


@moves(NEUROLOGY)
def specialty_described(world: World) -> None:
    world.neurology.description = "Nerves and brain."
    world.neurology.save()


@moves("Dermatology")
def specialty_made(world: World) -> None:
    factories.make_specialty("Dermatology")


@moves(UNUSED)
def specialty_deleted(world: World) -> None:
    world.unused_specialty.delete()


@moves(MYOCLONUS)
def reviewer_renamed(world: World) -> None:
    world.reviewer.name = "Dr Renamed"
    world.reviewer.save()


@moves(MYOCLONUS)
def reviewer_deleted(world: World) -> None:
    world.reviewer.delete()


# --- Languages.


@moves("Translated")
def doctor_translated_and_published(world: World) -> None:
    hindi = factories.make_locale("hi")
    world.doctors.get_parent().specific.copy_for_translation(hindi)
    page = world.angmo.copy_for_translation(hindi, copy_parents=True)
    page.title = "Translated"
    factories.publish(page)


def translate_specialty(world: World, language: str) -> None:
    translation = world.neurology.copy_for_translation(factories.make_locale(language))
    translation.name = "Translated"
    translation.save()


@moves("Translated")
def specialty_translated(world: World) -> None:
    translate_specialty(world, "hi")


@moves("Translated", given=lambda world: translate_specialty(world, "ja"))
def language_code_changed(world: World) -> None:
    Locale.objects.filter(language_code="ja").update(language_code="ne")


@moves("Translated", given=lambda world: translate_specialty(world, "de"))
def language_left_with_all_that_is_in_it(world: World) -> None:
    with transaction.atomic():
        Specialty.objects.filter(locale__language_code="de").delete()
        Locale.objects.filter(language_code="de").delete()


# --- What no signal tells of.


@moves(DOCTORS)
def live_taken_by_an_update(world: World) -> None:
    Page.objects.descendant_of(world.doctors).update(live=False)


@moves(MYOCLONUS, NAMING_MYOCLONUS)
def title_changed_by_an_update(world: World) -> None:
    Page.objects.filter(pk=world.myoclonus.pk).update(title="Jerks")


@moves(MYOCLONUS)
def names_added_in_bulk(world: World) -> None:
    pages = [world.myoclonus, world.myoclonus, world.draft_condition]
    ConditionName.objects.bulk_create(
        [ConditionName(page=page, name=f"Name {n}", sort_order=n) for n, page in enumerate(pages)]
    )


@moves(ANGMO)
def child_saved_by_itself(world: World) -> None:
    DoctorLanguage(page=world.angmo, language="hi", sort_order=9).save()


@moves(ANGMO)
def children_deleted_by_a_query(world: World) -> None:
    DoctorLanguage.objects.filter(language="bo").delete()


@moves(DOCTORS)
def child_given_to_another_parent(world: World) -> None:
    DoctorLanguage.objects.filter(language="bo").update(page=world.dorje)


@moves(DORJE)
def specialties_added_ignoring_conflicts(world: World) -> None:
    # INSERT OR IGNORE: on SQLite, the policy of the statement is also that of its triggers.
    through: Any = DoctorPage.specialties.through
    through.objects.bulk_create(
        [
            through(doctorpage_id=page.pk, specialty_id=specialty.pk)
            for page, specialty in [
                (world.angmo, world.neurology),  # is there already
                (world.dorje, world.neurology),
                (world.dorje, world.unused_specialty),
            ]
        ],
        ignore_conflicts=True,
    )


@moves(NEUROLOGY, CONDITIONS, ANGMO)
def snippet_upserted(world: World) -> None:
    Specialty.objects.bulk_create(
        [
            Specialty(
                pk=world.neurology.pk,
                name="Upserted",
                slug="upserted",
                locale=world.neurology.locale,
                translation_key=world.neurology.translation_key,
            )
        ],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["name", "slug"],
    )


@moves(DOCTORS)
def rows_changed_in_plain_sql(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE doctors_doctorpage SET credentials = 'MD'")


@moves("Dr Draft Example")
def page_of_a_fixture(world: World) -> None:
    page = world.draft_doctor
    rows = [
        {"model": "wagtailcore.page", "pk": page.pk, "fields": {"live": True} | _fields(page)},
        {
            "model": "doctors.doctorlanguage",
            "pk": None,
            "fields": {"page": page.pk, "language": "hi", "sort_order": 0},
        },
    ]
    path = world.folder / "page.json"
    path.write_text(json.dumps(rows))
    call_command("loaddata", path, verbosity=0)


def _fields(page: Page) -> dict[str, Any]:
    names = ("path", "depth", "numchild", "title", "draft_title", "slug", "url_path")
    return {name: getattr(page, name) for name in names} | {
        "content_type": page.content_type_id,
        "locale": page.locale_id,
        "translation_key": str(page.translation_key),
    }


@moves()
def everything_rolled_back(world: World) -> None:
    with transaction.atomic():
        world.angmo.unpublish()
        Practice.objects.update(name="Elsewhere")
        transaction.set_rollback(True)


@pytest.mark.parametrize(("given", "act", "moved"), ACTS)
def test_the_feed_tells_the_public_truth(
    given: Act | None, act: Act, moved: set[str], consumer: Consumer, world: World
) -> None:
    follow(consumer)
    if given:
        given(world)
        follow(consumer)
    assert differences(consumer.held, public_truth()) == []
    act(world)
    assert follow(consumer) == moved
    assert differences(consumer.held, public_truth()) == []
