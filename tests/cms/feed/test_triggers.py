"""The triggers are there, come back, and carry a kind from its declaration alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations import Migration

from cms.doctors.models import DoctorLanguage
from cms.doctors.practices import Practice
from cms.feed import triggers
from cms.feed.checks import check_pages_are_declared, check_triggers
from cms.feed.kinds import Document, Key, Kind, _kinds
from cms.feed.models import Change, Log
from cms.home.models import HomePage
from tests.cms.feed.conftest import Consumer, World
from tests.cms.feed.truth import differences, public_truth

DOCTORS_MIGRATION = [(Migration("0002_other", "doctors"), False)]


@pytest.fixture(autouse=True)
def installed(transactional_db: None) -> Iterator[None]:
    yield
    triggers.install()
    assert triggers.missing() == []


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def drop(trigger: str, table: str) -> None:
    execute(f"DROP TRIGGER {trigger}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))


def test_all_is_well_after_migrate_and_a_second_one_changes_nothing(world: World) -> None:
    log = list(Change.objects.values_list("kind", "key", "locale", "seq"))
    assert triggers.missing() == []
    assert not triggers.install()
    call_command("migrate", verbosity=0)
    assert list(Change.objects.values_list("kind", "key", "locale", "seq")) == log
    assert check_triggers(None, ["default"]) == []


def test_a_lost_trigger_is_told_and_comes_back_with_what_was_missed(consumer: Consumer, world: World) -> None:
    consumer.pull()
    drop("feed_on_doctors_practice_update", "doctors_practice")
    Practice.objects.update(phone="+91 2")
    assert consumer.pull() == []
    assert triggers.missing() == ["feed_on_doctors_practice_update"]
    (warning,) = check_triggers(None, ["default"])
    assert warning.id == "feed.W001"
    assert "feed_on_doctors_practice_update" in warning.msg
    call_command("migrate", verbosity=0)
    assert check_triggers(None, ["default"]) == []
    consumer.pull()
    assert differences(consumer.held, public_truth()) == []


def test_what_came_and_went_unseen_is_in_the_log_after_the_installation(
    consumer: Consumer, world: World
) -> None:
    consumer.pull()
    triggers.remove()
    assert len(triggers.missing()) > 50
    world.angmo.delete()
    world.draft_doctor.live = True
    world.draft_doctor.save()
    assert triggers.install()
    consumer.pull()
    assert differences(consumer.held, public_truth()) == []


def test_a_trigger_of_another_make_is_replaced() -> None:
    name, table = "feed_on_doctors_practice_update", "doctors_practice"
    if connection.vendor == "sqlite":
        drop(name, table)
        execute(f"CREATE TRIGGER {name} AFTER UPDATE ON {table} BEGIN SELECT 1; END")
    else:
        execute(f"COMMENT ON FUNCTION {name}() IS 'other'")
    assert triggers.missing() == [name]
    assert triggers.install()
    assert triggers.missing() == []


def test_a_trigger_that_we_no_longer_make_is_removed() -> None:
    name = f"{triggers.PREFIX}doctors_practice_obsolete"
    if connection.vendor == "sqlite":
        execute(f"CREATE TRIGGER {name} AFTER UPDATE ON doctors_practice BEGIN SELECT 1; END")
    else:
        execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        execute(f"CREATE TRIGGER {name} AFTER UPDATE ON doctors_practice EXECUTE FUNCTION {name}()")
    assert triggers.install()
    assert name not in triggers._database("default").installed()


@pytest.mark.postgresql
def test_a_disabled_trigger_is_told() -> None:
    execute("ALTER TABLE doctors_practice DISABLE TRIGGER feed_on_doctors_practice_update")
    assert triggers.missing() == ["feed_on_doctors_practice_update"]


@pytest.mark.sqlite
@pytest.mark.parametrize("event", ["update", "delete"])
def test_what_refers_to_a_page_is_looked_up(event: str) -> None:
    """By an index. With statistics of nothing, as SQLite is left by Django, it may read the references of all pages."""
    sql = triggers._database("default").wanted()[f"feed_on_wagtailcore_page_named_{event}"]
    statement = re.sub(r'\b(OLD|NEW)\."\w+"', "1", sql.partition("BEGIN ")[2].removesuffix("; END"))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        plan = [line for *_, line in cursor.fetchall() if "referenceindex" in line]
    assert plan
    assert {line.partition("INDEX ")[2] for line in plan} == {
        "referenceindex_target_object (to_content_type_id=? AND to_object_id=?)"
    }


def test_a_migration_may_alter_what_the_triggers_use(consumer: Consumer, world: World) -> None:
    consumer.pull()
    triggers.remove_before_migrations("default", DOCTORS_MIGRATION)
    if connection.vendor == "sqlite":
        with connection.schema_editor() as editor:
            editor._remake_table(DoctorLanguage)  # type: ignore[attr-defined]
            editor._remake_table(Practice)  # type: ignore[attr-defined]
    else:
        execute("ALTER TABLE doctors_practice ALTER COLUMN phone TYPE varchar(33)")
        execute("ALTER TABLE doctors_practice ALTER COLUMN phone TYPE varchar(32)")
    triggers.install_after_migrations("default")
    assert triggers.missing() == []
    Practice.objects.update(phone="+91 3")
    consumer.pull()
    assert differences(consumer.held, public_truth()) == []


@pytest.mark.parametrize("app", ["conditions", "taxonomy"])
def test_a_migration_that_adds_a_field_issues_every_document_anew(
    consumer: Consumer, world: World, app: str
) -> None:
    consumer.pull()
    held = set(consumer.held)
    call_command("migrate", app, "0001", verbosity=0)
    call_command("migrate", verbosity=0)
    changes = consumer.pull()
    assert {(change["kind"], change["id"], change["locale"]) for change in changes} >= held
    assert differences(consumer.held, public_truth()) == []
    assert triggers.missing() == []


@pytest.mark.parametrize("plan", [[], [(Migration("0002_other", "auth"), False)]], ids=["none", "other"])
def test_other_migrations_leave_the_triggers_alone(plan: Any) -> None:
    triggers.remove_before_migrations("default", plan)
    assert triggers.missing() == []


def test_a_schema_that_is_half_migrated_gets_no_triggers(monkeypatch: pytest.MonkeyPatch) -> None:
    triggers.remove()
    ahead = SimpleNamespace(
        migration_plan=lambda targets: DOCTORS_MIGRATION,
        loader=SimpleNamespace(graph=SimpleNamespace(leaf_nodes=list)),
    )
    monkeypatch.setattr(triggers, "MigrationExecutor", lambda connection: ahead)
    triggers.install_after_migrations("default")
    assert triggers.missing()


def test_nothing_is_said_of_triggers_before_the_migration_that_brings_them(world: World) -> None:
    call_command("migrate", "taxonomy", "0001", verbosity=0)
    try:
        assert triggers.missing()
        assert check_triggers(None, ["default"]) == []
    finally:
        call_command("migrate", verbosity=0)
    drop("feed_on_taxonomy_specialtyname_update", "taxonomy_specialtyname")
    (warning,) = check_triggers(None, ["default"])
    assert "feed_on_taxonomy_specialtyname_update" in warning.msg


def test_a_log_copied_in_from_elsewhere_goes_on_where_it_was(consumer: Consumer, world: World) -> None:
    far = Change.head() + 1_000_000
    Change.objects.create(seq=far, kind="doctor", key=uuid4(), locale="en")
    triggers.remove()
    triggers.install()
    assert Change.objects.filter(seq__gt=far).count() == Change.objects.count()


@pytest.mark.postgresql
def test_after_truncate_all_is_read_again(world: World) -> None:
    epoch = Log.current_epoch()
    execute("TRUNCATE doctors_doctorlanguage")
    assert Log.current_epoch() != epoch


def test_a_kind_is_added_by_declaring_it(
    consumer: Consumer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(keys: Collection[UUID]) -> dict[Key, Document]:
        pages = HomePage.objects.live().public().filter(translation_key__in=keys)
        return {(page.translation_key, "en"): {"slug": page.slug, "name": page.title} for page in pages}

    with monkeypatch.context() as declared:
        declared.setitem(_kinds, "home", Kind("home", HomePage, render))
        assert triggers.install()
        consumer.pull()
        assert [held["name"] for (kind, *_), held in consumer.held.items() if kind == "home"] == ["Home"]
        HomePage.objects.update(title="House")
        (change,) = consumer.pull()
        assert change["document"] == {"slug": "home", "name": "House"}
        HomePage.objects.update(title="Home")
    assert triggers.install()


def test_a_page_model_that_is_forgotten_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_pages_are_declared(None) == []
    with monkeypatch.context() as forgotten:
        forgotten.delitem(_kinds, "doctor")
        (error,) = check_pages_are_declared(None)
    assert error.id == "feed.E001"
    assert "doctors.DoctorPage" in error.msg
