"""Specialties, practices and reviewers: what pages name."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from wagtail.images.models import Image
from wagtail.test.utils.form_data import inline_formset

from cms.doctors.models import DoctorPractice
from cms.doctors.practices import Practice
from cms.review.models import Reviewer
from tests.cms import admin as forms
from tests.cms import factories
from tests.cms.feed.acts import (
    ANGMO,
    CONDITIONS,
    DOCTORS,
    DORJE,
    MYOCLONUS,
    NEUROLOGY,
    UNUSED,
    bulk,
    gone,
    moves,
    new,
    post,
    publish,
    snippet,
)
from tests.cms.feed.conftest import World

# --- Practices: what a doctor's document shows.


@moves()
def practice_made(world: World) -> None:
    snippet(world, "doctors_practice:add", **forms.practice_form(name="Unused"))


@moves(DOCTORS)
def practice_moved(world: World) -> None:
    data = forms.practice_form(name="Hospital", lat="35.5", lng="76.5")
    snippet(world, "doctors_practice:edit", world.hospital.pk, **data)


@moves()
def practice_saved_unchanged(world: World) -> None:
    data = forms.practice_form(name="Hospital", postal_code="")
    snippet(world, "doctors_practice:edit", world.hospital.pk, **data)


@moves()
def point_of_a_practice_confirmed(world: World) -> None:
    data = forms.practice_form(name="Hospital", postal_code="", place_confirmed="on")
    snippet(world, "doctors_practice:edit", world.hospital.pk, **data)
    assert Practice.objects.get(pk=world.hospital.pk).place_confirmed


@moves(DORJE)
def practice_changed_by_an_update(world: World) -> None:
    Practice.objects.filter(pk=world.clinic.pk).update(phone="+91 1")


@moves(DOCTORS)
def practice_given_opening_hours(world: World) -> None:
    hours = inline_formset([{"day": day, "opens": "09:00", "closes": "17:30"} for day in range(5)])
    data = forms.practice_form(name="Hospital", postal_code="", opening_hours=hours)
    snippet(world, "doctors_practice:edit", world.hospital.pk, **data)
    assert world.hospital.opening_hours.count() == 5


@moves(DOCTORS, given=practice_given_opening_hours)
def opening_hours_of_a_practice_changed_and_taken_out(world: World) -> None:
    kept, *rest = world.hospital.opening_hours.values("id", "day", "opens", "closes")
    rows = [kept | {"closes": "18:00"}, *(row | {"DELETE": "on"} for row in rest)]
    hours = inline_formset(rows, initial=5)
    data = forms.practice_form(name="Hospital", postal_code="", opening_hours=hours)
    snippet(world, "doctors_practice:edit", world.hospital.pk, **data)
    assert [str(row) for row in world.hospital.opening_hours.all()] == ["Monday 09:00 to 18:00"]


@moves(DOCTORS)
def practice_described(world: World) -> None:
    data = forms.practice_form(
        name="Hospital",
        postal_code="",
        kind="hospital",
        website="https://hospital.example/",
        accessibility=["lift", "step-free-entrance"],
    )
    snippet(world, "doctors_practice:edit", world.hospital.pk, **data)


@moves(DOCTORS)
def practice_of_all_merged_into_another(world: World) -> None:
    bulk(world, "merge", world.clinic, world.hospital, kept=world.clinic.pk)
    assert not Practice.objects.filter(pk=world.hospital.pk).exists()


@moves(DORJE)
def practices_of_one_doctor_merged(world: World) -> None:
    bulk(world, "merge", world.clinic, world.hospital, kept=world.hospital.pk)
    assert not Practice.objects.filter(pk=world.clinic.pk).exists()


@moves()
def practice_in_use_not_deleted(world: World) -> None:
    url = reverse("wagtailsnippets_doctors_practice:delete", args=[world.hospital.pk])
    world.admin.post(url)
    assert Practice.objects.filter(pk=world.hospital.pk).exists()


@moves(DORJE)
def practice_left(world: World) -> None:
    publish(world, world.dorje, **{"practices-1-DELETE": "on"})


@moves(DORJE)
def practice_left_and_deleted_by_a_program(world: World) -> None:
    with transaction.atomic():
        DoctorPractice.objects.filter(practice=world.clinic).delete()
        world.clinic.delete()


@moves(given=practice_left)
def practice_nobody_works_at_deleted(world: World) -> None:
    snippet(world, "doctors_practice:delete", world.clinic.pk)
    assert not Practice.objects.filter(pk=world.clinic.pk).exists()


# --- Specialties: documents of their own, which pages name.


@moves(new("Dermatology"))
def specialty_made(world: World) -> None:
    data = forms.specialty_form(name="Dermatology", slug="dermatology")
    snippet(world, "taxonomy_specialty:add", **data)


@moves(NEUROLOGY, CONDITIONS, ANGMO)
def specialty_renamed(world: World) -> None:
    data = forms.specialty_form(name="Nerves", slug="nerves")
    snippet(world, "taxonomy_specialty:edit", world.neurology.pk, **data)


@moves(NEUROLOGY)
def specialty_described(world: World) -> None:
    data = forms.specialty_form(description="Nerves and brain.", schema_org_code="Neurologic")
    snippet(world, "taxonomy_specialty:edit", world.neurology.pk, **data)


@moves(NEUROLOGY)
def other_name_of_a_specialty_added(world: World) -> None:
    edit_specialty(
        world,
        **{
            "alternate_names-TOTAL_FORMS": "3",
            "alternate_names-2-id": "",
            "alternate_names-2-name": "Brain doctor",
            "alternate_names-2-ORDER": "3",
        },
    )
    assert names(world) == [("Nerve doctor", False), ("Neuro", True), ("Brain doctor", False)]


@moves(NEUROLOGY)
def other_name_of_a_specialty_changed(world: World) -> None:
    edit_specialty(world, **{"alternate_names-0-name": "Brain doctor"})
    assert names(world) == [("Brain doctor", False), ("Neuro", True)]


@moves(NEUROLOGY)
def other_name_of_a_specialty_ticked(world: World) -> None:
    edit_specialty(world, **{"alternate_names-0-exact_only": "on"})
    assert names(world) == [("Nerve doctor", True), ("Neuro", True)]


@moves(NEUROLOGY)
def other_names_of_a_specialty_put_in_another_order(world: World) -> None:
    edit_specialty(world, **{"alternate_names-0-ORDER": "2", "alternate_names-1-ORDER": "1"})
    assert names(world) == [("Neuro", True), ("Nerve doctor", False)]


@moves(NEUROLOGY)
def other_name_of_a_specialty_taken_out(world: World) -> None:
    edit_specialty(world, **{"alternate_names-0-DELETE": "on"})
    assert names(world) == [("Neuro", True)]


def edit_specialty(world: World, **changes: str) -> None:
    """Send the form of neurology as it is, with some of it changed."""
    rows = [
        {"id": row.pk, "name": row.name} | ({"exact_only": "on"} if row.exact_only else {})
        for row in world.neurology.alternate_names.order_by("sort_order", "pk")
    ]
    form = forms.specialty_form(
        schema_org_code="Neurologic", alternate_names=inline_formset(rows, initial=len(rows))
    )
    snippet(world, "taxonomy_specialty:edit", world.neurology.pk, **form | changes)


@moves(given=edit_specialty)
def specialty_saved_unchanged(world: World) -> None:
    edit_specialty(world)
    assert names(world) == [("Nerve doctor", False), ("Neuro", True)]


def names(world: World) -> list[tuple[str, bool]]:
    rows = world.neurology.alternate_names.order_by("sort_order", "pk")
    return list(rows.values_list("name", "exact_only"))


@moves(gone(UNUSED))
def specialty_deleted(world: World) -> None:
    snippet(world, "taxonomy_specialty:delete", world.unused_specialty.pk)


@moves(gone(UNUSED))
def specialties_deleted_in_bulk(world: World) -> None:
    bulk(world, "delete", world.unused_specialty)


@moves(DORJE)
def specialty_practised(world: World) -> None:
    publish(world, world.dorje, specialties=world.unused_specialty.pk)


@moves(gone(UNUSED), DORJE, given=specialty_practised)
def specialty_that_is_practised_deleted(world: World) -> None:
    snippet(world, "taxonomy_specialty:delete", world.unused_specialty.pk)


# --- Reviewers: named by the article that they sign.


@moves()
def reviewer_made(world: World) -> None:
    snippet(world, "review_reviewer:add", **forms.reviewer_form(name="Dr Other Reviewer"))


@moves(MYOCLONUS)
def reviewer_renamed(world: World) -> None:
    data = forms.reviewer_form(name="Dr Renamed")
    snippet(world, "review_reviewer:edit", world.reviewer.pk, **data)


@moves(MYOCLONUS)
def reviewer_registered(world: World) -> None:
    data = forms.reviewer_form(registration_authority="Example Council", registration_number="17")
    snippet(world, "review_reviewer:edit", world.reviewer.pk, **data)


@moves(MYOCLONUS)
def conflict_of_interest_stated(world: World) -> None:
    Reviewer.objects.update(conflict_of_interest="None declared.")


@moves(MYOCLONUS)
def reviewer_photographed(world: World) -> None:
    photo = factories.make_image("Portrait", size=(900, 900)).pk
    data = forms.reviewer_form(photo=photo, photo_alt="The reviewer, smiling.")
    snippet(world, "review_reviewer:edit", world.reviewer.pk, **data)


@moves()
def reviewer_given_an_account(world: World) -> None:
    user = get_user_model().objects.create_user("reviewer")
    snippet(world, "review_reviewer:edit", world.reviewer.pk, **forms.reviewer_form(user=user.pk))
    assert Reviewer.objects.get(pk=world.reviewer.pk).user == user


@moves(MYOCLONUS, given=reviewer_photographed)
def photo_of_a_reviewer_replaced(world: World) -> None:
    other = factories.make_image("Other").file.name
    Image.objects.filter(title="Portrait").update(file=other, width=8, height=8)


@moves(MYOCLONUS, given=reviewer_photographed)
def photo_of_a_reviewer_deleted(world: World) -> None:
    post(world, "wagtailimages:delete", Image.objects.get(title="Portrait").pk)


@moves(MYOCLONUS)
def reviewer_deleted(world: World) -> None:
    snippet(world, "review_reviewer:delete", world.reviewer.pk)
