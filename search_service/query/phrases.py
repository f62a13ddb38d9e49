"""Runs of words of a line that mean a condition or specialty: as they are written, corrected, or completed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from search_service.index.protocol import FORMS, Form, Match
from search_service.query import lexicon
from search_service.query.line import LONGEST, Line, Part
from search_service.query.spelling import corrections, may_be_wrong

# So many ways to write a run of words are looked up.
_SPELLINGS = 12
# From so many letters on, the beginning of a phrase stands for it, if it is not that of too many.
_BEGINNING, _FEW = 4, 3
# A word of so many letters may be two that were run together, each of so many at least.
_TWO_WORDS, _LEAST_WORD = 7, 3
# What it counts that a word is explained as part of a phrase, and of the beginning of one; what it costs that a letter
# must be changed.
_PHRASE, _BEGUN, _LETTER = 4.0, 2.5, -1.0
# Rather a name than what is typed by those who look for it.
_BY_FORM = {form: -0.1 * number for number, form in enumerate(FORMS)}
# The forms of phrases that are names.
_NAMES: tuple[Form, ...] = ("name", "alternate_name")

Assumption = Literal["spelling", "completion", "part"]


class Written(NamedTuple):
    """Words, with so many letters changed."""

    words: Sequence[str]
    letters: int = 0

    @property
    def key(self) -> str:
        return " ".join(self.words)


# By the place of a word, what it may have been, and how many letters differ.
Corrections = Mapping[int, Sequence[tuple[str, int]]]


@dataclass(frozen=True)
class Span(Part):
    """Taken for a phrase: `letters` were changed to write them so."""

    matches: tuple[Match, ...]
    written: tuple[str, ...]
    letters: int = 0
    assumed: Assumption | None = None

    def is_of(self, kind: str) -> bool:
        """Whether it means something of this kind."""
        return self.matches[0].kind == kind

    @property
    def score(self) -> float:
        """What it counts in a reading."""
        explained = _BEGUN if self.assumed == "completion" else _PHRASE
        return explained * len(self.words) + _LETTER * self.letters + _BY_FORM[self.matches[0].phrase.form]


class Phrases:
    """Those of a line."""

    def __init__(self, line: Line) -> None:
        self.line = line

    @cached_property
    def exact(self) -> list[Span]:
        """The runs that are a phrase as they are written."""
        return self._looked_up({run: [Written(self.line.keys[slice(*run)])] for run in self.line.runs()})

    def _looked_up(self, ways: Mapping[tuple[int, int], Sequence[Written]]) -> list[Span]:
        """The runs that are a phrase, in the first of these ways to write them."""
        keys = {key for some in ways.values() for way in some for key in (way.key, _singular(way.words))}
        found: dict[str, list[Match]] = {}
        for match in self.line.reader.phrases(keys, self.line.locale):
            found.setdefault(match.phrase.key, []).append(match)
        spans = []
        for (start, end), some in ways.items():
            for way in some:
                matches = found.get(way.key, [])
                if way.letters or not matches:
                    # What matches only exactly means nothing but what is written just so.
                    matches = [
                        match
                        for match in matches or found.get(_singular(way.words), [])
                        if not match.phrase.exact_only
                    ]
                if matches:
                    assumed: Assumption | None = "spelling" if way.letters else None
                    spans.append(Span(start, end, tuple(matches), tuple(way.words), way.letters, assumed))
                    break
        return spans

    def corrections(self, places: Collection[int]) -> Corrections:
        """What words at these places may have been that nobody knows."""
        return {
            place: found
            for place in sorted(places)
            if may_be_wrong(self.line.keys[place], self.line.known[self.line.keys[place]])
            and (found := corrections(self.line.reader, self.line.keys[place], _NAMES))
        }

    def corrected(self, likely: Corrections) -> list[Span]:
        """The runs that are a phrase when words in them are corrected."""
        return self._looked_up(
            {
                (start, end): self._spellings(start, end, likely)
                for start, end in self.line.runs()
                if any(place in likely for place in range(start, end))
            }
        )

    def _spellings(self, start: int, end: int, likely: Corrections) -> list[Written]:
        """The ways to write a run, those with the fewest letters changed."""
        ways = [Written([])]
        for place in range(start, end):
            # What is not among the first as far as here cannot be among them in the end: letters only add up.
            ways = sorted(
                (
                    Written([*way.words, word], way.letters + letters)
                    for way in ways
                    for word, letters in likely.get(place, [(self.line.keys[place], 0)])
                ),
                key=lambda way: way.letters,
            )[:_SPELLINGS]
        return ways

    def joined(self) -> list[Span]:
        """Two words that are one, and one that is two: fibro myalgia, restlesslegs."""
        ways = {
            (start, start + 2): [Written(["".join(self.line.keys[start : start + 2])], 1)]
            for start in range(len(self.line.words) - 1)
        }
        for place, word in enumerate(self.line.keys):
            if len(word) >= _TWO_WORDS and may_be_wrong(word, self.line.known[word]):
                cuts = range(_LEAST_WORD, len(word) - _LEAST_WORD + 1)
                halves = [[word[:cut], word[cut:]] for cut in cuts]
                known = self.line.reader.acquaintance(
                    {half for both in halves for half in both}, self.line.locale
                )
                likely = [both for both in halves if all(known[half].in_phrases for half in both)]
                ways[place, place + 1] = [Written(both, 1) for both in likely]
        return self._looked_up(ways) + self._completions_of(ways)

    def _completions_of(self, ways: Mapping[tuple[int, int], Sequence[Written]]) -> list[Span]:
        return [
            Span(start, end, matches, tuple(way.words), way.letters, "spelling")
            for (start, end), some in ways.items()
            for way in some
            if len(way.words) > 1 and (matches := self._completions(way))
        ]

    def completed(self, segments: Sequence[tuple[int, int]], likely: Corrections) -> list[Span]:
        """Runs that are the beginning or a part of phrases, if it is not that of too many."""
        spans = []
        for start, end in segments:
            # Words that everybody uses mean no illness: lung, skin.
            keys = self.line.keys[start:end]
            if (
                len(keys) > LONGEST
                or sum(map(len, keys)) < _BEGINNING
                or all(map(lexicon.is_of_every_day, keys))
            ):
                continue
            for way in self._spellings(start, end, likely):
                if matches := self._completions(way):
                    assumed: Assumption = "spelling" if way.letters else "completion"
                    spans.append(Span(start, end, matches, tuple(way.words), way.letters, assumed))
                    break
        return spans

    def _completions(self, way: Written) -> tuple[Match, ...]:
        """Phrases that begin so, and names that have these words anywhere. What was corrected only begins names."""
        found = [
            match
            for kind in ("condition", "specialty")
            for match in self.line.reader.completions(kind, way.words, self.line.locale, _FEW + 1)
            if match.phrase.key.startswith(way.key)
            or (not way.letters and match.phrase.form != "search_phrase")
            if not way.letters or match.phrase.form in _NAMES
            # Written just so, it was found already.
            if not match.phrase.exact_only
        ]
        return tuple(found) if len(found) <= _FEW else ()


def _singular(words: Sequence[str]) -> str:
    """Neurologists, migraines: as one, if the last word may be several."""
    *rest, last = words
    return (
        " ".join([*rest, last[:-1]])
        if len(last) > 4 and last.endswith("s") and not last.endswith("ss")
        else ""
    )
