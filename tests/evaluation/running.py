"""Runs cases, and sums up how they went by class."""

from __future__ import annotations

import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.evaluation.asking import Ask
from tests.evaluation.cases import FOLDER, Case
from tests.evaluation.judging import problems

FLOORS: dict[str, float] = json.loads((FOLDER / "floors.json").read_text())
# So many characters of a text are shown.
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Result:
    case: Case
    problems: tuple[str, ...]
    ms: float

    @property
    def passed(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Summary:
    """Of one class. `floor`: the share that must pass, 0 to 1, if there is one."""

    class_: str
    results: tuple[Result, ...]
    floor: float | None

    @property
    def passed(self) -> int:
        return sum(result.passed for result in self.results)

    @property
    def rate(self) -> float:
        return self.passed / len(self.results)

    @property
    def is_below(self) -> bool:
        return self.floor is not None and self.rate < self.floor

    @property
    def failures(self) -> list[Result]:
        return [result for result in self.results if not result.passed]

    def ms(self) -> tuple[float, float]:
        """Median and 99th percentile."""
        times = [result.ms for result in self.results]
        if len(times) == 1:
            return times[0], times[0]
        cuts = statistics.quantiles(times, n=100, method="inclusive")
        return cuts[49], cuts[98]


def run(
    cases: Sequence[Case], ask: Ask, progress: Callable[[int, Case], None] = lambda _, __: None
) -> list[Result]:
    """Ask for each case, one after the other. `progress` is told how many are done."""
    results = []
    for done, case in enumerate(cases):
        progress(done, case)
        start = time.perf_counter()
        status, answer = ask(case.endpoint, case.params)
        ms = 1000 * (time.perf_counter() - start)
        results.append(Result(case, tuple(problems(case, status, answer)), ms))
    return results


def summed_up(results: Iterable[Result], floors: Mapping[str, float] = FLOORS) -> list[Summary]:
    """By class, in the order in which the classes came."""
    by_class = defaultdict(list)
    for result in results:
        by_class[result.case.class_].append(result)
    return [Summary(class_, tuple(some), floors.get(class_)) for class_, some in by_class.items()]


def table(summaries: Sequence[Summary]) -> str:
    width = max(len(summary.class_) for summary in summaries)
    lines = [f"{'class':<{width}}  passed        rate   floor   p50 ms   p99 ms"]
    for summary in summaries:
        p50, p99 = summary.ms()
        floor = "" if summary.floor is None else f"{summary.floor:.1%}"
        lines.append(
            f"{summary.class_:<{width}}  {summary.passed:4} of {len(summary.results):<4} {summary.rate:7.1%} "
            f"{floor:>7} {p50:8.2f} {p99:8.2f}{'  BELOW ITS FLOOR' if summary.is_below else ''}"
        )
    return "\n".join(lines)


def failures(summary: Summary, most: int) -> str:
    """The first failures of a class, a line each; empty if there are none."""
    failed = summary.failures
    if not failed or not most:
        return ""
    lines = [f"{summary.class_}: {len(failed)} failed"]
    for result in failed[:most]:
        asked = ", ".join(
            value[:MOST_SHOWN] if name == "q" else f"{name}={value}"
            for name, value in result.case.params.items()
        )
        lines.append(f"  {result.case.id}  {asked!r}: {'; '.join(result.problems)}")
    if len(failed) > most:
        lines.append(f"  and {len(failed) - most} more")
    return "\n".join(lines)


def save(folder: Path, summaries: Sequence[Summary]) -> Path:
    """Write all figures and failures as JSON; returns the file."""
    figures: list[dict[str, Any]] = []
    for summary in summaries:
        p50, p99 = summary.ms()
        figures.append(
            {
                "class": summary.class_,
                "cases": len(summary.results),
                "passed": summary.passed,
                "rate": round(summary.rate, 4),
                "floor": summary.floor,
                "p50_ms": round(p50, 3),
                "p99_ms": round(p99, 3),
                "failures": [
                    {
                        "id": result.case.id,
                        "endpoint": result.case.endpoint,
                        "params": result.case.params,
                        "problems": result.problems,
                    }
                    for result in summary.failures
                ],
            }
        )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "evaluation.json"
    path.write_text(json.dumps({"classes": figures}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path
