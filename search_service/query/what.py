"""What is looked for: a condition, a specialty, or any doctor; and so why a doctor is listed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from search_service.index.protocol import ANY_TERM, Reader

Json = dict[str, Any]


class UnknownWhat(LookupError):
    """No such condition or specialty is published. `kind` and `slug` say which was asked for."""

    def __init__(self, kind: str, slug: str) -> None:
        super().__init__(f"{kind} {slug}")
        self.kind = kind
        self.slug = slug


@dataclass(frozen=True, slots=True)
class What:
    """The terms to look for, in order of preference, each with the `why_listed` of a doctor found so.

    `asked` is what the answer repeats as understood: `{"condition": {"id", "slug", "name"}}`.
    """

    reasons: dict[UUID, Json]
    asked: Json = field(default_factory=dict)

    @property
    def terms(self) -> tuple[UUID, ...]:
        return tuple(self.reasons)


ANY_DOCTOR = What({ANY_TERM: {"by": "any"}})


def condition(reader: Reader, slug: str, locale: str) -> tuple[What, Json]:
    """Doctors who treat a condition: those who name it, and those of a specialty that treats it.

    Returns the condition's document too. Raises UnknownWhat.
    """
    document = load(reader, "condition", slug, locale)
    reasons: dict[UUID, Json] = {UUID(document["id"]): {"by": "condition", "condition": document["slug"]}}
    for specialty_ in document["specialties"]:
        reasons[UUID(specialty_["id"])] = {"by": "specialty", "specialty": specialty_["slug"]}
    return What(reasons, {"condition": reference(document)}), document


def specialty(reader: Reader, slug: str, locale: str) -> What:
    """Doctors of a specialty. Raises UnknownWhat."""
    document = load(reader, "specialty", slug, locale)
    reason = {"by": "specialty", "specialty": document["slug"]}
    return What({UUID(document["id"]): reason}, {"specialty": reference(document)})


def load(reader: Reader, kind: str, slug: str, locale: str) -> Json:
    """The document of that slug, parsed. Raises UnknownWhat."""
    stored = reader.get_by_slug(kind, slug, locale)
    if stored is None:
        raise UnknownWhat(kind, slug)
    document: Json = orjson.loads(stored.body)
    return document


def reference(document: Json) -> Json:
    return {key: document[key] for key in ("id", "slug", "name")}
