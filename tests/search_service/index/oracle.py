"""What an index must answer, got by looking at every document there is: slow, and plain to see that it is right.

The examples of the suite are run on it too; the property tests compare an engine with it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from search_service.geo import Vector, chord2, chord2_from_km, is_valid_point, km_from_chord2, unit_vector
from search_service.index.protocol import (
    ANY,
    EXACT_TO,
    FACET_VALUES,
    FLAGS,
    Best,
    Box,
    Change,
    Counted,
    Counts,
    Delete,
    Document,
    Found,
    Gone,
    Hit,
    Listing,
    Moved,
    Put,
    Query,
    Refusal,
    Refuse,
    SortKey,
    Stored,
    Term,
    Total,
)
from tests.search_service.index.directory import stored

DEFAULT_LOCALE = "en"
vector = lru_cache(100_000)(unit_vector)


@dataclass(frozen=True)
class Place:
    """A listing that matches: how far off it is, and under which of the query's terms, by their order."""

    chord2: float
    number: int
    rank: int
    listing: Listing
    terms: frozenset[Term]


class Match(NamedTuple):
    document: Document
    places: list[Place]


class Oracle:
    def __init__(self) -> None:
        self.entities: defaultdict[tuple[str, UUID], dict[str, Document]] = defaultdict(dict)
        self.tombstones: defaultdict[tuple[str, UUID], dict[str, tuple[str, ...]]] = defaultdict(dict)
        self.refusals: dict[tuple[str, str, str], Refusal] = {}

    def apply(self, changes: Iterable[Change]) -> None:
        for change in changes:
            match change:
                case Put(document):
                    of = document.kind, document.id
                    self.entities[of][document.locale] = document
                    self.tombstones[of].pop(document.locale, None)
                    self.refusals.pop((document.kind, str(document.id), document.locale), None)
                case Delete(kind, id, locale, former_slugs):
                    was = self.entities[kind, id].pop(locale, None)
                    if former_slugs is not None:
                        self.tombstones[kind, id][locale] = former_slugs
                    elif was:
                        self.tombstones[kind, id][locale] = (*was.former_slugs, was.slug)
                    if not self.tombstones[kind, id].get(locale):
                        self.tombstones[kind, id].pop(locale, None)
                    self.refusals.pop((kind, str(id), locale), None)
                case Refuse(kind, text, locale, seq, error):
                    self.refusals[kind, text, locale] = Refusal(kind, text, locale, seq, error)

    # --- Documents

    def document(self, kind: str, id: UUID, locale: str) -> Document | None:
        there = self.entities[kind, id]
        fallbacks = [other for other in there.values() if locale in other.fallback_for]
        fallbacks.sort(key=lambda other: len(other.fallback_for))
        order = (locale, *(other.locale for other in fallbacks), DEFAULT_LOCALE, *sorted(there))
        choices = (choice for choice in order if choice in there)
        return there.get(next(choices, ""))

    def get(self, kind: str, id: UUID, locale: str) -> Stored | Gone | None:
        document = self.document(kind, id, locale)
        if document is not None:
            return stored(document)
        return Gone() if self.tombstones[kind, id] else None

    def get_by_slug(self, kind: str, slug: str, locale: str) -> Stored | Moved | Gone | None:
        def order(code: str) -> tuple[bool, bool]:
            return code != locale, code != DEFAULT_LOCALE

        owners = [
            (order(document.locale), id)
            for (of, id), there in self.entities.items()
            for document in there.values()
            if of == kind and document.slug == slug
        ]
        if owners:
            _, id = min(owners)
            return self.get(kind, id, locale)

        former = []
        for of, id in {*self.entities, *self.tombstones}:
            there = self.entities[of, id]
            slugs = {code: document.former_slugs for code, document in there.items()}
            former += [
                (not there, order(code), id, code not in there, code)
                for code, had in (slugs | self.tombstones[of, id]).items()
                if of == kind and slug in had
            ]
        if not former:
            return None
        *_, id, _, code = min(former)
        now = self.entities[kind, id].get(code) or self.document(kind, id, locale)
        return Moved(now.slug) if now else Gone()

    def naming(self, kind: str, named: Term, locale: str, limit: int) -> list[bytes]:
        order = sorted(
            (min(document.sort_name for document in those), id)
            for (of, id), there in self.entities.items()
            if of == kind and (those := [each for each in there.values() if named in each.names_of])
        )
        shown = (self.document(kind, id, locale) for _, id in order[:limit])
        return [document.card for document in shown if document]

    def translations(self, kind: str, id: UUID) -> dict[str, str]:
        return {locale: document.slug for locale, document in sorted(self.entities[kind, id].items())}

    def locales(self, *, but: str) -> dict[str, str]:
        documents = [
            document
            for (kind, _), there in self.entities.items()
            if kind != but
            for document in there.values()
        ]
        documents.sort(key=lambda document: -len(document.fallback_for))
        fallbacks = {tag: document.locale for document in documents for tag in document.fallback_for}
        return fallbacks | {document.locale: document.locale for document in documents}

    def listing_cards(self, kind: str, terms: Collection[Term]) -> dict[Term, set[bytes]]:
        """By term, those of which one is to be given."""
        cards: defaultdict[Term, set[bytes]] = defaultdict(set)
        for document in self._standing(kind):
            for listing in document.listings:
                for term in {*document.terms, *listing.terms} & set(terms):
                    if term.facet not in FLAGS:
                        cards[term].add(listing.card)
        return cards

    def points(self, kind: str, terms: Collection[Term]) -> set[tuple[UUID, Vector]]:
        """Each listing that is to be given, once."""
        return {
            (document.id, vector(listing.lat, listing.lng))
            for document in self._standing(kind)
            for listing in document.listings
            if {ANY, *document.terms, *listing.terms} & {term for term in terms if term.facet not in FLAGS}
        }

    def counts(self) -> dict[str, int]:
        kinds = Counter(kind for (kind, _), there in self.entities.items() if there)
        return {**kinds, "refused": len(self.refusals)}

    # --- Search

    def search(self, query: Query, counted: Counted | None = None) -> Found:
        _check(query)
        hits = [hit for hit in self.hits(query) if query.after is None or hit.key > query.after]
        return Found(hits[: query.limit], self._counts(query, counted) if counted else Counts())

    def hits(self, query: Query) -> list[Hit]:
        """All of them, in order."""
        return sorted(
            (self._hit(query, match) for match in _passing(self._near(query), query)), key=lambda hit: hit.key
        )

    def _hit(self, query: Query, match: Match) -> Hit:
        document, places = match
        place = min(places, key=lambda place: (place.chord2, place.number))
        shown = self.document(document.kind, document.id, query.locale) or document
        cards = [listing.card for listing in shown.listings if listing.id == place.listing.id]
        return Hit(
            id=document.id,
            key=_key(query, document, place),
            distance_km=km_from_chord2(place.chord2),
            term=(query.terms or (ANY,))[place.rank],
            card=shown.card,
            listing_card=cards[0] if cards else place.listing.card,
            listings=len(document.listings),
        )

    def _counts(self, query: Query, counted: Counted) -> Counts:
        near = self._near(query)
        most = 0

        def matching(**but: Any) -> list[Match]:
            nonlocal most
            matches = _passing(near, replace(query, **but))
            most = max(most, len(matches))
            return matches

        total = None
        if counted.total:
            value = len(matching())
            total = Total(min(value, EXACT_TO), "eq" if value <= EXACT_TO else "gte")
        facets = {}
        for facet in counted.facets:
            others = {other: values for other, values in query.filters.items() if other != facet}
            facets[facet] = _tally(facet, matching(filters=others))
        since = {year: len(matching(since_to=year)) for year in counted.since}
        verified = {day: len(matching(verified_from=day)) for day in counted.verified}
        return Counts(total, facets, since, verified, exact=most <= EXACT_TO)

    def _near(self, query: Query) -> list[Match]:
        """By place, terms and name."""
        centre, within = vector(query.lat, query.lng), _reach(query.radius_km)
        wanted = query.terms or (ANY,)
        spellings = self._spellings(query.kind, query.name) if query.name else []
        matches = []
        for document in self._standing(query.kind):
            if not all(spelled & set(document.names) for spelled in spellings):
                continue
            places = []
            for number, listing in enumerate(document.listings):
                terms = frozenset((ANY, *document.terms, *listing.terms))
                c2 = chord2(centre, vector(listing.lat, listing.lng))
                if (
                    c2 <= within
                    and (query.box is None or in_box(query.box, listing.lat, listing.lng))
                    and any(term in terms for term in wanted)
                ):
                    rank = next(rank for rank, term in enumerate(wanted) if term in terms)
                    places.append(Place(c2, number, rank, listing, terms))
            if places:
                matches.append(Match(document, places))
        return matches

    def _standing(self, kind: str) -> list[Document]:
        """Of each entity, the document that tells where and how it is found."""
        all_ = (self.document(of, id, DEFAULT_LOCALE) for of, id in list(self.entities) if of == kind)
        return [document for document in all_ if document is not None]

    def _spellings(self, kind: str, words: Iterable[str]) -> list[set[str]]:
        """For each word, the names in the index that answer to it."""
        known = {name for document in self._standing(kind) if document.listings for name in document.names}
        return [
            {name for name in known if name == word or (len(word.encode()) >= 3 and name.startswith(word))}
            or {name for name in known if len(word) >= 4 and one_letter_apart(word, name)}
            for word in words
        ]


