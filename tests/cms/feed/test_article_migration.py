"""What articles had before sections were made of blocks is carried over: live, in drafts and in old versions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from wagtail.models import Revision

from cms.conditions.feed import render
from cms.conditions.models import ConditionPage
from tests.cms import factories


@pytest.mark.slow
def test_the_text_of_a_section_becomes_its_first_block(transactional_db: None) -> None:
    page = factories.make_condition(
        sections=[("overview", "First", "<p>One.</p>"), ("causes", "", "<p>Two.</p>")]
    )
    page.body = [
        ("section", {"aspect": "overview", "heading": "Draft", "content": [("text", "<p>Three.</p>")]})
    ]
    page.save_revision()
    try:
        migrate("conditions", "0003")
        live, drafts = stored(page.pk)
        assert live == [
            {"aspect": "overview", "heading": "First", "text": "<p>One.</p>"},
            {"aspect": "causes", "heading": "", "text": "<p>Two.</p>"},
        ]
        assert drafts == [live, [{"aspect": "overview", "heading": "Draft", "text": "<p>Three.</p>"}]]
    finally:
        call_command("migrate", verbosity=0)
    [document] = render([page.translation_key]).values()
    assert [(one["heading"], one["html"]) for one in document["sections"]] == [
        ("First", "<p>One.</p>"),
        ("", "<p>Two.</p>"),
    ]
    draft = ConditionPage.objects.get().get_latest_revision_as_object().body[0].value
    assert (draft["heading"], draft["content"][0].value.source, list(draft["citations"])) == (
        "Draft",
        "<p>Three.</p>",
        [],
    )


def migrate(app: str, name: str) -> None:
    call_command("migrate", app, name, verbosity=0)
    assert MigrationExecutor(connection).loader.applied_migrations  # the database answers


def stored(page: int) -> tuple[list[Any], list[list[Any]]]:
    """The sections of the live page and of each version, as they lie in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM conditions_conditionpage WHERE page_ptr_id = %s", [page])
        body = json.loads(cursor.fetchone()[0])
    versions = Revision.objects.filter(object_id=str(page)).order_by("pk").values_list("content", flat=True)
    bodies = [body, *(json.loads(content["body"]) for content in versions)]
    live, *drafts = [[section["value"] for section in body] for body in bodies]
    return live, drafts
