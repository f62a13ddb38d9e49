"""`make bench`: all benchmarks, one after the other.

    python -m tests.benchmarks [--doctors 20000] [--listings 100000 1000000] [--save docs/reference/benchmarks]

Each can be run alone, as `python -m tests.benchmarks.bench_feed --help`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from tests.benchmarks import machine


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--doctors", type=int, default=20_000, help="for the feed at size")
    arguments.add_argument(
        "--listings",
        type=int,
        nargs="+",
        default=[100_000, 1_000_000],
        help="for the index, one after the other",
    )
    arguments.add_argument("--admin-doctors", type=int, default=20_000, help="for the admin at size")
    arguments.add_argument("--save", help="a folder for the figures of the index and of HTTP")
    options = arguments.parse_args()
    index = ["--listings", *map(str, options.listings)]
    http: list[str] = []
    if options.save:
        index += ["--save", options.save]
        http += ["--save", options.save]
    for name, given in (
        ("bench_demo", []),
        ("bench_freshness", []),
        ("bench_feed", ["--doctors", str(options.doctors)]),
        ("bench_index", index),
        ("bench_http", http),
        ("bench_sitemaps", ["--listings", *map(str, options.listings)]),
        ("bench_admin", ["--doctors", str(options.admin_doctors)]),
        ("bench_places", []),
    ):
        print(f"\n=== {name}", *given, flush=True)
        done = subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}", *given], check=False)
        if done.returncode:
            return done.returncode
    print(f"\nat the end: {machine.describe()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
