"""Documents by slug or id, whatever has become of them."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import orjson

from search_service.index.protocol import Gone, Moved, Reader, Stored

Json = dict[str, Any]

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


class Unknown(LookupError):
    """Nothing of that kind has, or had, that slug or id."""

    def __init__(self, kind: str, slug: str) -> None:
        super().__init__(f"{kind} {slug}")
        self.kind = kind
        self.slug = slug


class Unpublished(Unknown):
    """It was published once, and is no more."""


class Renamed(Unknown):
    """It is found under `now`."""

    def __init__(self, kind: str, slug: str, now: str) -> None:
        super().__init__(kind, slug)
        self.now = now


def is_id(text: str) -> bool:
    """Whether it is an id and no slug: a UUID in its usual form."""
    return _UUID.fullmatch(text) is not None


def find(reader: Reader, kind: str, slug: str, locale: str) -> Stored:
    """The document that has this slug or is of this id (a UUID). Raises Unknown, Unpublished or Renamed."""
    if is_id(slug):
        found: Stored | Moved | Gone | None = reader.get(kind, UUID(slug), locale)
    else:
        found = reader.get_by_slug(kind, slug, locale)
    match found:
        case Stored():
            return found
        case Moved():
            raise Renamed(kind, slug, found.slug)
        case Gone():
            raise Unpublished(kind, slug)
        case None:
            raise Unknown(kind, slug)


def load(reader: Reader, kind: str, slug: str, locale: str) -> Json:
    """As `find`, parsed."""
    document: Json = orjson.loads(find(reader, kind, slug, locale).body)
    return document


def follow(reader: Reader, kind: str, slug: str, locale: str) -> Json:
    """As `load`, by a former slug too. Raises Unknown or Unpublished."""
    try:
        return load(reader, kind, slug, locale)
    except Renamed as renamed:
        return load(reader, kind, renamed.now, locale)


def reference(document: Json) -> Json:
    return {key: document[key] for key in ("id", "slug", "name")}
