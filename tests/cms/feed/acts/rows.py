"""What no view does, and no signal tells of: updates, bulk operations, fixtures, rows by themselves, plain SQL."""

from __future__ import annotations

import json
from datetime import time
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from wagtail.models import Page

from cms.conditions.models import ConditionName, SearchPhrase
from cms.doctors.models import (
    DoctorCondition,
    DoctorEducation,
    DoctorLanguage,
    DoctorMembership,
    DoctorPage,
    DoctorPractice,
    DoctorRegistration,
    DoctorTelehealthCountry,
)
from cms.doctors.practices import OpeningHours, Practice
from cms.taxonomy.models import Specialty, SpecialtyName
from tests.cms.feed.acts import (
    ANGMO,
    CONDITIONS,
    DOCTORS,
    DORJE,
    DRAFT,
    MYOCLONUS,
    NAMING_MYOCLONUS,
    NEUROLOGY,
    SLEEP_MEDICINE,
    UNUSED,
    gone,
    moves,
    new,
)
from tests.cms.feed.conftest import World


@moves(gone(DOCTORS))
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


@moves(MYOCLONUS)
def name_made_to_match_only_exactly_by_an_update(world: World) -> None:
    ConditionName.objects.filter(name="Muscle jerks").update(exact_only=True)


@moves(MYOCLONUS)
def phrase_made_to_match_only_exactly_by_an_update(world: World) -> None:
    SearchPhrase.objects.filter(phrase="myoclonus treatment").update(exact_only=True)


@moves(NEUROLOGY)
def name_of_a_specialty_made_to_match_only_exactly_by_an_update(world: World) -> None:
    SpecialtyName.objects.filter(name="Nerve doctor").update(exact_only=True)


@moves(NEUROLOGY, UNUSED)
def names_of_specialties_deleted_by_a_query(world: World) -> None:
    SpecialtyName.objects.all().delete()


@moves(SLEEP_MEDICINE, UNUSED)
def names_of_specialties_added_in_bulk(world: World) -> None:
    specialties = [world.sleep_medicine, world.unused_specialty]
    SpecialtyName.objects.bulk_create(
        SpecialtyName(specialty=specialty, name="Sleep") for specialty in specialties
    )


@moves(NEUROLOGY, SLEEP_MEDICINE)
def name_given_to_another_specialty(world: World) -> None:
    SpecialtyName.objects.filter(name="Neuro").update(specialty=world.sleep_medicine)


@moves(ANGMO)
def child_saved_by_itself(world: World) -> None:
    DoctorLanguage(page=world.angmo, language="hi", sort_order=9).save()


@moves(ANGMO)
def children_deleted_by_a_query(world: World) -> None:
    DoctorLanguage.objects.filter(language="bo").delete()


@moves(DORJE)
def telehealth_country_added_by_itself(world: World) -> None:
    DoctorTelehealthCountry(page=world.dorje, country="NP").save()


@moves(DORJE)
def telehealth_country_changed_by_an_update(world: World) -> None:
    DoctorTelehealthCountry.objects.filter(country="BT").update(country="AE")


@moves(DORJE)
def telehealth_countries_deleted_by_a_query(world: World) -> None:
    DoctorTelehealthCountry.objects.all().delete()


@moves(DORJE)
def education_added_by_itself(world: World) -> None:
    for page in (world.dorje, world.draft_doctor):
        DoctorEducation(page=page, institution="Example College", year=2003).save()


@moves(ANGMO)
def education_changed_by_an_update(world: World) -> None:
    DoctorEducation.objects.filter(degree="DM").update(year=2005)


@moves(ANGMO)
def education_put_in_order_by_an_update(world: World) -> None:
    DoctorEducation.objects.filter(degree="MBBS").update(sort_order=9)


@moves(ANGMO)
def education_deleted_by_a_query(world: World) -> None:
    DoctorEducation.objects.all().delete()


@moves(DORJE)
def memberships_added_in_bulk(world: World) -> None:
    DoctorMembership.objects.bulk_create(
        DoctorMembership(page=page, organisation="Example Academy")
        for page in (world.dorje, world.draft_doctor)
    )


