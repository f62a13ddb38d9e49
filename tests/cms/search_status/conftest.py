"""A search service that can be told what to answer, and content whose changes are logged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from pytest_django import Settings

from tests.cms.search_status.fake_search import FakeSearch


@pytest.fixture
def search(settings: Settings) -> Iterator[FakeSearch]:
    search = FakeSearch()
    settings.SEARCH_URL = search.url
    settings.SEARCH_TIMEOUT_SECONDS = 0.5
    yield search
    search.close()


def make_user(name: str, *permissions: str) -> User:
    """Who may enter the admin, and has these permissions beside, by their codenames."""
    user = User.objects.create_user(name)
    group = Group.objects.create(name=f"Group of {name}")
    for codename in ("access_admin", *permissions):
        group.permissions.add(Permission.objects.get(codename=codename))
    user.groups.add(group)
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
