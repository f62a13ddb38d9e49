"""What a page is about: a condition with its article, or a specialty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from search_service.index.protocol import Reader
from search_service.query import documents
from search_service.query.what import What

Json = dict[str, Any]
Kind = Literal["condition", "specialty"]
# What has a slug in the first has it before the other.
KINDS: tuple[Kind, ...] = get_args(Kind)

_NO_ARTICLE: Json = {
    "notice": "",
    "sections": [],
    "reviewer": None,
    "last_reviewed": None,
    "next_review": None,
    "last_published_at": None,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A document of the index. A specialty's has the parts of an article, too, empty but for its summary."""

    kind: Kind
    document: Json

    @property
    def what(self) -> What:
        """Whom to look for."""
        if self.kind == "condition":
            return What(self.document)
        return What(specialties=(self.document,))

    @property
    def specialties(self) -> list[Json]:
        """Those that treat it, as references; itself, if it is one."""
        if self.kind == "condition":
            named: list[Json] = self.document["specialties"]
            return named
        return [self.document]


def find(reader: Reader, slug: str, locale: str, kinds: Sequence[Kind] = KINDS) -> Subject:
    """What has this slug or id, of the first of `kinds` in which anything has it.

    Raises documents.Renamed where it is a former slug, else Unpublished, else Unknown.
    """
    errors: list[documents.Unknown] = []
    for kind in kinds:
        try:
            document = documents.load(reader, kind, slug, locale)
        except documents.Unknown as error:
            errors.append(error)
        else:
            return Subject(kind, document if kind == "condition" else _with_article(document))
    for sort in (documents.Renamed, documents.Unpublished):
        for found in errors:
            if isinstance(found, sort):
                raise found
    raise documents.Unknown(" or ".join(kinds), slug)


def _with_article(specialty: Json) -> Json:
    return {**_NO_ARTICLE, **specialty, "summary": specialty["description"]}
