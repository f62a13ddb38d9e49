"""The triggers that write the change log: made from the kinds, for SQLite and for PostgreSQL.

They are installed after each `migrate`, and taken away before a migration that changes a table they
use: SQLite's schema editor remakes tables, which loses their triggers and stumbles over those of others.
What happened in between cannot be known, so an installation moves every entity to a new seq.

SQLite has one writer at a time: a plain trigger numbers changes in the order of commits.
PostgreSQL has many: there the trigger waits for the commit, takes a lock that is held until the
transaction has ended, and only then looks which entities are concerned and numbers them. So the order of
numbers is the order of commits, and no change is missed because two transactions did not see each other.
See docs/decisions/0002-change-log-by-database-triggers.md.

The log itself has triggers, too: whenever an entity moves in it, the slug that it has then is kept.
"""

# ruff: noqa: S608 - the SQL is made of the models' names, never of anyone's input

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from cms.feed.dependencies import Entities, Row, Watch, all_live, logged, logged_now, watches
from cms.feed.kinds import Kind, kinds
from cms.feed.models import Change, Log

PREFIX = "feed_on_"
EVENTS = {"insert": Row(("NEW",)), "update": Row(("OLD", "NEW")), "delete": Row(("OLD",))}


def install(using: str = "default") -> bool:
    """Unless all triggers are there, put them in place and move every entity to a new seq. True if it did.

    On PostgreSQL it waits for the transactions that are writing to the watched tables.
    """
    database = _database(using)
    wanted = database.wanted()
    if database.installed() == {name: database.mark(sql) for name, sql in wanted.items()}:
        return False
    with transaction.atomic(using=using):
        database.drop()
        database.create(wanted)
        database.renumber()
    return True


def remove(using: str = "default") -> None:
    """Take all triggers away."""
    with transaction.atomic(using=using):
        _database(using).drop()


def missing(using: str = "default") -> list[str]:
    """Names of the triggers that are not in the database as they should be: [] when all is well."""
    database = _database(using)
    installed = database.installed()
    return [name for name, sql in database.wanted().items() if installed.get(name) != database.mark(sql)]


def reissue(entities: Iterable[tuple[str, UUID, str]], using: str = "default") -> None:
    """Move entities (kind, key, locale) to the end of the log, though nothing was seen to change."""
    with transaction.atomic(using=using):
        _database(using).reissue(entities)


def remove_before_migrations(using: str, plan: list[tuple[Any, bool]], **kwargs: Any) -> None:
    """On the signal pre_migrate."""
    watched = {watch.model._meta.app_label for watch in watches()} | {"contenttypes", "feed"}
    if any(migration.app_label in watched for migration, _ in plan):
        remove(using)


def is_half_migrated(using: str = "default") -> bool:
    """Whether there are migrations to come, after which the triggers will be installed."""
    executor = MigrationExecutor(connections[using])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def install_after_migrations(using: str, **kwargs: Any) -> None:
    """On the signal post_migrate. A schema that is not yet the models' stays without triggers."""
    if missing(using):
        if is_half_migrated(using):
            return
        install(using)
    Log.current_epoch()  # so that no reader has to write one


