"""Postal codes of a new generation: where each of their rows lies, and which points are none."""

# ruff: noqa: S608 - only a number of ours is put into the SQL

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import lru_cache

from search_service import geo
from search_service.places import names, ranking
from search_service.places.areas import Areas, area_keys

# Of a row that comes with a place, `region` and `district` are codes.
UNSORTED = """
CREATE TABLE unsorted.postal (
    key TEXT, country TEXT, code TEXT, place_name TEXT, region TEXT, district TEXT, lat REAL, lng REAL,
    accuracy INTEGER, place_id INTEGER
);
"""
_NAMESAKES = 50
_BATCH = 5000

# A point that is given to more than five codes of a country is a placeholder: all of Leh and Kargil have one near
# Drass.
_SHARED = """
CREATE TEMP TABLE shared (country, lat, lng, PRIMARY KEY (country, lat, lng)) WITHOUT ROWID;
INSERT INTO shared SELECT country, lat, lng FROM unsorted.postal WHERE place_id IS NULL AND lat IS NOT NULL
    GROUP BY 1, 2, 3 HAVING count(DISTINCT key) > 5;
"""
_OF_FILES = """
INSERT INTO main.postal
    SELECT key, country, min(rowid), code, place_name, region, district, lat, lng, accuracy,
        EXISTS (SELECT 1 FROM shared s WHERE s.country = p.country AND s.lat = p.lat AND s.lng = p.lng)
    FROM unsorted.postal p WHERE place_id IS NULL GROUP BY key, country, place_name, region, district
    ORDER BY key, country, min(rowid)
"""
_OF_PLACES = """
INSERT INTO main.postal
    SELECT p.key, p.country, p.rowid, p.code, p.place_name, coalesce(r.name, ''), coalesce(d.name, ''),
        p.lat, p.lng, p.accuracy, 0
    FROM unsorted.postal p
        LEFT JOIN region r ON r.country = p.country AND r.code = p.region
        LEFT JOIN district d ON d.code = p.country || '.' || p.region || '.' || p.district
    WHERE place_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM main.postal o WHERE o.key = p.key AND o.country = p.country AND o.place_name = p.place_name
    )
    ORDER BY p.key, p.country, p.rowid
"""
_NOWHERE = (
    "SELECT DISTINCT country, place_name, region, district FROM main.postal WHERE is_shared OR lat IS NULL"
)
_CANDIDATES = f"""
SELECT r.lat, r.lng, r.kind, r.country, r.region, r.district_name FROM (
    SELECT id, place_id FROM main.name
    WHERE key = ?1 AND area BETWEEN ?2 || '.' AND ?2 || '/' AND class < {ranking.CODE}
    ORDER BY id LIMIT ?3
) n CROSS JOIN place_row r ON r.id = n.place_id ORDER BY n.id
"""
_PLACED = """
UPDATE main.postal SET lat = f.lat, lng = f.lng, accuracy = 4, is_shared = 0 FROM found f
    WHERE (is_shared OR postal.lat IS NULL) AND f.country = postal.country AND f.place_name = postal.place_name
        AND f.region = postal.region AND f.district = postal.district
"""

_area_keys = lru_cache(10_000)(lambda name: frozenset(area_keys([name])))


def fill(db: sqlite3.Connection, areas: Areas) -> None:
    """From the rows in `unsorted.postal`, once names of places can be looked up.

    A row whose point is a placeholder, or that has none, gets that of the place of its name in the district or
    region that it names, if there is just one, or they lie next to each other. Else it stays as it is, and is marked.
    """
    db.executescript(_SHARED)
    db.execute(_OF_FILES)
    db.execute(_OF_PLACES)
    db.execute(
        "CREATE TEMP TABLE found (country, place_name, region, district, lat, lng,"
        " PRIMARY KEY (country, place_name, region, district)) WITHOUT ROWID"
    )
    nowhere = db.execute(_NOWHERE)
    while rows := nowhere.fetchmany(_BATCH):
        db.executemany("INSERT INTO found VALUES (?, ?, ?, ?, ?, ?)", _placed(db, areas, rows))
    db.execute(_PLACED)


def _placed(
    db: sqlite3.Connection, areas: Areas, rows: list[tuple[str, str, str, str]]
) -> Iterator[tuple[str, str, str, str, float, float]]:
    for row, key in zip(rows, names.keys([row[1] for row in rows]), strict=True):
        country, _, region, district = row
        points = [
            (lat, lng)
            for lat, lng, kind, of, region_code, district_name in db.execute(
                _CANDIDATES, (key, country, _NAMESAKES)
            )
            if not ranking.is_area(kind)
            and (_is_same(district, district_name) or _is_same(region, areas.region(of, region_code).name))
        ]
        if points and all(geo.distance_km(*points[0], *point) <= ranking.ONE_PLACE_KM for point in points):
            yield *row, *points[0]


def _is_same(area: str, other: str) -> bool:
    return not _area_keys(area).isdisjoint(_area_keys(other))
