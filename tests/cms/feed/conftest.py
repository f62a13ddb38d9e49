"""The feed is tested with real commits: that is when PostgreSQL's triggers fire."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from wagtail.images.models import Image

from cms.conditions.models import ConditionIndexPage, ConditionPage
from cms.doctors.models import DoctorIndexPage, DoctorPage
from cms.doctors.practices import Practice
from cms.feed import reading
from cms.review.models import Reviewer
from cms.taxonomy.models import Specialty
from tests.cms import factories
from tests.cms.feed.truth import Documents, Entity
from tests.cms.snapshots import Snapshot


@dataclass
class Consumer:
    """Follows the feed from its cursor, as the search service does, a few changes at a time.

    `former` are the former slugs of each entity that has come, those that have left among them.
    """

    cursor: int = 0
    held: Documents = field(default_factory=dict)
    former: dict[Entity, list[str]] = field(default_factory=dict)
    limit: int = 5

    def pull(self) -> list[dict[str, Any]]:
        """Read up to the head; the changes that came are returned."""
        changes = []
        while True:
            page = reading.changes(after=self.cursor, limit=self.limit)
            assert [change["seq"] for change in page["changes"]] == sorted(
                {change["seq"] for change in page["changes"]}
            )
            assert all(
                self.cursor < change["seq"] <= page["next"] <= page["head"] for change in page["changes"]
            )
            for change in page["changes"]:
                entity = (change["kind"], change["id"], change["locale"])
                before, document = self.held.pop(entity, None), change["document"]
                if document:
                    self.held[entity] = document
                    assert document["slug"] not in change["former_slugs"]
                self.former[entity] = change["former_slugs"]
                if before and (not document or document["slug"] != before["slug"]):
                    assert before["slug"] in change["former_slugs"]
            changes += page["changes"]
            self.cursor = page["next"]
            if not page["has_more"]:
                assert self.cursor == page["head"]
                return changes


@pytest.fixture
def consumer(transactional_db: None) -> Consumer:
    """A consumer that has read what the migrations made."""
    consumer = Consumer()
    consumer.pull()
    return consumer


@dataclass
class Content:
    """A little. Everything is live unless its name says otherwise."""

    neurology: Specialty
    sleep_medicine: Specialty
    unused_specialty: Specialty
    hospital: Practice
    clinic: Practice
    reviewer: Reviewer
    myoclonus: ConditionPage  # signed by the reviewer, treated by neurology
    restless_legs: ConditionPage  # related to myoclonus, and links to it; shows the picture
    picture: Image
    draft_condition: ConditionPage
    angmo: DoctorPage  # neurologist at the hospital, treats myoclonus
    dorje: DoctorPage  # in sleep medicine, at the hospital and the clinic
    draft_doctor: DoctorPage  # all as angmo
    conditions: ConditionIndexPage
    doctors: DoctorIndexPage


@dataclass
class World(Content):
    admin: Client
    folder: Path  # for files


def make_content() -> Content:
    neurology = factories.make_specialty(
        "Neurology",
        slug="neurology",
        schema_org_code="Neurologic",
        alternate_names=["Nerve doctor", "Neuro"],
        exact_names=["Neuro"],
    )
    sleep_medicine = factories.make_specialty("Sleep medicine", slug="sleep-medicine")
    hospital, clinic = factories.make_practice("Hospital"), factories.make_practice("Clinic", lat=34.2)
    reviewer = factories.make_reviewer()
    myoclonus = factories.make_condition(
        "Myoclonus",
        live=False,
        reviewer=reviewer,
        specialties=[neurology],
        alternate_names=["Muscle jerks"],
        search_phrases=["myoclonus treatment"],
        codes=[("icd-10-cm", "G25.3")],
        sections=[("overview", "What is it?", "<p>Quick <b>jerks</b> of muscles.</p>")],
    )
    picture = factories.make_image("Picture")
    restless_legs = factories.make_condition(
        "Restless legs",
        live=False,
        specialties=[sleep_medicine, neurology],
        related=[myoclonus],
        sections=[
            (
                "overview",
                "What is it?",
                [
                    ("text", f'<p>Not <a linktype="page" id="{myoclonus.pk}">jerks</a>.</p>'),
                    ("figure", factories.figure(picture, "A leg")),
                ],
            )
        ],
    )
    angmo = factories.make_doctor(
        "Dr Angmo Example",
        live=False,
        practices=[hospital],
        specialties=[neurology],
        conditions=[myoclonus],
        languages=["en", "bo"],
        registrations=[("Example Council", "1")],
        education=[("Example College", "MBBS", 2001), ("Example College", "DM", None)],
        memberships=["Example Academy"],
        bio="<p>A fictitious doctor.</p>",
    )
    dorje = factories.make_doctor(
        "Dr Dorje Example",
        live=False,
        practices=[hospital, clinic],
        specialties=[sleep_medicine],
        telehealth=True,
        telehealth_countries=["IN", "BT"],
        practising_since=2004,
    )
    draft_doctor = factories.make_doctor(
        "Dr Draft Example", live=False, practices=[hospital], specialties=[neurology], conditions=[myoclonus]
    )
    now = timezone.now()
    for page in (myoclonus, restless_legs, angmo, dorje):
        page.live, page.first_published_at, page.last_published_at = True, now, now
        page.save(update_fields=["live", "first_published_at", "last_published_at"])
    return Content(
        neurology=neurology,
        sleep_medicine=sleep_medicine,
        unused_specialty=factories.make_specialty("Unused", alternate_names=["Nobody's"]),
        hospital=hospital,
        clinic=clinic,
        reviewer=reviewer,
        myoclonus=myoclonus,
        restless_legs=restless_legs,
        picture=picture,
        draft_condition=factories.make_condition("Draft condition", live=False),
        angmo=angmo,
        dorje=dorje,
        draft_doctor=draft_doctor,
        conditions=factories.condition_index(),
        doctors=factories.doctor_index(),
    )


@pytest.fixture(scope="session")
def kept_content(
    as_migrated: Snapshot, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Content, Snapshot]:
    """Made once: through Wagtail, these pages take longer than most tests do."""
    with django_db_blocker.unblock():
        content, snapshot = make_content(), Snapshot(tmp_path_factory.mktemp("content"))
        as_migrated.restore()
        return content, snapshot


@pytest.fixture
def world(kept_content: tuple[Content, Snapshot], transactional_db: None, tmp_path: Path) -> World:
    """To the log, it is as if the content had been made now."""
    content, snapshot = kept_content
    snapshot.restore()
    fresh: dict[str, Any] = {name: type(made).objects.get(pk=made.pk) for name, made in vars(content).items()}
    admin = Client()
    admin.force_login(User.objects.create_superuser("editor", "editor@example.org"))
    return World(**fresh, admin=admin, folder=tmp_path)
