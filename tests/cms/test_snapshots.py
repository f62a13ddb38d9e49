"""What a test has committed is gone after it: all of it, whatever way it was written."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management.color import no_style
from django.db import connection
from wagtail.models import Page

from cms.doctors.practices import Practice
from cms.feed import triggers
from cms.feed.models import Change
from tests.cms import factories
from tests.cms.snapshots import Snapshot


def everything() -> dict[str, list[str]]:
    """All rows by table, and the files."""
    found = {"files": sorted(str(path) for path in Path(settings.MEDIA_ROOT).rglob("*"))}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(map(str, cursor.fetchall()))
    return found


def test_all_that_a_test_commits_is_taken_back(transactional_db: None, tmp_path: Path) -> None:
    page, practice = factories.make_doctor("Dr Kept"), factories.make_practice()
    factories.make_image("Kept")
    (tmp_path / "snapshot").mkdir()
    snapshot, before = Snapshot(tmp_path / "snapshot"), everything()
    head = Change.head()

    page.title = "Dr Changed"
    factories.publish(page)
    Practice.objects.filter(pk=practice.pk).delete()
    factories.make_image("Other")
    factories.make_doctor("Dr Other", specialties=[factories.make_specialty()])
    changed = {name for name, rows in everything().items() if rows != before[name]}
    assert changed > {"files", "wagtailcore_page", "doctors_practice", "feed_change", "feed_slug"}

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_by_name_sql(
            no_style(), [{"table": "doctors_practice", "column": "id"}]
        ):
            cursor.execute(statement)  # as in a table that was made anew
    snapshot.restore()
    assert everything() == before
    assert triggers.missing() == []
    Page.objects.filter(pk=page.pk).update(title="Dr Changed")
    assert Change.head() == head + 1
    factories.make_practice()
