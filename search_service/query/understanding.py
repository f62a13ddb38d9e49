"""What a line of text asks for: intent, what and where (docs/decisions/0013-what-people-type.md).

Rules over the protocol of the index and the gazetteer: they know no engine. Nothing is guessed silently: what was
corrected or completed says so, and what is found by text alone is not taken for understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

from search_service import geo, names
from search_service.index.protocol import FORMS, Acquaintance, Form, Match, Ranked, Reader
from search_service.places.gazetteer import Gazetteer
from search_service.places.model import Resolution
from search_service.query import lexicon
from search_service.query.lexicon import Mark, Role
from search_service.query.spelling import corrections, may_be_wrong

# So many words of a text are looked at; more are no search.
MAX_WORDS = 20
# No phrase has more words.
_LONGEST = 8
# So many ways to write a run of words are looked up.
_SPELLINGS = 12
# So many phrases are tried as the what of a text, the longest first.
_TRIED = 6
# From so many letters on, the beginning of a phrase stands for it, if it is not that of too many.
_BEGINNING, _FEW = 4, 3
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
# What matches only exactly and has so few letters is not looked for in texts.
_SHORT = 4
# A word of so many letters may be two that were run together, each of so many at least.
_TWO_WORDS, _LEAST_WORD = 7, 3
# So many conditions are found by their text.
FOUND_BY_TEXT = 10
# So many alternatives are given.
OFFERED = 5

# What it counts that a word is explained: as part of a phrase, as a place, as a place nearly, by the lexicon; what it
# costs that it is not, and that a letter must be changed.
_PHRASE, _PLACE, _NEARLY, _MARK, _UNEXPLAINED, _LETTER = 4.0, 3.0, 2.0, 1.0, -2.0, -1.0
# A word less for the beginning of a phrase than for all of it.
_BEGUN = 2.5
# Rather a name than what is typed by those who look for it.
_BY_FORM = {form: -0.1 * number for number, form in enumerate(FORMS)}

_SAYS_NOTHING = Role.FILLER | Role.LINK
# The forms of phrases that are names.
_NAMES: tuple[Form, ...] = ("name", "alternate_name")

Assumption = Literal["spelling", "completion", "part"]
Status = Literal["exact", "ambiguous", "approximate", "chosen", "text", "none"]


class Intent(NamedTuple):
    """`section` is the health aspect of the article that is asked for; `text` what says so, if anything does."""

    value: Literal["doctors", "article"]
    section: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class What:
    """What is looked for.

    exact: `matches` begins with what was named. ambiguous: with the likeliest of several that the text names.
    approximate: the text had to be bent, as `assumed` says: words were corrected, a name was completed, or words that
    tell more were left out (`part`). chosen: a parameter says it. text: nothing is named, but
    the texts of `found` fit. none: nothing fits.

    `matches` are entities of kind condition or specialty, the first understood, then alternatives. `specialty` is
    named beside a condition. `name` are words of a doctor's name, beside these or alone.
    """

    status: Status
    text: str
    matches: tuple[Match, ...] = ()
    assumed: Assumption | None = None
    specialty: Match | None = None
    name: tuple[str, ...] = ()
    found: tuple[Ranked, ...] = ()


@dataclass(frozen=True, slots=True)
class Where:
    """`here`: near to whoever asks. Else the `resolution` of `text`."""

    text: str
    resolution: Resolution | None = None
    here: bool = False


@dataclass(frozen=True, slots=True)
class Understanding:
    """`did_you_mean` is the text as it was taken, where something was corrected; `unused` are words of no use."""

    intent: Intent
    what: What | None
    where: Where | None
    did_you_mean: str | None
    unused: tuple[str, ...]


class Word(NamedTuple):
    """A folded word, and where in the text it stands."""

    key: str
    start: int
    end: int


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
class Part:
    """The words of a text from `start` to before `end`."""

    start: int
    end: int

    @property
    def words(self) -> range:
        return range(self.start, self.end)

    def meets(self, start: int, end: int) -> bool:
        return self.start < end and start < self.end


@dataclass(frozen=True)
class Span(Part):
    """Taken for a phrase: `letters` were changed to write them so."""

    matches: tuple[Match, ...]
    written: tuple[str, ...]
    letters: int = 0
    assumed: Assumption | None = None

    @property
    def score(self) -> float:
        explained = _BEGUN if self.assumed == "completion" else _PHRASE
        return explained * len(self.words) + _LETTER * self.letters + _BY_FORM[self.matches[0].phrase.form]


@dataclass(frozen=True)
class Place(Part):
    """Taken for a place."""

    resolution: Resolution


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to take the text."""

    spans: tuple[Span, ...]
    place: Place | None
    unexplained: tuple[int, ...]
    score: float

    @property
    def parts(self) -> list[Part]:
        return [*self.spans, *([self.place] if self.place else [])]


