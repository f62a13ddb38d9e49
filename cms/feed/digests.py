"""What the public may see of each entity, by a short digest: for a consumer that checks what it holds."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from cms.feed.kinds import Document, Kind, kinds
from cms.feed.models import Change, Log

# A place in the order of all entities: by kind, then by key.
Place = tuple[str, UUID]


def digest(document: Document) -> str:
    """Equal for equal documents. To others it is opaque: it may be made in another way tomorrow."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def digests(after: Place | None, limit: int) -> dict[str, Any]:
    """One page, as contracts/feed/v1/digests.schema.json: the public entities that follow `after`.

    Read from the content, not from the log, so that it also tells of what the log has missed.
    `limit` is of keys, each of which may be there in several locales, or in none that is public.
    """
    epoch, head = Log.current_epoch(), Change.head()
    entities, last, more = [], after, False
    room = limit
    for kind in kinds().values():
        if after and kind.name < after[0]:
            continue
        keys = _keys(kind, after[1] if after and kind.name == after[0] else None, room + 1)
        more = len(keys) > room
        keys = keys[:room]
        entities += [
            {"kind": kind.name, "id": str(key), "locale": locale, "digest": digest(document)}
            for (key, locale), document in sorted(kind.render(keys).items(), key=lambda item: item[0])
        ]
        if keys:
            last = kind.name, keys[-1]
            room -= len(keys)
        if more:
            break
    return {
        "version": 1,
        "epoch": str(epoch),
        "head": head,
        "next": f"{last[0]}/{last[1]}" if more and last else None,
        "entities": entities,
    }


def _keys(kind: Kind, after: UUID | None, limit: int) -> list[UUID]:
    """The first keys after one, in order. Some of them may be private."""
    rows = kind.live() if after is None else kind.live().filter(translation_key__gt=after)
    return list(rows.order_by("translation_key").values_list("translation_key", flat=True).distinct()[:limit])
