"""A CMS as large as one likes, with all that editors see: for measuring the admin, or to look at by hand.

    python -m tests.benchmarks.editorial sqlite:////tmp/large/cms.sqlite3 --doctors 100000 --conditions 10000

The database is migrated and gets the sample content, then copies of that (`directory`), with revisions, a history and
Wagtail's indexes of references and searches. Editor's login: editor, with the password in DEMO_EDITOR_PASSWORD.

Of the doctors, 2 % work at one hospital, a fifth were never verified, 5 % are not live and as many have a newer
draft; every hundredth shares its registration with another.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping

from tests.benchmarks.directory import directory

PRACTICES = 20_000
ENVIRONMENT = {
    "CMS_SECRET_KEY": "benchmark",
    "FEED_TOKEN": "benchmark",
    "DEMO_EDITOR_PASSWORD": "benchmark-only",
}
VARIETY = (
    "UPDATE doctors_doctorpractice SET practice_id = (SELECT min(id) FROM doctors_practice) WHERE id % 50 = 0",
    "UPDATE doctors_doctorpage SET verified_at = NULL WHERE page_ptr_id % 5 = 0",
    "UPDATE wagtailcore_page SET live = false, has_unpublished_changes = true WHERE depth = 4 AND id % 20 = 0",
    "UPDATE wagtailcore_page SET has_unpublished_changes = true WHERE depth = 4 AND id % 20 = 1",
    "UPDATE doctors_doctorregistration SET number = 'TWICE-' || (page_id / 200) WHERE page_id % 100 = 0",
    (
        "UPDATE wagtailcore_page SET title = 'Dr Twice ' || (id / 1000) WHERE id IN (SELECT page_id FROM"
        " doctors_doctorpractice WHERE practice_id = (SELECT min(id) FROM doctors_practice)) AND id % 10 = 0"
    ),
)


def environment(database_url: str) -> Mapping[str, str]:
    """Of a process of the CMS on this database."""
    return ENVIRONMENT | dict(os.environ) | {"DATABASE_URL": database_url}


def fill(database_url: str, doctors: int, conditions: int) -> None:
    """An empty database, PostgreSQL's or a file of SQLite's. Takes some minutes for 100,000 doctors."""
    _cms(database_url, "migrate")
    _cms(database_url, "load_demo")
    with directory(database_url, editorial=True) as rows:
        for what, add, count in (
            ("practices", rows.add_practices, PRACTICES),
            ("conditions", rows.add_conditions, conditions),
            ("doctors", rows.add_doctors, doctors),
        ):
            started = time.monotonic()
            add(count)
            print(f"{what}: {time.monotonic() - started:.0f} s", flush=True)
    # Without the triggers, which `migrate` puts back: each row would take them as long as an editor's act.
    _cms(database_url, "shell", "-c", "from cms.feed import triggers; triggers.remove()")
    with directory(database_url) as rows:
        rows.run(*VARIETY)
    _cms(database_url, "migrate")
    _cms(database_url, "update_index")
    # As beat does within a minute.
    _cms(database_url, "shell", "-c", "from cms.dashboard.models import ListedDoctors as it; it.refresh()")


def _cms(database_url: str, *command: str) -> None:
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "cms", *command],
        env=environment(database_url),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    print(f"{command[0]}: {time.monotonic() - started:.0f} s", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("database_url", help="of an empty database")
    arguments.add_argument("--doctors", type=int, default=100_000)
    arguments.add_argument("--conditions", type=int, default=10_000)
    options = arguments.parse_args()
    fill(options.database_url, options.doctors, options.conditions)


if __name__ == "__main__":
    main()
