"""Composes the page of a condition or specialty, in a place or without one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from search_service.index.protocol import Reader, Term
from search_service.locales import Language
from search_service.pages import indexing, structured, texts
from search_service.pages.addresses import PageUrls
from search_service.pages.subjects import Subject
from search_service.places.gazetteer import Gazetteer
from search_service.places.model import Place
from search_service.query import answers, doctors, documents, reviews
from search_service.query.doctors import Search

Json = dict[str, Any]

ARTICLE = ("summary", "notice", "sections", "reviewer")
PHRASES_PER_CONDITION = 3
TELEHEALTH = 5
TREATED = 20


@dataclass(frozen=True, slots=True)
class Site:
    """What is the same for all pages. `least_doctors`: with fewer in reach, a page is not worth indexing."""

    urls: PageUrls
    least_doctors: int


@dataclass(frozen=True, slots=True)
class Where:
    """A place, how it was understood, for the answer, and the circle and number of doctors that are asked for."""

    place: Place
    understood: Json
    radius_km: float
    limit: int


def page(
    reader: Reader,
    gazetteer: Gazetteer,
    site: Site,
    subject: Subject,
    where: Where | None,
    language: Language,
    today: date,
) -> Json:
    """Everything to render the page, with its doctors if there is a place. Names of places are as `language` has
    them; all else is in the locale of the subject's document, and each doctor in that of their own."""
    # Before all else: the index may move on.
    meta = answers.meta(reader)
    document = subject.document
    place = where.understood["match"] if where else None
    found = _doctors(reader, gazetteer, site, subject, where, language, today)
    cards = found.cards if found else []
    links = _Links(site, subject, where.place.slug if where else None)
    related = _related(reader, subject, language.locale)
    written = texts.written(
        reader,
        subject.kind,
        in_place=where is not None,
        locale=document["locale"],
        default_locale=site.urls.default_locale,
    )
    said = texts.filled(written, _values(subject, place))
    translations = reader.translations(subject.kind, UUID(document["id"]))
    reasons = _reasons(site, subject, said, where, found, language, today)
    reference = documents.reference(document)
    answer = {
        "kind": subject.kind,
        "locale": language.told(document["locale"]),
        "title": said.title,
        "meta_description": said.meta_description,
        "headings": {
            "page": said.heading,
            "doctors": said.doctors_heading,
            "article": said.article_heading,
        },
        "texts": {"id": said.id, "locale": said.locale},
        "canonical": links.to_page(document["locale"], document["slug"]),
        "alternates": [
            {"locale": locale, "url": links.to_page(locale, slug)} for locale, slug in translations.items()
        ],
        "indexable": {"value": not reasons, "reasons": reasons},
        "last_modified": _last_modified(document, cards),
        "condition": reference if subject.kind == "condition" else None,
        "specialty": reference if subject.kind == "specialty" else None,
        "place": where.understood if where else None,
        "article": {**{key: document[key] for key in ARTICLE}, **reviews.told(document, today)},
        "faq": [question for section in document["sections"] for question in section["faq"]],
        "doctors": found.doctors if found else None,
        "telehealth": found.telehealth if found else None,
        "related_searches": [
            {"phrase": phrase, "condition": documents.reference(other), "url": links.to_condition(other)}
            for other in related
            for phrase in other["search_phrases"][:PHRASES_PER_CONDITION]
        ],
        "related_conditions": [
            {**documents.reference(other), "summary": other["summary"], "url": links.to_condition(other)}
            for other in related
        ],
        "nearby_places": [{**near, "url": links.to_place(near["slug"])} for near in found.nearby]
        if found
        else [],
        "breadcrumbs": list(_breadcrumbs(gazetteer, subject, where, links)),
        "meta": meta,
    }
    specialties = _specialties(reader, subject, language.locale)
    answer["structured_data"] = structured.graph(subject, answer, cards, specialties, place)
    return answer


# Doctors


@dataclass(frozen=True, slots=True)
class _Found:
    """`cards` are those of its doctors and of their practices."""

    cards: list[tuple[Json, Json]]
    number: int
    doctors: Json
    telehealth: Json | None
    nearby: list[Json]


