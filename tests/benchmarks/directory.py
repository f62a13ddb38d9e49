"""Makes the CMS's database as large as one likes: copies of the sample's pages, by SQL.

A copy has all rows that its original has, with a name and a key of its own and, as a doctor, practices and a
registration of its own and a link in its text. The triggers of the change log see every row. What only editors
see is left out unless it is asked for: revisions, log entries, and Wagtail's index of references; its index of
searches is made by `update_index`.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg

COUNTRIES = ("IN", "IN", "IN", "BT", "NP", "US", "US", "GB", "KE", "BR")
# So many pages are copied per transaction.
BATCH = 5_000
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PAGE = {
    "id": "copy.id",
    "path": "copy.path",
    "title": "copy.title",
    "draft_title": "copy.title",
    "slug": "copy.slug",
    "url_path": "copy.url_path",
    "translation_key": "copy.key",
    "live_revision_id": "NULL",
    "latest_revision_id": "NULL",
}
# The tables of a kind of page, the main one first, and their column of the page.
DOCTOR = {
    "doctors_doctorpage": "page_ptr_id",
    "doctors_doctorlanguage": "page_id",
    "doctors_doctortelehealthcountry": "page_id",
    "doctors_doctoreducation": "page_id",
    "doctors_doctormembership": "page_id",
    "doctors_doctorregistration": "page_id",
    "doctors_doctorpage_specialties": "doctorpage_id",
    "doctors_doctorcondition": "page_id",
}
CONDITION = {
    "conditions_conditionpage": "page_ptr_id",
    "conditions_conditionname": "page_id",
    "conditions_conditionspecialty": "page_id",
    "conditions_conditioncode": "page_id",
    "conditions_searchphrase": "page_id",
    "conditions_relatedcondition": "page_id",
}
# What a copy's row does not take from its original's.
OVERRIDES = {
    "doctors_doctorpage": {"bio": "original.bio || copy.more"},
    "doctors_doctorregistration": {"number": "original.number || '-' || copy.id"},
}


class Directory:
    """A database of the CMS that has the sample content, by a connection to PostgreSQL or SQLite."""

    def __init__(self, connection: Any, seed: int = 1, editorial: bool = False) -> None:
        """`editorial`: with what only editors see."""
        self._connection = connection
        self._editorial = editorial
        self._on_sqlite = isinstance(connection, sqlite3.Connection)
        self._random = random.Random(seed)
        (self._pages,) = self._column("SELECT max(id) FROM wagtailcore_page")
        self._practices = self._column("SELECT id FROM doctors_practice")
        self._execute(
            "CREATE TEMPORARY TABLE copy (id BIGINT, original BIGINT, path TEXT, title TEXT, slug TEXT,"
            f" url_path TEXT, key {'TEXT' if self._on_sqlite else 'UUID'}, more TEXT)"
        )
        connection.commit()

    def add_practices(self, number: int) -> None:
        """Anywhere but near the poles."""
        rows = [
            (
                self._uuid(),
                f"Practice {n}",
                f"{n} Example Street",
                f"Town {n % 5000}",
                f"{n % 100_000:05}",
                self._random.uniform(-55, 70),
                self._random.uniform(-180, 180),
                "Example Region",
                self._random.choice(COUNTRIES),
            )
            for n in range(number)
        ]
        own = ("uuid", "name", "street", "locality", "postal_code", "lat", "lng", "region", "country")
        # All else as the first of the sample's has it.
        other = ", ".join(
            name
            for name, *_ in self._execute("SELECT * FROM doctors_practice LIMIT 0").description
            if name not in ("id", *own)
        )
        self._many(
            f"INSERT INTO doctors_practice ({', '.join(own)}, {other}) SELECT {', '.join(['%s'] * len(own))}, {other}"
            " FROM doctors_practice ORDER BY id LIMIT 1",
            rows,
        )
        self._connection.commit()
        self._practices = self._column("SELECT id FROM doctors_practice")

    def add_conditions(self, number: int) -> None:
        for batch in self._copies("conditions", "Condition", number):
            self._copy(CONDITION, batch)

    def add_doctors(self, number: int) -> None:
        """Each at one to three practices, with a link to an article at the end of the biography."""
        conditions = self._column("SELECT page_ptr_id FROM conditions_conditionpage")
        for batch in self._copies("doctors", "Dr Example", number):
            links = (
                f'<p>Writes about <a linktype="page" id="{self._random.choice(conditions)}">this</a>.</p>'
                for _ in batch
            )
            linked = [(*row[:-1], link) for row, link in zip(batch, links, strict=True)]
            self._copy(DOCTOR, linked)
            self._many(
                "INSERT INTO doctors_doctorpractice"
                " (page_id, practice_id, sort_order, accepting_new_patients) VALUES (%s, %s, %s, %s)",
                [
                    (page, practice, order, self._random.random() < 0.7)
                    for page, *_ in batch
                    for order, practice in enumerate(
                        self._random.sample(self._practices, self._random.choices((1, 2, 3), (70, 22, 8))[0])
                    )
                ],
            )

    def run(self, *statements: str) -> None:
        """Plain SQL, in one transaction."""
        for statement in statements:
            self._connection.execute(statement)
        if not self._on_sqlite:
            self._connection.execute("ANALYZE")
        self._connection.commit()

    def _copies(self, index: str, name: str, number: int) -> Iterator[list[tuple[Any, ...]]]:
        """Rows for the table `copy`, of `number` copies of the pages under an index page. Each list of
        them is a transaction, which ends when the next is asked for."""
        (parent, path, url_path), *_ = self._rows(
            "SELECT id, path, url_path FROM wagtailcore_page WHERE slug = %s AND depth = 3", index
        )
        below = self._rows(
            "SELECT id, path, latest_revision_id FROM wagtailcore_page WHERE depth = 4 AND path LIKE %s"
            " ORDER BY path",
            f"{path}%",
        )
        originals = [page for page, _, revision in below if revision]  # copies have none
        first = int(below[-1][1][len(path) :], 36) + 1
        for start in range(0, number, BATCH):
            batch: list[tuple[Any, ...]] = []
            for n in range(first + start, first + min(start + BATCH, number)):
                self._pages += 1
                slug = f"{name.lower().replace(' ', '-')}-{n}"
                batch.append(
                    (
                        self._pages,
                        originals[n % len(originals)],
                        path + _base36(n),
                        f"{name} {n}",
                        slug,
                        f"{url_path}{slug}/",
                        self._uuid(),
                        "",
                    )
                )
            yield batch
            self._execute(
                "UPDATE wagtailcore_page SET numchild = numchild + %s WHERE id = %s", len(batch), parent
            )
            if not self._on_sqlite:
                self._execute(
                    "SELECT setval(pg_get_serial_sequence('wagtailcore_page', 'id'), %s)", self._pages
                )
            self._connection.commit()

    def _copy(self, tables: dict[str, str], copies: Sequence[tuple[Any, ...]]) -> None:
        self._execute("DELETE FROM copy")
        self._many("INSERT INTO copy VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", copies)
        self._copy_rows("wagtailcore_page", "id", PAGE)
        for table, column in tables.items():
            self._copy_rows(table, column, {column: "copy.id"} | OVERRIDES.get(table, {}))
        if self._editorial:
            self._copy_for_editors()

    def _copy_for_editors(self) -> None:
        text = "CAST({0} AS TEXT)".format
        id, title, slug, url_path = "copy.id", "copy.title", "copy.slug", "copy.url_path"
        if self._on_sqlite:
            changed = f"'$.pk', {id}, '$.title', {title}, '$.slug', {slug}, '$.url_path', {url_path}"
            content = f"json_set(original.content, {changed})"
        else:
            changed = f"'pk', {id}, 'title', {title}, 'slug', {slug}, 'url_path', {url_path}"
            content = f"original.content || jsonb_build_object({changed})"
        object_id = {"object_id": text(id)}
        # The originals have one revision each, and theirs are the copies' first.
        page = text("copy.original")
        self._copy_rows(
            "wagtailcore_revision", "object_id", object_id | {"content": content, "object_str": title}, page
        )
        self._copy_rows("wagtailcore_referenceindex", "object_id", object_id, page)
        self._execute(
            "UPDATE wagtailcore_page SET latest_revision_id = revision.id, live_revision_id = revision.id,"
            " latest_revision_created_at = revision.created_at FROM wagtailcore_revision AS revision"
            # Both columns: so they are indexed.
            " WHERE revision.object_id = CAST(wagtailcore_page.id AS TEXT) AND revision.base_content_type_id ="
            " (SELECT id FROM django_content_type WHERE app_label = 'wagtailcore' AND model = 'page')"
            " AND wagtailcore_page.id IN (SELECT id FROM copy)"
        )
        for action in ("wagtail.create", "wagtail.publish"):
            self._execute(
                "INSERT INTO wagtailcore_pagelogentry (label, action, data, timestamp, content_changed, deleted,"
                " content_type_id, page_id, revision_id, user_id) SELECT title, %s, '{}',"
                " latest_revision_created_at, true, false, content_type_id, id, latest_revision_id, owner_id"
                " FROM wagtailcore_page WHERE id IN (SELECT id FROM copy)",
                action,
            )

    def _copy_rows(
        self, table: str, page: str, values: dict[str, str], original: str = "copy.original"
    ) -> None:
        columns = [
            name
            for name, *_ in self._execute(f"SELECT * FROM {table} LIMIT 0").description
            if name != "id" or "id" in values
        ]
        self._execute(
            f"INSERT INTO {table} ({', '.join(columns)})"
            f" SELECT {', '.join(values.get(column, f'original.{column}') for column in columns)}"
            f" FROM copy JOIN {table} AS original ON original.{page} = {original}"
        )

    def _uuid(self) -> UUID | str:
        uuid = UUID(int=self._random.getrandbits(128), version=4)
        return uuid.hex if self._on_sqlite else uuid

    def _execute(self, sql: str, *values: object) -> Any:
        return self._connection.execute(self._dialect(sql), values)

    def _many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._connection.cursor().executemany(self._dialect(sql), rows)

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return list(self._execute(sql, *values).fetchall())

    def _column(self, sql: str) -> list[int]:
        return [value for (value,) in self._rows(sql)]

    def _dialect(self, sql: str) -> str:
        return sql.replace("%s", "?") if self._on_sqlite else sql


@contextmanager
def directory(database_url: str, editorial: bool = False) -> Iterator[Directory]:
    """Of the database that a DATABASE_URL names; it must have the sample content."""
    url = urlsplit(database_url)
    connection = sqlite3.connect(url.path) if url.scheme == "sqlite" else psycopg.connect(database_url)
    with closing(connection):
        yield Directory(connection, editorial=editorial)


def _base36(number: int) -> str:
    """As the last step of a page's path is written: four digits."""
    digits = ""
    for _ in range(4):
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits
