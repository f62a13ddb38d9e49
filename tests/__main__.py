"""`make test`: every tier in a pytest of its own, on the servers that it needs, with one summary.

    python -m tests [TIER] [-- pytest's arguments]

One pytest process cannot hold the settings of two services. Tiers that wait more than they work run beside those
that work; what each prints is then shown when it has ended. DATABASE_URL and REDIS_URL name servers to use instead
of the ones that are started here, CHROMIUM a browser. With CI=true nothing may be skipped.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Literal, get_args
from xml.etree import ElementTree

from tests import servers

ROOT = Path(__file__).resolve().parent.parent
CI = os.environ.get("CI", "").lower() in {"1", "true"}

# Of what runs beside a tier that measures times: a third of the share of others, so that neither stands still.
NICENESS = 5

Need = Literal["DATABASE_URL", "REDIS_URL", "CHROMIUM"]


@dataclass(frozen=True)
class Tier:
    name: str
    about: str
    paths: tuple[str, ...]
    settings: str = ""
    # Whether its tests may run beside each other.
    parallel: bool = False
    # Whether it measures how soon things come to be, and waits for them. Such tiers run one after another, and the
    # others meanwhile, with what these leave of the processors.
    timed: bool = False
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
    Tier("e2e-embedded", "the pair, as make demo starts it", ("tests/e2e",), timed=True),
    Tier(
        "e2e-production",
        "the pair, as docker-compose.yml starts it",
        ("tests/e2e",),
        timed=True,
        needs=("DATABASE_URL", "REDIS_URL"),
    ),
    Tier(
        "browser",
        "the admin and the search page in a real browser",
        ("tests/browser",),
        timed=True,
        needs=("CHROMIUM",),
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
    with _Needs() as needs, tempfile.TemporaryDirectory(prefix="dny-report-") as folder:
        outcomes = _run(tiers, needs, pytest_arguments, Path(folder))

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


def _run(tiers: Sequence[Tier], needs: _Needs, pytest_arguments: list[str], folder: Path) -> list[Outcome]:
    """What became of each, in their order. `folder` is an empty one for what they leave."""
    lanes = [
        lane for timed in (True, False) if (lane := deque(tier for tier in tiers if tier.timed is timed))
    ]
    alone = len(lanes) == 1
    running: dict[int, _Pytest] = {}
    outcomes: dict[Tier, Outcome] = {}
    try:
        while any(lanes) or running:
            for number, lane in enumerate(lanes):
                if number in running and running[number].has_ended():
                    ended = running.pop(number)
                    outcomes[ended.tier] = ended.outcome()
                if number not in running and lane:
                    tier = lane.popleft()
                    try:
                        running[number] = _Pytest(tier, needs, pytest_arguments, folder, alone=alone)
                    except servers.Missing as missing:
                        # A tier that cannot run counts as one test skipped, so that it is seen in the sum.
                        print(f"skipped: {missing}", flush=True)
                        outcomes[tier] = Outcome(tier, skipped=1, problem=f"skipped: {missing}")
            time.sleep(0.05)
    except BaseException as stop:
        # Let each end in order: it has services of its own to stop. A Ctrl-C has reached one that has the terminal.
        if not (alone and isinstance(stop, KeyboardInterrupt)):
            for pytest in running.values():
                pytest.interrupt()
        for pytest in running.values():
            pytest.wait()
            pytest.show()
        raise
    return [outcomes[tier] for tier in tiers]


class _Pytest:
    """A tier's, under way. Alone, it has the terminal; what others print is shown when they have ended."""

    def __init__(self, tier: Tier, needs: _Needs, arguments: list[str], folder: Path, *, alone: bool) -> None:
        """Raises servers.Missing."""
        self.tier = tier
        self._arguments, self._alone = arguments, alone
        print(f"\n=== {tier.name}: {tier.about}{'' if alone else ' (begun)'}", flush=True)
        self._started = time.monotonic()
        env = {name: value for name, value in os.environ.items() if name not in get_args(Need)}
        env |= {need: needs.get(need) for need in tier.needs}
        self._report, self._printed = folder / f"{tier.name}.xml", folder / tier.name
        command = [sys.executable, "-m", "pytest", "--config-file=pyproject.toml"]
        command += [f"--junit-xml={self._report}", *tier.paths, *arguments]
        if tier.parallel:
            command += ["--numprocesses=auto", "--maxprocesses=4", "--dist=worksteal"]
        if tier.settings:
            command.append(f"--ds={tier.settings}")
        if alone:
            self._process = subprocess.Popen(command, cwd=ROOT, env=env)
            return
        with self._printed.open("wb") as printed:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if not tier.timed:
            _give_way(self._process.pid)

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def wait(self) -> None:
        self._process.wait()

    def show(self) -> None:
        """What it printed, unless that has been seen."""
        if not self._alone:
            print(f"\n=== {self.tier.name}: {self.tier.about}", flush=True)
            print(self._printed.read_text(errors="replace"), flush=True)

    def outcome(self) -> Outcome:
        """Once it has ended."""
        self.show()
        counts = _count(self._report)
        seconds, code = time.monotonic() - self._started, self._process.wait()
        outcome = Outcome(self.tier, counts["passed"], counts["failed"], counts["skipped"], seconds)
        if code == 5 and not self._arguments:
            outcome.problem = "no test found"
        elif code not in (0, 1, 5):
            outcome.problem = f"pytest ended with exit code {code}"
        if (outcome.problem or code == 1) and not outcome.failed:
            outcome.failed = 1
        return outcome


def _give_way(pid: int) -> None:
    """Have this process, the leader of a session, and those that it starts come after others at the processors."""
    os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid) + NICENESS)
    # Where Linux shares the processors between sessions first, that is between processes of one only.
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(NICENESS))


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
