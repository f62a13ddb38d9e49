"""What is looked for: a condition, specialties, or any doctor; and so why a doctor is listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from search_service import names
from search_service.index.protocol import ANY, Reader, Term
from search_service.query import documents

Json = dict[str, Any]

# People write them before a name; they are no part of it.
_TITLES = frozenset({"doctor", "dr", "prof", "professor"})


@dataclass(frozen=True, slots=True)
class What:
    """What is looked for, as documents. `named_only`: a doctor of a specialty that treats the condition
    does not do, who does not name it."""

    condition: Json | None = None
    specialties: tuple[Json, ...] = ()
    named_only: bool = False

    def reasons(self) -> dict[Term, Json]:
        """The terms to look for, in order of preference, each with the `why_listed` of a doctor found so."""
        if self.condition is None:
            return {_term("specialty", each): _by("specialty", each) for each in self.specialties} or {
                ANY: {"by": "any"}
            }
        reasons = {_term("condition", self.condition): _by("condition", self.condition)}
        if not self.named_only:
            reasons |= {
                _term("specialty", each): _by("specialty", each) for each in self.condition["specialties"]
            }
        return reasons

    def filters(self) -> dict[str, frozenset[str]]:
        """Beside a condition, specialties choose among the doctors who treat it."""
        if self.condition is None or not self.specialties:
            return {}
        return {"specialty": frozenset(_term("specialty", each).value for each in self.specialties)}

    def understood(self) -> Json:
        answer: Json = {}
        if self.condition:
            answer["condition"] = documents.reference(self.condition)
        if self.specialties:
            answer["specialties"] = [documents.reference(each) for each in self.specialties]
        return answer

    @property
    def locale(self) -> str | None:
        """The language in which what is looked for is told."""
        told = [self.condition] if self.condition else self.specialties
        return told[0]["locale"] if told else None

    def identity(self) -> tuple[object, ...]:
        """Not the terms: when editors change which specialties treat a condition, who is paging goes on."""
        return (
            self.condition and self.condition["id"],
            [each["id"] for each in self.specialties],
            self.named_only,
        )


def sought(
    reader: Reader,
    locale: str,
    condition: str | None = None,
    specialties: Sequence[str] = (),
    *,
    named_only: bool = False,
) -> What:
    """By slugs, former ones too, or ids. Raises documents.Unknown or documents.Unpublished."""
    return What(
        condition=documents.follow(reader, "condition", condition, locale) if condition else None,
        specialties=tuple(documents.follow(reader, "specialty", each, locale) for each in specialties),
        named_only=named_only,
    )


def name_words(text: str) -> tuple[str, ...]:
    """The words of a doctor's name to look for, without titles unless there is nothing else.

    >>> name_words("Dr. Stanzin Ångmo"), name_words("dr"), name_words("?")
    (('stanzin', 'angmo'), ('dr',), ())
    """
    words = tuple(dict.fromkeys(names.key(text).split()))
    return tuple(word for word in words if word not in _TITLES) or words


def _term(kind: str, document: Json) -> Term:
    return Term(kind, document["id"].lower())


def _by(kind: str, document: Json) -> Json:
    return {"by": kind, kind: document["slug"]}
