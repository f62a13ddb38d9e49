"""What every engine of the location index must do: a suite written against the protocol alone.

An engine's test module inherits `IndexBehaviour` and gives it an empty `index`, whose default locale is
"en".
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_service.geo import (
    HALF_CIRCUMFERENCE_KM,
    chord2,
    chord2_from_km,
    km_from_chord2,
    unit_vector,
)
from search_service.index.protocol import (
    ANY_TERM,
    Change,
    Delete,
    Document,
    Entity,
    GenerationNotFound,
    Hit,
    Index,
    IndexUnavailable,
    Listing,
    NearestQuery,
    Position,
    Put,
    Reader,
    Refusal,
    Refuse,
    SortKey,
    Stored,
    Total,
    Writer,
)

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
MYOCLONUS, NEUROLOGY, CARDIOLOGY = (UUID(int=number) for number in (101, 102, 103))
LEH, SKURBUCHAN, DELHI = (34.1526, 77.5771), (34.4331, 76.7097), (28.6139, 77.2090)
SUVA, TAVEUNI = (-18.1416, 178.4419), (-16.8, -179.97)

Point = tuple[float, float]


def at(seq: int, epoch: str = "log") -> Position:
    return Position(epoch, seq, NOW)


def uid(number: int) -> UUID:
    return UUID(int=number << 64 | number)


def doctor(
    number: int,
    *points: Point,
    terms: Sequence[UUID] = (),
    locale: str = "en",
    slug: str | None = None,
    kind: str = "doctor",
    says: str = "",
    digest: str = "",
) -> Document:
    """A document with a listing at each point. Cards and body tell whose they are."""

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
            Listing(uid(1000 * number + n), lat, lng, ready(listing=n)) for n, (lat, lng) in enumerate(points)
        ),
        digest=digest,
    )


def puts(*documents: Document) -> list[Change]:
    return [Put(document) for document in documents]


def stored(document: Document) -> Stored:
    return Stored(document.kind, document.id, document.locale, document.slug, document.body, document.card)


def ids(hits: Iterable[Hit]) -> list[int]:
    return [hit.id.int >> 64 for hit in hits]


def pages(reader: Reader, query: NearestQuery) -> list[Hit]:
    """All hits, page by page."""
    hits: list[Hit] = []
    while True:
        page = reader.nearest(
            NearestQuery(
                lat=query.lat,
                lng=query.lng,
                terms=query.terms,
                kind=query.kind,
                locale=query.locale,
                radius_km=query.radius_km,
                limit=query.limit,
                after=hits[-1].key if hits else query.after,
            )
        )
        assert len(page) <= query.limit
        hits += page
        if not page:
            return hits


class Model:
    """What an index must answer, got by looking at every document."""

    def __init__(self) -> None:
        self.entities: defaultdict[tuple[str, UUID], dict[str, Document]] = defaultdict(dict)
        self.refusals: dict[tuple[str, str, str], Refusal] = {}

    def apply(self, changes: Iterable[Change]) -> None:
        for change in changes:
            match change:
                case Put(document):
                    self.entities[document.kind, document.id][document.locale] = document
                    self.refusals.pop((document.kind, str(document.id), document.locale), None)
                case Delete(kind, id, locale):
                    self.entities[kind, id].pop(locale, None)
                    self.refusals.pop((kind, str(id), locale), None)
                case Refuse(kind, text, locale, seq, error):
                    self.refusals[kind, text, locale] = Refusal(kind, text, locale, seq, error)

    def get(self, kind: str, id: UUID, locale: str) -> Document | None:
        documents = self.entities[kind, id]
        choices = (choice for choice in (locale, "en", *sorted(documents)) if choice in documents)
        return documents.get(next(choices, ""))

    def get_by_slug(self, kind: str, slug: str, locale: str) -> Document | None:
        owners = [
            id
            for (of, id), documents in self.entities.items()
            if of == kind and any(document.slug == slug for document in documents.values())
        ]
        return self.get(kind, min(owners), locale) if owners else None

    def counts(self) -> dict[str, int]:
        kinds = Counter(kind for (kind, _), documents in self.entities.items() if documents)
        return {**kinds, "refused": len(self.refusals)}

    def nearest(self, query: NearestQuery) -> list[Hit]:
        """Without a limit."""
        centre = unit_vector(query.lat, query.lng)
        radius = math.inf if query.radius_km is None else chord2_from_km(query.radius_km)
        if radius >= 4:
            radius = math.inf
        hits = []
        for kind, id in list(self.entities):
            primary, shown = self.get(kind, id, "en"), self.get(kind, id, query.locale)
            if kind != query.kind or primary is None or shown is None:
                continue
            found_under = [term for term in query.terms or (ANY_TERM,) if term in (ANY_TERM, *primary.terms)]
            if not found_under or not primary.listings:
                continue
            c2, n = min(
                (chord2(centre, unit_vector(listing.lat, listing.lng)), n)
                for n, listing in enumerate(primary.listings)
            )
            key = SortKey(c2, id)
            if c2 > radius or (query.after and (c2, id) <= (query.after.chord2, query.after.id)):
                continue
            listing = primary.listings[n]
            cards = [other.card for other in shown.listings if other.id == listing.id] or [listing.card]
            hits.append(
                Hit(id, key, km_from_chord2(c2), found_under[0], shown.card, cards[0], len(primary.listings))
            )
        return sorted(hits, key=lambda hit: (hit.key.chord2, hit.id))


# --- Random directories. A few spots, so that points coincide and lie where geometry is hard.
SPOTS: list[Point] = [
    LEH, SKURBUCHAN, DELHI, SUVA, TAVEUNI,
    (0.0, 0.0), (0.0, 180.0), (0.0, -180.0), (0.001, 179.9999), (-0.001, -179.9999), (45.0, -180.0),
    (90.0, 0.0), (90.0, 123.0), (89.9999, -10.0), (-90.0, 77.0), (-89.99, 170.0), (-34.1526, -102.4229),
]  # fmt: skip
points = st.sampled_from(SPOTS) | st.tuples(st.floats(-90, 90), st.floats(-180, 180))
lats = st.sampled_from([lat for lat, _ in SPOTS]) | st.floats(-90, 90)
lngs = st.sampled_from([lng for _, lng in SPOTS]) | st.floats(-180, 180)
term_ids = st.sampled_from([MYOCLONUS, NEUROLOGY, CARDIOLOGY])
locales = st.sampled_from(["bo", "en", "fr"])
kinds = st.sampled_from(["doctor", "doctor", "doctor", "clinic"])
documents = st.builds(
    lambda number, points, terms, locale, slug, kind, says: doctor(
        number, *points, terms=terms, locale=locale, slug=slug, kind=kind, says=says
    ),
    st.integers(1, 9),
    st.lists(points, max_size=4),
    st.lists(term_ids, max_size=3),
    locales,
    st.sampled_from(["one", "two", "three"]),
    kinds,
    st.sampled_from(["this", "that"]),
)
deletes = st.builds(Delete, kinds, st.integers(1, 9).map(uid), locales)
refuses = st.builds(
    Refuse, kinds, st.integers(1, 9).map(uid).map(str), locales, st.integers(1, 99), st.text(max_size=5)
)
some_changes: st.SearchStrategy[list[Change]] = st.lists(
    st.one_of(
        st.builds(Put, documents), st.builds(Put, documents), st.builds(Put, documents), deletes, refuses
    ),
    max_size=25,
)
queries = st.builds(
    NearestQuery,
    lat=lats,
    lng=lngs,
    terms=st.lists(st.sampled_from([MYOCLONUS, NEUROLOGY, CARDIOLOGY, uid(99)]), max_size=3, unique=True).map(
        tuple
    ),
    kind=kinds,
    locale=locales,
    radius_km=st.none() | st.floats(0, 21_000) | st.sampled_from([0.0, 80.0, HALF_CIRCUMFERENCE_KM]),
    limit=st.integers(1, 5),
)


class IndexBehaviour:
    @pytest.fixture
    def index(self) -> Index:
        raise NotImplementedError("give the engine's index")

    @pytest.fixture
    def writer(self, index: Index) -> Iterator[Writer]:
        """Of the live generation, which is empty."""
        with closing(index.create()) as fresh:
            index.promote(fresh.generation)
        with closing(index.writer()) as writer:
            yield writer

    # --- Generations

    def test_an_index_that_was_never_built_is_unavailable(self, index: Index) -> None:
        assert index.generations() == []
        with pytest.raises(IndexUnavailable):
            index.reader()
        with pytest.raises(IndexUnavailable):
            index.writer()

    def test_a_generation_is_not_seen_before_it_is_promoted(self, index: Index, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH)), at(1))
        with closing(index.create()) as fresh:
            fresh.apply(puts(doctor(2, LEH), doctor(3, LEH)), at(9))
            assert index.reader().generation == writer.generation
            assert index.reader().counts()["doctor"] == 1
            assert index.generations() == [writer.generation, fresh.generation]

            # It can be looked at before, and goes on after: the positions do not mix.
            assert fresh.counts()["doctor"] == 2
            index.promote(fresh.generation)
            fresh.apply(puts(doctor(4, LEH)), at(10))
            assert index.reader().generation == fresh.generation
            assert index.reader().counts()["doctor"] == 3
            assert index.reader().position() == at(10)
            assert writer.position() == at(1)

    def test_the_former_generation_can_be_read_on(self, index: Index, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH)), at(1))
        before = index.reader()
        with closing(index.create()) as fresh:
            index.promote(fresh.generation)
        writer.close()
        assert index.reader().get("doctor", uid(1), "en") is None
        index.drop(before.generation)
        assert before.get("doctor", uid(1), "en") is not None
        assert ids(before.nearest(NearestQuery(*LEH))) == [1]
        assert index.generations() == [index.reader().generation]

    def test_promoting_back(self, index: Index, writer: Writer) -> None:
        with closing(index.create()) as fresh:
            index.promote(fresh.generation)
        index.promote(writer.generation)
        assert index.reader().generation == writer.generation

    def test_the_live_generation_cannot_be_dropped(self, index: Index, writer: Writer) -> None:
        with pytest.raises(ValueError, match="live"):
            index.drop(writer.generation)
        assert index.reader().generation == writer.generation

    @pytest.mark.parametrize("name", ["", ".", "..", "nonesuch", "20200101T000000000000Z", "../../etc"])
    def test_unknown_generations(self, index: Index, writer: Writer, name: str) -> None:
        with pytest.raises(GenerationNotFound):
            index.promote(name)
        with pytest.raises(GenerationNotFound):
            index.drop(name)
        assert index.generations() == [writer.generation]

    def test_generations_are_named_in_order(self, index: Index) -> None:
        made = []
        for _ in range(3):
            with closing(index.create()) as writer:
                made.append(writer.generation)
        assert index.generations() == made == sorted(set(made))

    def test_a_lock_has_one_holder(self, index: Index) -> None:
        with index.lock("pull", 0) as first:
            assert first is True
            with index.lock("pull", 0.05) as second, index.lock("rebuild", 0) as other:
                assert second is False
                assert other is True
        with index.lock("pull", 0) as again:
            assert again is True

    def test_another_generation_than_the_live_one_is_written(self, index: Index, writer: Writer) -> None:
        index.promote(writer.generation)
        with closing(index.create()) as second:
            second.apply([], at(1))
            index.promote(second.generation)
        with closing(index.writer(writer.generation)) as first:
            assert first.generation == writer.generation
            first.apply(puts(doctor(1, LEH)), at(2))
        assert index.reader().get("doctor", uid(1), "en") is None
        index.promote(writer.generation)
        assert index.reader().get("doctor", uid(1), "en")

    def test_records_are_kept_by_name(self, index: Index) -> None:
        assert index.noted("rebuild") is None
        index.note("rebuild", {"state": "running", "seq": 1})
        index.note("rebuild", {"state": "done", "ended_at": None, "error": "ü \ud800"})
        index.note("audit", {})
        assert index.noted("rebuild") == {"state": "done", "ended_at": None, "error": "ü \ud800"}
        assert index.noted("audit") == {}
        assert index.generations() == []

    # --- Documents

    def test_a_fresh_generation_is_empty(self, writer: Writer) -> None:
        assert writer.position() is None
        assert writer.counts() == {"refused": 0}
        assert writer.refusals() == []
        assert writer.get("doctor", uid(1), "en") is None
        assert writer.get_by_slug("doctor", "one", "en") is None
        assert writer.get_many("doctor", [uid(1)], "en") == {}
        assert writer.nearest(NearestQuery(*LEH)) == []
        assert writer.count(NearestQuery(*LEH)) == Total(0, "eq")

    def test_documents_come_back_as_they_were_put(self, index: Index, writer: Writer) -> None:
        document = Document(
            "condition", uid(7), "en", "myoclonus", "Myoclonus", b'{"raw":"\xe0\xbd\x96 \\u0000"}', b"{}"
        )
        writer.apply(puts(document), at(1))
        reader = index.reader()
        assert reader.get("condition", uid(7), "en") == stored(document)
        assert reader.get_by_slug("condition", "myoclonus", "en") == stored(document)
        assert reader.get_many("condition", [uid(7), uid(8)], "en") == {uid(7): stored(document)}
        assert reader.get("doctor", uid(7), "en") is None
        assert reader.get_by_slug("doctor", "myoclonus", "en") is None
        assert reader.counts() == {"condition": 1, "refused": 0}

    def test_what_is_applied_is_seen_at_once(self, index: Index, writer: Writer) -> None:
        reader = index.reader()
        for seq in range(1, 5):
            writer.apply(puts(doctor(seq, LEH)), at(seq))
            assert reader.position() == at(seq)
            assert reader.counts()["doctor"] == seq

    def test_put_replaces(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH, DELHI, terms=[NEUROLOGY], slug="old")), at(1))
        moved = doctor(1, SUVA, terms=[CARDIOLOGY], slug="new")
        writer.apply(puts(moved), at(2))
        assert writer.get_by_slug("doctor", "old", "en") is None
        assert writer.get_by_slug("doctor", "new", "en") == stored(moved)
        assert writer.nearest(NearestQuery(*LEH, (NEUROLOGY,))) == []
        (hit,) = writer.nearest(NearestQuery(*LEH, (CARDIOLOGY,)))
        assert hit.distance_km > 10_000
        assert hit.listings == 1
        assert writer.counts() == {"doctor": 1, "refused": 0}

    def test_delete(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH), doctor(2, LEH)), at(1))
        gone = Delete("doctor", uid(1), "en")
        writer.apply([gone, Delete("doctor", uid(77), "en"), Delete("unheard-of", uid(1), "xx")], at(2))
        writer.apply([gone], at(3))
        assert writer.get("doctor", uid(1), "en") is None
        assert ids(writer.nearest(NearestQuery(*LEH))) == [2]
        assert writer.counts() == {"doctor": 1, "refused": 0}

    def test_changes_are_applied_in_order(self, writer: Writer) -> None:
        put, gone = Put(doctor(1, LEH)), Delete("doctor", uid(1), "en")
        writer.apply([put, gone], at(1))
        assert writer.counts() == {"refused": 0}
        writer.apply([put, gone, put, Put(doctor(1, LEH, says="the last word"))], at(2))
        (hit,) = writer.nearest(NearestQuery(*LEH))
        assert b"the last word" in hit.card

    def test_applying_twice_changes_nothing(self, writer: Writer) -> None:
        batch = [*puts(doctor(1, LEH, DELHI), doctor(2, LEH)), Refuse("doctor", str(uid(3)), "en", 3, "bad")]
        for _ in range(2):
            writer.apply(batch, at(3))
            assert writer.counts() == {"doctor": 2, "refused": 1}
            assert ids(writer.nearest(NearestQuery(*LEH))) == [1, 2]

    def test_an_empty_batch_moves_the_position(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH)), at(1))
        writer.apply([], at(5, "another log"))
        assert writer.position() == at(5, "another log")
        assert writer.counts() == {"doctor": 1, "refused": 0}

    def test_all_or_nothing(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH)), at(1))

        def failing() -> Iterator[Change]:
            yield Put(doctor(2, LEH))
            yield Delete("doctor", uid(1), "en")
            raise RuntimeError("the feed broke off")

        with pytest.raises(RuntimeError):
            writer.apply(failing(), at(2))
        assert writer.position() == at(1)
        assert ids(writer.nearest(NearestQuery(*LEH))) == [1]
        # And the writer is none the worse for it.
        writer.apply(puts(doctor(3, LEH, terms=[NEUROLOGY])), at(2))
        assert ids(writer.nearest(NearestQuery(*LEH, (NEUROLOGY,)))) == [3]

    @pytest.mark.parametrize("point", [(math.nan, 0.0), (0.0, math.inf), (91.0, 0.0), (0.0, -180.5)])
    def test_a_listing_off_the_globe(self, writer: Writer, point: Point) -> None:
        with pytest.raises(ValueError, match=r"doctor .* listing .*globe"):
            writer.apply(puts(doctor(1, LEH), doctor(2, LEH, point)), at(1))
        assert writer.position() is None
        assert writer.counts() == {"refused": 0}

    def test_a_document_without_listings_is_found_by_name_only(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, terms=[NEUROLOGY])), at(1))
        assert writer.get_by_slug("doctor", "doctor-1", "en") is not None
        assert writer.nearest(NearestQuery(*LEH)) == []
        assert writer.nearest(NearestQuery(*LEH, (NEUROLOGY,))) == []

    def test_a_document_is_shown_in_the_best_locale(self, writer: Writer) -> None:
        in_locale = {locale: doctor(1, LEH, locale=locale, slug=locale) for locale in ("fr", "bo", "en")}
        writer.apply(puts(*in_locale.values()), at(1))
        for asked, shown in {"fr": "fr", "bo": "bo", "en": "en", "hi": "en"}.items():
            assert writer.get("doctor", uid(1), asked) == stored(in_locale[shown])
            # Any slug leads to the entity, whichever locale it is of.
            assert writer.get_by_slug("doctor", "bo", asked) == stored(in_locale[shown])
        writer.apply([Delete("doctor", uid(1), "en")], at(2))
        assert writer.get("doctor", uid(1), "hi") == stored(in_locale["bo"])
        assert writer.counts()["doctor"] == 1

    def test_of_two_with_one_slug_the_lower_id_answers(self, writer: Writer) -> None:
        first, second = doctor(1, slug="same"), doctor(2, slug="same")
        writer.apply(puts(second, first, doctor(3, slug="same", kind="clinic")), at(1))
        assert writer.get_by_slug("doctor", "same", "en") == stored(first)

    def test_refusals(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH)), at(1))
        refused = [
            Refuse("doctor", str(uid(1)).upper(), "en", 5, "lat: too far north"),
            Refuse("condition", str(uid(2)), "en", 6, "no name"),
            Refuse("condition", str(uid(2)), "bo", 7, "no slug"),
            Refuse("\ud800?", "not an id \ud800", "?", 10**30, "malformed \ud800"),
        ]
        writer.apply(refused, at(8))
        assert writer.counts() == {"doctor": 1, "refused": 4}
        # What was there before stays.
        assert ids(writer.nearest(NearestQuery(*LEH))) == [1]
        assert {(note.kind, note.seq) for note in writer.refusals()} >= {("doctor", 5), ("condition", 6)}
        assert len(writer.refusals(limit=2)) == 2

        writer.apply([Refuse("condition", str(uid(2)), "en", 9, "still no name")], at(9))
        assert Refusal("condition", str(uid(2)), "en", 9, "still no name") in writer.refusals()
        assert writer.counts()["refused"] == 4

        writer.apply([Put(doctor(1, LEH)), Delete("condition", uid(2), "bo")], at(10))
        assert {note.kind for note in writer.refusals() if note.seq < 10} == {"condition"}
        assert writer.counts()["refused"] == 2

    def test_a_refusal_is_cleared_within_its_batch(self, writer: Writer) -> None:
        refuse, put = Refuse("doctor", str(uid(1)), "en", 1, "bad"), Put(doctor(1, LEH))
        writer.apply([refuse, put], at(2))
        assert writer.refusals() == []
        writer.apply([put, refuse], at(3))
        assert len(writer.refusals()) == 1
        assert ids(writer.nearest(NearestQuery(*LEH))) == [1]

    def test_what_is_held_is_listed_in_order(self, writer: Writer) -> None:
        documents = [
            doctor(number, locale=locale, kind=kind, digest=f"{kind} {number} {locale}")
            for number in (2, 1 << 40, 1, 1 << 63)
            for locale in ("hi", "en")
            for kind in ("doctor", "condition")
        ]
        writer.apply(puts(*documents), at(1))
        writer.apply([Delete("doctor", uid(2), "en")], at(2))
        expected = sorted(
            (Entity(document.kind, document.id, document.locale), document.digest) for document in documents
        )
        expected.remove((Entity("doctor", uid(2), "en"), "doctor 2 en"))
        assert writer.digests() == expected
        listed: list[tuple[Entity, str]] = []
        while page := writer.digests(after=listed[-1][0] if listed else None, limit=4):
            assert len(page) <= 4
            listed += page
        assert listed == expected
        assert writer.digests(Entity("doctor", UUID(int=0), ""), limit=1)[0][0].kind == "doctor"
        assert writer.digests(Entity("zebra", UUID(int=0), "")) == []

    def test_what_is_held_of_some(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, digest="one"), doctor(2, digest="two")), at(1))
        one, other, none = (Entity("doctor", uid(1), locale) for locale in ("en", "hi", ""))
        assert writer.held([other, one, none, Entity("condition", uid(1), "en")]) == {one: "one"}
        assert writer.held([]) == {}
        writer.apply(puts(doctor(1, digest="another")), at(2))
        assert writer.held([one]) == {one: "another"}

    def test_why_an_entity_was_refused(self, writer: Writer) -> None:
        entity = Entity("doctor", uid(1), "en")
        assert writer.refusal(entity) is None
        writer.apply([Refuse("doctor", str(uid(1)).upper(), "en", 3, "because")], at(3))
        assert writer.refusal(entity) == Refusal("doctor", str(uid(1)), "en", 3, "because")
        assert writer.refusal(Entity("doctor", uid(1), "hi")) is None

    # --- What is near

    def test_nearest_first(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, DELHI), doctor(2, SKURBUCHAN), doctor(3, LEH), doctor(4, SUVA)), at(1))
        hits = writer.nearest(NearestQuery(34.39375, 76.7603))
        assert ids(hits) == [2, 3, 1, 4]
        assert [round(hit.distance_km) for hit in hits] == [6, 80, 644, 12_182]
        assert [hit.term for hit in hits] == [ANY_TERM] * 4
        assert ids(writer.nearest(NearestQuery(34.39375, 76.7603, limit=2))) == [2, 3]
        assert writer.nearest(NearestQuery(34.39375, 76.7603, limit=0)) == []

    def test_radius(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, (0, 0)), doctor(2, (0, 1)), doctor(3, (0, 2))), at(1))
        degree_km = HALF_CIRCUMFERENCE_KM / 180
        for radius_km, expected in {
            0.0: [1],
            degree_km - 0.001: [1],
            degree_km + 0.001: [1, 2],
            2 * degree_km + 0.001: [1, 2, 3],
            HALF_CIRCUMFERENCE_KM: [1, 2, 3],
            math.inf: [1, 2, 3],
        }.items():
            query = NearestQuery(0, 0, radius_km=radius_km)
            assert ids(writer.nearest(query)) == expected
            assert writer.count(query) == Total(len(expected), "eq")

    def test_a_document_appears_once_at_its_nearest_listing(self, writer: Writer) -> None:
        writer.apply(
            puts(doctor(1, DELHI, LEH, SKURBUCHAN, terms=[NEUROLOGY, MYOCLONUS]), doctor(2, LEH)), at(1)
        )
        for terms in (), (NEUROLOGY,), (NEUROLOGY, MYOCLONUS):
            query = NearestQuery(*LEH, terms, limit=1)
            hits = pages(writer, query)
            assert ids(hits) == ([1, 2] if not terms else [1])
            assert json.loads(hits[0].listing_card)["listing"] == 1
            assert hits[0].listings == 3
            assert hits[0].distance_km == 0
            assert writer.count(query) == Total(len(hits), "eq")

    def test_a_document_with_many_listings_hides_nobody(self, writer: Writer) -> None:
        everywhere = doctor(
            1, *((34.15, 77.57 + n / 10_000) for n in range(50)), terms=[NEUROLOGY, MYOCLONUS]
        )
        writer.apply(puts(everywhere, doctor(2, SKURBUCHAN, terms=[NEUROLOGY]), doctor(3, DELHI)), at(1))
        for limit in 1, 2, 3, 4:
            for radius_km in None, 100.0:
                query = NearestQuery(*LEH, (NEUROLOGY, MYOCLONUS), limit=limit, radius_km=radius_km)
                assert ids(writer.nearest(query)) == [1, 2][:limit]
                assert ids(pages(writer, query)) == [1, 2]
                assert writer.count(query) == Total(2, "eq")

    def test_the_first_of_several_listings_at_one_point(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, DELHI, LEH, LEH)), at(1))
        (hit,) = pages(writer, NearestQuery(*LEH))
        assert json.loads(hit.listing_card)["listing"] == 1

    def test_coincident_points_are_in_order_of_id(self, writer: Writer) -> None:
        numbers = [5, 3, 9, 1, 7, 2, 8, 4, 6]
        writer.apply(puts(*(doctor(number, LEH, LEH, DELHI) for number in numbers)), at(1))
        for centre in LEH, DELHI, SUVA:
            for limit in 1, 2, 4, 9:
                assert ids(pages(writer, NearestQuery(*centre, limit=limit))) == sorted(numbers)

    def test_a_hit_names_the_preferred_term(self, writer: Writer) -> None:
        writer.apply(
            puts(
                doctor(1, LEH, terms=[NEUROLOGY]),
                doctor(2, LEH, terms=[NEUROLOGY, MYOCLONUS]),
                doctor(3, LEH, terms=[CARDIOLOGY]),
                doctor(4, LEH, terms=[MYOCLONUS, MYOCLONUS]),
            ),
            at(1),
        )
        hits = writer.nearest(NearestQuery(*LEH, (MYOCLONUS, uuid4(), NEUROLOGY)))
        assert [(number, hit.term) for number, hit in zip(ids(hits), hits, strict=True)] == [
            (1, NEUROLOGY), (2, MYOCLONUS), (4, MYOCLONUS),
        ]  # fmt: skip
        swapped = writer.nearest(NearestQuery(*LEH, (NEUROLOGY, MYOCLONUS)))
        assert [hit.term for hit in swapped] == [NEUROLOGY, NEUROLOGY, MYOCLONUS]
        everyone = writer.nearest(NearestQuery(*LEH, (CARDIOLOGY, ANY_TERM)))
        assert [hit.term for hit in everyone] == [ANY_TERM, ANY_TERM, CARDIOLOGY, ANY_TERM]

    def test_an_unknown_term_finds_nothing(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH, terms=[NEUROLOGY])), at(1))
        query = NearestQuery(*LEH, (uuid4(),))
        assert writer.nearest(query) == []
        assert writer.count(query) == Total(0, "eq")
        # Until something is found under it, by the same reader.
        late = NearestQuery(*LEH, (CARDIOLOGY,))
        assert writer.nearest(late) == []
        writer.apply(puts(doctor(2, LEH, terms=[CARDIOLOGY])), at(2))
        assert ids(writer.nearest(late)) == [2]

    def test_kinds_are_apart(self, writer: Writer) -> None:
        writer.apply(
            puts(doctor(1, LEH), doctor(1, LEH, kind="clinic"), doctor(2, LEH, kind="clinic")), at(1)
        )
        assert ids(writer.nearest(NearestQuery(*LEH))) == [1]
        assert ids(writer.nearest(NearestQuery(*LEH, kind="clinic"))) == [1, 2]
        assert writer.counts() == {"clinic": 2, "doctor": 1, "refused": 0}

    def test_across_the_date_line(self, writer: Writer) -> None:
        writer.apply(
            puts(doctor(1, SUVA), doctor(2, TAVEUNI), doctor(3, DELHI), doctor(4, (-16.8, 0))), at(1)
        )
        hits = writer.nearest(NearestQuery(-16.8, 179.97, radius_km=500))
        assert ids(hits) == [2, 1]
        assert hits[0].distance_km == pytest.approx(6.387, abs=0.001)
        assert ids(writer.nearest(NearestQuery(-16.8, -180.0, radius_km=500))) == [2, 1]
        assert ids(writer.nearest(NearestQuery(-16.8, 180.0, radius_km=500))) == [2, 1]

    def test_at_the_poles(self, writer: Writer) -> None:
        around = [(89.9, float(lng)) for lng in range(-180, 180, 45)]
        writer.apply(
            puts(*(doctor(n, point) for n, point in enumerate(around, 1)), doctor(99, (-90, 0))), at(1)
        )
        # From a point near the pole, those beyond it are near too, whatever their longitude.
        hits = writer.nearest(NearestQuery(89.95, 0, radius_km=17))
        assert len(hits) == 8
        assert ids(hits)[0] == 5
        assert ids(writer.nearest(NearestQuery(90, 12, radius_km=11.2))) == list(range(1, 9))
        assert ids(writer.nearest(NearestQuery(-90, 120, radius_km=0))) == [99]

    def test_a_town_among_deserts(self, writer: Writer) -> None:
        """Many at one place and few elsewhere: whatever way an engine has to guess how far to look, the
        answer is exact."""
        model = Model()
        town = [doctor(n, (0.001 * (n % 7), 0.001 * (n % 11)), terms=[NEUROLOGY]) for n in range(1, 600)]
        hamlet = [doctor(1000 + n, (-0.3, -1.0 - 0.01 * n), terms=[NEUROLOGY]) for n in range(5)]
        shared = [doctor(2000 + n, (1.0, 1.0), (1.0, 1.0), (1.0, 1.01)) for n in range(40)]
        batch = puts(*town, *hamlet, *shared)
        model.apply(batch)
        writer.apply(batch, at(1))
        for centre in (-0.001, -0.001), (-0.3, -1.0), (0.0, 0.0), (1.0, 1.0), (40.0, 100.0), (-0.9, -179.0):
            for terms in (), (NEUROLOGY,), (NEUROLOGY, ANY_TERM):
                for limit, radius_km in (1, None), (20, None), (300, None), (2, 50.0), (20, 160.0):
                    query = NearestQuery(*centre, terms, limit=limit, radius_km=radius_km)
                    expected = model.nearest(query)
                    assert writer.nearest(query) == expected[:limit]
                    assert writer.count(query) == Total(len(expected), "eq")
            query = NearestQuery(*centre, limit=37)
            assert pages(writer, query) == model.nearest(query)
            rim = SortKey(chord2_from_km(50), uid(0))
            for after in rim, SortKey(0.5, uid(0)):
                assert writer.nearest(NearestQuery(*centre, radius_km=50.0, limit=1, after=after)) == []

    def test_a_page_after_a_key_made_by_hand(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH), doctor(2, DELHI, LEH), doctor(3, DELHI)), at(1))
        for chord2_, id, expected in [
            (0.0, uid(0), [1, 2, 3]),
            (0.0, uid(1), [2, 3]),
            (0.0, uid(2), [3]),
            (1e-9, uid(0), [3]),
            (4.0, uid(0), []),
            (math.inf, uid(0), []),
            (-1.0, uid(0), [1, 2, 3]),
        ]:
            assert ids(writer.nearest(NearestQuery(*LEH, after=SortKey(chord2_, id)))) == expected

    def test_paging_goes_on_while_the_index_changes(self, writer: Writer) -> None:
        writer.apply(puts(*(doctor(n, (34.0 + n / 100, 77.0)) for n in range(1, 10))), at(1))
        first = writer.nearest(NearestQuery(34.0, 77.0, limit=3))
        # The last one seen goes, one comes before it, one after it.
        writer.apply(
            [Delete("doctor", uid(3), "en"), *puts(doctor(20, (34.0, 77.0)), doctor(21, (34.035, 77.0)))],
            at(2),
        )
        second = writer.nearest(NearestQuery(34.0, 77.0, limit=3, after=first[-1].key))
        assert ids([*first, *second]) == [1, 2, 3, 21, 4, 5]

    def test_count_stops_at_the_cap(self, writer: Writer) -> None:
        writer.apply(puts(*(doctor(n, LEH, LEH, terms=[NEUROLOGY, CARDIOLOGY]) for n in range(1, 11))), at(1))
        query = NearestQuery(*LEH, (NEUROLOGY, CARDIOLOGY), limit=3, after=SortKey(0.0, uid(5)))
        assert writer.count(query) == Total(10, "eq")
        assert writer.count(query, cap=10) == Total(10, "eq")
        assert writer.count(query, cap=9) == Total(9, "gte")
        assert writer.count(query, cap=0) == Total(0, "gte")

    @pytest.mark.parametrize(
        "query",
        [
            NearestQuery(math.nan, 0),
            NearestQuery(0, math.inf),
            NearestQuery(90.5, 0),
            NearestQuery(0, 180.5),
            NearestQuery(0, 0, radius_km=-1),
            NearestQuery(0, 0, radius_km=math.nan),
        ],
    )
    def test_queries_that_are_none(self, writer: Writer, query: NearestQuery) -> None:
        for seq in 1, 2:
            with pytest.raises(ValueError, match=r"globe|radius_km"):
                writer.nearest(query)
            with pytest.raises(ValueError, match=r"globe|radius_km"):
                writer.count(query)
            writer.apply(puts(doctor(1, LEH)), at(seq))

    # --- Locales of what is near

    def test_cards_are_of_the_locale_asked_for(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH, DELHI), doctor(1, LEH, locale="bo"), doctor(2, LEH)), at(1))

        def shown(centre: Point, locale: str) -> list[tuple[str, str]]:
            hits = writer.nearest(NearestQuery(*centre, locale=locale))
            return [(json.loads(hit.card)["locale"], json.loads(hit.listing_card)["locale"]) for hit in hits]

        assert shown(LEH, "en") == [("en", "en"), ("en", "en")]
        assert shown(LEH, "bo") == [("bo", "bo"), ("en", "en")]
        assert shown(LEH, "fr") == [("en", "en"), ("en", "en")]
        # The Tibetan document does not list the practice in Delhi, where the doctor is found all the same.
        assert shown(DELHI, "bo") == [("bo", "en"), ("en", "en")]

    def test_the_primary_document_says_where_an_entity_is_found(self, writer: Writer) -> None:
        def found() -> dict[str, list[int]]:
            return {
                name: ids(writer.nearest(NearestQuery(*centre, (term,), radius_km=1)))
                for name, centre, term in [
                    ("fr", SUVA, CARDIOLOGY), ("bo", LEH, NEUROLOGY), ("en", DELHI, MYOCLONUS),
                ]
            }  # fmt: skip

        french = doctor(1, SUVA, locale="fr", terms=[CARDIOLOGY])
        tibetan = doctor(1, LEH, locale="bo", terms=[NEUROLOGY])
        english = doctor(1, DELHI, locale="en", terms=[MYOCLONUS])
        nowhere: dict[str, list[int]] = {"fr": [], "bo": [], "en": []}
        history: list[tuple[list[Change], str]] = [
            (puts(french), "fr"),
            (puts(tibetan), "bo"),  # the lower code of the two
            (puts(english), "en"),  # the default locale
            (puts(tibetan, french), "en"),
            ([Delete("doctor", uid(1), "en")], "bo"),
            ([Delete("doctor", uid(1), "bo")], "fr"),
            ([*puts(english), Delete("doctor", uid(1), "fr")], "en"),
        ]
        for changes, where in history:
            writer.apply(changes, at(1))
            assert found() == nowhere | {where: [1]}
            assert writer.counts() == {"doctor": 1, "refused": 0}
        writer.apply([Delete("doctor", uid(1), "en")], at(2))
        assert found() == nowhere

    # --- Against the model

    @settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(some_changes, min_size=1, max_size=4), st.lists(queries, min_size=1, max_size=6))
    def test_any_history_gives_what_a_look_at_every_document_gives(
        self, index: Index, batches: list[list[Change]], asked: list[NearestQuery]
    ) -> None:
        model, seq = Model(), count(1)
        with closing(index.create()) as writer:
            for batch in batches:
                writer.apply(batch, at(next(seq)))
                model.apply(batch)
            assert writer.counts() == model.counts()
            assert set(writer.refusals()) == set(model.refusals.values())
            for number in range(1, 10):
                for kind in ("doctor", "clinic"):
                    for locale in ("bo", "en", "fr", "hi"):
                        document = model.get(kind, uid(number), locale)
                        assert writer.get(kind, uid(number), locale) == (document and stored(document))
            for slug in ("one", "two", "three"):
                document = model.get_by_slug("doctor", slug, "fr")
                assert writer.get_by_slug("doctor", slug, "fr") == (document and stored(document))
            for query in asked:
                expected = model.nearest(query)
                assert writer.nearest(query) == expected[: query.limit]
                assert pages(writer, query) == expected
                assert writer.count(query) == Total(len(expected), "eq")
                assert writer.count(query, cap=2) == Total(
                    min(2, len(expected)), "gte" if len(expected) > 2 else "eq"
                )
            generation = writer.generation
        index.drop(generation)
