"""Fixtures of the CMS's tests. The environment that the settings ask for is set by tests/environment.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AbstractUser, User
from pytest_django import DjangoDbBlocker
from wagtail.images.models import Image
from wagtail.models import Collection, Locale, Page, PageViewRestriction

from cms.conditions.models import ConditionIndexPage
from cms.doctors.models import DoctorIndexPage
from cms.doctors.practices import Practice
from cms.review.models import Reviewer
from cms.taxonomy.models import Specialty
from tests.cms import factories


@pytest.fixture
def transactional_db(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """In the place of pytest-django's, which flushes all tables after the test: what the migrations made,
    Wagtail's root page and locale among it, would be gone. Here what a test added is deleted."""
    assert request.node.get_closest_marker("django_db") is None, "with the mark, pytest-django flushes"
    with django_db_blocker.unblock():
        factories.condition_index()
        factories.doctor_index()
        home = factories.home_page()
        yield
        PageViewRestriction.objects.all().delete()
        Page.objects.filter(depth__gt=1).exclude(pk=home.pk).delete()
        # As the migration planted them, whatever a test made of them.
        factories.condition_index()
        factories.doctor_index()
        for model in (Practice, Reviewer, Specialty, User, Image):
            model.objects.all().delete()
        Collection.objects.filter(depth__gt=1).delete()
        Locale.objects.exclude(pk__in=Page.objects.values("locale")).delete()


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
