"""Rows in GeoNames' dump format, for tests."""

from __future__ import annotations

from pathlib import Path


def row(
    id: object,
    name: str,
    *,
    ascii_name: str | None = None,
    alternates: str = "",
    lat: object = 34.0,
    lng: object = 77.0,
    class_: str = "P",
    kind: str = "PPL",
    country: str = "IN",
    region: str = "41",
    district: str = "",
    population: object = 100,
    timezone: str = "Asia/Kolkata",
    date: str = "2026-01-01",
) -> str:
    ascii_name = name if ascii_name is None else ascii_name
    start = [id, name, ascii_name, alternates, lat, lng, class_, kind, country, "", region, district, "", ""]
    return "\t".join(map(str, [*start, population, "", "", timezone, date]))


def write(path: Path, *rows: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in rows), encoding="utf-8")
    return path
