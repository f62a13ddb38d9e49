"""Opaque cursors: where the page before ended, signed, and bound to the search they belong to."""

from __future__ import annotations

import hashlib
from datetime import date
from uuid import UUID

from django.core import signing

from search_service.index.protocol import SortKey, Total
from search_service.query.doctors import Mark, Reach, Search

_SALT = "search_service.query.cursors"


class InvalidCursor(ValueError):
    """Not a cursor of ours, or one of another search."""


def encode(search: Search, mark: Mark) -> str:
    reach, total, key = mark.reach, mark.total, mark.key
    payload = [
        _fingerprint(search),
        reach.radius_km,
        reach.widened_to_km,
        mark.today.isoformat(),
        total.value,
        total.relation,
        key.group,
        key.name,
        key.chord2.hex(),
        key.id.hex,
    ]
    # Names can be long. The rest is short, and pressing it takes as long as signing.
    return signing.dumps(payload, salt=_SALT, compress=bool(key.name))


def decode(search: Search, cursor: str) -> Mark:
    """Raises InvalidCursor."""
    try:
        fingerprint, radius_km, widened_to_km, today, value, relation, group, name, chord2, id_ = (
            signing.loads(cursor, salt=_SALT)
        )
    except (signing.BadSignature, ValueError) as error:
        raise InvalidCursor("Not a cursor of this API: use `next` as it was returned.") from error
    if fingerprint != _fingerprint(search):
        raise InvalidCursor("This cursor belongs to another search: keep the other parameters as they were.")
    key = SortKey(group, name, float.fromhex(chord2), UUID(id_))
    return Mark(Reach(radius_km, widened_to_km), date.fromisoformat(today), Total(value, relation), key)


def _fingerprint(search: Search) -> str:
    return hashlib.sha256(repr(search.identity()).encode()).hexdigest()[:16]
