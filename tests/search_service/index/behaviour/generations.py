"""Generations, locks and records."""

from __future__ import annotations

from contextlib import closing

import pytest

from search_service.index.protocol import GenerationNotFound, Index, IndexUnavailable, Query, Writer
from tests.search_service.index.behaviour.base import Base
from tests.search_service.index.directory import LEH, at, doctor, found, puts, uid


class Generations(Base):
    def test_an_index_that_was_never_built_is_unavailable(self, index: Index) -> None:
        assert index.generations() == []
        with pytest.raises(IndexUnavailable):
            index.reader()
        with pytest.raises(IndexUnavailable):
            index.writer()

    def test_a_generation_is_not_seen_before_it_is_promoted(self, index: Index, live: Writer) -> None:
        live.apply(puts(doctor(1, LEH)), at(1))
        with closing(index.create()) as fresh:
            fresh.apply(puts(doctor(2, LEH), doctor(3, LEH)), at(9))
            assert index.reader().generation == live.generation
            assert index.reader().counts()["doctor"] == 1
            assert index.generations() == [live.generation, fresh.generation]

            # It can be looked at before, and goes on after: the positions do not mix.
            assert fresh.counts()["doctor"] == 2
            index.promote(fresh.generation)
            fresh.apply(puts(doctor(4, LEH)), at(10))
            assert index.reader().generation == fresh.generation
            assert index.reader().counts()["doctor"] == 3
            assert index.reader().position() == at(10)
            assert live.position() == at(1)

    def test_a_generation_of_nobody_who_practises_anywhere(self, index: Index) -> None:
        """The listings of a translation are none of their own."""
        with closing(index.create()) as fresh:
            fresh.apply(puts(doctor(1), doctor(1, LEH, locale="bo")), at(1))
            index.promote(fresh.generation)
        assert found(index.reader(), Query(*LEH)) == []
        assert index.reader().counts()["doctor"] == 1

    def test_the_former_generation_can_be_read_on(self, index: Index, live: Writer) -> None:
        live.apply(puts(doctor(1, LEH)), at(1))
        before = index.reader()
        with closing(index.create()) as fresh:
            index.promote(fresh.generation)
        live.close()
        assert index.reader().get("doctor", uid(1), "en") is None
        index.drop(before.generation)
        assert before.get("doctor", uid(1), "en") is not None
        assert found(before, Query(*LEH)) == [1]
        assert index.generations() == [index.reader().generation]

    def test_a_snapshot_stays_as_it_was(self, index: Index, live: Writer) -> None:
        live.apply(puts(doctor(1, LEH)), at(1))
        with index.reader().snapshot() as before:
            live.apply(puts(doctor(2, LEH)), at(2))
            with closing(index.create()) as fresh:
                index.promote(fresh.generation)
            live.apply(puts(doctor(3, LEH)), at(3))
            index.drop(live.generation)
            assert (before.generation, before.position()) == (live.generation, at(1))
            assert found(before, Query(*LEH)) == [1]
            assert before.counts()["doctor"] == 1
            assert before.get("doctor", uid(2), "en") is None
            with index.reader().snapshot() as after:
                assert after.generation == fresh.generation

    def test_promoting_back(self, index: Index, live: Writer) -> None:
        with closing(index.create()) as fresh:
            index.promote(fresh.generation)
        index.promote(live.generation)
        assert index.reader().generation == live.generation

    def test_the_live_generation_cannot_be_dropped(self, index: Index, live: Writer) -> None:
        with pytest.raises(ValueError, match="live"):
            index.drop(live.generation)
        assert index.reader().generation == live.generation

    @pytest.mark.parametrize("name", ["", ".", "..", "nonesuch", "20200101T000000000000Z", "../../etc"])
    def test_unknown_generations(self, index: Index, live: Writer, name: str) -> None:
        with pytest.raises(GenerationNotFound):
            index.promote(name)
        with pytest.raises(GenerationNotFound):
            index.drop(name)
        assert index.generations() == [live.generation]

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

    def test_another_generation_than_the_live_one_is_written(self, index: Index, live: Writer) -> None:
        index.promote(live.generation)
        with closing(index.create()) as second:
            second.apply([], at(1))
            index.promote(second.generation)
        with closing(index.writer(live.generation)) as first:
            assert first.generation == live.generation
            first.apply(puts(doctor(1, LEH)), at(2))
        assert index.reader().get("doctor", uid(1), "en") is None
        index.promote(live.generation)
        assert index.reader().get("doctor", uid(1), "en")

    def test_records_are_kept_by_name(self, index: Index) -> None:
        assert index.noted("rebuild") is None
        index.note("rebuild", {"state": "running", "seq": 1})
        index.note("rebuild", {"state": "done", "ended_at": None, "error": "ü \ud800"})
        index.note("audit", {})
        assert index.noted("rebuild") == {"state": "done", "ended_at": None, "error": "ü \ud800"}
        assert index.noted("audit") == {}
        assert index.generations() == []
