"""Figures as pages of docs/reference/benchmarks/, so that nobody copies numbers by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Figures = dict[str, Any]

_NOTE = "Written by `make bench` with `--save`; how it is measured: [benchmarks](../benchmarks.md)."
_OURS = "SQLite index"


def index(saved: Sequence[Figures]) -> str:
    """Of all sizes, ascending."""
    sizes = [f"{some['listings']:,}" for some in saved]
    lines = ["# Figures of the index", "", _NOTE, "Milliseconds, unless told otherwise.", ""]
    lines += [f"- {some['listings']:,} listings: {some['machine']}" for some in saved]
    for kind in saved[0]["engines"]:
        compared = [(size, some["engines"][kind]) for size, some in zip(sizes, saved, strict=True)]
        different = [
            f"{engines['different']} of {size}" for size, engines in compared if engines["different"]
        ]
        lines += ["", f"## 20 nearest: {kind}", "", "![](" + f"{kind.replace(' ', '-')}.svg)", ""]
        lines += [f"Answers that differed: {', '.join(different) or 'none'}.", ""]
        lines += _table(
            ("listings", "engine", "p50", "p99", "longest", "p50 as a multiple of ours"),
            (
                (size, engine, *_ms(ms), f"{ms['p50'] / engines[_OURS]['p50']:.1f}")
                for size, engines in compared
                for engine, ms in engines.items()
                if engine != "different"
            ),
        )
    lines += ["", "## Other searches", ""]
    lines += _table(
        ("search", *(f"{size}: p50 / p99 / longest" for size in sizes)),
        ((name, *(" / ".join(_ms(some["ours"][name])) for some in saved)) for name in saved[0]["ours"]),
    )
    lines += ["", "## Load, size, memory, changes", ""]
    lines += _table(
        ("", *sizes),
        (
            ("documents", *(f"{some['documents']:,}" for some in saved)),
            (
                "documents a second into a fresh generation",
                *(f"{some['documents_per_s']:,}" for some in saved),
            ),
            ("bytes a listing", *(f"{some['bytes_per_listing']:,}" for some in saved)),
            ("of them bodies and cards", *(f"{some['content_bytes_per_listing']:,}" for some in saved)),
            ("MiB of a reading process, its own", *(str(some["memory"]["own_mib"]) for some in saved)),
            ("before its first search", *(str(some["memory"]["own_mib_before"]) for some in saved)),
            *(
                (
                    f"one change ({name}), p50 / p99 / longest",
                    *(" / ".join(_ms(s["changes"][name])) for s in saved),
                )
                for name in saved[0]["changes"]
            ),
        ),
    )
    return "\n".join([*lines, ""])


def http(figures: Figures) -> str:
    lines = ["# Figures of the public API over HTTP", "", _NOTE, ""]
    lines += [f"{figures['listings']:,} listings: {figures['machine']}", ""]
    lines += _table(
        ("", "requests/s", "p50 ms", "p99 ms", "bare view: requests/s", "p50 ms", "p99 ms", "ratio"),
        (
            (f"`/api/v1/{kind}`", *_rate(ours), *_rate(bare), f"{ours[0] / bare[0]:.2f}")
            for kind, (ours, bare) in figures["rates"].items()
        ),
    )
    resident, own = (max(values) for values in zip(*figures["memory"], strict=True))
    lines += [
        "",
        f"A web process: {resident} MiB resident, of which {own} MiB its own (no pages of files).",
        "",
    ]
    worst = figures["worst"]
    lines += ["## The slowest", ""]
    lines += [
        f"Of {worst['answered']:,} in process, {worst['over']} took more than {worst['limit_ms']:g} ms.",
        "",
    ]
    lines += _table(
        ("ms", "parameters"), ((f"{some['ms']:.1f}", some["choice"]) for some in worst["slowest"])
    )
    lines += ["", "## Web servers", ""]
    lines += _table(
        ("", "`/doctors/`: requests/s", "p50 ms", "p99 ms", "bare view: requests/s", "p50 ms", "p99 ms"),
        ((server, *_rate(ours), *_rate(bare)) for server, (ours, bare) in figures["servers"].items()),
    )
    return "\n".join([*lines, ""])


def _ms(ms: dict[str, float]) -> tuple[str, ...]:
    return tuple(f"{ms[name]:.2f}" for name in ("p50", "p99", "max"))


def _rate(rate: Sequence[float]) -> tuple[str, ...]:
    per_s, p50, p99 = rate
    return f"{per_s:,.0f}", f"{p50:.2f}", f"{p99:.2f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
