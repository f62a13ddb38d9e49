"""Fixtures of the CMS's tests. The environment that the settings ask for is set by tests/environment.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AbstractUser, User
from pytest_django import DjangoDbBlocker
from wagtail.models import Locale

from cms.conditions.models import ConditionIndexPage
from cms.doctors.models import DoctorIndexPage
from cms.taxonomy.models import Specialty
from tests.cms import factories
from tests.cms.snapshots import Snapshot


@pytest.fixture(scope="session")
def as_migrated(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Snapshot:
    with django_db_blocker.unblock():
        return Snapshot(tmp_path_factory.mktemp("as_migrated"))


@pytest.fixture
def transactional_db(
    request: pytest.FixtureRequest, as_migrated: Snapshot, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """In the place of pytest-django's, which flushes all tables after the test: what the migrations made,
    Wagtail's root page and locale among it, would be gone. Here all is put back as it was."""
    assert request.node.get_closest_marker("django_db") is None, "with the mark, pytest-django flushes"
    with django_db_blocker.unblock():
        yield
        as_migrated.restore()


@pytest.fixture
def admin_user(db: None) -> AbstractUser:
    """A superuser without a password: pytest-django's `admin_client` logs in without one, and hashing is slow."""
    return User.objects.create_superuser("editor", "editor@example.org")


@pytest.fixture
def locale(db: None) -> Locale:
    return factories.make_locale()


@pytest.fixture
def condition_index(db: None) -> ConditionIndexPage:
    return factories.condition_index()


@pytest.fixture
def doctor_index(db: None) -> DoctorIndexPage:
    return factories.doctor_index()


@pytest.fixture
def specialty(db: None) -> Specialty:
    return factories.make_specialty("Neurology", slug="neurology", practitioner_name="Neurologist")
