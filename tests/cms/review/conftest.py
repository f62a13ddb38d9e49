"""Users in the groups that the migrations set up, and what they do to articles in the admin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, PageLogEntry

from cms.conditions.models import ConditionPage
from cms.roles.groups import EDITORS, MEDICAL_REVIEWERS, PUBLISHERS
from tests.cms import admin as forms
from tests.cms import factories

SUPERUSER = "Superuser"
STAFF = (EDITORS, MEDICAL_REVIEWERS, PUBLISHERS)


@dataclass
class Staff:
    """Somebody at work in the admin. Nothing is asserted of the answers: what came of it is in the database."""

    user: User
    client: Client

    def post(self, view: str, *args: Any, query: str = "", **data: Any) -> Any:
        return self.client.post(reverse(view, args=args) + query, data)

    def add(self, **changes: Any) -> Any:
        form = forms.condition_form(**changes)
        return forms.add_page(
            self.client, factories.condition_index(), "conditions.conditionpage", form | changes
        )

    def edit(self, page: Page, action: str = "", **changes: Any) -> Any:
        """`action` is like 'action-publish', none saves a draft."""
        own = {"title": page.title, "slug": page.slug}
        form = forms.condition_form(**(own | changes)) | ({action: action} if action else {})
        return self.post("wagtailadmin_pages:edit", page.pk, **form)

    def submit(self, page: Page, **changes: Any) -> Any:
        return self.edit(page, "action-submit", **changes)

    def decide(self, page: Page, action: str = "approve", **data: Any) -> Any:
        state = Page.objects.get(pk=page.pk).current_workflow_task_state
        return self.post("wagtailadmin_pages:workflow_action", page.pk, action, state.pk, **data)

    def copy(self, page: Page, slug: str, **data: Any) -> Any:
        fields = {"new_title": "Copy", "new_slug": slug, "new_parent_page": page.get_parent().pk}
        return self.post("wagtailadmin_pages:copy", page.pk, **fields, **data)

    def bulk(self, action: str, *pages: Page, **data: Any) -> Any:
        query = "?" + urlencode([("id", page.pk) for page in pages] + [("next", "/admin/")])
        return self.post("wagtail_bulk_action", "wagtailcore", "page", action, query=query, **data)


def make_staff(*groups: str, name: str = "") -> Staff:
    """A member of these groups, or a superuser; another one for each name."""
    name = name or "-".join(groups)
    if groups == (SUPERUSER,):
        user = User.objects.create_superuser(name)
    else:
        user = User.objects.create_user(name)
        user.groups.set(Group.objects.filter(name__in=groups))
        assert user.groups.count() == len(groups)
    client = Client()
    client.force_login(user)
    return Staff(user, client)


@pytest.fixture
def editor(db: None) -> Staff:
    return make_staff(EDITORS)


@pytest.fixture
def reviewer(db: None) -> Staff:
    return make_staff(MEDICAL_REVIEWERS)


@pytest.fixture
def publisher(db: None) -> Staff:
    return make_staff(PUBLISHERS)


@pytest.fixture
def superuser(db: None) -> Staff:
    return make_staff(SUPERUSER)


@pytest.fixture
def draft(db: None) -> ConditionPage:
    page = factories.make_condition("Asthma", slug="asthma", live=False)
    page.save_revision()
    return page


@pytest.fixture
def article(db: None) -> ConditionPage:
    """Live, with its first version."""
    return factories.make_condition("Myoclonus", slug="myoclonus", summary="As it was approved.")


def fresh(page: Page) -> ConditionPage:
    found: ConditionPage = ConditionPage.objects.get(pk=page.pk)
    return found


def acts(page: Page) -> list[str]:
    """What the audit log tells of the page, the first first."""
    entries = PageLogEntry.objects.filter(page=page.pk).order_by("timestamp", "pk")
    return list(entries.values_list("action", flat=True))
