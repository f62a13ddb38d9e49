"""Turns a change of the feed into a change of the index.

A kind is added here, in `KINDS`: one function from the feed's document to what the index keeps. What
the public API returns for an entity is decided here too, once per change instead of once per request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson

from search_service.feed import contract
from search_service.index.protocol import Change, Delete, Document, Listing, Put, Refuse

Feed = Mapping[str, Any]

_REFERENCE = ("id", "slug", "name")
_SPECIALTY = (*_REFERENCE, "locale", "practitioner_name", "description", "codes")
_CONDITION = (
    *_REFERENCE,
    "locale",
    "alternate_names",
    "search_phrases",
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
    "specialties",
    "conditions",
    "languages",
    "telehealth",
    "practices",
    "registrations",
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
    "languages",
    "telehealth",
    "notice",
    "verified_at",
)
_PRACTICE_CARD = ("id", "name", "lat", "lng", "address", "phone")


def to_change(entry: Any) -> Change:
    """The index's change for one entry of the feed. A malformed one is refused, never an error."""
    try:
        contract.validate("change", entry)
        kind, id_, locale = entry["kind"], UUID(entry["id"]), entry["locale"]
        if kind not in KINDS:
            raise contract.NotInContract(f"kind: {kind!r} is not known here")
        feed = entry["document"]
        if feed is None:
            return Delete(kind, id_, locale)
        contract.validate(kind, feed)
        if (feed["kind"], UUID(feed["id"]), feed["locale"]) != (kind, id_, locale):
            raise contract.NotInContract("document: is of another entity than its entry")
        if entry["digest"] is None:
            raise contract.NotInContract("digest: is missing")
        return Put(replace(KINDS[kind](feed), digest=entry["digest"]))
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
    return _document(feed, body=_pick(feed, _SPECIALTY), card=_pick(feed, _REFERENCE))


def _condition(feed: Feed) -> Document:
    return _document(
        feed, body=_pick(feed, _CONDITION), card=_pick(feed, (*_REFERENCE, "summary", "search_phrases"))
    )


def _doctor(feed: Feed) -> Document:
    card = _pick(feed, _DOCTOR_CARD) | {
        "specialties": [specialty["slug"] for specialty in feed["specialties"]]
    }
    return _document(
        feed,
        body=_pick(feed, _DOCTOR),
        card=card,
        terms=tuple(UUID(term["id"]) for term in (*feed["conditions"], *feed["specialties"])),
        listings=tuple(
            Listing(
                id=UUID(practice["id"]),
                lat=practice["lat"],
                lng=practice["lng"],
                card=orjson.dumps(
                    {
                        "practice": _pick(practice, _PRACTICE_CARD),
                        "accepting_new_patients": practice["accepting_new_patients"],
                    }
                ),
            )
            for practice in feed["practices"]
        ),
    )


KINDS: dict[str, Callable[[Feed], Document]] = {
    "condition": _condition,
    "doctor": _doctor,
    "specialty": _specialty,
}


def _pick(feed: Feed, keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: feed[key] for key in keys}


def _document(
    feed: Feed,
    body: dict[str, Any],
    card: dict[str, Any],
    terms: tuple[UUID, ...] = (),
    listings: tuple[Listing, ...] = (),
) -> Document:
    return Document(
        kind=feed["kind"],
        id=UUID(feed["id"]),
        locale=feed["locale"],
        slug=feed["slug"],
        name=feed["name"],
        body=orjson.dumps(body),
        card=orjson.dumps(card),
        terms=terms,
        listings=listings,
    )
