"""Documents for tests of the index, and random directories of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID

from hypothesis import strategies as st

from search_service.geo import HALF_CIRCUMFERENCE_KM, Vector
from search_service.index.protocol import (
    Best,
    Box,
    Change,
    Counted,
    Delete,
    Document,
    Hit,
    Listing,
    Position,
    Put,
    Query,
    Reader,
    Refuse,
    Stored,
    Term,
)

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
MYOCLONUS = Term("condition", "myoclonus")
NEUROLOGY, CARDIOLOGY = Term("specialty", "neurology"), Term("specialty", "cardiology")
ACCEPTING = Term("accepting_new_patients", "true")
ENGLISH, TIBETAN, HINDI = (Term("language", code) for code in ("en", "bo", "hi"))
FEMALE, MALE = Term("gender", "female"), Term("gender", "male")
LEH, SKURBUCHAN, DELHI = (34.1526, 77.5771), (34.4331, 76.7097), (28.6139, 77.2090)
SUVA, TAVEUNI = (-18.1416, 178.4419), (-16.8, -179.97)

Point = tuple[float, float]


def at(seq: int, epoch: str = "log") -> Position:
    return Position(epoch, seq, NOW, NOW)


def uid(number: int) -> UUID:
    return UUID(int=number << 64 | number)


def practice(name: str) -> Term:
    return Term("practice", name)


def doctor(
    number: int,
    *points: Point,
    terms: Sequence[Term] = (),
    own: Sequence[Sequence[Term]] = (),
    locale: str = "en",
    slug: str | None = None,
    kind: str = "doctor",
    says: str = "",
    **fields: Any,
) -> Document:
    """A document with a listing at each point, each with its `own` terms where they are given. Cards and body
    tell whose they are."""

    def ready(**what: Any) -> bytes:
        return json.dumps({"of": number, "locale": locale, "says": says, **what}).encode()

    return Document(
        kind=kind,
        id=uid(number),
        locale=locale,
        slug=slug or f"{kind}-{number}",
        name=f"Doctor {number}",
        body=ready(body=True),
        card=ready(),
        terms=tuple(terms),
        listings=tuple(
            Listing(
                UUID(int=number << 64 | n + 1),
                lat,
                lng,
                ready(listing=n),
                tuple(own[n]) if n < len(own) else (),
            )
            for n, (lat, lng) in enumerate(points)
        ),
        **fields,
    )


def puts(*documents: Document) -> list[Change]:
    return [Put(document) for document in documents]


def gone(number: int, *former_slugs: str, locale: str = "en", kind: str = "doctor") -> Delete:
    """Of a document that `doctor` made, unless other slugs are named."""
    return Delete(kind, uid(number), locale, former_slugs or (f"{kind}-{number}",))


def stored(document: Document) -> Stored:
    return Stored(document.kind, document.id, document.locale, document.slug, document.body, document.card)


def in_bulk(reader: Reader, kind: str, *terms: Term) -> set[tuple[UUID, Vector]]:
    """Listings read in bulk, each once."""
    return {
        (UUID(bytes=id.ljust(16, b"\0")), (x, y, z))
        for some in reader.points(kind, terms)
        for id, (x, y, z) in zip(some.ids.tolist(), some.vectors.tolist(), strict=True)
    }


def number_of(id: UUID) -> int:
    return id.int >> 64


def ids(hits: Iterable[Hit]) -> list[int]:
    return [number_of(hit.id) for hit in hits]


def found(reader: Reader, query: Query) -> list[int]:
    """The numbers of the documents that are found, in order."""
    return ids(reader.search(query).hits)


def pages(reader: Reader, query: Query) -> list[Hit]:
    """All hits, page by page."""
    hits: list[Hit] = []
    while True:
        page = reader.search(query).hits
        assert len(page) <= query.limit
        # Else this would never end.
        assert query.after is None or not page or page[0].key > query.after
        hits += page
        if not page:
            return hits
        query = replace(query, after=page[-1].key)


# --- Random directories. A few spots, so that points coincide and lie where geometry is hard.
SPOTS: list[Point] = [
    LEH, SKURBUCHAN, DELHI, SUVA, TAVEUNI,
    (0.0, 0.0), (0.0, 180.0), (0.0, -180.0), (0.001, 179.9999), (-0.001, -179.9999), (45.0, -180.0),
    (90.0, 0.0), (90.0, 123.0), (89.9999, -10.0), (-90.0, 77.0), (-89.99, 170.0), (-34.1526, -102.4229),
]  # fmt: skip
KINDS = ["doctor", "doctor", "doctor", "clinic"]
TERMS = [MYOCLONUS, NEUROLOGY, CARDIOLOGY, ENGLISH, TIBETAN, HINDI, FEMALE, MALE, Term("telehealth", "true")]
# Neurology at one practice only is not what feeds say, but what an index must bear.
OWN_TERMS = [ACCEPTING, practice("snm"), practice("aiims"), NEUROLOGY]
FACETS = ["condition", "specialty", "language", "gender", "telehealth", "accepting_new_patients", "practice"]
# Many of them a letter apart from many others; ananna is what nobody is called.
NAMES = [
    "anna",
    "ana",
    "annan",
    "nanna",
    "anan",
    "an",
    "tenzin",
    "tenzing",
    "tnezin",
    "анна",
    "анн",
    "བསྟན་འཛིན",
]
WORDS = [*NAMES, "ananna", "annaa", "nana", "a", "tenz", "tenzim", "анна́", "анка", "བསྟན་འཛན"]
# In UTF-8 and in code points, not in UTF-16, U+FFFD is before U+10000.
SORT_NAMES = [
    "",
    "A",
    "a",
    "a\0",
    "a b",
    "ab",
    "abcdefgh",
    "abcdefghi",
    "abcdefgha",
    "ä",
    "ལེ",
    "\ufffd",
    "\U00010000",
]
YEARS = [1987, 1999, 2000, 2020]
DAYS = [date(2024, 2, 29), date(2026, 1, 1), date(2026, 10, 2)]

points = st.sampled_from(SPOTS) | st.sampled_from(SPOTS) | st.tuples(st.floats(-90, 90), st.floats(-180, 180))
lats = st.sampled_from([lat for lat, _ in SPOTS]) | st.floats(-90, 90)
lngs = st.sampled_from([lng for _, lng in SPOTS]) | st.floats(-180, 180)
SLUGS = ["one", "two", "three"]

kinds = st.sampled_from(KINDS)
locales = st.sampled_from(["bo", "en", "fr"])
numbers = st.integers(1, 9)


def some(values: Sequence[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


def documents(
    numbers: st.SearchStrategy[int] = numbers,
    locales: st.SearchStrategy[str] = locales,
    kinds: st.SearchStrategy[str] = kinds,
) -> st.SearchStrategy[Document]:
    return st.builds(
        lambda number, points, **fields: doctor(number, *points, **fields),
        numbers,
        st.lists(points, max_size=4),
        terms=some(TERMS, 5),
        own=st.lists(some(OWN_TERMS, 3), max_size=4),
        locale=locales,
        kind=kinds,
        says=st.sampled_from(["this", "that"]),
        names=some(NAMES, 2),
        sort_name=st.sampled_from(SORT_NAMES),
        since=st.sampled_from([None, *YEARS]),
        verified_on=st.sampled_from([None, *DAYS]),
    )


some_changes: st.SearchStrategy[list[Change]] = st.lists(
    st.one_of(
        st.builds(Put, documents()),
        st.builds(Put, documents()),
        st.builds(Put, documents()),
        st.builds(
            lambda number, locale, kind: gone(number, locale=locale, kind=kind), numbers, locales, kinds
        ),
        st.builds(
            Refuse,
            kinds,
            numbers.map(lambda n: str(uid(n))),
            locales,
            st.integers(1, 99),
            st.text(max_size=5),
        ),
    ),
    max_size=25,
)

boxes = st.builds(
    lambda west, east, one, other: Box(west, min(one, other), east, max(one, other)), lngs, lngs, lats, lats
)
orders: tuple[Literal["distance", "name"], ...] = ("distance", "name")
sorts = st.sampled_from(orders) | st.builds(
    Best,
    bands_km=some([0.0, 5.0, 70.0, 600.0, 9_000.0, 25_000.0], 4).map(sorted).map(tuple),
    preferred=st.sampled_from([ACCEPTING, NEUROLOGY, practice("snm"), practice("nonesuch")]),
    verified_from=st.sampled_from(DAYS),
)


@st.composite
def filters(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """By up to two facets, one to three values that there are, or one that there is not."""
    chosen: dict[str, tuple[str, ...]] = {}
    for facet in draw(some(FACETS, 2)):
        values = [term.value for term in (*TERMS, *OWN_TERMS) if term.facet == facet]
        chosen[facet] = draw(some([*values, "nonesuch"], 3)) or (values[0],)
    return chosen


CONDITIONS: dict[str, st.SearchStrategy[Any]] = {
    "terms": some([MYOCLONUS, NEUROLOGY, CARDIOLOGY, Term("condition", "nonesuch")], 3),
    "radius_km": st.floats(0, 21_000) | st.sampled_from([0.0, 80.0, HALF_CIRCUMFERENCE_KM]),
    "box": boxes,
    "filters": filters(),
    "since_to": st.sampled_from(YEARS),
    "verified_from": st.sampled_from(DAYS),
    "name": some(WORDS, 2),
}


@st.composite
def queries(draw: st.DrawFn, conditions: Sequence[str] = tuple(CONDITIONS)) -> Query:
    """With up to three of the conditions: who asks for more finds nobody among so few."""
    chosen = {name: draw(CONDITIONS[name]) for name in draw(some(conditions, 3))}
    return Query(
        draw(lats), draw(lngs), kind=draw(kinds), locale=draw(locales), sort=draw(sorts),
        limit=draw(st.integers(1, 7)), **chosen,
    )  # fmt: skip


everything_counted = Counted(facets=tuple(FACETS), since=tuple(YEARS), verified=tuple(DAYS))
