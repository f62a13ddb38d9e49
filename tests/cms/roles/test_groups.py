"""The groups that the migration sets up, and the rights that they get over each language's trees."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    WorkflowPage,
)

from cms.conditions.models import ConditionIndexPage
from cms.doctors.models import DoctorIndexPage
from cms.home.models import HomePage
from cms.roles.groups import GROUPS, TREE_RIGHTS
from tests.cms.factories import condition_index, doctor_index

pytestmark = pytest.mark.django_db

INDEXES: list[type[Page]] = [ConditionIndexPage, DoctorIndexPage]


def rights_over(index: Page) -> set[tuple[str, str]]:
    rows = GroupPagePermission.objects.filter(page=index)
    return set(rows.values_list("group__name", "permission__codename"))


def wanted(index: Page) -> set[tuple[str, str]]:
    rights = TREE_RIGHTS[index._meta.label_lower]
    return {(group, f"{action}_page") for group, actions in rights.items() for action in actions}


def test_the_groups_are_there_and_no_other() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(GROUPS)


@pytest.mark.parametrize(
    ("group", "models", "others"),
    [
        ("Editors", [], ["add_pagetexts", "change_pagetexts", "submit_translation", "view_pagetexts"]),
        ("Medical reviewers", ["reviewer"], []),
        ("Directory managers", ["practice"], ["override_place_check", "submit_translation"]),
        (
            "Publishers",
            ["pagetexts", "specialty"],
            [
                "publish_pagetexts",
                "publish_specialty",
                "rebuild_searchservice",
                "submit_translation",
                "view_searchservice",
            ],
        ),
    ],
)
def test_each_has_what_it_needs_and_no_more(group: str, models: list[str], others: list[str]) -> None:
    acts = ("add", "change", "delete", "view")
    wanted = ["access_admin", *others, *(f"{act}_{model}" for model in models for act in acts)]
    has = Permission.objects.filter(group__name=group).values_list("codename", flat=True)
    assert sorted(has) == sorted(wanted)


def test_rights_over_pages_hang_on_the_index_pages_only() -> None:
    assert {right.page.specific_class for right in GroupPagePermission.objects.all()} == set(INDEXES)
    for index in (condition_index(), doctor_index()):
        assert rights_over(index) == wanted(index)


def test_no_workflow_of_wagtails_is_left_over_all_pages() -> None:
    assert not WorkflowPage.objects.filter(page__depth=1).exists()


def test_a_new_language_gets_the_same_rights(admin_client: Client) -> None:
    admin_client.post(reverse("wagtaillocales:add"), {"language_code": "hi"})
    hindi = Locale.objects.get(language_code="hi")
    for model in INDEXES:
        index = model.objects.get(locale=hindi)
        assert rights_over(index) == wanted(index)


def test_a_group_that_was_deleted_is_not_missed() -> None:
    Group.objects.get(name="Editors").delete()
    index = ConditionIndexPage(
        title="Elsewhere", slug="elsewhere", locale=Locale.objects.create(language_code="hi")
    )
    condition_index().get_parent().add_child(instance=index)
    assert rights_over(index) == {(group, right) for group, right in wanted(index) if group != "Editors"}


def test_members_and_own_rights_of_wagtails_groups_stay() -> None:
    """As in a database from before there were ours, where an administrator has been at work."""
    Group.objects.all().delete()
    root, home = Page.get_first_root_node(), HomePage.objects.get()
    publish, add_image = (Permission.objects.get(codename=name) for name in ("publish_page", "add_image"))
    members = {}
    for name in ("Editors", "Moderators"):
        group = Group.objects.create(name=name)
        group.permissions.add(add_image, Permission.objects.get(codename="view_site"))
        for page in (root, home):
            GroupPagePermission.objects.create(group=group, page=page, permission=publish)
        collection = Collection.get_first_root_node()
        GroupCollectionPermission.objects.create(group=group, collection=collection, permission=add_image)
        members[name] = User.objects.create(username=name.lower())
        members[name].groups.add(group)

    importlib.import_module("cms.roles.migrations.0001_groups").set_up(apps, None)

    assert [group.name for group in members["Editors"].groups.all()] == ["Editors"]
    assert [group.name for group in members["Moderators"].groups.all()] == ["Publishers"]
    assert set(Group.objects.values_list("name", flat=True)) == set(GROUPS)
    assert rights_over(root) == set()
    assert rights_over(home) == {("Editors", "publish_page"), ("Publishers", "publish_page")}
    assert rights_over(condition_index()) == wanted(condition_index())
    publishers = Group.objects.get(name="Publishers")
    assert publishers.permissions.filter(codename="view_site").exists()
    assert not publishers.permissions.filter(codename="add_image").exists()
    (image,) = GroupCollectionPermission.objects.filter(group=publishers)
    assert image.permission.codename == "choose_image"
