"""What may be explored is what Wagtail's own policy says."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import GroupPagePermission, Page, PageLogEntry
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import policy_registry

from cms.doctors.listing import explorable
from cms.doctors.models import DoctorPage
from cms.roles.groups import GROUPS
from cms.roles.policy import ExploringPolicy
from tests.cms.factories import doctor_index, home_page, make_condition, make_doctor

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    for _ in range(2):
        make_condition()
        make_doctor()
    return User.objects.create_user("user")


def may_explore_the_same(user: User) -> set[Page]:
    pages = set(PagePermissionPolicy(Page).explorable_instances(user))
    assert set(policy_registry.get_by_type(Page).explorable_instances(user)) == pages
    doctors = set(PagePermissionPolicy(DoctorPage).explorable_instances(user))
    assert set(ExploringPolicy(DoctorPage).explorable_instances(user)) == doctors
    assert set(explorable(DoctorPage.objects.all(), user)) == doctors
    return pages


def give(user: User, page: Page, *codenames: str) -> None:
    group = Group.objects.create(name=f"{page.pk} {codenames}")
    for permission in Permission.objects.filter(codename__in=codenames):
        GroupPagePermission.objects.create(group=group, page=page, permission=permission)
    user.groups.add(group)


@pytest.mark.parametrize("role", GROUPS)
def test_by_role(user: User, role: str) -> None:
    user.groups.set(Group.objects.filter(name=role))
    assert may_explore_the_same(user)


@pytest.mark.parametrize("codename", ["add_page", "change_page", "lock_page", "bulk_delete_page"])
def test_by_one_right_over_one_page(user: User, codename: str) -> None:
    doctor = DoctorPage.objects.all()[0]
    give(user, doctor, codename)
    assert {page.slug for page in may_explore_the_same(user)} == {"doctors", doctor.slug}


def test_what_is_above_two_trees(user: User) -> None:
    give(user, DoctorPage.objects.all()[0], "change_page")
    give(user, Page.objects.get(slug="conditions"), "change_page", "publish_page")
    assert {"home", "doctors", "conditions"} <= {page.slug for page in may_explore_the_same(user)}


def test_all_none_and_nobody(user: User) -> None:
    assert may_explore_the_same(user) == set()
    give(user, home_page(), "publish_page")
    assert len(may_explore_the_same(User.objects.get())) == Page.objects.count()
    User.objects.update(is_superuser=True)
    assert doctor_index().page_ptr in may_explore_the_same(User.objects.get())
    User.objects.update(is_active=False)
    assert may_explore_the_same(User.objects.get()) == set()


def test_a_tree_is_asked_for_once(user: User) -> None:
    give(user, home_page(), "add_page", "change_page", "publish_page", "lock_page")
    with CaptureQueriesContext(connection) as queries:
        list(policy_registry.get_by_type(Page).explorable_instances(user))
    assert queries[-1]["sql"].count(home_page().path) == 1


def test_a_superusers_history_is_not_compared_with_all_pages(admin_user: User, user: User) -> None:
    give(user, DoctorPage.objects.all()[0], "change_page")
    gone = DoctorPage.objects.all()[1]
    gone.delete(user=admin_user)
    everything = PageLogEntry.objects.viewable_by_user(admin_user)
    assert everything.count() == PageLogEntry.objects.count()
    assert "SELECT" not in str(everything.query).removeprefix("SELECT")
    own = PageLogEntry.objects.viewable_by_user(user)
    assert {entry.label for entry in own} == {DoctorPage.objects.all()[0].title}