def understand(
    reader: Reader,
    gazetteer: Gazetteer,
    text: str,
    locale: str,
    *,
    focus: tuple[float, float] | None = None,
    country: str | None = None,
) -> Understanding:
    """What `text` asks for. `focus` (latitude, longitude) and `country` (alpha-2) say which of several places of a
    name is meant."""
    return _Text(reader, gazetteer, text, locale, focus, country).understood()


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


class _Text:
    """A text that is being understood."""

    def __init__(
        self,
        reader: Reader,
        gazetteer: Gazetteer,
        text: str,
        locale: str,
        focus: tuple[float, float] | None,
        country: str | None,
    ) -> None:
        self.reader = reader
        self.gazetteer = gazetteer
        self.text = text
        self.locale = locale
        self.focus = focus
        self.country = country
        words = words_of(text)
        self.words, self.cut_off = words[:MAX_WORDS], words[MAX_WORDS:]
        self.keys = [word.key for word in self.words]
        self.marks = [mark for mark in lexicon.marks(self.keys) if not self._is_inside(mark)]
        self._resolved: dict[tuple[int, int, bool], Resolution] = {}
        # Diseases of which the index may know a part only: pulmonary hypertension.
        self.diseases = [
            Part(*run) for run in self._runs() if lexicon.is_disease(" ".join(self.keys[slice(*run)]))
        ]

    # The whole

    def understood(self) -> Understanding:
        reading = self._best(self._exact)
        named = self._named(reading)
        if reading.unexplained and not named:
            reading = self._bent(reading)
        what = self._what(reading, named)
        if what and what.status == "none" and not what.name and (place := self._guessed()):
            reading, what = self._with(place), None
        where = self._where(reading)
        intent = self._intent(reading, what, where)
        used = set(range(len(self.words))) if what and what.status == "text" else set(named)
        return Understanding(intent, what, where, self._did_you_mean(reading), self._unused(reading, used))

    def _is_inside(self, mark: Mark) -> bool:
        """Whether it only says where something begins, but inside of a name: Aix-en-Provence."""
        before = self.text[: self.words[mark.start].start]
        after = self.text[self.words[mark.end - 1].end :]
        return not mark.entry.roles & Role.DOCTORS and before.endswith("-") and after.startswith("-")

    def _guessed(self) -> Place | None:
        """A place that is spelt nearly as all that was typed, as nothing else is."""
        segments = self._segments(())
        if len(segments) != 1 or not self._may_guess(*segments[0]):
            return None
        resolution = self._resolve(*segments[0], guess=True)
        return (
            Place(*segments[0], resolution)
            if self._is_meant(*segments[0], resolution, is_sure=True)
            else None
        )

    def _bent(self, exact: Reading) -> Reading:
        """As `exact`, or better if words are corrected or phrases completed."""
        likely = self._corrections(exact)
        corrected = self._best(self._exact + self._corrected_spans(likely) + self._joined_spans())
        best = corrected if corrected.score > exact.score else exact
        if best.unexplained and not best.spans:
            completed = self._best(self._completed_spans(best, likely))
            # A part of what was typed that happens to begin a name means nothing.
            if completed.spans and not completed.unexplained:
                return completed
        return best

    def _slice(self, start: int, end: int) -> str:
        """The text of a run of words, as it was typed."""
        return self.text[self.words[start].start : self.words[end - 1].end].strip(" \t,;.?!")

    # Phrases

    @cached_property
    def _exact(self) -> list[Span]:
        return self._looked_up({run: [Written(self.keys[slice(*run)])] for run in self._runs()})

    def _runs(self) -> Iterator[tuple[int, int]]:
        for start in range(len(self.words)):
            for end in range(start + 1, min(start + _LONGEST, len(self.words)) + 1):
                yield start, end

    def _looked_up(self, ways: Mapping[tuple[int, int], Sequence[Written]]) -> list[Span]:
        """The runs that are a phrase, in the first of these ways to write them."""
        keys = {key for some in ways.values() for way in some for key in (way.key, _singular(way.words))}
        found: dict[str, list[Match]] = {}
        for match in self.reader.phrases(keys, self.locale):
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

    def _corrections(self, reading: Reading) -> Corrections:
        """By its place, what a word may have been that nobody knows and that is of no use, or only nearly a place."""
        places = set(reading.unexplained)
        if reading.place and reading.place.resolution.status == "approximate":
            places.update(reading.place.words)
        return {
            place: found
            for place in sorted(places)
            if may_be_wrong(self.keys[place], self._known[self.keys[place]])
            and (found := corrections(self.reader, self.keys[place], _NAMES))
        }

    def _corrected_spans(self, likely: Corrections) -> list[Span]:
        """The runs that are a phrase when words in them are corrected."""
        return self._looked_up(
            {
                (start, end): self._spellings(start, end, likely)
                for start, end in self._runs()
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
                    for word, letters in likely.get(place, [(self.keys[place], 0)])
                ),
                key=lambda way: way.letters,
            )[:_SPELLINGS]
        return ways

    def _joined_spans(self) -> list[Span]:
        """Two words that are one, and one that is two: fibro myalgia, restlesslegs."""
        ways = {
            (start, start + 2): [Written(["".join(self.keys[start : start + 2])], 1)]
            for start in range(len(self.words) - 1)
        }
        for place, word in enumerate(self.keys):
            if len(word) >= _TWO_WORDS and may_be_wrong(word, self._known[word]):
                cuts = range(_LEAST_WORD, len(word) - _LEAST_WORD + 1)
                halves = [[word[:cut], word[cut:]] for cut in cuts]
                known = self.reader.acquaintance({half for both in halves for half in both}, self.locale)
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

    def _completed_spans(self, reading: Reading, likely: Corrections) -> list[Span]:
        """What is left, as the beginning or a part of phrases, if it is not that of too many."""
        spans = []
        for start, end in self._segments(reading.spans, reading.place):
            # Words that everybody uses mean no illness: lung, skin.
            keys = self.keys[start:end]
            if (
                len(keys) > _LONGEST
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
            for match in self.reader.completions(kind, way.words, self.locale, _FEW + 1)
            if match.phrase.key.startswith(way.key)
            or (not way.letters and match.phrase.form != "search_phrase")
            if not way.letters or match.phrase.form in _NAMES
            # Written just so, it was found already.
            if not match.phrase.exact_only
        ]
        return tuple(found) if len(found) <= _FEW else ()

    @cached_property
    def _known(self) -> dict[str, Acquaintance]:
        """What the index knows of each word."""
        return self.reader.acquaintance(set(self.keys), self.locale)

    # Readings

    def _best(self, spans: list[Span]) -> Reading:
        spans = sorted(filter(self._is_whole, spans), key=lambda span: -span.score)[:_TRIED]
        # A condition and the specialty that is to treat it, or two conditions.
        pairs = [
            (one, other)
            for at, one in enumerate(spans)
            for other in spans[:at] + spans[at + 1 :]
            if _is(one, "condition") and not one.meets(other.start, other.end)
        ]
        tried = [(), *((span,) for span in spans), *pairs]
        allowed = [some for parts in tried if (some := self._allowed(parts)) is not None]
        return max(map(self._read, allowed), key=lambda reading: reading.score)

    def _is_whole(self, span: Span) -> bool:
        """Not a part of what is another disease, nor a word that says nothing."""
        is_part = any(
            disease.start <= span.start and span.end <= disease.end and len(disease.words) > len(span.words)
            for disease in self.diseases
        )
        is_filler = any(
            mark.start <= span.start and span.end <= mark.end and Role.FILLER in mark.entry.roles
            for mark in self.marks
        )
        return not is_part and not is_filler

    def _allowed(self, spans: tuple[Span, ...]) -> tuple[Span, ...] | None:
        """Without what matches only exactly, if more is said than that, intent and where; None if nothing else does."""
        if not any(match.phrase.exact_only for span in spans for match in span.matches):
            return spans
        if len(spans) == 1 and self._is_all(spans):
            return spans
        others = tuple(
            replace(span, matches=tuple(match for match in span.matches if not match.phrase.exact_only))
            for span in spans
        )
        return others if all(span.matches for span in others) else None

    def _is_all(self, spans: tuple[Span, ...]) -> bool:
        reading = self._read(spans)
        is_bent = reading.place is not None and reading.place.resolution.status in ("approximate", "none")
        is_more = any(
            Role.FILLER in mark.entry.roles and not mark.entry.roles & (Role.LINK | Role.PLACE_FOLLOWS)
            for mark in self._free_marks(reading.parts)
        )
        return not (reading.unexplained or is_bent or is_more)

    def _free_marks(self, parts: Sequence[Part]) -> list[Mark]:
        """Those that are not in any of these."""
        return [mark for mark in self.marks if not any(part.meets(mark.start, mark.end) for part in parts)]

    def _read(self, spans: tuple[Span, ...]) -> Reading:
        return self._with(self._place(spans), spans)

    def _with(self, place: Place | None, spans: tuple[Span, ...] = ()) -> Reading:
        taken = {word for part in (*spans, *([place] if place else [])) for word in part.words}
        marked = {word for mark in self.marks for word in range(mark.start, mark.end)} - taken
        unexplained = tuple(word for word in range(len(self.words)) if word not in taken | marked)
        score = sum(span.score for span in spans) + _MARK * len(marked) + _UNEXPLAINED * len(unexplained)
        if place and place.resolution.match:
            nearly = place.resolution.status == "approximate"
            score += (_NEARLY if nearly else _PLACE) * len(place.words)
        elif place:
            score += _UNEXPLAINED * len(place.words)
        return Reading(spans, place, unexplained, score)

    def _segments(self, spans: Sequence[Span], place: Place | None = None) -> list[tuple[int, int]]:
        """The runs of words between spans and marks; fillers may be inside of them, but not at their ends."""
        parts = [*spans, *([place] if place else [])]
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

    # Places

    def _place(self, spans: tuple[Span, ...]) -> Place | None:
        runs = map(self._without_names, self._segments(spans))
        segments = [run for run in runs if run[0] < run[1] and not self._is_of_disease(run)]
        expected = [run for run in segments if self._is_place_expected(run)]
        # What comes last is likelier a place than what comes first.
        rest = [run for run in reversed(segments) if run not in expected]
        is_of_doctors = bool(self._roles & (Role.DOCTORS | Role.HERE)) or any(
            _is(span, "specialty") for span in spans
        )
        # Or somebody tells what ails them there.
        is_ill = len(self.words) > 1 and any(map(lexicon.is_of_health, self.keys))
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
        unknown = [run for run in expected if not self._is_plain(*run)]
        if is_asked and unknown:
            # It should be a place, and is none: better to say so than to answer without it.
            return Place(*unknown[0], self._resolve(*unknown[0], guess=True))
        return None

    def _without_names(self, run: tuple[int, int]) -> tuple[int, int]:
        """What follows a doctor's name after a title."""
        start, end = run
        if start in self._titles:
            while start < end and self._known[self.keys[start]].in_names:
                start += 1
        return start, end

    def _is_of_disease(self, run: tuple[int, int]) -> bool:
        """Whether the words are a disease, whatever place is called so."""
        start, end = run
        return any(disease.start <= start and end <= disease.end for disease in self.diseases)

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
            if not is_expected and all(map(lexicon.is_of_every_day, self.keys[slice(*part)])):
                continue
            others = [self.keys[word] for word in range(start, end) if not part[0] <= word < part[1]]
            is_somebody = all(self._known[key].in_names for key in others)
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
            for mark in self.marks
            if mark.end == start and mark.end - mark.start == 1 and Role.LINK in mark.entry.roles
        ]
        return [*before, start]

    def _is_meant(self, start: int, end: int, resolution: Resolution, *, is_sure: bool) -> bool:
        """Whether words that a place is called by mean it. `is_sure`: nothing else is said, or it is expected."""
        match, typed = resolution.match, self._slice(start, end)
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
        if resolution.assumed == "spelling" and names.key(name)[:1] != self.keys[start][:1]:
            # Nobody is wrong in the first letter: Zanskar is not Ankara.
            return False
        if self._is_plain(start, end):
            is_name = is_sure and typed.istitle() and not any(map(lexicon.is_of_health, self.keys[start:end]))
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
        return all(lexicon.is_of_every_day(key) or lexicon.is_of_health(key) for key in self.keys[start:end])

    def _may_guess(self, start: int, end: int) -> bool:
        """Whether words may be a place spelt otherwise: nobody knows them as anything else, and they are not so short
        that anything is like them."""
        keys = self.keys[start:end]
        telling = [key for key in keys if not lexicon.is_of_every_day(key)]
        is_known = any(lexicon.is_of_health(key) or any(self._known[key][:2]) for key in telling)
        is_new = any(not any(self._known[key]) for key in telling)
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
            for mark in self.marks
        )

    def _resolve(self, start: int, end: int, *, guess: bool) -> Resolution:
        if (start, end, guess) not in self._resolved:
            self._resolved[start, end, guess] = self.gazetteer.resolve_text(
                self._slice(start, end), focus=self.focus, country=self.country, guess=guess
            )
        return self._resolved[start, end, guess]

    # The parts

    @cached_property
    def _roles(self) -> Role:
        roles = lexicon.NO_ROLE
        for mark in self.marks:
            roles |= mark.entry.roles
        return roles

    @cached_property
    def _titles(self) -> set[int]:
        """Where a doctor's name may begin, after a title."""
        return {mark.end for mark in self.marks if mark.entry.roles & Role.TITLE}

    def _named(self, reading: Reading) -> tuple[int, ...]:
        """The places of words that are a doctor's name: those after a title, else those that are nothing else."""
        for start, end in self._segments(reading.spans, reading.place):
            known = [self._known[key] for key in self.keys[start:end]]
            if start in self._titles and (not reading.spans or known[0].in_names):
                return tuple(range(start, end))
            if not reading.spans and all(
                word.in_names and not word.in_texts and not word.in_phrases for word in known
            ):
                return tuple(range(start, end))
        return ()

    def _what(self, reading: Reading, named: tuple[int, ...]) -> What | None:
        """What is looked for."""
        name = tuple(dict.fromkeys(self.keys[word] for word in named))
        if reading.spans:
            return replace(self._of_spans(reading), name=name)
        if named:
            return What("exact", self._slice(named[0], named[-1] + 1), name=name)
        told = [self.keys[word] for word in reading.unexplained]
        is_somewhere = reading.place is not None or self._roles & (Role.DOCTORS | Role.HERE)
        if not told or (is_somewhere and not any(map(self._tells, told))):
            # Whoever is there will do: what is left says nothing of an illness.
            return None
        # Short words that match only exactly are too easily another: hd video.
        dangerous = {
            match.phrase.key
            for match in self.reader.phrases(told, self.locale)
            if match.phrase.exact_only and len(match.phrase.key) <= _SHORT
        }
        words = [word for word in told if word not in dangerous]
        words = [word for word in words if not lexicon.is_neutral(word)] or words
        found = self.reader.full_text("condition", lexicon.synonyms(words), self.locale, FOUND_BY_TEXT)
        text = self._slice(reading.unexplained[0], reading.unexplained[-1] + 1)
        return What("text" if found else "none", text, found=tuple(found))

    def _tells(self, key: str) -> bool:
        """Whether a word may tell what somebody has."""
        known = self._known[key]
        return lexicon.is_of_health(key) or (
            bool(known.in_phrases or known.in_texts) and not lexicon.is_of_every_day(key)
        )

    def _of_spans(self, reading: Reading) -> What:
        main, *others = reading.spans
        first = main.matches[0]
        second = next((span for span in others if _is(span, "condition")), None)
        rivals = [match for match in main.matches[1:] if match.phrase.form == first.phrase.form]
        status: Status = "approximate" if main.assumed else "exact"
        assumed = main.assumed
        if not assumed and any(self._tells(self.keys[word]) for word in reading.unexplained):
            status, assumed = "approximate", "part"
        if rivals or second:
            status = "ambiguous"
        matches = [first, *(second.matches[:1] if second else ()), *main.matches[1:]]
        return What(
            status,
            self._slice(main.start, main.end),
            tuple(matches[: OFFERED + 1]),
            assumed,
            specialty=next((span.matches[0] for span in others if _is(span, "specialty")), None),
        )

    def _where(self, reading: Reading) -> Where | None:
        if reading.place:
            return Where(self._slice(reading.place.start, reading.place.end), reading.place.resolution)
        for mark in self._asked(reading):
            if mark.entry.roles & Role.HERE:
                return Where(self._slice(mark.start, mark.end), here=True)
        return None

    def _asked(self, reading: Reading) -> Iterator[Mark]:
        """The marks that say what is wanted: not those that are part of a name."""
        parts = [
            part
            for part in reading.parts
            if not isinstance(part, Span) or part.matches[0].phrase.form != "search_phrase"
        ]
        yield from self._free_marks(parts)

    def _intent(self, reading: Reading, what: What | None, where: Where | None) -> Intent:
        asked = [*self._asked(reading)]
        for mark in asked:
            if mark.entry.section:
                return Intent("article", mark.entry.section, self._slice(mark.start, mark.end))
        for mark in asked:
            if mark.entry.roles & (Role.DOCTORS | Role.HERE):
                return Intent("doctors", None, self._slice(mark.start, mark.end))
        for mark in asked:
            if mark.entry.roles & Role.ARTICLE:
                return Intent("article", None, self._slice(mark.start, mark.end))
        is_article = (
            what is not None and not what.name and not (what.matches and what.matches[0].kind == "specialty")
        )
        return Intent("article" if is_article and where is None else "doctors")

    def _unused(self, reading: Reading, used: set[int]) -> tuple[str, ...]:
        left = [self.words[word] for word in reading.unexplained if word not in used] + self.cut_off
        return tuple(dict.fromkeys(self.text[word.start : word.end] for word in left))

    def _did_you_mean(self, reading: Reading) -> str | None:
        """The text with what was corrected in its place."""
        instead: list[tuple[int, int, str]] = []
        for span in reading.spans:
            if span.letters:
                phrase = span.matches[0].phrase
                whole = phrase.text if phrase.key == " ".join(span.written) else " ".join(span.written)
                instead.append((self.words[span.start].start, self.words[span.end - 1].end, whole))
        place = reading.place
        if place and place.resolution.match and place.resolution.assumed == "spelling":
            instead.append(
                (
                    self.words[place.start].start,
                    self.words[place.end - 1].end,
                    place.resolution.matched_name or place.resolution.match.name,
                )
            )
        if not instead:
            return None
        text, at = "", 0
        for start, end, whole in sorted(instead):
            text, at = text + self.text[at:start] + whole, end
        return text + self.text[at:]


def _is(span: Span, kind: str) -> bool:
    return span.matches[0].kind == kind


def _singular(words: Sequence[str]) -> str:
    """Neurologists, migraines: as one, if the last word may be several."""
    *rest, last = words
    return (
        " ".join([*rest, last[:-1]])
        if len(last) > 4 and last.endswith("s") and not last.endswith("ss")
        else ""
    )
