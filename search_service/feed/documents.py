"""Turns a change of the feed into a change of the index.

A kind is added here, in `KINDS`: one function from the feed's document to what the index keeps. What
the public API returns for an entity is decided here too, once per change instead of once per request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from search_service import names
from search_service.feed import contract, hours
from search_service.feed.plain_text import plain_text
from search_service.index.protocol import (
    FORMS,
    Change,
    Delete,
    Document,
    Listing,
    Phrase,
    Put,
    Refuse,
    Term,
    Texts,
)

Feed = Mapping[str, Any]

_REFERENCE = ("id", "slug", "name")
_SPECIALTY = (
    *_REFERENCE,
    "locale",
    "practitioner_name",
    "alternate_names",
    "exact_names",
    "description",
    "codes",
)
_CONDITION = (
    *_REFERENCE,
    "locale",
    "alternate_names",
    "search_phrases",
    "exact_names",
    "codes",
    "specialties",
    "related_conditions",
    "summary",
    "notice",
    "sections",
    "reviewer",
    "last_reviewed",
    "next_review",
    "first_published_at",
    "last_published_at",
)
_DOCTOR = (
    *_REFERENCE,
    "locale",
    "honorific_prefix",
    "given_name",
    "family_name",
    "credentials",
    "gender",
    "practising_since",
    "specialties",
    "conditions",
    "languages",
    "telehealth",
    "telehealth_countries",
    "practices",
    "registrations",
    "education",
    "memberships",
    "photo",
    "bio",
    "notice",
    "verified_at",
    "first_published_at",
    "last_published_at",
)
_DOCTOR_CARD = (
    "id",
    "slug",
    "name",
    "credentials",
    "gender",
    "practising_since",
    "languages",
    "telehealth",
    "photo",
    "notice",
    "verified_at",
    "locale",
    "last_published_at",
)
_SPECIALTY_CARD = (*_REFERENCE, "practitioner_name", "codes")
_PAGE_TEXTS = (
    "id",
    "slug",
    "locale",
    "fallback_for",
    "title",
    "meta_description",
    "heading",
    "doctors_heading",
    "article_heading",
)
# What somebody chooses by among several, and the hours in brief. Their full form, their time zone and the website are
# the document's: a week of hours alone is longer than all this.
_PRACTICE_CARD = ("id", "name", "lat", "lng", "address", "phone", "kind", "accessibility")
# What a feed of before these fields were in the contract leaves out.
_SPECIALTY_DEFAULTS: Feed = {"alternate_names": [], "exact_names": []}
_CONDITION_DEFAULTS: Feed = {"exact_names": []}
_SECTION_DEFAULTS: Feed = {"key_points": [], "faq": [], "citations": []}
_REVIEWER_DEFAULTS: Feed = {"id": None, "registration": None, "conflict_of_interest": "", "photo": None}
_DOCTOR_DEFAULTS: Feed = {
    "practising_since": None,
    "telehealth_countries": [],
    "education": [],
    "memberships": [],
    "photo": None,
}
_PRACTICE_DEFAULTS: Feed = {
    "website": "",
    "kind": "",
    "time_zone": "",
    "opening_hours": [],
    "accessibility": [],
}
_REGISTRATION_DEFAULTS: Feed = {"scheme": ""}
# Longer names are sorted by their beginning: a cursor carries it.
_SORTED_BY = 100
# Nobody types more, and what is longer is looked up by nothing.
_LONGEST_PHRASE = 200


def to_change(entry: Any) -> Change:
    """The index's change for one entry of the feed. A malformed one is refused, never an error."""
    try:
        contract.validate("change", entry)
        kind, id_, locale = entry["kind"], UUID(entry["id"]), entry["locale"]
        if kind not in KINDS:
            raise contract.NotInContract(f"kind: {kind!r} is not known here")
        told = entry.get("former_slugs")
        feed = entry["document"]
        if feed is None:
            return Delete(kind, id_, locale, None if told is None else tuple(told))
        contract.validate(kind, feed)
        if (feed["kind"], UUID(feed["id"]), feed["locale"]) != (kind, id_, locale):
            raise contract.NotInContract("document: is of another entity than its entry")
        if entry["digest"] is None:
            raise contract.NotInContract("digest: is missing")
        return Put(replace(KINDS[kind](feed), digest=entry["digest"], former_slugs=tuple(told or ())))
    except contract.NotInContract as error:
        return _refuse(entry, str(error))


def _refuse(entry: Any, error: str) -> Refuse:
    named = entry if isinstance(entry, dict) else {}

    def text(key: str, default: str = "?") -> str:
        return str(named.get(key, default))[:64]

    seq = named.get("seq")
    seq = seq if isinstance(seq, int) and 0 <= seq < 2**63 else 0
    return Refuse(text("kind"), text("id", f"at {seq}"), text("locale"), seq, error)


def _specialty(feed: Feed) -> Document:
    feed = {**_SPECIALTY_DEFAULTS, **feed}
    document = _document(feed, body=_pick(feed, _SPECIALTY), card=_pick(feed, _SPECIALTY_CARD))
    others = [feed["practitioner_name"], *feed["alternate_names"]]
    return replace(document, phrases=_phrases(feed, name=[feed["name"]], alternate_name=others))


