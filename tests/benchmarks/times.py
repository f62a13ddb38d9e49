"""Times, as all benchmarks show them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def show(seconds: Sequence[float]) -> str:
    """Median, 99th percentile and longest of at least two."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    p50, p99, most = (1000 * value for value in (cuts[49], cuts[98], max(seconds)))
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {most:.1f} ms of {len(seconds)}"
