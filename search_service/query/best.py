"""The order `best`: a formula that is published, and told of each result. docs/reference/search.md has it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from search_service.index.protocol import Best, Term

BANDS_KM = (5.0, 10.0, 25.0, 50.0, 100.0, 200.0, 500.0)
RECENT = timedelta(days=365)

FORMULA = (
    "By distance in bands that end at 5, 10, 25, 50, 100, 200 and 500 km; in a band, doctors who name the "
    "condition itself (or have the first of the specialties asked for) come first, then those who accept new "
    "patients at that practice, then those verified within 365 days; then the nearer one, then the lower id."
)


def order(today: date) -> Best:
    return Best(
        bands_km=BANDS_KM,
        preferred=Term("accepting_new_patients", "true"),
        verified_from=today - RECENT,
    )


def explain(group: int, *, of_condition: bool) -> dict[str, Any]:
    """What the `group` of a hit's key says. `band_km` is None beyond the last band, `names_condition` where none
    was asked for."""
    band = group // 8
    return {
        "band_km": BANDS_KM[band] if band < len(BANDS_KM) else None,
        "names_condition": not group & 4 if of_condition else None,
        "accepting_new_patients": not group & 2,
        "verified_recently": not group & 1,
    }
