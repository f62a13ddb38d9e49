"""A line of text as it was typed: its words, where they stand, and what the lexicon and the index know of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from search_service import names
from search_service.index.protocol import Acquaintance, Reader
from search_service.query import lexicon
from search_service.query.lexicon import Mark, Role

# So many words of a line are looked at; more are no search.
MAX_WORDS = 20
# No phrase has more words.
LONGEST = 8

_SAYS_NOTHING = Role.FILLER | Role.LINK


class Word(NamedTuple):
    """A folded word, and where in the text it stands."""

    key: str
    start: int
    end: int


@dataclass(frozen=True)
class Part:
    """The words of a text from `start` to before `end`."""

    start: int
    end: int

    @property
    def words(self) -> range:
        return range(self.start, self.end)

    def meets(self, start: int, end: int) -> bool:
        return self.start < end and start < self.end


def words_of(text: str) -> list[Word]:
    """The words of a text, and where each stands in it; where one letter is several words, all at its place."""
    words = []
    for match in re.finditer(r"[^\s,;+/|]+", text):
        piece, keys = match.group(), names.key(match.group()).split()
        parts = list(
            re.finditer(r"[^ ]+", "".join(" " if names.fold(char) == " " else "x" for char in piece))
        )
        if [names.key(piece[part.start() : part.end()]) for part in parts] != keys:
            words += [Word(key, match.start(), match.end()) for key in keys]
        else:
            words += [
                Word(key, match.start() + part.start(), match.start() + part.end())
                for key, part in zip(keys, parts, strict=True)
            ]
    return words


class Line:
    """`marks` are the runs of its words that the lexicon knows, `diseases` those that are a disease, be there an
    article about it or not. `cut_off` are words too many."""

    def __init__(self, reader: Reader, text: str, locale: str) -> None:
        self.reader = reader
        self.text = text
        self.locale = locale
        words = words_of(text)
        self.words, self.cut_off = words[:MAX_WORDS], words[MAX_WORDS:]
        self.keys = [word.key for word in self.words]
        self.marks = [mark for mark in lexicon.marks(self.keys) if not self._is_inside(mark)]
        self.diseases = [
            Part(*run) for run in self.runs() if lexicon.is_disease(" ".join(self.keys[slice(*run)]))
        ]

    def _is_inside(self, mark: Mark) -> bool:
        """Whether it only says where something begins, but inside of a name: Aix-en-Provence."""
        before = self.text[: self.words[mark.start].start]
        after = self.text[self.words[mark.end - 1].end :]
        return not mark.entry.roles & Role.DOCTORS and before.endswith("-") and after.startswith("-")

    def typed(self, start: int, end: int) -> str:
        """The text of a run of words, as it was typed."""
        return self.text[self.words[start].start : self.words[end - 1].end].strip(" \t,;.?!")

    def runs(self) -> Iterator[tuple[int, int]]:
        """All runs of words that may be a phrase: from where to before where."""
        for start in range(len(self.words)):
            for end in range(start + 1, min(start + LONGEST, len(self.words)) + 1):
                yield start, end

    @cached_property
    def known(self) -> dict[str, Acquaintance]:
        """What the index knows of each word."""
        return self.reader.acquaintance(set(self.keys), self.locale)

    @cached_property
    def roles(self) -> Role:
        """All that the lexicon says of its words."""
        roles = lexicon.NO_ROLE
        for mark in self.marks:
            roles |= mark.entry.roles
        return roles

    @cached_property
    def titles(self) -> set[int]:
        """Where a doctor's name may begin, after a title."""
        return {mark.end for mark in self.marks if mark.entry.roles & Role.TITLE}

    def free_marks(self, parts: Sequence[Part]) -> list[Mark]:
        """Those that are not in any of these."""
        return [mark for mark in self.marks if not any(part.meets(mark.start, mark.end) for part in parts)]

    def segments(self, parts: Sequence[Part]) -> list[tuple[int, int]]:
        """The runs of words between parts and marks; fillers may be inside of them, but not at their ends."""
        ends = {word for part in parts for word in part.words}
        fillers: set[int] = set()
        for mark in self.marks:
            words = range(mark.start, mark.end)
            (ends if mark.entry.roles & ~_SAYS_NOTHING or mark.entry.section else fillers).update(words)
        segments, start = [], 0
        for word in range(len(self.words) + 1):
            if word == len(self.words) or word in ends:
                first, last = start, word
                while first < last and first in fillers:
                    first += 1
                while last > first and last - 1 in fillers:
                    last -= 1
                if first < last:
                    segments.append((first, last))
                start = word + 1
        return segments
