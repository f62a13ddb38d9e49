"""Completions of what is being typed, by group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from search_service import names
from search_service.index.protocol import FORMS, Form, Match, Phrase, Query, Reader
from search_service.places.gazetteer import Gazetteer
from search_service.query import answers, documents, emergencies, lexicon
from search_service.query.lexicon import Role
from search_service.query.line import MAX_WORDS, Word, words_of
from search_service.query.spelling import corrections, may_be_wrong
from search_service.query.what import name_words

Json = dict[str, Any]

_NAMES: tuple[Form, ...] = ("name", "alternate_name", "code")
_PHRASES: tuple[Form, ...] = ("search_phrase",)
# From so many letters on, a name's beginning is looked up among doctors.
_NAME_LETTERS = 3
# What has more words is no place's name.
_PLACE_WORDS = 6
_DOCTOR = ("id", "slug", "name", "credentials", "specialties")


def suggest(
    reader: Reader,
    gazetteer: Gazetteer,
    text: str,
    locale: str,
    *,
    names_in: str | None = None,
    focus: tuple[float, float] | None = None,
    country: str | None = None,
    limit: int,
) -> Json:
    """At most `limit` of each group, the likeliest first, with places as they are called in the locale `names_in`. What is spelt wrong is corrected where nothing begins so."""
    meta = answers.meta(reader)
    typed = words_of(text)[:MAX_WORDS]
    words = [word.key for word in typed]
    groups = _of_words(reader, words, locale, limit, lambda phrase: not _is_every_days(phrase, text))
    before, place = _place_of(reader, text, typed, locale)
    found = (
        gazetteer.search(place, focus=focus, country=country, limit=limit, locale=names_in) if place else []
    )
    named = _doctors(reader, text, locale, focus, limit)
    meant = None
    # What begins a place's or a doctor's name is not spelt wrong.
    is_begun = named or any(names.key(match.name).startswith(names.key(place)) for match in found)
    if not any(groups) and not is_begun and (corrected := _corrected(reader, words, locale)):
        # What matches only exactly is not meant by what is spelt otherwise.
        groups = _of_words(reader, corrected, locale, limit, lambda phrase: not phrase.exact_only)
        meant = " ".join(corrected) if any(groups) else None
    conditions, specialties, phrases = groups
    return {
        "conditions": [_entity(match) for match in conditions],
        "specialties": [_entity(match) for match in specialties],
        "doctors": named,
        "places": [
            {
                **answers.place(match.place, match.name),
                "text": before + (match.place.local_name or match.place.name),
            }
            for match in found
        ],
        "phrases": [{"text": match.phrase.text, "condition": _reference(match)} for match in phrases],
        "did_you_mean": meant,
        "notice": emergencies.notice(text, names_in),
        "meta": meta,
    }


def _of_words(
    reader: Reader, words: Sequence[str], locale: str, limit: int, is_meant: Callable[[Phrase], bool]
) -> list[list[Match]]:
    """Conditions and specialties by their names, and conditions by what people type for them."""
    return [
        [match for match in reader.completions(kind, words, locale, limit, forms) if is_meant(match.phrase)]
        for kind, forms in (("condition", _NAMES), ("specialty", _NAMES), ("condition", _PHRASES))
    ]


def _is_every_days(phrase: Phrase, text: str) -> bool:
    """Whether it is an abbreviation, and was typed as the word that it spells in which somebody tells what ails them."""
    return (
        phrase.exact_only
        and lexicon.spells_a_word(phrase.text, phrase.key)
        and lexicon.is_complaint(phrase.key)
        and text.strip() != phrase.text
    )


def _corrected(reader: Reader, words: Sequence[str], locale: str) -> list[str]:
    """The words, with those that nobody knows as they were probably meant; empty if that changes nothing."""
    known = reader.acquaintance(words, locale)
    corrected = []
    for number, word in enumerate(words):
        is_last = number == len(words) - 1
        likely = (
            corrections(reader, word, FORMS, unfinished=is_last) if may_be_wrong(word, known[word]) else []
        )
        corrected.append(next((other for other, letters in likely if letters), word))
    return corrected if corrected != [*words] else []


def _place_of(reader: Reader, text: str, words: Sequence[Word], locale: str) -> tuple[str, str]:
    """What comes before the place that is being typed, and that: what follows the last word like "in", or what is
    looked for, if something follows; else the whole text."""
    keys = [word.key for word in words]
    marks = [mark for mark in lexicon.marks(keys) if mark.start and mark.entry.roles & Role.PLACE_FOLLOWS]
    ends = [mark.end for mark in marks]
    begun = {" ".join(keys[:end]): end for end in range(1, len(keys))}
    ends += [
        begun[match.phrase.key] for match in reader.phrases(begun, locale) if not match.phrase.exact_only
    ]
    end = max((end for end in ends if end < len(words)), default=0)
    if not end:
        return "", text if len(words) <= _PLACE_WORDS else ""
    return text[: words[end].start], text[words[end].start :]


def _doctors(
    reader: Reader, text: str, locale: str, focus: tuple[float, float] | None, limit: int
) -> list[Json]:
    """By name, the nearest first if it is known where from."""
    words = name_words(text)
    if not words or len(words) > MAX_WORDS or max(map(len, words)) < _NAME_LETTERS:
        return []
    lat, lng = focus or (0.0, 0.0)
    hits = reader.search(Query(lat, lng, locale=locale, name=words, limit=limit)).hits
    cards = [orjson.loads(hit.card) for hit in hits]
    return [{key: card[key] for key in _DOCTOR} for card in cards]


def _reference(match: Match) -> Json:
    return documents.reference(orjson.loads(match.card))


def _entity(match: Match) -> Json:
    return {**_reference(match), "matched_name": match.phrase.text}