def in_box(box: Box, lat: float, lng: float) -> bool:
    """A pole is on all meridians, and the date line is at 180 and at -180."""
    if not box.south <= lat <= box.north:
        return False
    if abs(lat) == 90.0:
        return True
    return any(
        box.west <= at <= box.east if box.west <= box.east else at >= box.west or at <= box.east
        for at in ({180.0, -180.0} if abs(lng) == 180.0 else {lng})
    )


def one_letter_apart(word: str, name: str) -> bool:
    if len(word) == len(name):
        apart = [n for n in range(len(word)) if word[n] != name[n]]
        swapped = len(apart) == 2 and [word[n] for n in apart] == [name[n] for n in reversed(apart)]
        return len(apart) == 1 or (swapped and apart[1] == apart[0] + 1)
    shorter, longer = sorted((word, name), key=len)
    return any(longer[:n] + longer[n + 1 :] == shorter for n in range(len(longer)))


def _passing(matches: list[Match], query: Query) -> list[Match]:
    """By filters, year and day, with the places that pass."""
    passing = []
    for document, places in matches:
        if query.since_to is not None and (document.since is None or document.since > query.since_to):
            continue
        if query.verified_from is not None and (
            document.verified_on is None or document.verified_on < query.verified_from
        ):
            continue
        there = [
            place
            for place in places
            if all(
                any(Term(facet, value) in place.terms for value in values)
                for facet, values in query.filters.items()
            )
        ]
        if there:
            passing.append(Match(document, there))
    return passing


