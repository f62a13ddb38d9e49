"""What a line of text asks for: intent, what and where (docs/decisions/0013-what-people-type.md).

Rules over the protocol of the index and the gazetteer: they know no engine. Nothing is guessed silently: what was
corrected or completed says so, and what is found by text alone is not taken for understood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from search_service.index.protocol import Match, Ranked, Reader
from search_service.places.gazetteer import Gazetteer
from search_service.places.model import Resolution
from search_service.query import lexicon
from search_service.query.lexicon import Mark, Role
from search_service.query.line import Line, Part
from search_service.query.phrases import Assumption, Phrases, Span
from search_service.query.whereabouts import Place, Places

# So many phrases are tried as the what of a line, the likeliest first.
_TRIED = 6
# What matches only exactly and has so few letters is not looked for in texts.
_SHORT = 4
# So many conditions are found by their text.
FOUND_BY_TEXT = 10
# So many alternatives are given.
OFFERED = 5
# What it counts that a word is explained by the lexicon, and what it costs that it is by nothing.
_MARK, _UNEXPLAINED = 1.0, -2.0

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
    names_in: str | None = None,
    focus: tuple[float, float] | None = None,
    country: str | None = None,
) -> Understanding:
    """What `text` asks for, with places as they are called in the locale `names_in`. `focus` (latitude, longitude) and `country` (alpha-2) say which of several places of a
    name is meant."""
    line = Line(reader, text, locale)
    return _Understanding(line, Places(line, gazetteer, names_in, focus, country)).understood()


class _Understanding:
    """Of one line."""

    def __init__(self, line: Line, places: Places) -> None:
        self.line = line
        self.phrases = Phrases(line)
        self.places = places

    def understood(self) -> Understanding:
        reading = self._best(self.phrases.exact)
        named = self._named(reading)
        if reading.unexplained and not named:
            reading = self._bent(reading)
        what = self._what(reading, named)
        if what and what.status == "none" and not what.name and (place := self.places.guessed()):
            reading, what = self._with(place), None
        where = self._where(reading)
        intent = self._intent(reading, what, where)
        used = set(range(len(self.line.words))) if what and what.status == "text" else set(named)
        return Understanding(intent, what, where, self._did_you_mean(reading), self._unused(reading, used))

    def _bent(self, exact: Reading) -> Reading:
        """As `exact`, or better if words are corrected or phrases completed."""
        doubtful = set(exact.unexplained)
        if exact.place and exact.place.resolution.status == "approximate":
            doubtful.update(exact.place.words)
        likely = self.phrases.corrections(doubtful)
        corrected = self._best(self.phrases.exact + self.phrases.corrected(likely) + self.phrases.joined())
        best = corrected if corrected.score > exact.score else exact
        if best.unexplained and not best.spans:
            completed = self._best(self.phrases.completed(self.line.segments(best.parts), likely))
            # A part of what was typed that happens to begin a name means nothing.
            if completed.spans and not completed.unexplained:
                return completed
        return best

    # Readings

    def _best(self, spans: list[Span]) -> Reading:
        spans = sorted(filter(self._is_whole, spans), key=lambda span: -span.score)[:_TRIED]
        # A condition and the specialty that is to treat it, or two conditions.
        pairs = [
            (one, other)
            for at, one in enumerate(spans)
            for other in spans[:at] + spans[at + 1 :]
            if one.is_of("condition") and not one.meets(other.start, other.end)
        ]
        tried = [(), *((span,) for span in spans), *pairs]
        allowed = [some for parts in tried if (some := self._allowed(parts)) is not None]
        return max(map(self._read, allowed), key=lambda reading: reading.score)

    def _is_whole(self, span: Span) -> bool:
        """Not a part of what is another disease, nor a word that says nothing."""
        is_part = any(
            disease.start <= span.start and span.end <= disease.end and len(disease.words) > len(span.words)
            for disease in self.line.diseases
        )
        is_filler = any(
            mark.start <= span.start and span.end <= mark.end and Role.FILLER in mark.entry.roles
            for mark in self.line.marks
        )
        return not is_part and not is_filler

    def _allowed(self, spans: tuple[Span, ...]) -> tuple[Span, ...] | None:
        """Without what matches only exactly, if more is said than that, intent and where, or if it is written as a word of
        every day; None if nothing else does."""
        if not any(match.phrase.exact_only for span in spans for match in span.matches):
            return spans
        if len(spans) == 1 and self._is_all(spans):
            return self._without(spans, self._is_every_days)
        return self._without(spans, lambda span, match: True)

    def _without(
        self, spans: tuple[Span, ...], is_out: Callable[[Span, Match], bool]
    ) -> tuple[Span, ...] | None:
        """Without those that match only exactly and are out; None if a span is left without any."""
        others = tuple(
            replace(
                span,
                matches=tuple(
                    match for match in span.matches if not (match.phrase.exact_only and is_out(span, match))
                ),
            )
            for span in spans
        )
        return others if all(span.matches for span in others) else None

    def _is_every_days(self, span: Span, match: Match) -> bool:
        """Whether an abbreviation is written as the word of every day that it spells: cold, wed. One that says nothing of
        health still means it where nobody is looked for and no place is named."""
        key, name = match.phrase.key, match.phrase.text
        if not lexicon.spells_a_word(name, key):
            return False
        # Capitals say nothing where all is written in them.
        is_shouted = self.line.text.isupper() and len(self.line.words) > 1
        if self.line.typed(span.start, span.end) == name and not is_shouted:
            return False
        is_about_it = not self.line.roles & (Role.DOCTORS | Role.HERE) and self.places.find((span,)) is None
        return not (lexicon.is_neutral(key) and is_about_it)

    def _is_all(self, spans: tuple[Span, ...]) -> bool:
        reading = self._read(spans)
        is_bent = reading.place is not None and reading.place.is_bent
        is_more = any(
            Role.FILLER in mark.entry.roles and not mark.entry.roles & (Role.LINK | Role.PLACE_FOLLOWS)
            for mark in self.line.free_marks(reading.parts)
        )
        return not (reading.unexplained or is_bent or is_more)

    def _read(self, spans: tuple[Span, ...]) -> Reading:
        return self._with(self.places.find(spans), spans)

    def _with(self, place: Place | None, spans: tuple[Span, ...] = ()) -> Reading:
        taken = {word for part in (*spans, *([place] if place else [])) for word in part.words}
        marked = {word for mark in self.line.marks for word in range(mark.start, mark.end)} - taken
        unexplained = tuple(word for word in range(len(self.line.words)) if word not in taken | marked)
        score = sum(span.score for span in spans) + _MARK * len(marked) + _UNEXPLAINED * len(unexplained)
        if place:
            score += place.score
        return Reading(spans, place, unexplained, score)

    # The parts

    def _named(self, reading: Reading) -> tuple[int, ...]:
        """The places of words that are a doctor's name: those after a title, else those that are nothing else."""
        for start, end in self.line.segments(reading.parts):
            known = [self.line.known[key] for key in self.line.keys[start:end]]
            if start in self.line.titles and (not reading.spans or known[0].in_names):
                return tuple(range(start, end))
            if not reading.spans and all(
                word.in_names and not word.in_texts and not word.in_phrases for word in known
            ):
                return tuple(range(start, end))
        return ()

    def _what(self, reading: Reading, named: tuple[int, ...]) -> What | None:
        """What is looked for."""
        name = tuple(dict.fromkeys(self.line.keys[word] for word in named))
        if reading.spans:
            return replace(self._of_spans(reading), name=name)
        if named:
            return What("exact", self.line.typed(named[0], named[-1] + 1), name=name)
        told = [self.line.keys[word] for word in reading.unexplained]
        is_somewhere = reading.place is not None or self.line.roles & (Role.DOCTORS | Role.HERE)
        if not told or (is_somewhere and not any(map(self._tells, told))):
            # Whoever is there will do: what is left says nothing of an illness.
            return None
        # Short words that match only exactly are too easily another: hd video. Those that tell what ails somebody do
        # so whatever else they match: cold hands.
        dangerous = {
            match.phrase.key
            for match in self.line.reader.phrases(told, self.line.locale)
            if match.phrase.exact_only
            and len(match.phrase.key) <= _SHORT
            and not lexicon.is_complaint(match.phrase.key)
        }
        words = [word for word in reading.unexplained if self.line.keys[word] not in dangerous]
        words = [word for word in words if not lexicon.is_neutral(self.line.keys[word])] or words
        found = self.line.reader.full_text(
            "condition", lexicon.synonyms(self.line.keys, words), self.line.locale, FOUND_BY_TEXT
        )
        text = self.line.typed(reading.unexplained[0], reading.unexplained[-1] + 1)
        return What("text" if found else "none", text, found=tuple(found))

    def _tells(self, key: str) -> bool:
        """Whether a word may tell what somebody has."""
        known = self.line.known[key]
        return lexicon.is_of_health(key) or (
            bool(known.in_phrases or known.in_texts) and not lexicon.is_of_every_day(key)
        )

    def _of_spans(self, reading: Reading) -> What:
        main, *others = reading.spans
        first = main.matches[0]
        second = next((span for span in others if span.is_of("condition")), None)
        rivals = [match for match in main.matches[1:] if match.phrase.form == first.phrase.form]
        status: Status = "approximate" if main.assumed else "exact"
        assumed = main.assumed
        if not assumed and any(self._tells(self.line.keys[word]) for word in reading.unexplained):
            status, assumed = "approximate", "part"
        if rivals or second:
            status = "ambiguous"
        matches = [first, *(second.matches[:1] if second else ()), *main.matches[1:]]
        return What(
            status,
            self.line.typed(main.start, main.end),
            tuple(matches[: OFFERED + 1]),
            assumed,
            specialty=next((span.matches[0] for span in others if span.is_of("specialty")), None),
        )

    def _where(self, reading: Reading) -> Where | None:
        if reading.place:
            return Where(self.line.typed(reading.place.start, reading.place.end), reading.place.resolution)
        for mark in self._asked(reading):
            if mark.entry.roles & Role.HERE:
                return Where(self.line.typed(mark.start, mark.end), here=True)
        return None

    def _asked(self, reading: Reading) -> Iterator[Mark]:
        """The marks that say what is wanted: not those that are part of a name."""
        parts = [
            part
            for part in reading.parts
            if not isinstance(part, Span) or part.matches[0].phrase.form != "search_phrase"
        ]
        yield from self.line.free_marks(parts)

    def _intent(self, reading: Reading, what: What | None, where: Where | None) -> Intent:
        asked = [*self._asked(reading)]
        for mark in asked:
            if mark.entry.section:
                return Intent("article", mark.entry.section, self.line.typed(mark.start, mark.end))
        for mark in asked:
            if mark.entry.roles & (Role.DOCTORS | Role.HERE):
                return Intent("doctors", None, self.line.typed(mark.start, mark.end))
        for mark in asked:
            if mark.entry.roles & Role.ARTICLE:
                return Intent("article", None, self.line.typed(mark.start, mark.end))
        is_article = (
            what is not None and not what.name and not (what.matches and what.matches[0].kind == "specialty")
        )
        return Intent("article" if is_article and where is None else "doctors")

    def _unused(self, reading: Reading, used: set[int]) -> tuple[str, ...]:
        left = [self.line.words[word] for word in reading.unexplained if word not in used] + self.line.cut_off
        return tuple(dict.fromkeys(self.line.text[word.start : word.end] for word in left))

    def _did_you_mean(self, reading: Reading) -> str | None:
        """The text with what was corrected in its place."""
        instead: list[tuple[int, int, str]] = []
        for span in reading.spans:
            if span.letters:
                phrase = span.matches[0].phrase
                whole = phrase.text if phrase.key == " ".join(span.written) else " ".join(span.written)
                instead.append((self.line.words[span.start].start, self.line.words[span.end - 1].end, whole))
        place = reading.place
        if place and place.resolution.match and place.resolution.assumed == "spelling":
            instead.append(
                (
                    self.line.words[place.start].start,
                    self.line.words[place.end - 1].end,
                    place.resolution.matched_name or place.resolution.match.name,
                )
            )
        if not instead:
            return None
        text, at = "", 0
        for start, end, whole in sorted(instead):
            text, at = text + self.line.text[at:start] + whole, end
        return text + self.line.text[at:]
