"""What tells a database from one that was restored from its backup, as far as the database can tell.

A restored database brings an older log back under the same epoch. If it then grows past the position of a
reader, that reader cannot see it. So the log remembers where it lives.
"""

from __future__ import annotations

from pathlib import Path

from django.db import connection

# The cluster, its timeline (another one after a recovery to a point in time, or a failover), the database and the
# table, which are other ones after a dump was loaded.
POSTGRESQL = """
SELECT concat_ws('.', system_identifier, timeline_id, pg_database.oid, 'feed_change'::regclass::oid)
FROM pg_control_system(), pg_control_checkpoint(), pg_database WHERE datname = current_database()
"""


def witness() -> str:
    """Another text after a dump was loaded that creates the tables, a recovery to a point in time, or, as a rule,
    another file in the place of the former. Not after a backup was written into the same SQLite file, data only
    was loaded, or a snapshot of the disk was taken back."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(POSTGRESQL)
            return str(cursor.fetchone()[0])
    file = Path(connection.settings_dict["NAME"]).stat()
    return f"{file.st_dev}.{file.st_ino}"