def _key(query: Query, document: Document, place: Place) -> SortKey:
    match query.sort:
        case "distance":
            return SortKey(0, "", place.chord2, document.id)
        case "name":
            return SortKey(0, document.sort_name, 0.0, document.id)
        case Best(bands_km, preferred, verified_from):
            band = sum(place.chord2 > _reach(end) for end in bands_km)
            group = 8 * band + 4 * (place.rank > 0) + 2 * (preferred not in place.terms)
            verified = document.verified_on is not None and document.verified_on >= verified_from
            return SortKey(group + (not verified), "", place.chord2, document.id)


def _reach(radius_km: float | None) -> float:
    """A squared chord, longer than any where that is the whole Earth."""
    within = 4.0 if radius_km is None else chord2_from_km(radius_km)
    return within if within < 4.0 else math.inf


def _tally(facet: str, matches: list[Match]) -> dict[str, int]:
    tally = Counter(
        value
        for match in matches
        for value in {term.value for place in match.places for term in place.terms if term.facet == facet}
    )
    return dict(sorted(tally.items(), key=lambda item: (-item[1], item[0]))[:FACET_VALUES])


def _check(query: Query) -> None:
    box = query.box
    corners = [(box.south, box.west), (box.north, box.east)] if box else []
    on_globe = all(is_valid_point(lat, lng) for lat, lng in [(query.lat, query.lng), *corners])
    if not on_globe or (box and box.south > box.north):
        raise ValueError("off the globe")
    if query.radius_km is not None and not query.radius_km >= 0:
        raise ValueError("radius_km")
