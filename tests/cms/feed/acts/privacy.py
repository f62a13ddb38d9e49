"""Pages, and all below them, are made private and public again."""

from __future__ import annotations

from django.contrib.auth.models import Group
from wagtail.models import PageViewRestriction

from tests.cms.feed.acts import (
    ALL_PAGES,
    ANGMO,
    CONDITIONS,
    DOCTORS,
    DORJE,
    MYOCLONUS,
    NAMING_MYOCLONUS,
    NEVER_PUBLIC,
    RESTLESS_LEGS,
    edit,
    gone,
    move,
    moves,
    new,
    publish,
    restrict,
)
from tests.cms.feed.acts.editing import condition_linked_in_a_bio
from tests.cms.feed.acts.tree import another_index, elsewhere
from tests.cms.feed.conftest import World


@moves(gone(MYOCLONUS), NAMING_MYOCLONUS)
def condition_made_private(world: World) -> None:
    restrict(world, world.myoclonus, "login")


@moves(new(MYOCLONUS), NAMING_MYOCLONUS, given=condition_made_private)
def condition_made_public_again(world: World) -> None:
    restrict(world, world.myoclonus, "none")


@moves(gone(RESTLESS_LEGS), DORJE, given=condition_linked_in_a_bio)
def linked_condition_made_private(world: World) -> None:
    restrict(world, world.restless_legs, "password", password="x")


@moves(gone(DOCTORS))
def index_made_private(world: World) -> None:
    restrict(world, world.doctors, "login")


@moves(gone(ALL_PAGES))
def everything_made_private(world: World) -> None:
    restrict(world, world.doctors.get_parent(), "groups", groups=[Group.objects.all()[0].pk])


@moves(new(DOCTORS), given=index_made_private)
def index_made_public_again(world: World) -> None:
    restrict(world, world.doctors, "none")


@moves(given=index_made_private)
def restriction_changed_to_a_password(world: World) -> None:
    restrict(world, world.doctors, "password", password="x")
    assert PageViewRestriction.objects.get().restriction_type == "password"


# Here and below: a tombstone anew. Only documents must not move without need.
@moves(NEVER_PUBLIC, given=index_made_private)
def page_that_is_private_already_made_private(world: World) -> None:
    restrict(world, world.angmo, "password", password="x")


@moves(new(DORJE), NEVER_PUBLIC, given=page_that_is_private_already_made_private)
def one_of_two_restrictions_lifted(world: World) -> None:
    restrict(world, world.doctors, "none")


@moves(gone(CONDITIONS), new(DOCTORS), given=index_made_private)
def restriction_put_on_another_page_by_a_program(world: World) -> None:
    restriction = PageViewRestriction.objects.get()
    restriction.page = world.conditions
    restriction.save()


@moves(given=index_made_private)
def draft_of_a_private_page_saved(world: World) -> None:
    edit(world, world.angmo, credentials="MD")


@moves(NEVER_PUBLIC, given=index_made_private)
def private_page_published(world: World) -> None:
    publish(world, world.angmo, credentials="MD")


def private_index(world: World) -> None:
    another_index(world)
    restrict(world, elsewhere(), "login")


@moves(gone(ANGMO), given=private_index)
def doctor_moved_into_a_private_section(world: World) -> None:
    move(world, world.angmo, elsewhere())


@moves(new(ANGMO), given=doctor_moved_into_a_private_section)
def doctor_moved_out_of_a_private_section(world: World) -> None:
    move(world, world.angmo, world.doctors)