class _Database:
    """What both databases have in common."""

    differs: str
    seq: str
    unless_numbered = ""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def wanted(self) -> dict[str, str]:
        """The triggers by name, as the SQL that creates them."""
        wanted = {}
        for watch in watches():
            for event, row in EVENTS.items():
                if event == "insert" and not watch.on_insert:
                    continue
                name = f"{PREFIX}{watch.name}_{event}"
                on = event.upper()
                if event == "update":
                    on += " OF " + ", ".join(f'"{column}"' for column in watch.columns)
                entities = [query for of_row in watch.entities for query in of_row(row)]
                wanted[name] = self.trigger(
                    name,
                    f'{on} ON "{watch.model._meta.db_table}"',
                    self.when(watch, row),
                    self.number(entities, "" if watch.shows_slugs else self.unless_numbered),
                )
        for kind in kinds().values():
            for event in ("insert", "update"):
                name = f"{PREFIX}feed_change_{kind.name}_{event}"
                on = f"{event.upper()} ON \"feed_change\" FOR EACH ROW WHEN (NEW.kind = '{kind.name}')"
                wanted[name] = self.at_once(name, on, self.keep_slug(kind))
        return wanted

    def when(self, watch: Watch, row: Row) -> str:
        """The condition under which a changed row counts, as far as the row alone can tell."""
        conditions = []
        if watch.live:
            conditions.append(" OR ".join(f'{version}."live"' for version in row.versions))
        if row.versions == ("OLD", "NEW"):
            conditions.append(" OR ".join(f'OLD."{c}" {self.differs} NEW."{c}"' for c in watch.columns))
        return f"WHEN (({') AND ('.join(conditions)}))" if conditions else ""

    def number(self, entities: Iterable[Entities], unless: str = "") -> str:
        """The statement that moves these entities to the end of the log."""
        union = " UNION ".join(map(self.sql, entities))
        return self.insert(
            f"entity_kind, entity_key, entity_locale, {self.seq} FROM ({union}) AS entities", unless
        )

    def insert(self, selection: str, unless: str = "") -> str:
        """The statement that writes what is selected (kind, key, locale, seq) into the log."""
        return (
            f"INSERT INTO feed_change (kind, key, locale, seq) SELECT {selection} WHERE true "
            f"ON CONFLICT (kind, key, locale) DO UPDATE SET seq = excluded.seq {unless}"
        )

    def keep_slug(self, kind: Kind) -> str:
        """The statement that notes the slug of what a new row of the log is about, if it is public and its latest
        slug was another one."""
        return (
            "INSERT INTO feed_slug (kind, key, locale, slug, seq) "
            f"SELECT NEW.kind, NEW.key, NEW.locale, slug, NEW.seq FROM ({self.sql(logged_now(kind))}) AS now WHERE true "
            "ON CONFLICT (kind, key, locale, slug) DO UPDATE SET seq = excluded.seq "
            "WHERE EXISTS (SELECT 1 FROM feed_slug AS later WHERE later.kind = excluded.kind "
            "AND later.key = excluded.key AND later.locale = excluded.locale AND later.seq > feed_slug.seq)"
        )

    def reissue(self, entities: Iterable[tuple[str, UUID, str]]) -> None:
        key = Change._meta.get_field("key")
        rows = [(kind, key.get_db_prep_value(id, self.connection), locale) for kind, id, locale in entities]
        with self.connection.cursor() as cursor:
            cursor.executemany(self.insert(f"%s, %s, %s, {self.seq}"), rows)

    def renumber(self) -> None:
        """Move everything to the end of the log."""
        self.execute(self.number([*map(all_live, kinds().values()), logged()]))

    def sql(self, query: Entities) -> str:
        sql, params = query.query.get_compiler(connection=self.connection).as_sql()
        quote = self.connection.schema_editor().quote_value
        return str(sql % tuple(quote(param) for param in params))

    def execute(self, *statements: str) -> None:
        with self.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def rows(self, query: str) -> list[tuple[str, str]]:
        with self.connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def create(self, wanted: dict[str, str]) -> None:
        self.execute(*wanted.values())

    def trigger(self, name: str, on: str, when: str, number: str) -> str:
        """The SQL of a trigger that numbers what a changed row bears upon."""
        raise NotImplementedError

    def at_once(self, name: str, on: str, statement: str) -> str:
        """The SQL of a trigger that carries out the statement with each row."""
        raise NotImplementedError

    def drop(self) -> None:
        raise NotImplementedError

    def installed(self) -> dict[str, str]:
        """The marks of the triggers that are in the database, by name."""
        raise NotImplementedError

    def mark(self, sql: str) -> str:
        """By what one sees that an installed trigger was made by this SQL."""
        raise NotImplementedError


