"""The search for what is nearest to a point.

A circle on the globe is a few ranges of cells. Which circle to read is told by a first look at the
neighbours of the point along the curve of cells: they need not be the nearest, but the nearest are not
further off than they. What is found in a circle is exact, however the circle was chosen.
"""

# ruff: noqa: S608 - only numbers of parameters are put into the SQL, never a value

from __future__ import annotations

import math
from functools import cache
from sqlite3 import Connection

from search_service.geo import (
    HALF_CIRCUMFERENCE_KM,
    Vector,
    cell,
    cells_within,
    chord2_from_km,
    is_valid_point,
    km_from_chord2,
    unit_vector,
)
from search_service.index.protocol import NearestQuery
from search_service.index.sqlite.schema import MAX_LISTINGS

# Longer than any squared chord, rounding included.
_WHOLE_EARTH = 5.0
# About half a kilometre: no circle is tried that is between this and nothing.
_LEAST = 6e-9
# So many postings are read per hit and term before a smaller circle is tried. Where a town lies just
# across a fold of the curve the first look does not see it, and the circle may hold a multitude.
_PATIENCE = 50
_NO_END = -1


# A document at one of its listings: squared chord, document id, number of the listing, place of the term
# in the query, number of listings that the document has.
Found = tuple[float, bytes, int, int, int]


def nearest(connection: Connection, query: NearestQuery, terms: list[int]) -> list[Found]:
    """At most `query.limit` documents found under the numbered terms, in order.

    Raises ValueError if the query's point or radius is none.
    """
    point, within = _circle(query)
    if not terms or query.limit < 1:
        return []
    reach = min(within, _first_reach(connection, query, point, terms))
    too_small = 0.0 if query.after is None else query.after.chord2
    too_large = math.inf
    patience = _PATIENCE * query.limit * len(terms)
    fetch = 2 * query.limit * len(terms)
    while True:
        rows = _read(connection, query, point, terms, reach, patience, fetch)
        if rows is None:
            too_large = reach
        else:
            # A document comes once per term and listing, the nearest and the first of them first.
            hits: dict[bytes, Found] = {}
            for row in rows:
                hits.setdefault(row[1], row)
            if len(hits) >= query.limit or (reach >= within and len(rows) < fetch):
                return list(hits.values())[: query.limit]
            if len(rows) == fetch:
                fetch *= 4
                continue
            too_small = reach
        if rows is not None and (too_large == math.inf or too_large <= too_small):
            reach = min(within, max(4 * reach, _LEAST))
        elif too_large > max(1.5 * too_small, _LEAST):
            reach = math.sqrt(max(too_small, _LEAST / 4) * too_large)
        else:
            reach, patience = too_large, _NO_END


