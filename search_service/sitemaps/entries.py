"""Which pages are in the sitemaps: all subjects worth an index and, in places where a doctor who treats it practises,
those that are so there as well.

Whether a page is worth it is said by the functions that say so on the page itself; only who is near is found out here for
all places of a subject at once, where a page searches for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import orjson
from numpy.typing import NDArray

from search_service import geo, locales
from search_service.index.protocol import ANY, Entity, Reader
from search_service.pages import indexing, subjects, texts
from search_service.pages.compose import Site
from search_service.pages.subjects import Subject
from search_service.places.gazetteer import Gazetteer
from search_service.query import answers, doctors, documents
from search_service.sitemaps import nearness

Array = NDArray[Any]

# A practice is in the place with the most people within so many km, else in the nearest; and it is of the town or city
# with the most people so near.
OWN_KM, TOWN_KM = 3.0, 20.0
# What the protocol of sitemaps asks of an address.
_LONGEST_URL = 2_047
_AT_ONCE = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Entry(NamedTuple):
    """A page in each language in which it is in the sitemaps: by locale, its address and its `last_modified`, None where
    that is not known."""

    urls: Mapping[str, str]
    lastmods: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Sources:
    """What pages are made of. `today` decides what is overdue."""

    reader: Reader
    gazetteer: Gazetteer
    site: Site
    today: date


# Subjects done, and all.
Progress = Callable[[int, int], None]


def entries(sources: Sources, progress: Progress = lambda done, all_: None) -> Iterator[Entry]:
    """All, by subject, then by place, in an order that stays.

    It is asked while the index goes on: each is of the moment in which it was made. Raises IndexUnavailable and
    PlacesUnavailable.
    """
    reader = sources.reader
    counts = reader.counts()
    number, done = sum(counts.get(kind, 0) for kind in subjects.KINDS), 0
    towns, held = _Towns(sources), _Doctors(reader)
    for kind in subjects.KINDS:
        for id in _ids(reader, kind):
            if found := _found(sources, kind, id):
                yield from _of_subject(sources, found, towns, held)
            done += 1
            progress(done, max(number, done))


def _ids(reader: Reader, kind: str) -> Iterator[UUID]:
    """Of all entities of a kind, in order."""
    after = Entity(kind, UUID(int=0), "")
    while found := reader.digests(after, _AT_ONCE):
        for id, _ in groupby(entity.id for entity, _ in found if entity.kind == kind):
            # The last one's documents may go on.
            if id != after.id:
                yield id
        after = found[-1][0]
        if after.kind != kind:
            return


def _found(sources: Sources, kind: subjects.Kind, id: UUID) -> dict[str, Subject]:
    """By locale, what is found at its own address."""
    reader, found = sources.reader, {}
    kinds = (kind,) if sources.site.urls.tell_kinds else subjects.KINDS
    for locale, slug in reader.translations(kind, id).items():
        try:
            subject = subjects.find(reader, slug, locale, kinds)
        except documents.Unknown:
            continue  # it has been unpublished or renamed since
        document = subject.document
        if (subject.kind, UUID(document["id"]), document["locale"]) != (kind, id, locale):
            continue  # another one has its address
        found[locale] = subject
    return found


def _worth(sources: Sources, found: Mapping[str, Subject], *, in_place: bool) -> dict[str, Subject]:
    """Those of which pages are worth an index, in some place or without one."""
    reader, default_locale = sources.reader, sources.site.urls.default_locale
    held, worth = texts.locales(reader), {}
    for locale, subject in found.items():
        language = locales.language(locale, "", held, default_locale)
        said = texts.written(
            reader, subject.kind, in_place=in_place, locale=locale, default_locale=default_locale
        )
        if not indexing.of_subject(subject, said, language, sources.today):
            worth[locale] = subject
    return worth


def _of_subject(
    sources: Sources, subject: Mapping[str, Subject], towns: _Towns, held: _Doctors
) -> Iterator[Entry]:
    own = {locale: _microseconds(each.document["last_published_at"]) for locale, each in subject.items()}
    pages = _worth(sources, subject, in_place=False)
    yield _entry(sources, pages, None, {locale: own[locale] for locale in pages})
    pages = _worth(sources, subject, in_place=True)
    # Editors may name other specialties in a translation.
    by_terms: dict[tuple[Any, ...], list[str]] = {}
    for locale, page in pages.items():
        by_terms.setdefault(tuple(page.what.reasons()), []).append(locale)
    found: dict[int, dict[str, int]] = {}
    for terms, in_locales in by_terms.items():
        entities, vectors = held.treating(terms)
        candidates = towns.of(vectors)
        numbers, latest = nearness.in_reach(
            towns.vectors.take(candidates, axis=0),
            vectors,
            entities,
            held.published(in_locales),
            doctors.DEFAULT_RADIUS_KM,
            doctors.SHOWN,
        )
        for place, number, *moments in zip(
            candidates.tolist(), numbers.tolist(), *latest.tolist(), strict=True
        ):
            if not indexing.of_doctors(number, sources.site.least_doctors):
                newest = {
                    locale: max(own[locale], moment)
                    for locale, moment in zip(in_locales, moments, strict=True)
                }
                found.setdefault(place, {}).update(newest)
    for place in sorted(found):
        if slug := towns.slug(place):
            yield _entry(sources, pages, slug, found[place])


def _entry(
    sources: Sources, pages: Mapping[str, Subject], place: str | None, moments: Mapping[str, int]
) -> Entry:
    """Of a subject in a place, in the locales in which its moment of change is told."""
    urls = {}
    for locale in moments:
        subject = pages[locale]
        url = sources.site.urls.of(subject.kind, subject.document["slug"], place, locale)
        if len(url) <= _LONGEST_URL:
            urls[locale] = url
    return Entry(urls, {locale: _text(moments[locale]) for locale in urls})


class _Doctors:
    """Who treats what, where, and when each was published last."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._ids = np.fromiter((id.bytes for id in _ids(reader, "doctor")), "S16")
        self._published: dict[str, Array] = {}

    def treating(self, terms: tuple[Any, ...]) -> tuple[Array, Array]:
        """The numbers of doctors by listing, ascending, and the listings' vectors."""
        some = [*self._reader.points("doctor", terms)]
        if not some:
            return np.zeros(0, np.int64), np.zeros((0, 3))
        ids, vectors = (np.concatenate(column) for column in zip(*some, strict=True))
        numbers = np.searchsorted(self._ids, ids)
        known = np.flatnonzero(_are(self._ids, numbers, ids))
        known = known.take(np.argsort(numbers.take(known), kind="stable"))
        return numbers.take(known), vectors.take(known, axis=0)

    def published(self, in_locales: list[str]) -> Array:
        """By locale and doctor: microseconds since 1970, 0 where it is not known."""
        for locale in in_locales:
            if locale not in self._published:
                self._published[locale] = np.fromiter(self._read(locale), np.int64, len(self._ids))
        return np.stack([self._published[locale] for locale in in_locales])

    def _read(self, locale: str) -> Iterator[int]:
        for start in range(0, len(self._ids), _AT_ONCE):
            ids = [UUID(bytes=id.ljust(16, b"\0")) for id in self._ids[start : start + _AT_ONCE].tolist()]
            cards = self._reader.cards("doctor", ids, locale)
            for id in ids:
                card = orjson.loads(cards[id]) if id in cards else {}
                yield _microseconds(card.get("last_published_at"))


