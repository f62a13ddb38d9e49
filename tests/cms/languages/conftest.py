from __future__ import annotations

import pytest
from wagtail.models import Locale

from cms.conditions.models import ConditionPage
from tests.cms import factories


@pytest.fixture
def french(db: None) -> Locale:
    """A language with its tree."""
    factories.condition_index()
    factories.doctor_index()
    return factories.make_locale("fr")


@pytest.fixture
def article(french: Locale) -> ConditionPage:
    neurology = factories.make_specialty("Neurology", slug="neurology")
    return factories.make_condition(
        "Myoclonus",
        slug="myoclonus",
        summary="Sudden, short jerks of muscles.",
        notice="Sample text.",
        alternate_names=["Muscle jerks"],
        search_phrases=["jerking at night"],
        codes=[("icd-10-cm", "G25.3")],
        specialties=[neurology],
        sections=[
            (
                "overview",
                "What is it?",
                "<p>Quick <b>jerks</b> of muscles.</p><ul><li>Hiccups are one of them.</li></ul>",
            )
        ],
        reviewer=factories.make_reviewer(),
        last_reviewed="2026-09-01",
        next_review="2028-09-01",
    )
