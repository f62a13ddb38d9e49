"""Words that tell how a query is to be read: what is wanted, where a place begins, what says nothing."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import Flag, auto
from functools import cache
from pathlib import Path
from typing import NamedTuple

from search_service import names

FILE = Path(__file__).parent / "data" / "lexicon.toml"
SYNONYMS = FILE.with_name("synonyms.toml")
# None has more words.
_LONGEST_SYNONYM = 4


class Role(Flag):
    DOCTORS = auto()
    TITLE = auto()
    ARTICLE = auto()
    HERE = auto()
    PLACE_FOLLOWS = auto()
    PLACE_PRECEDES = auto()
    FILLER = auto()


NO_ROLE = Role(0)
_ROLES = {
    "doctors": Role.DOCTORS,
    "titles": Role.DOCTORS | Role.TITLE,
    "article": Role.ARTICLE,
    "here": Role.HERE,
    "place_follows": Role.PLACE_FOLLOWS,
    "place_precedes": Role.PLACE_PRECEDES,
    "fillers": Role.FILLER,
}


class Entry(NamedTuple):
    """What a run of words is, in any language: its roles, and the section of an article that it asks for."""

    roles: Role = NO_ROLE
    section: str | None = None


class Mark(NamedTuple):
    """The words from `start` to before `end`, and what they are."""

    start: int
    end: int
    entry: Entry


def marks(words: Sequence[str]) -> Iterator[Mark]:
    """Of folded words, from left to right, the longest runs first."""
    entries, longest = _lexicon()
    start = 0
    while start < len(words):
        for end in range(min(start + longest, len(words)), start, -1):
            if entry := entries.get(" ".join(words[start:end])):
                yield Mark(start, end, entry)
                start = end
                break
        else:
            start += 1


@cache
def _lexicon() -> tuple[dict[str, Entry], int]:
    roles: defaultdict[str, Role] = defaultdict(lambda: NO_ROLE)
    sections: dict[str, str] = {}
    for language in tomllib.loads(FILE.read_text(encoding="utf-8")).values():
        for section, runs in language.pop("sections", {}).items():
            sections.update(dict.fromkeys(map(names.key, runs), section))
        for role, runs in language.items():
            for run in runs:
                roles[names.key(run)] |= _ROLES[role]
    entries = {run: Entry(roles[run], sections.get(run)) for run in roles.keys() | sections.keys()}
    return entries, max(run.count(" ") + 1 for run in entries)


def synonyms(words: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Each of these folded words, with the single words that articles may have instead of it, or of the run of words
    that begins with it."""
    groups = _groups()
    return [
        (
            word,
            sorted(
                {
                    other
                    for end in range(start + 1, min(start + _LONGEST_SYNONYM, len(words)) + 1)
                    for other in groups.get(" ".join(words[start:end]), ())
                    if " " not in other and other not in words
                }
            ),
        )
        for start, word in enumerate(words)
    ]


@cache
def _groups() -> dict[str, set[str]]:
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for language in tomllib.loads(SYNONYMS.read_text(encoding="utf-8")).values():
        for group in language["groups"]:
            keys = set(map(names.key, group))
            for key in keys:
                groups[key] |= keys
    return groups
