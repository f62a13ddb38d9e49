"""What a generation says of itself: its position, what it holds, what it refused."""

from __future__ import annotations

import math
from collections.abc import Iterator
from uuid import UUID

import pytest

from search_service.index.protocol import (
    Change,
    Counted,
    Counts,
    Delete,
    Entity,
    Found,
    Index,
    Put,
    Query,
    Refusal,
    Refuse,
    Total,
    Writer,
)
from tests.search_service.index.behaviour.base import Base
from tests.search_service.index.directory import (
    DELHI,
    LEH,
    NEUROLOGY,
    Point,
    at,
    doctor,
    found,
    gone,
    puts,
    stored,
    uid,
)


class Holdings(Base):
    def test_a_fresh_generation_is_empty(self, writer: Writer) -> None:
        assert writer.position() is None
        assert writer.counts() == {"refused": 0}
        assert writer.refusals() == []
        assert writer.get("doctor", uid(1), "en") is None
        assert writer.get_by_slug("doctor", "one", "en") is None
        assert writer.cards("doctor", [uid(1)], "en") == {}
        assert writer.listing_cards("doctor", [NEUROLOGY]) == {}
        assert writer.search(Query(*LEH)) == Found([], Counts())
        counted = Counted(facets=("language",), since=(2000,))
        assert writer.search(Query(*LEH), counted).counts == Counts(
            Total(0, "eq"), {"language": {}}, {2000: 0}
        )
        writer.check()

    def test_what_is_applied_is_seen_at_once(self, index: Index, live: Writer) -> None:
        reader = index.reader()
        for seq in range(1, 5):
            live.apply(puts(doctor(seq, LEH)), at(seq))
            assert reader.position() == at(seq)
            assert reader.counts()["doctor"] == seq
            assert found(reader, Query(*LEH)) == list(range(1, seq + 1))
            assert reader.get("doctor", uid(seq), "en") == stored(doctor(seq, LEH))

    def test_applying_twice_changes_nothing(self, writer: Writer) -> None:
        batch = [*puts(doctor(1, LEH, DELHI), doctor(2, LEH)), Refuse("doctor", str(uid(3)), "en", 3, "bad")]
        for _ in range(2):
            writer.apply(batch, at(3))
            assert writer.counts() == {"doctor": 2, "refused": 1}
            assert found(writer, Query(*LEH)) == [1, 2]

    def test_an_empty_batch_moves_the_position(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH)), at(1))
        writer.apply([], at(5, "another log"))
        assert writer.position() == at(5, "another log")
        assert writer.counts() == {"doctor": 1, "refused": 0}

    def test_all_or_nothing(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH)), at(1))

        def failing() -> Iterator[Change]:
            yield Put(doctor(2, LEH))
            yield gone(1)
            raise RuntimeError("the feed broke off")

        with pytest.raises(RuntimeError):
            writer.apply(failing(), at(2))
        assert writer.position() == at(1)
        assert found(writer, Query(*LEH)) == [1]
        assert writer.get("doctor", uid(1), "en") == stored(doctor(1, LEH))
        # And the writer is none the worse for it.
        writer.apply(puts(doctor(3, LEH, terms=[NEUROLOGY])), at(2))
        assert found(writer, Query(*LEH, (NEUROLOGY,))) == [3]

    @pytest.mark.parametrize("point", [(math.nan, 0.0), (0.0, math.inf), (91.0, 0.0), (0.0, -180.5)])
    def test_a_listing_off_the_globe(self, writer: Writer, point: Point) -> None:
        with pytest.raises(ValueError, match=r"doctor .* listing .*globe"):
            writer.apply(puts(doctor(1, LEH), doctor(2, LEH, point)), at(1))
        assert writer.position() is None
        assert writer.counts() == {"refused": 0}
        assert found(writer, Query(*LEH)) == []

    def test_refusals(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH, slug="now", former_slugs=("before",))), at(1))
        held = writer.digests()
        refused = [
            Refuse("doctor", str(uid(1)).upper(), "en", 5, "lat: too far north"),
            Refuse("condition", str(uid(2)), "en", 6, "no name"),
            Refuse("condition", str(uid(2)), "bo", 7, "no slug"),
            Refuse("\ud800?", "not an id \ud800", "?", 10**30, "malformed \ud800"),
        ]
        writer.apply(refused, at(8))
        assert writer.counts() == {"doctor": 1, "refused": 4}
        # What was there before stays, and nothing came of what was not.
        assert found(writer, Query(*LEH)) == [1]
        assert writer.get_by_slug("doctor", "now", "en") == stored(doctor(1, LEH, slug="now"))
        assert writer.get_by_slug("doctor", "before", "en") is not None
        assert writer.get("condition", uid(2), "en") is None
        assert writer.digests() == held
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
        assert found(writer, Query(*LEH)) == [1]

    def test_what_is_held_is_listed_in_order(self, writer: Writer) -> None:
        documents = [
            doctor(number, locale=locale, kind=kind, digest=f"{kind} {number} {locale}")
            for number in (2, 1 << 40, 1, 1 << 63)
            for locale in ("hi", "en")
            for kind in ("doctor", "condition")
        ]
        writer.apply(puts(*documents), at(1))
        writer.apply([gone(2)], at(2))
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
        writer.apply([*puts(doctor(1, digest="one"), doctor(2, digest="two")), gone(3)], at(1))
        one, other, none = (Entity("doctor", uid(1), locale) for locale in ("en", "hi", ""))
        was = Entity("doctor", uid(3), "en")
        assert writer.held([other, one, none, was, Entity("condition", uid(1), "en")]) == {one: "one"}
        assert writer.held([]) == {}
        writer.apply(puts(doctor(1, digest="another")), at(2))
        assert writer.held([one]) == {one: "another"}

    def test_why_an_entity_was_refused(self, writer: Writer) -> None:
        entity = Entity("doctor", uid(1), "en")
        assert writer.refusal(entity) is None
        writer.apply([Refuse("doctor", str(uid(1)).upper(), "en", 3, "because")], at(3))
        assert writer.refusal(entity) == Refusal("doctor", str(uid(1)), "en", 3, "because")
        assert writer.refusal(Entity("doctor", uid(1), "hi")) is None
