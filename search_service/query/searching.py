"""The answer of the search box: how a text was understood, and what there is for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from rapidfuzz.distance import OSA

from search_service import names
from search_service.index.protocol import Match, Phrase, Reader
from search_service.places.gazetteer import Gazetteer
from search_service.places.model import Resolution
from search_service.query import answers, doctors, documents, emergencies, reviews
from search_service.query.doctors import Page, Search
from search_service.query.line import words_of
from search_service.query.understanding import (
    OFFERED,
    Intent,
    Status,
    Understanding,
    What,
    Where,
    understand,
)
from search_service.query.what import What as Sought
from search_service.query.what import sought

Json = dict[str, Any]

_INTENTS = (Intent("doctors"), Intent("article"))
# Of an article, beside the section that is asked for.
_ARTICLE = ("locale", "summary", "notice", "reviewer")


@dataclass(frozen=True, slots=True)
class Asked:
    """A text, and what a caller says besides. `locale` is that of documents, `names_in` that of the names of places,
    `point` is where the caller is (latitude, longitude). What follows overrules what the text says: `condition` and
    `specialty` are slugs or ids, `name` are words, `place` is a resolved slug."""

    text: str
    locale: str
    names_in: str | None = None
    point: tuple[float, float] | None = None
    country: str | None = None
    intent: str | None = None
    condition: str | None = None
    specialty: str | None = None
    name: tuple[str, ...] = ()
    place: Resolution | None = None


def answer(reader: Reader, gazetteer: Gazetteer, asked: Asked, today: date, limit: int) -> Json:
    """Raises documents.Unknown or Unpublished for a condition or specialty that is asked for by parameter."""
    try:
        return _answer(reader, gazetteer, asked, today, limit)
    except documents.Unknown:
        # What was understood has been unpublished meanwhile; what a parameter asks for is not there this time either.
        return _answer(reader, gazetteer, asked, today, limit)


def _answer(reader: Reader, gazetteer: Gazetteer, asked: Asked, today: date, limit: int) -> Json:
    meta = answers.meta(reader)
    understood = understand(
        reader,
        gazetteer,
        asked.text,
        asked.locale,
        names_in=asked.names_in,
        focus=asked.point,
        country=asked.country,
    )
    understood = _overruled(reader, understood, asked)
    what, where = understood.what, understood.where
    point, looked_for = _point(where, asked), _sought(reader, what, asked.locale)
    found = _found(reader, understood, looked_for, point, asked.locale, today, limit)
    return {
        "query": {
            "q": asked.text,
            "intent": _intent(understood.intent),
            "what": _what(what, found) if what else None,
            "place": _place(where),
            "point": {"lat": point[0], "lng": point[1]} if point else None,
            "here": where is not None and where.here,
            "did_you_mean": understood.did_you_mean or _name_meant(asked.text, what, found),
            "unused": list(understood.unused),
        },
        "article": _article(looked_for.condition, understood.intent, today),
        "conditions": _conditions(what) if what else [],
        "doctors": _doctors(found, point),
        "notice": emergencies.notice(asked.text, asked.names_in),
        "meta": meta,
    }


def _overruled(reader: Reader, understood: Understanding, asked: Asked) -> Understanding:
    what, where, intent = understood.what, understood.where, understood.intent
    condition, specialty = (
        _chosen(reader, kind, slug, asked.locale) if slug else None
        for kind, slug in (("condition", asked.condition), ("specialty", asked.specialty))
    )
    if condition or specialty or asked.name:
        matches = tuple(match for match in (condition or specialty,) if match)
        text = what.text if what else ""
        what = What("chosen", text, matches, specialty=condition and specialty, name=asked.name)
    if asked.place:
        where = Where("", asked.place)
    if asked.intent:
        intent = next(other for other in _INTENTS if other.value == asked.intent)
    meant = None if what and what.status == "chosen" else understood.did_you_mean
    return replace(understood, what=what, where=where, intent=intent, did_you_mean=meant)


def _chosen(reader: Reader, kind: str, slug: str, locale: str) -> Match:
    document = documents.follow(reader, kind, slug, locale)
    card = orjson.dumps({**documents.reference(document), "summary": document.get("summary", "")})
    return Match(kind, UUID(document["id"]), card, Phrase("", document["name"], "name"))


def _point(where: Where | None, asked: Asked) -> tuple[float, float] | None:
    if where and where.resolution:
        match = where.resolution.match
        return (match.lat, match.lng) if match else None
    return asked.point


# The parts


def _intent(intent: Intent) -> Json:
    return {
        "value": intent.value,
        "section": intent.section,
        "text": intent.text,
        "alternatives": [
            {"value": other.value, "section": other.section}
            for other in _INTENTS
            if (other.value, other.section) != (intent.value, intent.section)
        ],
    }


def _what(what: What, found: Found | None) -> Json:
    status, first, others = what.status, None, []
    if what.matches:
        first = _match(what.matches[0])
        others = [_match(other) for other in _once(what.matches[1:], what.matches[0])]
    elif what.name:
        named = [_doctor(hit.card) for hit in found.page.found.hits] if found else []
        first, others = (named[0], named[1:]) if named else (None, [])
        if status == "exact":
            status = _status_of_names(what.name, named)
    return {
        "status": status,
        "text": what.text,
        "match": first,
        "assumed": "spelling" if status == "approximate" and not what.matches else what.assumed,
        "specialty": _match(what.specialty) if what.specialty else None,
        "name": " ".join(what.name) or None,
        "alternatives": others[:OFFERED]
        + [
            {"kind": "condition", **documents.reference(orjson.loads(ranked.card)), "matched_name": None}
            for ranked in what.found
        ],
    }


def _status_of_names(words: Sequence[str], named: Sequence[Json]) -> Status:
    """Of a doctor's name, by who was found by it."""
    if not named:
        return "none"
    if any(own != word for word, own in _name_words(words, named[0]["name"])):
        return "approximate"
    return "ambiguous" if len(named) > 1 else "exact"


