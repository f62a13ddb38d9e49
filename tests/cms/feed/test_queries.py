"""One page of the feed costs as many queries for 500 entities as for one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from modelcluster.fields import ParentalKey
from wagtail.models import Page

from cms.conditions.models import ConditionPage
from cms.feed.images import pictures
from cms.feed.kinds import kinds
from cms.feed.models import Change
from cms.taxonomy.models import Specialty
from tests.cms import factories

SIZES = (1, 10, 500)
# What of each document is a list, and has two entries here.
LISTS = {
    "condition": (
        "alternate_names",
        "search_phrases",
        "exact_names",
        "codes",
        "specialties",
        "related_conditions",
        "sections",
    ),
    "doctor": (
        "specialties",
        "conditions",
        "languages",
        "telehealth_countries",
        "practices",
        "registrations",
        "education",
        "memberships",
    ),
    "specialty": ("alternate_names", "exact_names", "codes"),
}
LINKS = {"condition": 4, "doctor": 2, "specialty": 0}


@pytest.fixture
def specialties(db: None) -> list[Specialty]:
    return [factories.make_specialty() for _ in range(2)]


@pytest.fixture
def conditions(db: None) -> list[ConditionPage]:
    """To be named and linked to."""
    pages = [factories.make_condition(live=False) for _ in range(2)]
    Page.objects.filter(pk__in=[page.pk for page in pages]).update(live=True)
    return pages


def test_every_kind_is_counted() -> None:
    # Of the texts of pages there are four in a language.
    assert LISTS.keys() == kinds().keys() - {"page_texts"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", LISTS)
def test_as_many_queries_for_many_entities_as_for_one(
    kind: str, specialties: list[Specialty], conditions: list[ConditionPage]
) -> None:
    known = {str(one.translation_key) for one in specialties} | {
        str(page.translation_key) for page in conditions
    }
    start = head()
    original = make(kind, specialties, conditions)
    made = 1
    of_changes, of_digests = {}, {}
    for size in SIZES:
        add_copies(original, size - made)
        made = size
        head()

        page, of_changes[size] = get(f"changes?after={start}&limit=1000")
        documents = [change["document"] for change in page["changes"]]
        assert [document["kind"] for document in documents] == [kind] * size
        for document in documents:
            assert {name: len(document[name]) for name in LISTS[kind]} == dict.fromkeys(LISTS[kind], 2)
            assert str(document).count("data-id=") == LINKS[kind]
            assert str(document).count("<img ") == (2 if kind == "condition" else 0)

        page, of_digests[size] = get(f"digests?after={kind}/{0:032}&limit=1000")
        found = {entity["id"] for entity in page["entities"] if entity["kind"] == kind}
        assert len(found - known) == size

    assert set(of_changes.values()) == {of_changes[1]}, of_changes
    assert set(of_digests.values()) == {of_digests[1]}, of_digests


def make(kind: str, specialties: list[Specialty], conditions: list[ConditionPage]) -> Page | Specialty:
    """A public entity of that kind that has two of everything."""
    links = "".join(f'<p>See <a linktype="page" id="{page.pk}">this</a>.</p>' for page in conditions)
    page: Page
    if kind == "specialty":
        return factories.make_specialty(
            nucc_code="2084N0400X",
            schema_org_code="Neurologic",
            alternate_names=["One name", "Another name"],
            exact_names=["One name", "Another name"],
        )
    if kind == "condition":
        image = factories.make_image()
        pictures([image.pk])  # renditions are made once
        page = factories.make_condition(
            live=False,
            alternate_names=["One name", "Another name"],
            search_phrases=["one phrase", "another phrase"],
            exact_names=["One name", "one phrase"],
            codes=[("doid", "DOID:1"), ("icd-10-cm", "G25.3")],
            specialties=specialties,
            related=conditions,
            reviewer=factories.make_reviewer(),
            sections=[
                ("overview", "", [("text", links), ("figure", factories.figure(image))]),
                ("symptoms", "", [("text", links), ("figure", factories.figure(image))]),
            ],
        )
    else:
        page = factories.make_doctor(
            live=False,
            specialties=specialties,
            conditions=conditions,
            languages=["en", "hi"],
            telehealth=True,
            telehealth_countries=["BT", "IN"],
            practices=[factories.make_practice(), factories.make_practice()],
            registrations=[("One Council", "1"), ("Another Council", "2")],
            education=[("One College", "MBBS", 2001), ("Another College", "", None)],
            memberships=["One Academy", "Another Academy"],
            bio=links,
        )
    Page.objects.filter(pk=page.pk).update(live=True)
    return page


def add_copies(original: Page | Specialty, number: int) -> None:
    """With all their rows, by SQL: what the admin does for each of 500 takes a minute."""
    model, base = type(original), Page if isinstance(original, Page) else Specialty
    row = base._base_manager.get(pk=original.pk)
    added = base._base_manager.bulk_create(
        copied(row, translation_key=uuid4(), **({"path": f"{row.path}{made:04}"} if base is Page else {}))
        for made in range(base._base_manager.count(), base._base_manager.count() + number)
    )
    if base is Page:
        own = ", ".join(f'"{field.column}"' for field in model._meta.local_concrete_fields[1:])
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {model._meta.db_table} (page_ptr_id, {own})"
                f" SELECT %s, {own} FROM {model._meta.db_table} WHERE page_ptr_id = %s",
                [(page.pk, original.pk) for page in added],
            )
    relations = [relation.field for relation in model._meta.related_objects]
    children = [field for field in relations if isinstance(field, ParentalKey)]
    for many in model._meta.local_many_to_many:
        through: Any = many.remote_field.through
        children += [through._meta.get_field(many.m2m_field_name())]
    for field in children:
        rows = field.model._base_manager.filter(**{field.name: original.pk}).order_by("pk")
        field.model._base_manager.bulk_create(
            copied(row, **{field.attname: one.pk}) for one in added for row in rows
        )


def copied(row: Model, **values: Any) -> Any:
    """The row anew, with other values."""
    old = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**old | {"id": None} | values)


def head() -> int:
    """The head of the log, with all that has changed so far, though it is not committed."""
    connection.check_constraints()  # PostgreSQL's deferred triggers do now what they do at the commit
    return Change.head()


def get(path: str) -> tuple[dict[str, Any], int]:
    """The answer, and the number of queries that it took."""
    with CaptureQueriesContext(connection) as captured:
        answer = Client().get(f"/api/feed/{path}", headers={"Authorization": f"Bearer {settings.FEED_TOKEN}"})
    assert answer.status_code == 200, answer.content
    return answer.json(), len(captured)
