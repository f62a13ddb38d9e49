"""Fixtures of the CMS's tests. The environment that the settings ask for is set by tests/environment.py."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AbstractUser, User
from wagtail.models import Locale

from cms.conditions.models import ConditionIndexPage
from cms.doctors.models import DoctorIndexPage
from cms.taxonomy.models import Specialty
from tests.cms import factories


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
