"""Reviewers as records, through the admin's own form."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from cms.review.models import Reviewer
from tests.cms import admin as forms
from tests.cms import factories
from tests.cms.review.conftest import Staff

ADD = "wagtailsnippets_review_reviewer:add"


def test_a_reviewer_is_a_record_of_its_own(reviewer: Staff) -> None:
    data = forms.reviewer_form(
        registration_authority="Example Medical Council",
        registration_number="17",
        conflict_of_interest="None declared.",
        conflict_of_interest_stated_on="2026-01-01",
        user=reviewer.user.pk,
    )
    assert reviewer.client.post(reverse(ADD), data).status_code == 302
    made = Reviewer.objects.get()
    assert (made.registration_number, made.user) == ("17", reviewer.user)
    listing = reviewer.client.get(reverse("wagtailsnippets_review_reviewer:list")).content.decode()
    assert "Example Medical Council" in listing


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"name": ""}, "required"),
        ({"registration_number": "17"}, "an authority and a number"),
        ({"registration_authority": "Example Council"}, "an authority and a number"),
        ({"conflict_of_interest_stated_on": "2026-01-01"}, "What was stated"),
        (
            {"conflict_of_interest": "None.", "conflict_of_interest_stated_on": "2999-01-01"},
            "in the future",
        ),
        ({"conflict_of_interest": "x" * 2001}, "at most 2000"),
        ({"photo": "987654"}, "valid choice"),
    ],
)
def test_what_is_wrong_is_said(superuser: Staff, wrong: dict[str, Any], error: str) -> None:
    response = superuser.client.post(reverse(ADD), forms.reviewer_form(**wrong))
    assert error in forms.errors_of(response)
    assert not Reviewer.objects.exists()


def test_an_account_signs_for_one_reviewer(superuser: Staff, reviewer: Staff) -> None:
    factories.make_reviewer(user=reviewer.user)
    response = superuser.client.post(reverse(ADD), forms.reviewer_form(user=reviewer.user.pk))
    assert "already exists" in forms.errors_of(response)


def test_a_reviewer_outlives_the_account(reviewer: Staff) -> None:
    made = factories.make_reviewer(user=reviewer.user)
    reviewer.user.delete()
    made.refresh_from_db()
    assert made.user is None