@moves(DOCTORS)
def membership_given_to_another_doctor(world: World) -> None:
    DoctorMembership.objects.update(page=world.dorje)


@moves(ANGMO)
def membership_deleted_by_a_query(world: World) -> None:
    DoctorMembership.objects.all().delete()


@moves(ANGMO)
def scheme_of_a_registration_changed_by_an_update(world: World) -> None:
    DoctorRegistration.objects.update(scheme="npi")


@moves(DORJE)
def treated_conditions_added_in_bulk(world: World) -> None:
    DoctorCondition.objects.bulk_create(
        DoctorCondition(page=page, condition=world.restless_legs)
        for page in (world.dorje, world.draft_doctor)
    )


@moves(ANGMO)
def treated_condition_changed_by_an_update(world: World) -> None:
    DoctorCondition.objects.update(condition=world.restless_legs)


@moves(ANGMO)
def treated_conditions_deleted_by_a_query(world: World) -> None:
    DoctorCondition.objects.all().delete()


@moves(DORJE)
def telehealth_ended_by_an_update(world: World) -> None:
    DoctorPage.objects.filter(pk=world.dorje.pk).update(telehealth=False)


@moves(DORJE)
def year_of_practice_changed_by_an_update(world: World) -> None:
    DoctorPage.objects.filter(pk=world.dorje.pk).update(practising_since=1999)


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


@moves(new(DRAFT))
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


@moves(new(DRAFT))
def live_given_by_an_update(world: World) -> None:
    Page.objects.filter(pk=world.draft_doctor.pk).update(live=True)


@moves(DOCTORS)
def pages_changed_in_bulk(world: World) -> None:
    pages = [world.angmo, world.dorje, world.draft_doctor]
    for page in pages:
        page.title, page.credentials = f"{page.title}, MD", "MD"
    Page.objects.bulk_update([page.page_ptr for page in pages], ["title"])
    DoctorPage.objects.bulk_update(pages, ["credentials"])


@moves(DOCTORS)
def practices_changed_in_bulk(world: World) -> None:
    world.hospital.phone = world.clinic.phone = "+91 1"
    Practice.objects.bulk_update([world.hospital, world.clinic], ["phone"])


@moves(DORJE)
def opening_hours_added_in_bulk(world: World) -> None:
    OpeningHours.objects.bulk_create(
        OpeningHours(practice=world.clinic, day=day, opens=time(9), closes=time(12)) for day in range(7)
    )


@moves(DORJE, given=opening_hours_added_in_bulk)
def opening_hours_changed_by_an_update(world: World) -> None:
    OpeningHours.objects.filter(day=6).update(opens=time(10))


@moves(DOCTORS, given=opening_hours_added_in_bulk)
def opening_hours_given_to_another_practice(world: World) -> None:
    OpeningHours.objects.filter(day=0).update(practice=world.hospital)


@moves(DORJE, given=opening_hours_added_in_bulk)
def opening_hours_deleted_by_a_query(world: World) -> None:
    OpeningHours.objects.all().delete()


@moves(DORJE)
def accessibility_changed_by_an_update(world: World) -> None:
    Practice.objects.filter(pk=world.clinic.pk).update(accessibility=["lift"])


@moves(new("Bulk 1", "Bulk 2"))
def specialties_made_in_bulk(world: World) -> None:
    locale = world.neurology.locale
    Specialty.objects.bulk_create(
        Specialty(name=f"Bulk {number}", slug=f"bulk-{number}", locale=locale) for number in (1, 2)
    )


@moves(DORJE)
def child_saved_for_two_pages_one_of_them_a_draft(world: World) -> None:
    for page in (world.dorje, world.draft_doctor):
        DoctorPractice(page=page, practice=world.clinic, sort_order=9).save()


@moves(gone(DOCTORS))
def pages_deleted_by_a_query(world: World) -> None:
    Page.objects.descendant_of(world.doctors).delete()