def _doctors(
    reader: Reader,
    gazetteer: Gazetteer,
    site: Site,
    subject: Subject,
    where: Where | None,
    language: Language,
    today: date,
) -> _Found | None:
    if where is None:
        return None
    place = where.place
    search = Search(subject.what, place.lat, place.lng, language.locale, where.radius_km)
    found = doctors.find(reader, search, today, limit=where.limit)
    listed = answers.doctors(found, search)
    telehealth = None
    if place.country.code and (found.reach.widened_to_km or not found.found.hits):
        # Nobody is as near as was asked for.
        from_afar = doctors.from_afar(reader, search, today, place.country.code, TELEHEALTH)
        telehealth = answers.from_afar(from_afar, search, place.country.code)
    hits = found.found.hits
    nearby = [
        near
        for near in answers.nearby(gazetteer, place, language.names_in)
        # Mostly the doctors of this page are in reach from there, too, so that none need be looked for.
        if (hits and hits[0].distance_km + near["distance_km"] <= doctors.MAX_RADIUS_KM)
        or doctors.is_in_reach(reader, search, today, near["lat"], near["lng"])
    ]
    cards = [(orjson.loads(hit.card), orjson.loads(hit.listing_card)) for hit in hits]
    return _Found(cards, listed["total"]["value"], listed, telehealth, nearby)


# Beside them


def _related(reader: Reader, subject: Subject, locale: str) -> list[Json]:
    """Cards of the related conditions, in the editors' order; of a specialty, some of those that it treats."""
    if subject.kind == "specialty":
        treated = reader.naming(
            "condition", Term("specialty", subject.document["id"].lower()), locale, TREATED
        )
        return [orjson.loads(card) for card in treated]
    ids = [UUID(other["id"]) for other in subject.document["related_conditions"]]
    cards = reader.cards("condition", ids, locale)
    return [orjson.loads(cards[id_]) for id_ in ids if id_ in cards]


def _specialties(reader: Reader, subject: Subject, locale: str) -> dict[str, Json]:
    """Cards of those that treat it, by slug, as doctors name them."""
    ids = [UUID(each["id"]) for each in subject.specialties]
    cards = map(orjson.loads, reader.cards("specialty", ids, locale).values())
    return {card["slug"]: card for card in cards}


def _values(subject: Subject, place: Json | None) -> dict[str, str]:
    """Of the placeholders of `texts`."""
    values = {subject.kind: subject.document["name"], "summary": subject.document["summary"]}
    if place:
        values |= {
            "place": place["name"],
            "region": place["region"]["name"],
            "country": place["country"]["name"],
        }
    return values


def _reasons(
    site: Site,
    subject: Subject,
    said: texts.Texts,
    where: Where | None,
    found: _Found | None,
    language: Language,
    today: date,
) -> list[indexing.Reason]:
    reasons = indexing.of_subject(subject, said, language, today)
    if where and found:
        reasons += indexing.of_place(where.understood)
        reasons += indexing.of_doctors(found.number, site.least_doctors)
    return reasons


def _last_modified(document: Json, cards: Iterable[tuple[Json, Json]]) -> str | None:
    """When the latest was published of what is shown: of the article and of the doctors. All are UTC, in one
    format, so that the latest is the last as text. None if the feed tells of none."""
    published = [document["last_published_at"], *(doctor["last_published_at"] for doctor, _ in cards)]
    return max(filter(None, published), default=None)


# Addresses


@dataclass(frozen=True, slots=True)
class _Links:
    """From a page to others in its language."""

    site: Site
    subject: Subject
    place: str | None

    def to_page(self, locale: str, slug: str) -> str:
        """The page itself, in a locale in which the slug is this."""
        return self.site.urls.of(self.subject.kind, slug, self.place, locale)

    def to_condition(self, card: Json) -> str:
        return self.site.urls.of("condition", card["slug"], self.place, self._locale)

    def to_place(self, place: str | None) -> str:
        return self.site.urls.of(self.subject.kind, self.subject.document["slug"], place, self._locale)

    @property
    def _locale(self) -> str:
        locale: str = self.subject.document["locale"]
        return locale


def _breadcrumbs(
    gazetteer: Gazetteer, subject: Subject, where: Where | None, links: _Links
) -> Iterable[Json]:
    """The subject, and what the place lies in down to itself. A level has an address if a place is called as it is."""
    yield {
        "kind": subject.kind,
        "name": subject.document["name"],
        "slug": subject.document["slug"],
        "url": links.to_place(None),
    }
    if where is None:
        return
    match, seats = where.understood["match"], gazetteer.seats(where.place)
    for kind in ("country", "region", "district"):
        level = match[kind]
        if level["name"]:
            slug = seats.get(kind)
            slug = None if slug == where.place.slug else slug
            yield {"kind": kind, **level, "slug": slug, "url": slug and links.to_place(slug)}
    yield {
        "kind": "place",
        "name": match["name"],
        "slug": where.place.slug,
        "url": links.to_place(where.place.slug),
    }
