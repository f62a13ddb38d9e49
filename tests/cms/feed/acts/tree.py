"""Pages are moved, put in order, copied, made aliases of, and deleted."""

from __future__ import annotations

from django.core.management import call_command
from django.urls import reverse
from treebeard.mp_tree import MP_Node
from wagtail.models import Page

from cms.doctors.models import DoctorIndexPage, DoctorPage
from cms.home.models import HomePage
from tests.cms.feed.acts import (
    ANGMO,
    CONDITIONS,
    DOCTORS,
    DORJE,
    MYOCLONUS,
    NAMING_MYOCLONUS,
    RESTLESS_LEGS,
    bulk,
    copy,
    delete,
    edit,
    gone,
    move,
    moves,
    new,
    post,
    publish,
    unpublish,
)
from tests.cms.feed.acts.editing import condition_linked_in_a_bio, index_unpublished_alone
from tests.cms.feed.conftest import World


def another_home(world: World) -> HomePage:
    """Editors cannot make a second one in the same language; a migration or an import can."""
    home = HomePage(title="Elsewhere", slug="elsewhere")
    Page.get_first_root_node().add_child(instance=home)
    return home


def another_index(world: World) -> None:
    another_home(world).add_child(instance=DoctorIndexPage(title="Elsewhere", slug="doctors"))


def elsewhere() -> Page:
    home = HomePage.objects.get(slug="elsewhere")
    return home.get_children().first() or home


# --- Moved.


@moves(ANGMO, given=another_index)
def doctor_moved(world: World) -> None:
    move(world, world.angmo, elsewhere())


@moves(DOCTORS, given=another_home)
def index_moved(world: World) -> None:
    move(world, world.doctors, elsewhere())


@moves(DOCTORS, given=another_index)
def pages_moved_in_bulk(world: World) -> None:
    bulk(world, "move", world.angmo, world.dorje, world.draft_doctor, chooser=elsewhere().pk)


@moves(ANGMO, given=another_index)
def page_moved_by_the_tree_library(world: World) -> None:
    # It leaves Wagtail's URL paths as they were, until they are set right.
    MP_Node.move(Page.objects.get(pk=world.angmo.pk), elsewhere(), pos="last-child")
    call_command("set_url_paths")


@moves()
def doctors_reordered(world: World) -> None:
    post_position(world, world.dorje)
    assert DoctorPage.objects.first() == world.dorje


@moves()
def indexes_reordered(world: World) -> None:
    post_position(world, world.doctors)
    assert world.doctors.get_parent().get_children().first().pk == world.doctors.pk


def post_position(world: World, page: Page) -> None:
    """To the first place, as it is dragged there in a listing."""
    url = reverse("wagtailadmin_pages:set_page_position", args=[page.pk])
    assert world.admin.post(f"{url}?position=0").status_code == 200


@moves()
def url_paths_set(world: World) -> None:
    call_command("set_url_paths")


@moves()
def tree_repaired(world: World) -> None:
    call_command("fixtree", interactive=False)


# --- Given another slug.


@moves(ANGMO)
def slug_of_a_doctor_changed(world: World) -> None:
    publish(world, world.angmo, slug="dr-other")


@moves(DOCTORS)
def slug_of_the_index_changed(world: World) -> None:
    publish(world, world.doctors, slug="people")


@moves(DOCTORS, given=index_unpublished_alone)
def slug_of_an_unpublished_index_saved(world: World) -> None:
    # No draft: what is not live is saved as it is, and those below it get their URL paths.
    edit(world, world.doctors, slug="people")


# --- Copied.


@moves(new("Copy of Dr Angmo"))
def doctor_copied_and_published(world: World) -> None:
    copy(world, world.angmo, "dr-copy", new_title="Copy of Dr Angmo", publish_copies="on")


@moves()
def doctor_copied(world: World) -> None:
    copy(world, world.angmo, "dr-copy", new_title="Copy of Dr Angmo")


@moves(new(DOCTORS), given=another_home)
def index_copied_with_what_is_in_it_by_a_program(world: World) -> None:
    # Their slugs are there twice then: the admin does not allow it.
    world.doctors.copy(to=elsewhere(), recursive=True)


@moves(new(DOCTORS), given=another_home)
def index_made_an_alias_of_with_what_is_in_it_by_a_program(world: World) -> None:
    world.doctors.create_alias(parent=elsewhere(), recursive=True)


@moves(new("Alias"))
def alias_made(world: World) -> None:
    copy(world, world.angmo, "dr-alias", alias="on")
    DoctorPage.objects.filter(slug="dr-alias").update(title="Alias")


def alias() -> Page:
    return Page.objects.get(slug="dr-alias")


@moves(ANGMO, "Alias", given=alias_made)
def source_of_an_alias_published(world: World) -> None:
    publish(world, world.angmo, credentials="MD")


@moves(gone(ANGMO, "Alias"), given=alias_made)
def source_of_an_alias_unpublished(world: World) -> None:
    unpublish(world, world.angmo)


@moves(given=alias_made)
def alias_made_a_page_of_its_own(world: World) -> None:
    post(world, "wagtailadmin_pages:convert_alias", alias().pk)


@moves(gone("Alias"), given=alias_made)
def alias_deleted(world: World) -> None:
    delete(world, alias())


# --- Deleted.


@moves(gone(MYOCLONUS), NAMING_MYOCLONUS)
def condition_deleted(world: World) -> None:
    delete(world, world.myoclonus)


@moves(gone(RESTLESS_LEGS), DORJE, given=condition_linked_in_a_bio)
def linked_condition_deleted(world: World) -> None:
    delete(world, world.restless_legs)


@moves(gone(DOCTORS))
def index_deleted_with_what_is_in_it(world: World) -> None:
    delete(world, world.doctors)


@moves(gone(CONDITIONS), ANGMO)
def conditions_deleted_with_their_index(world: World) -> None:
    delete(world, world.conditions)


@moves()
def draft_deleted(world: World) -> None:
    delete(world, world.draft_doctor)


@moves(gone(DOCTORS))
def pages_deleted_in_bulk(world: World) -> None:
    bulk(world, "delete", world.angmo, world.dorje, world.draft_doctor)
