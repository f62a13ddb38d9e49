"""Each page of the admin that editors meet, with 100,000 doctors: time on the server, and its queries.

    python -m tests.benchmarks.bench_admin --doctors 100000

On PostgreSQL and on SQLite, one after the other; `--database-url` measures a database that is there already
(tests.benchmarks.editorial makes one). In process, without a browser's part or a server's; of each page, by whoever it
takes longest, the median of three times. Aim: 500 ms. With 100,000 doctors all takes half an hour at least.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import servers
from tests.benchmarks import editorial, machine


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--doctors", type=int, default=100_000)
    arguments.add_argument("--conditions", type=int, default=10_000)
    arguments.add_argument("--database-url", help="measure this one; nothing is added to it")
    options = arguments.parse_args()
    print(machine.describe(), flush=True)
    if options.database_url:
        _measure_apart(options.database_url)
        return
    with tempfile.TemporaryDirectory(prefix="dny-bench-") as folder:
        with servers.postgresql() as url:
            print("\nPostgreSQL", flush=True)
            editorial.fill(url, options.doctors, options.conditions)
            _measure_apart(url)
        print(f"\n{machine.describe()}")
        print("\nSQLite", flush=True)
        url = f"sqlite:///{Path(folder)}/cms.sqlite3"
        editorial.fill(url, options.doctors, options.conditions)
        _measure_apart(url)
    print(f"\nat the end: {machine.describe()}")


def _measure_apart(database_url: str) -> None:
    """In a process of its own: it has one database only."""
    subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.admin_pages"],
        env=dict(editorial.environment(database_url)),
        check=True,
    )


if __name__ == "__main__":
    main()