class _SQLite(_Database):
    differs = "IS NOT"
    # Rows are never deleted: the highest seq in the log is the last one given.
    seq = "(SELECT coalesce(max(seq), 0) FROM feed_change) + row_number() OVER ()"

    def trigger(self, name: str, on: str, when: str, number: str) -> str:
        return self.at_once(name, f"{on} FOR EACH ROW {when}", number)

    def at_once(self, name: str, on: str, statement: str) -> str:
        return f"CREATE TRIGGER {name} AFTER {on} BEGIN {statement}; END"

    def drop(self) -> None:
        self.execute(*(f"DROP TRIGGER {name}" for name in self.installed()))

    def installed(self) -> dict[str, str]:
        return dict(
            self.rows(f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB '{PREFIX}*'")
        )

    def mark(self, sql: str) -> str:
        return sql


class _PostgreSQL(_Database):
    differs = "IS DISTINCT FROM"
    seq = "nextval('feed_change_seq')"
    # What this transaction has numbered already needs no other number: the lock is held since. But it moves again
    # when its slug may be another one: constraints may have been checked before the end of the transaction.
    unless_numbered = "WHERE feed_change.xmin <> pg_current_xact_id()::xid"
    # Held until the transaction has ended. The number is any that nothing else in the database uses.
    lock = "pg_advisory_xact_lock(1717921124)"

    def wanted(self) -> dict[str, str]:
        # Row triggers do not see a TRUNCATE, after which nothing that was read before holds.
        wanted = super().wanted()
        for table in sorted({watch.model._meta.db_table for watch in watches()}):
            name = f"{PREFIX}{table}_truncate"
            wanted[name] = (
                f"{self.function(name, 'UPDATE feed_log SET epoch = gen_random_uuid()')}; "
                f'CREATE TRIGGER {name} BEFORE TRUNCATE ON "{table}" EXECUTE FUNCTION {name}()'
            )
        return wanted

    def renumber(self) -> None:
        self.execute(f"SELECT {self.lock}")
        super().renumber()

    def reissue(self, entities: Iterable[tuple[str, UUID, str]]) -> None:
        self.execute(f"SELECT {self.lock}")
        super().reissue(entities)

    def trigger(self, name: str, on: str, when: str, number: str) -> str:
        return (
            f"{self.function(name, f'PERFORM {self.lock}; {number}')}; CREATE CONSTRAINT TRIGGER {name} AFTER {on} "
            f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW {when} EXECUTE FUNCTION {name}()"
        )

    def at_once(self, name: str, on: str, statement: str) -> str:
        return f"{self.function(name, statement)}; CREATE TRIGGER {name} AFTER {on} EXECUTE FUNCTION {name}()"

    def function(self, name: str, body: str) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $feed$ BEGIN {body}; RETURN NULL; END $feed$"
        )

    def create(self, wanted: dict[str, str]) -> None:
        # A log that was copied in from elsewhere goes on where it was.
        self.execute(
            "CREATE SEQUENCE IF NOT EXISTS feed_change_seq",
            "SELECT setval('feed_change_seq', max(seq)) FROM feed_change "
            "HAVING max(seq) > (SELECT last_value FROM feed_change_seq)",
        )
        super().create(wanted)
        self.execute(*(f"COMMENT ON FUNCTION {name}() IS '{self.mark(sql)}'" for name, sql in wanted.items()))

    def drop(self) -> None:
        self.execute(*(f"DROP FUNCTION {name}() CASCADE" for name in self.installed()))

    def installed(self) -> dict[str, str]:
        return dict(
            self.rows(
                "SELECT tgname, CASE tgenabled WHEN 'O' THEN coalesce(obj_description(tgfoid, 'pg_proc'), '') ELSE '' END "
                "FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
                f"WHERE starts_with(tgname, '{PREFIX}') AND pg_table_is_visible(pg_class.oid)"
            )
        )

    def mark(self, sql: str) -> str:
        return hashlib.sha256(sql.encode()).hexdigest()


def _database(using: str) -> _Database:
    connection = connections[using]
    return {"sqlite": _SQLite, "postgresql": _PostgreSQL}[connection.vendor](connection)
