"""Words that tell how a query is to be read: what is wanted, where a place begins, what says nothing."""

from __future__ import annotations

import gzip
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from enum import Flag, auto
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from search_service import names

FILE = Path(__file__).parent / "data" / "lexicon.toml"
SYNONYMS = FILE.with_name("synonyms.toml")
# Names of diseases, by the Disease Ontology, and the words of these and of ICD-10-CM, a line each, folded.
_DISEASES, _HEALTH = FILE.with_name("diseases.txt.gz"), FILE.with_name("health-words.txt.gz")
# None has more words.
_LONGEST_SYNONYM = 4
# English endings that make other forms of a word, of which so many letters are left.
_ENDINGS, _STEM = ("ing", "ed", "es", "s", "er"), 3


class Role(Flag):
    DOCTORS = auto()
    TITLE = auto()
    ARTICLE = auto()
    HERE = auto()
    PLACE_FOLLOWS = auto()
    PLACE_PRECEDES = auto()
    FILLER = auto()
    LINK = auto()


NO_ROLE = Role(0)
_ROLES = {
    "doctors": Role.DOCTORS,
    "titles": Role.DOCTORS | Role.TITLE,
    "article": Role.ARTICLE,
    "here": Role.HERE,
    "place_follows": Role.PLACE_FOLLOWS,
    "place_precedes": Role.PLACE_PRECEDES,
    "fillers": Role.FILLER,
    "links": Role.FILLER | Role.LINK,
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
    for language in _languages():
        for section, runs in language.get("sections", {}).items():
            sections.update(dict.fromkeys(map(names.key, runs), section))
        for name, role in _ROLES.items():
            for run in language.get(name, ()):
                roles[names.key(run)] |= role
    entries = {run: Entry(roles[run], sections.get(run)) for run in roles.keys() | sections.keys()}
    return entries, max(run.count(" ") + 1 for run in entries)


@cache
def _languages() -> list[dict[str, Any]]:
    return [*tomllib.loads(FILE.read_text(encoding="utf-8")).values()]


def is_of_every_day(word: str) -> bool:
    """Whether a folded word is one that everybody uses, of health or not."""
    return is_neutral(word) or is_complaint(word)


def is_neutral(word: str) -> bool:
    """Whether it is one of those that say nothing of health."""
    return word in _words("neutral")


def is_complaint(word: str) -> bool:
    """Whether it is one in which everybody tells what ails them."""
    return word in _words("complaint")


def is_of_health(word: str) -> bool:
    """Whether a folded word tells of an illness or complaint."""
    return (is_complaint(word) or word in _listed(_HEALTH)) and not is_neutral(word)


def spells_a_word(name: str, key: str) -> bool:
    """Whether a name is an abbreviation that spells a word of every day: WED, COLD. `key` is the name folded."""
    return name.isupper() and is_of_every_day(key)


def is_disease(key: str) -> bool:
    """Whether folded words are the name of a disease, whether there is an article about it or not."""
    return key in _listed(_DISEASES)


@cache
def _words(of: str) -> frozenset[str]:
    return frozenset(names.key(word) for language in _languages() for word in language.get(of, ()))


@cache
def _listed(file: Path) -> frozenset[str]:
    return frozenset(gzip.decompress(file.read_bytes()).decode().splitlines())


def synonyms(words: Sequence[str], told: Collection[int]) -> list[tuple[str, list[str]]]:
    """Those of a line's folded words that are `told` (by their places), each with the single words that articles may
    have instead of it, or of a run of words whose first told one it is. A run may have any words, and says
    something even if none of them is told by itself: over and over."""
    instead = {place: set(_standing_in(words[place])) for place in told}
    of_runs: list[set[str]] = []
    for start in range(len(words)):
        for end in range(start + 2, min(start + _LONGEST_SYNONYM, len(words)) + 1):
            if others := _groups().get(_one_spelling(" ".join(words[start:end]))):
                first = next((place for place in range(start, end) if place in instead), None)
                if first is None:
                    of_runs.append(others)
                else:
                    instead[first] |= others
    known = {words[place] for place in instead}

    def single(others: set[str]) -> list[str]:
        return sorted(other for other in others if " " not in other and other not in known)

    found = [(words[place], single(others)) for place, others in instead.items()]
    return found + [(first, rest) for first, *rest in filter(None, map(single, of_runs))]


def _standing_in(word: str) -> set[str]:
    """What stands for a word, or else for what it is a form of: pooing, wriggles."""
    groups = _groups()
    return next((groups[form] for form in (word, *_stems(word)) if form in groups), set())


def _stems(word: str) -> Iterator[str]:
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _STEM:
            yield stem
            yield f"{stem}e"
            if stem[-1] == stem[-2]:
                yield stem[:-1]


def _one_spelling(run: str) -> str:
    return " ".join("cannot" if word == "cant" else word for word in run.split())


@cache
def _groups() -> dict[str, set[str]]:
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for language in tomllib.loads(SYNONYMS.read_text(encoding="utf-8")).values():
        for group in language["groups"]:
            keys = {_one_spelling(names.key(text)) for text in group}
            for key in keys:
                groups[key] |= keys
    return groups
