"""Keeps the figures of the index: JSON for each size, plots of how they grow, and a page of all."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from tests.benchmarks import tables

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 440, 70, 200, 56, 60
COLOURS = {"SQLite index": "#1b6ca8", "Redis": "#c0392b", "PostGIS": "#5b7f2b"}
TITLES = {
    "two filters": "20 nearest of a specialty, two filters",
    "specialty": "20 nearest of a specialty",
    "rare specialty": "20 nearest of a rare specialty",
}

# By engine and percentile, points of listings and milliseconds.
Lines = dict[tuple[str, str], list[tuple[int, float]]]


def save(folder: Path, figures: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"index-{figures['listings']}.json").write_text(json.dumps(figures, indent=1) + "\n")
    saved = sorted(
        (json.loads(path.read_text()) for path in folder.glob("index-*.json")),
        key=lambda some: int(some["listings"]),
    )
    (folder / "index.md").write_text(tables.index(saved))
    for kind, title in TITLES.items():
        lines: Lines = {}
        for some in saved:
            for engine in COLOURS:
                for percentile in ("p50", "p99"):
                    if ms := some["engines"][kind].get(engine, {}).get(percentile):
                        lines.setdefault((engine, percentile), []).append((some["listings"], ms))
        (folder / f"{kind.replace(' ', '-')}.svg").write_text(_svg(title, lines))


def _svg(title: str, lines: Lines) -> str:
    points = [point for line in lines.values() for point in line]
    sizes = sorted({size for size, _ in points})
    low, high = (
        round_(math.log10(of(ms for _, ms in points))) for round_, of in ((math.floor, min), (math.ceil, max))
    )
    first, last = math.log10(sizes[0]) - 0.1, math.log10(sizes[-1]) + 0.1

    def x(size: float) -> float:
        return LEFT + (math.log10(size) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(ms: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(ms) - low) / max(1, high - low) * (HEIGHT - TOP - BOTTOM)

    right = WIDTH - RIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" fill="#222">',
        "<style>text { font: 13px sans-serif }</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" style="font: bold 16px sans-serif">{escape(title)}</text>',
        f'<text x="{LEFT}" y="43" fill="#555">milliseconds by listings; both axes logarithmic</text>',
    ]
    for power in range(low, high + 1):
        parts.append(f'<path d="M{LEFT} {y(10**power):.1f}H{right}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{LEFT - 8}" y="{y(10**power) + 4:.1f}" text-anchor="end">{10**power:g} ms</text>'
        )
    for size in sizes:
        parts.append(f'<path d="M{x(size):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#eee"/>')
        parts.append(
            f'<text x="{x(size):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{size:,}</text>'
        )
    labels = sorted(((y(line[-1][1]), name) for name, line in lines.items()))
    for (name, line), label_y in zip(
        ((name, lines[name]) for _, name in labels), _apart([at for at, _ in labels]), strict=True
    ):
        engine, percentile = name
        dash = ' stroke-dasharray="6 4"' if percentile == "p99" else ""
        path = "L".join(f"{x(size):.1f} {y(ms):.1f}" for size, ms in line)
        parts.append(f'<path d="M{path}" fill="none" stroke="{COLOURS[engine]}" stroke-width="2"{dash}/>')
        parts += [
            f'<circle cx="{x(size):.1f}" cy="{y(ms):.1f}" r="3.5" fill="{COLOURS[engine]}"/>'
            for size, ms in line
        ]
        parts.append(
            f'<text x="{right + 10}" y="{label_y + 4:.1f}" fill="{COLOURS[engine]}">'
            f"{engine} {percentile}: {line[-1][1]:.2f}</text>"
        )
    return "\n".join([*parts, "</svg>\n"])


def _apart(heights: Sequence[float], least: float = 17.0) -> list[float]:
    """The ascending heights, moved down where they would overlap."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + least) if placed else height)
    return placed