class _Towns:
    """The places that practices are in or near."""

    def __init__(self, sources: Sources) -> None:
        self._gazetteer = sources.gazetteer
        places = sources.gazetteer.populated()
        _, vectors = geo.cells_and_vectors(places["lat"].tolist(), places["lng"].tolist())
        points = sources.reader.points("doctor", [ANY])
        keys = [np.zeros(0, "S24"), *(np.unique(_keys(some.vectors)) for some in points)]
        self._practices = np.unique(np.concatenate(keys))
        of = nearness.places_of(
            _vectors(self._practices),
            np.stack(vectors, axis=1),
            places["population"],
            OWN_KM,
            TOWN_KM,
        )
        # Only those that there is a practice in or near are kept.
        rows, at = np.unique(of, return_inverse=True)
        self._of = at.reshape(of.shape) - (rows[:1] < 0).sum()
        places = places.take(rows[rows >= 0])
        self._ids = places["id"].tolist()
        # From these very points, pages look for doctors.
        seen_from = map(geo.unit_vector, places["lat"].tolist(), places["lng"].tolist())
        self.vectors = np.array([*seen_from]).reshape(-1, 3)
        self._slugs: dict[int, str | None] = {}

    def of(self, practices: Array) -> Array:
        """The numbers, ascending, of the places of practices that are at these points."""
        keys = np.unique(_keys(practices))
        at = np.searchsorted(self._practices, keys)
        known = at[_are(self._practices, at, keys)]
        numbers = np.unique(self._of.take(known, axis=0))
        found: Array = numbers[numbers >= 0]
        return found

    def slug(self, number: int) -> str | None:
        """Of a place, None if pages in it are not worth an index."""
        if number not in self._slugs:
            self._slugs[number] = self._read_slug(self._ids[number])
        return self._slugs[number]

    def _read_slug(self, id: int) -> str | None:
        place = self._gazetteer.get(id)
        if place is None:
            return None  # other places have been imported since
        resolution = self._gazetteer.resolve_slug(place.slug)
        if resolution.match is None or resolution.match.id != id:
            return None
        return None if indexing.of_place(answers.understood(resolution, place.slug)) else place.slug


def _are(held: Array, at: Array, values: Array) -> Array:
    """Which of the values are held, at these places: not those that have come since."""
    if not len(held):
        return np.zeros(len(values), bool)
    are: Array = held.take(at, mode="clip") == values
    return are


def _keys(vectors: Array) -> Array:
    """One value for each point, by which it is looked up."""
    return np.ascontiguousarray(vectors).view("S24").ravel()


def _vectors(keys: Array) -> Array:
    return np.ascontiguousarray(keys).view(np.float64).reshape(-1, 3)


def _microseconds(moment: str | None) -> int:
    """Since 1970; 0 where it is not known."""
    return (datetime.fromisoformat(moment) - _EPOCH) // _MICROSECOND if moment else 0


@lru_cache(100_000)
def _text(microseconds: int) -> str | None:
    """As the feed has it."""
    if not microseconds:
        return None
    return (_EPOCH + microseconds * _MICROSECOND).isoformat().replace("+00:00", "Z")
