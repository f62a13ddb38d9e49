"""Opaque cursors: where the page before ended, signed, and bound to the search they belong to."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.core import signing

from search_service.index.protocol import SortKey
from search_service.query.doctors import Reach

_SALT = "search_service.query.cursors"


class InvalidCursor(ValueError):
    """Not a cursor of ours, or one of another search."""


def encode(search: tuple[object, ...], reach: Reach, key: SortKey) -> str:
    """`search` is what must stay the same from page to page."""
    payload = [_fingerprint(search), reach.radius_km, reach.widened_to_km, key.chord2.hex(), key.id.hex]
    return signing.dumps(payload, salt=_SALT)


def decode(search: tuple[object, ...], cursor: str) -> tuple[Reach, SortKey]:
    """The circle searched and the key of the last hit. Raises InvalidCursor."""
    try:
        fingerprint, radius_km, widened_to_km, chord2, id_ = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise InvalidCursor("Not a cursor of this API: use `next` as it was returned.") from error
    if fingerprint != _fingerprint(search):
        raise InvalidCursor("This cursor belongs to another search: keep the other parameters as they were.")
    return Reach(radius_km, widened_to_km), SortKey(float.fromhex(chord2), UUID(id_))


def _fingerprint(search: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(search).encode()).hexdigest()[:16]