def count(connection: Connection, query: NearestQuery, terms: list[int], at_most: int) -> int:
    """Number of documents in the query's circle, at most `at_most`.

    Raises ValueError if the query's point or radius is none.
    """
    point, within = _circle(query)
    if not terms:
        return 0
    ranges = _ranges(query, within)
    number: int
    (number,) = connection.execute(
        _count_sql(len(terms), len(ranges) // 2), (*point, within, at_most, *terms, *ranges)
    ).fetchone()
    return number


def _circle(query: NearestQuery) -> tuple[Vector, float]:
    """The query's point, and its radius as a squared chord."""
    if not is_valid_point(query.lat, query.lng):
        raise ValueError(f"({query.lat}, {query.lng}) is not a point on the globe")
    point = unit_vector(query.lat, query.lng)
    if query.radius_km is None or query.radius_km >= HALF_CIRCUMFERENCE_KM:
        return point, _WHOLE_EARTH
    if not query.radius_km >= 0:
        raise ValueError(f"radius_km must be 0 or more, not {query.radius_km}")
    return point, chord2_from_km(query.radius_km)


def _ranges(query: NearestQuery, chord2: float) -> list[int]:
    """Low and high by turns of the ranges of cells that hold a circle."""
    return [
        bound for low_high in cells_within(query.lat, query.lng, km_from_chord2(chord2)) for bound in low_high
    ]


def _first_reach(connection: Connection, query: NearestQuery, point: Vector, terms: list[int]) -> float:
    """A circle that is likely to hold the hits, as a squared chord; on a first page it is sure to."""
    if query.after is not None:
        # As many again as came before.
        return max(2 * query.after.chord2, _LEAST)
    look = (*point, cell(query.lat, query.lng), query.limit, *terms)
    number, chord2 = connection.execute(_look_sql(len(terms)), look).fetchone()
    return chord2 if number == query.limit else _WHOLE_EARTH


def _read(
    connection: Connection,
    query: NearestQuery,
    point: Vector,
    terms: list[int],
    reach: float,
    patience: int,
    fetch: int,
) -> list[Found] | None:
    """The first `fetch` postings in the circle, in order; None if `patience` ended before the circle."""
    ranges = _ranges(query, reach)
    after = (query.after.chord2, query.after.id.bytes) if query.after is not None else ()
    rows: list[Found] = connection.execute(
        _read_sql(len(terms), len(ranges) // 2, further=bool(after)),
        (*point, reach, patience, fetch + 1, *terms, *ranges, *after),
    ).fetchall()
    return rows[1:] if rows and rows[0][0] < 0 else None


def _chord2(table: str = "posting") -> str:
    """As `geo.chord2`, to the last bit: a cursor carries what this gives."""
    x, y, z = (f"({table}.{axis} - ?{number})" for number, axis in enumerate("xyz", 1))
    return f"({x} * {x} + {y} * {y} + {z} * {z})"


def _parameters(first: int, rows: int, columns: int) -> str:
    """Rows of numbered parameters for VALUES: `(?7, ?8), (?9, ?10)`."""
    return ", ".join(
        "(" + ", ".join(f"?{first + row * columns + column}" for column in range(columns)) + ")"
        for row in range(rows)
    )


@cache
def _look_sql(terms: int) -> str:
    """How many documents are among the `?5` postings on either side of a cell, and how far off the
    furthest of the nearest `?5` is."""
    sides = [
        f"""
        SELECT * FROM (
            SELECT id, {_chord2()} AS chord2 FROM posting
            WHERE term = ?{6 + term} AND cell {side} LIMIT ?5
        )"""
        for term in range(terms)
        for side in (">= ?4 ORDER BY cell", "< ?4 ORDER BY cell DESC")
    ]
    return f"""
    SELECT count(*), max(nearest) FROM (
        SELECT min(chord2) AS nearest FROM ({" UNION ALL ".join(sides)}
        ) GROUP BY id ORDER BY nearest LIMIT ?5
    )"""


@cache
def _read_sql(terms: int, ranges: int, *, further: bool) -> str:
    """Postings within `?4`, in order, after a row that says that they were all read.

    That row is the last that the inner select gives, so it is missing if `?5` cut that short.
    """
    first = 7 + terms + 2 * ranges
    first_number = f"found.listing / {MAX_LISTINGS} * {MAX_LISTINGS}"
    # On a further page, a document that came before may have another listing further off.
    beyond = f"""
        AND (chord2 < 0 OR (chord2, id) > (?{first}, ?{first + 1}) AND (listings = 1 OR NOT EXISTS (
            SELECT * FROM listing AS other
            WHERE other.listing BETWEEN {first_number} AND {first_number} + {MAX_LISTINGS - 1}
            AND ({_chord2("other")}, other.listing) < (chord2, found.listing)
        )))"""
    return f"""
    WITH wanted (rank, term) AS (VALUES {", ".join(f"({rank}, ?{7 + rank})" for rank in range(terms))}),
    stretch (low, high) AS (VALUES {_parameters(7 + terms, ranges, 2)})
    SELECT * FROM (
        SELECT {_chord2()} AS chord2, id, listing, rank, listings
        FROM wanted CROSS JOIN stretch CROSS JOIN posting
        WHERE posting.term = wanted.term AND cell BETWEEN low AND high
        UNION ALL SELECT -1.0, NULL, NULL, NULL, NULL
        LIMIT ?5
    ) AS found
    WHERE chord2 <= ?4{beyond if further else ""}
    ORDER BY chord2, id, listing, rank LIMIT ?6"""


@cache
def _count_sql(terms: int, ranges: int) -> str:
    return f"""
    WITH wanted (term) AS (VALUES {_parameters(6, terms, 1)}),
    stretch (low, high) AS (VALUES {_parameters(6 + terms, ranges, 2)})
    SELECT count(*) FROM (
        SELECT DISTINCT id
        FROM wanted CROSS JOIN stretch CROSS JOIN posting
        WHERE posting.term = wanted.term AND cell BETWEEN low AND high AND {_chord2()} <= ?4
        LIMIT ?5
    )"""
