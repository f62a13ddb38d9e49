"""Reads the feed: what changed after a position, as it is for the public now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from cms.feed.digests import digest
from cms.feed.kinds import Document, Key, kinds
from cms.feed.models import Change, Log, Slug

VERSION = 1
FORMER_SLUGS = 100  # of one entity at most


def changes(after: int, limit: int) -> dict[str, Any]:
    """One page of the feed, as contracts/feed/v1/changes.schema.json: `limit` changes that follow `after`.

    The log is read before the documents are: a document may be newer than its seq, which then comes
    again with a higher one, but never older.
    """
    epoch, head = Log.current_epoch(), Change.head()
    rows = list(Change.objects.filter(seq__gt=after).order_by("seq")[: limit + 1])
    page = rows[:limit]
    slugs = _slugs(page)
    documents = _documents(page)
    return {
        "version": VERSION,
        "epoch": str(epoch),
        "head": max(head, rows[-1].seq if rows else 0),
        "next": page[-1].seq if page else after,
        "has_more": len(rows) > limit,
        "changes": [
            _entry(row, documents[row.kind].get((row.key, row.locale)), slugs[row.kind, row.key, row.locale])
            for row in page
        ],
    }


def _entry(row: Change, document: Document | None, slugs: list[str]) -> dict[str, Any]:
    """`slugs` are all of the entity's, in the order in which they came into use."""
    former = [slug for slug in slugs if not document or slug != document["slug"]]
    return {
        "seq": row.seq,
        "kind": row.kind,
        "id": str(row.key),
        "locale": row.locale,
        "digest": digest(document) if document else None,
        "document": document,
        "former_slugs": former[-FORMER_SLUGS:],
    }


def _slugs(rows: Iterable[Change]) -> dict[tuple[str, UUID, str], list[str]]:
    """The slugs under which these entities were ever public, in the order in which they came into use."""
    found = defaultdict(list)
    used = Slug.objects.filter(key__in={row.key for row in rows}).order_by("seq")
    for kind, key, locale, slug in used.values_list("kind", "key", "locale", "slug"):
        found[kind, key, locale].append(slug)
    return found


def _documents(rows: Iterable[Change]) -> dict[str, dict[Key, Document]]:
    """The documents of these entities by kind and key; what is not public is missing."""
    keys: dict[str, set[UUID]] = defaultdict(set)
    for row in rows:
        keys[row.kind].add(row.key)
    # A kind that is no more has tombstones only.
    return {kind: kinds()[kind].render(wanted) if kind in kinds() else {} for kind, wanted in keys.items()}
