"""Runs of words of a line that are a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from search_service import geo, names
from search_service.places.gazetteer import Gazetteer
from search_service.places.model import Resolution
from search_service.query import lexicon
from search_service.query.lexicon import Role
from search_service.query.line import Line, Part
from search_service.query.phrases import Span

# From so many letters on, words may be those of a place spelt otherwise, and its name tells it from all else.
_LIKE_A_PLACE, _TELLING = 5, 5
# Names of so many capitals are codes.
_CODE = 4
# So large a place, or so near a one, is meant even where nothing says that a place follows.
_LARGE, _NEAR_KM = 100_000, 200.0
# Of so large ones also by a code.
_FAMOUS = 1_000_000
# A part of some words is a place if it has at most so many.
_LONGEST_PLACE = 4
# More words are no place that nobody knows.
_LONGEST_UNKNOWN = 6
# What it counts that a word is explained as a place, or as one nearly; what it costs that there is no such place.
_PLACE, _NEARLY, _NONE = 3.0, 2.0, -2.0


@dataclass(frozen=True)
class Place(Part):
    """Taken for a place."""

    resolution: Resolution

    @property
    def is_bent(self) -> bool:
        """Whether it is no place, or one that is only nearly called so."""
        return self.resolution.status in ("approximate", "none")

    @property
    def score(self) -> float:
        """What it counts in a reading."""
        if self.resolution.match is None:
            return _NONE * len(self.words)
        return (_NEARLY if self.resolution.status == "approximate" else _PLACE) * len(self.words)


class Places:
    """Those of a line, as they are called in the locale `names_in`. `focus` (latitude, longitude) and `country` (alpha-2) say which of several namesakes is meant."""

    def __init__(
        self,
        line: Line,
        gazetteer: Gazetteer,
        names_in: str | None,
        focus: tuple[float, float] | None,
        country: str | None,
    ) -> None:
        self.line = line
        self.gazetteer = gazetteer
        self.names_in = names_in
        self.focus = focus
        self.country = country
        self._resolved: dict[tuple[int, int, bool], Resolution] = {}

    def find(self, spans: Sequence[Span]) -> Place | None:
        """What is a place of the words that are not in these spans. It may be one that there is not."""
        runs = map(self._without_names, self.line.segments(spans))
        segments = [run for run in runs if run[0] < run[1] and not self._is_of_disease(run)]
        expected = [run for run in segments if self._is_place_expected(run)]
        # What comes last is likelier a place than what comes first.
        rest = [run for run in reversed(segments) if run not in expected]
        is_of_doctors = bool(self.line.roles & (Role.DOCTORS | Role.HERE)) or any(
            span.is_of("specialty") for span in spans
        )
        # Or somebody tells what ails them there.
        is_ill = len(self.line.words) > 1 and any(map(lexicon.is_of_health, self.line.keys))
        is_asked = bool(spans) or is_of_doctors or is_ill
        for run in expected + rest:
            place = self._place_in(
                run,
                is_expected=run in expected,
                is_of_doctors=is_of_doctors,
                is_asked=is_asked,
                is_alone=len(segments) == 1 and not spans,
            )
            if place:
                return place
        unknown = [run for run in expected if self._may_be_unknown(*run)]
        if is_asked and unknown:
            # It should be a place, and is none: better to say so than to answer without it.
            return Place(*unknown[0], self._resolve(*unknown[0], guess=True))
        return None

    def _without_names(self, run: tuple[int, int]) -> tuple[int, int]:
        """What follows a doctor's name after a title."""
        start, end = run
        if start in self.line.titles:
            while start < end and self.line.known[self.line.keys[start]].in_names:
                start += 1
        return start, end

    def _is_of_disease(self, run: tuple[int, int]) -> bool:
        """Whether the words are a disease, whatever place is called so."""
        start, end = run
        return any(disease.start <= start and end <= disease.end for disease in self.line.diseases)

    def _place_in(
        self,
        run: tuple[int, int],
        *,
        is_expected: bool,
        is_of_doctors: bool,
        is_asked: bool,
        is_alone: bool,
    ) -> Place | None:
        """A place of these words, or of some of them. Nothing but a place may be `is_expected` after a word like "in";
        `is_asked` says that something is looked for there, `is_alone` that nothing else is said."""
        start, end = run
        for first in self._with_article(start):
            guess = first == start and self._may_guess(start, end) and (is_expected or is_of_doctors)
            resolution = self._resolve(first, end, guess=guess)
            if first < start and len(resolution.matched_name.split()) < end - first:
                # It was found without its article: La Rochelle is not Rochelle.
                continue
            if (is_expected or is_asked or is_alone) and self._is_meant(
                first, end, resolution, is_sure=is_expected or is_alone
            ):
                return Place(first, end, resolution)
        # A part of it, by its very name: what comes last, or, after a word like "in", first.
        for length in range(min(end - start - 1, _LONGEST_PLACE), 0, -1):
            part = (start, start + length) if is_expected else (end - length, end)
            if not is_expected and all(map(lexicon.is_of_every_day, self.line.keys[slice(*part)])):
                continue
            others = [self.line.keys[word] for word in range(start, end) if not part[0] <= word < part[1]]
            is_somebody = all(self.line.known[key].in_names for key in others)
            resolution = self._resolve(*part, guess=False)
            if (
                is_expected or is_asked or is_somebody or self._is_large_or_near(resolution)
            ) and self._is_meant(*part, resolution, is_sure=is_expected):
                return Place(*part, resolution)
        return None

    def _with_article(self, start: int) -> list[int]:
        """Where a name may begin: with the article before it, if there is one, or without. Los Angeles, The Hague."""
        before = [
            mark.start
            for mark in self.line.marks
            if mark.end == start and mark.end - mark.start == 1 and Role.LINK in mark.entry.roles
        ]
        return [*before, start]

    def _is_meant(self, start: int, end: int, resolution: Resolution, *, is_sure: bool) -> bool:
        """Whether words that a place is called by mean it. `is_sure`: nothing else is said, or it is expected."""
        match, typed = resolution.match, self.line.typed(start, end)
        if match is None:
            return False
        if match.kind in ("postal_code", "point"):
            return True
        name = resolution.matched_name
        if name.isupper() and len(name) <= _CODE:
            # An airport's code, or the like: her, not. NYC is called so by everybody.
            is_famous = match.population >= _FAMOUS and not self._is_plain(start, end)
            return is_famous or (is_sure and typed.isupper())
        is_own = names.key(name) in (names.key(match.name), names.key(match.ascii_name))
        if resolution.assumed == "spelling" and names.key(name)[:1] != self.line.keys[start][:1]:
            # Nobody is wrong in the first letter: Zanskar is not Ankara.
            return False
        if self._is_plain(start, end):
            is_name = (
                is_sure and typed.istitle() and not any(map(lexicon.is_of_health, self.line.keys[start:end]))
            )
            return is_own and (match.population >= _LARGE or is_name)
        is_telling = len(typed) >= _TELLING or not typed.isascii()
        return is_sure or is_own or is_telling or self._is_large_or_near(resolution)

    def _is_large_or_near(self, resolution: Resolution) -> bool:
        match = resolution.match
        if match is None:
            return False
        is_near = self.focus is not None and geo.distance_km(match.lat, match.lng, *self.focus) <= _NEAR_KM
        return is_near or match.population >= _LARGE or (self.country or "").upper() == match.country.code

    def _is_plain(self, start: int, end: int) -> bool:
        """Whether each word is one of every day or of health, and rather means that than a place: pain in hand."""
        return all(
            lexicon.is_of_every_day(key) or lexicon.is_of_health(key) for key in self.line.keys[start:end]
        )

    def _may_be_unknown(self, start: int, end: int) -> bool:
        """Whether words may be a place that is not known: not so many, and not words that everybody uses for most."""
        plain = sum(self._is_plain(word, word + 1) for word in range(start, end))
        return end - start <= _LONGEST_UNKNOWN and 2 * plain <= end - start and plain < end - start

    def _may_guess(self, start: int, end: int) -> bool:
        """Whether words may be a place spelt otherwise: nobody knows them as anything else, and they are not so short
        that anything is like them."""
        keys = self.line.keys[start:end]
        telling = [key for key in keys if not lexicon.is_of_every_day(key)]
        is_known = any(lexicon.is_of_health(key) or any(self.line.known[key][:2]) for key in telling)
        is_new = any(not any(self.line.known[key]) for key in telling)
        return is_new and not is_known and len("".join(keys).encode()) >= _LIKE_A_PLACE

    def _is_place_expected(self, segment: tuple[int, int]) -> bool:
        start, end = segment
        return any(
            (
                mark.end == start
                and mark.entry.roles & Role.PLACE_FOLLOWS
                and not mark.entry.roles & Role.FILLER
            )
            or (mark.start == end and mark.entry.roles & Role.PLACE_PRECEDES)
            for mark in self.line.marks
        )

    def _resolve(self, start: int, end: int, *, guess: bool) -> Resolution:
        if (start, end, guess) not in self._resolved:
            self._resolved[start, end, guess] = self.gazetteer.resolve_text(
                self.line.typed(start, end),
                focus=self.focus,
                country=self.country,
                locale=self.names_in,
                guess=guess,
            )
        return self._resolved[start, end, guess]

    def guessed(self) -> Place | None:
        """A place that is spelt nearly as all that was typed, as nothing else is."""
        segments = self.line.segments(())
        if len(segments) != 1 or not self._may_guess(*segments[0]):
            return None
        resolution = self._resolve(*segments[0], guess=True)
        return (
            Place(*segments[0], resolution)
            if self._is_meant(*segments[0], resolution, is_sure=True)
            else None
        )
