"""`make test`: every tier in a pytest of its own, on the servers that it needs, with one summary.

    python -m tests [TIER] [-- pytest's arguments]

One pytest process cannot hold the settings of two services. DATABASE_URL and REDIS_URL name servers to use
instead of the ones that are started here, CHROMIUM a browser. With CI=true nothing may be skipped.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Literal, get_args
from xml.etree import ElementTree

from tests import servers

ROOT = Path(__file__).resolve().parent.parent
CI = os.environ.get("CI", "").lower() in {"1", "true"}

Need = Literal["DATABASE_URL", "REDIS_URL", "CHROMIUM"]


@dataclass(frozen=True)
class Tier:
    name: str
    about: str
    paths: tuple[str, ...]
    settings: str = ""
    # Whether its tests may run beside each other. End-to-end ones measure times, and have all the machine.
    parallel: bool = False
    needs: tuple[Need, ...] = ()


TIERS = (
    Tier("project", "layout, contracts, scripts", ("tests/project", "tests/contracts")),
    Tier("cms-sqlite", "the CMS on SQLite", ("tests/cms",), "cms.settings", parallel=True),
    Tier(
        "cms-postgresql",
        "the CMS on PostgreSQL",
        ("tests/cms",),
        "cms.settings",
        parallel=True,
        needs=("DATABASE_URL",),
    ),
    Tier("search", "the search service", ("tests/search_service",), "search_service.settings", parallel=True),
    Tier("wall", "each service with its own packages only", ("tests/wall",)),
    Tier("e2e-embedded", "the pair, as make demo starts it", ("tests/e2e",)),
    Tier(
        "e2e-production",
        "the pair, as docker-compose.yml starts it",
        ("tests/e2e",),
        needs=("DATABASE_URL", "REDIS_URL"),
    ),
    Tier(
        "browser", "the admin and the search page in a real browser", ("tests/browser",), needs=("CHROMIUM",)
    ),
)


@dataclass
class Outcome:
    tier: Tier
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    problem: str = ""

    def __str__(self) -> str:
        numbers = (
            f"{self.passed:5} passed, {self.failed} failed, {self.skipped} skipped, {self.seconds:.0f} s"
        )
        return f"{self.tier.name:<15} {self.problem or numbers}"


def main(arguments: Sequence[str]) -> int:
    name, pytest_arguments = _read(arguments)
    tiers = [tier for tier in TIERS if not name or name in (tier.name, tier.name.split("-")[0])]
    if not tiers:
        print(
            f"There is no tier {name}. There are: {', '.join(tier.name for tier in TIERS)}", file=sys.stderr
        )
        return 2
    with _Needs() as running:
        outcomes = [_run(tier, running, pytest_arguments) for tier in tiers]

    print()
    for outcome in outcomes:
        print(outcome)
    passed, failed, skipped = (
        sum(getattr(outcome, kind) for outcome in outcomes) for kind in ("passed", "failed", "skipped")
    )
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed or (CI and skipped) else 0


def _read(arguments: Sequence[str]) -> tuple[str, list[str]]:
    ours = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    return " ".join(ours), list(arguments[len(ours) + 1 :])


def _run(tier: Tier, running: _Needs, pytest_arguments: list[str]) -> Outcome:
    print(f"\n=== {tier.name}: {tier.about}", flush=True)
    started = time.monotonic()
    env = {name: value for name, value in os.environ.items() if name not in get_args(Need)}
    try:
        env |= {need: running.get(need) for need in tier.needs}
    except servers.Missing as missing:
        # A tier that cannot run counts as one test skipped, so that it is seen in the sum.
        print(f"skipped: {missing}")
        return Outcome(tier, skipped=1, problem=f"skipped: {missing}")
    with tempfile.TemporaryDirectory(prefix="dny-report-") as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "--config-file=pyproject.toml", f"--junit-xml={report}"]
        command += [*tier.paths, *pytest_arguments]
        if tier.parallel:
            command += ["--numprocesses=auto", "--maxprocesses=4", "--dist=worksteal"]
        if tier.settings:
            command.append(f"--ds={tier.settings}")
        code = _wait(subprocess.Popen(command, cwd=ROOT, env=env))
        counts = _count(report)
    outcome = Outcome(tier, counts["passed"], counts["failed"], counts["skipped"], time.monotonic() - started)
    if code == 5 and not pytest_arguments:
        outcome.problem = "no test found"
    elif code not in (0, 1, 5):
        outcome.problem = f"pytest ended with exit code {code}"
    if (outcome.problem or code == 1) and not outcome.failed:
        outcome.failed = 1
    return outcome


def _count(report: Path) -> Counter[str]:
    """How many tests of a JUnit report passed, failed (in set-up or tear-down too) and were skipped."""
    if not report.exists():
        return Counter()
    counts: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        kinds = {element.tag for element in case}
        counts[
            "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        ] += 1
    return counts


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Wait, and on a Ctrl-C let pytest end in order: it has services of its own to stop."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.wait()
        raise
    except _Terminated:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise


class _Terminated(BaseException):
    pass


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise _Terminated


class _Needs(AbstractContextManager["_Needs"]):
    """Those that the caller named or, each when it is first asked for, started or found here."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._found = {name: value for name in get_args(Need) if (value := os.environ.get(name))}

    def get(self, name: Need) -> str:
        """Raises servers.Missing."""
        if name not in self._found:
            match name:
                case "DATABASE_URL":
                    self._found[name] = self._stack.enter_context(servers.postgresql())
                case "REDIS_URL":
                    self._found[name] = self._stack.enter_context(servers.redis())
                case "CHROMIUM":
                    self._found[name] = str(servers.binary("chromium", "chromium"))
        return self._found[name]

    def __exit__(self, *error: object) -> None:
        self._stack.close()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except _Terminated:
        sys.exit(143)