def _condition(feed: Feed) -> Document:
    feed = {
        **_CONDITION_DEFAULTS,
        **feed,
        "sections": [{**_SECTION_DEFAULTS, **section} for section in feed["sections"]],
        "reviewer": _reviewer(feed["reviewer"]),
    }
    phrases = _phrases(
        feed,
        name=[feed["name"]],
        alternate_name=feed["alternate_names"],
        search_phrase=feed["search_phrases"],
    )
    return replace(
        _document(
            feed, body=_pick(feed, _CONDITION), card=_pick(feed, (*_REFERENCE, "summary", "search_phrases"))
        ),
        phrases=phrases,
        names_of=tuple(Term("specialty", _id(specialty)) for specialty in feed["specialties"]),
        sort_name=names.key(feed["name"])[:_SORTED_BY],
        texts=Texts(
            names=" ".join(
                phrase.key for phrase in phrases if not phrase.exact_only and phrase.form != "code"
            ),
            summary=names.key(feed["summary"]),
            body=" ".join(
                names.key(text)
                for section in feed["sections"]
                for text in (section["heading"], plain_text(section["html"]))
            ),
        ),
    )


def _reviewer(reviewer: Feed | None) -> Feed | None:
    if reviewer is None:
        return None
    reviewer = {**_REVIEWER_DEFAULTS, **reviewer}
    registration = reviewer["registration"]
    return {**reviewer, "registration": registration and {**_REGISTRATION_DEFAULTS, **registration}}


def _phrases(feed: Feed, **texts: list[str]) -> tuple[Phrase, ...]:
    """What means the entity, by form, and its codes; each key once, at its best."""
    texts["code"] = [code["code"] for code in feed["codes"]]
    exact_only = {names.key(text) for text in feed["exact_names"]}
    phrases: dict[str, Phrase] = {}
    for form in FORMS:
        for text in texts.get(form, ()):
            key = names.key(text)
            if 0 < len(key) <= _LONGEST_PHRASE:
                phrases.setdefault(key, Phrase(key, text, form, key in exact_only))
    return tuple(phrases.values())


def _doctor(feed: Feed) -> Document:
    feed = {
        **_DOCTOR_DEFAULTS,
        **feed,
        "practices": [{**_PRACTICE_DEFAULTS, **practice} for practice in feed["practices"]],
        "registrations": [{**_REGISTRATION_DEFAULTS, **each} for each in feed["registrations"]],
    }
    card = _pick(feed, _DOCTOR_CARD) | {
        "specialties": [specialty["slug"] for specialty in feed["specialties"]]
    }
    full_name = _without_prefix(names.key(feed["name"]), names.key(feed["honorific_prefix"]))
    called = names.key(f"{feed['given_name']} {feed['family_name']}")
    return replace(
        _document(feed, body=_pick(feed, _DOCTOR), card=card),
        terms=_doctor_terms(feed),
        listings=tuple(_listing(practice) for practice in feed["practices"]),
        names=tuple(dict.fromkeys(f"{called} {full_name}".split())),
        sort_name=(names.key(f"{feed['family_name']} {feed['given_name']}") or full_name)[:_SORTED_BY],
        since=feed["practising_since"],
        verified_on=date.fromisoformat(feed["verified_at"]) if feed["verified_at"] else None,
    )


def _without_prefix(name: str, prefix: str) -> str:
    return name.removeprefix(f"{prefix} ") if prefix else name


def _doctor_terms(feed: Feed) -> tuple[Term, ...]:
    terms = [Term("condition", _id(condition)) for condition in feed["conditions"]]
    terms += [Term("specialty", _id(specialty)) for specialty in feed["specialties"]]
    # Tags mean the same in small letters and in capitals.
    terms += [Term("language", tag.lower()) for tag in feed["languages"]]
    terms += [Term("gender", feed["gender"]), Term("telehealth", _flag(feed["telehealth"]))]
    terms += [Term("telehealth_in", country) for country in feed["telehealth_countries"]]
    return tuple(dict.fromkeys(terms))


def _listing(practice: Feed) -> Listing:
    accepting = practice["accepting_new_patients"]
    brief = _pick(practice, _PRACTICE_CARD) | {"hours": hours.in_brief(practice["opening_hours"])}
    return Listing(
        id=UUID(practice["id"]),
        lat=practice["lat"],
        lng=practice["lng"],
        card=orjson.dumps({"practice": brief, "accepting_new_patients": accepting}),
        terms=(Term("practice", _id(practice)), Term("accepting_new_patients", _flag(accepting))),
    )


def _page_texts(feed: Feed) -> Document:
    # A page reads the card: that of a kind with four entities is all there is of it.
    told = _pick({"fallback_for": [], **feed}, _PAGE_TEXTS)
    return _document(feed, body=told, card=told)


KINDS: dict[str, Callable[[Feed], Document]] = {
    "condition": _condition,
    "doctor": _doctor,
    "page_texts": _page_texts,
    "specialty": _specialty,
}


def _pick(feed: Feed, keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: feed[key] for key in keys}


def _document(feed: Feed, body: dict[str, Any], card: dict[str, Any]) -> Document:
    return Document(
        kind=feed["kind"],
        id=UUID(feed["id"]),
        locale=feed["locale"],
        slug=feed["slug"],
        name=feed["name"],
        body=orjson.dumps(body),
        card=orjson.dumps(card),
        fallback_for=tuple(feed.get("fallback_for", ())),
    )


def _id(named: Feed) -> str:
    """Ids may be written in capitals; terms never are."""
    return str(UUID(named["id"]))


def _flag(value: bool) -> str:
    return "true" if value else "false"