def _name_words(words: Sequence[str], name: str) -> list[tuple[str, str]]:
    """Each word with what it is in a name: itself where one begins so, else the one that is most like it."""
    owns = names.key(name).split()
    return [
        (word, word)
        if any(own.startswith(word) for own in owns)
        else (word, min(owns, key=lambda own: OSA.distance(word, own), default=word))
        for word in words
    ]


def _name_meant(text: str, what: What | None, found: Found | None) -> str | None:
    """The text with a doctor's name as it is written, if it was found by one that differs."""
    if not (what and what.name and what.status != "chosen" and found and found.page.found.hits):
        return None
    name = orjson.loads(found.page.found.hits[0].card)["name"]
    instead = {word: own for word, own in _name_words(what.name, name) if own != word}
    meant, at = "", 0
    for word in words_of(text):
        if word.key in instead:
            meant, at = meant + text[at : word.start] + instead[word.key], word.end
    return meant + text[at:] if instead else None


def _doctor(card: bytes) -> Json:
    reference = documents.reference(orjson.loads(card))
    return {"kind": "doctor", **reference, "matched_name": reference["name"]}


def _once(matches: Iterable[Match], first: Match) -> list[Match]:
    once = {match.id: match for match in matches if match.id != first.id}
    return [*once.values()]


def _match(match: Match) -> Json:
    return {
        "kind": match.kind,
        **documents.reference(orjson.loads(match.card)),
        "matched_name": match.phrase.text,
    }


def _place(where: Where | None) -> Json | None:
    if where is None or where.resolution is None:
        return None
    return {
        "text": where.text,
        **answers.understood(where.resolution),
        "suggestions": [answers.place(other) for other in where.resolution.suggestions],
    }


# What there is


def _article(condition: Json | None, intent: Intent, today: date) -> Json | None:
    """Of the condition that was understood, with the section that was asked for."""
    if condition is None:
        return None
    return {
        **documents.reference(condition),
        **{key: condition[key] for key in _ARTICLE},
        **reviews.told(condition, today),
        "section": next((part for part in condition["sections"] if part["aspect"] == intent.section), None),
    }


def _conditions(what: What) -> list[Json]:
    """Cards: of what was understood and what else it may be, or of what fits by its text."""
    cards = [match.card for match in what.matches if match.kind == "condition"]
    cards += [found.card for found in what.found]
    once: dict[str, Json] = {}
    for card in map(orjson.loads, cards):
        once.setdefault(card["id"], {**documents.reference(card), "summary": card["summary"]})
    return [*once.values()]


def _of_kind(what: What | None, kind: str) -> Match | None:
    first = what.matches[0] if what and what.matches else None
    return first if first and first.kind == kind else None


@dataclass(frozen=True, slots=True)
class Found:
    """The doctors found by a search."""

    search: Search
    page: Page


def _found(
    reader: Reader,
    understood: Understanding,
    looked_for: Sought,
    point: tuple[float, float] | None,
    locale: str,
    today: date,
    limit: int,
) -> Found | None:
    """Those who treat what was understood near the point; by name, also where no place is known. None where it is
    not known whom to look for, or where."""
    what, where = understood.what, understood.where
    is_lost = where is not None and where.resolution is not None and point is None
    is_named = what is not None and bool(what.name)
    if is_lost or (what and what.status in ("text", "none")) or not (point or is_named):
        return None
    lat, lng = point or (0.0, 0.0)
    search = Search(
        looked_for,
        lat,
        lng,
        locale,
        radius_km=None if is_named else doctors.DEFAULT_RADIUS_KM,
        name=what.name if what else (),
    )
    return Found(search, doctors.find(reader, search, today, limit=limit))


def _doctors(found: Found | None, point: tuple[float, float] | None) -> Json | None:
    if found is None:
        return None
    answer = answers.doctors(found.page, found.search, is_placed=point is not None)
    return {**answer, "parameters": _parameters(found.search) if point else None}


def _sought(reader: Reader, what: What | None, locale: str) -> Sought:
    condition, specialty = _of_kind(what, "condition"), _of_kind(what, "specialty")
    if what and what.specialty:
        specialty = what.specialty
    return sought(
        reader,
        locale,
        str(condition.id) if condition else None,
        [str(specialty.id)] if specialty else [],
    )


def _parameters(search: Search) -> Json:
    """Of `/doctors/`, which gives the same doctors, and the pages that follow."""
    what = search.what
    parameters: Json = {"lat": search.lat, "lng": search.lng}
    if what.condition:
        parameters["condition"] = what.condition["slug"]
    if what.specialties:
        parameters["specialty"] = ",".join(each["slug"] for each in what.specialties)
    if search.name:
        parameters |= {"name": " ".join(search.name), "radius_km": "any"}
    return parameters
