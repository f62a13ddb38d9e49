"""Slugs: who has one now, and what became of who had it before."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from random import Random
from typing import Any

import pytest

from search_service.index.protocol import Change, Delete, Gone, Index, Moved, Writer
from tests.search_service.index.behaviour.base import Base
from tests.search_service.index.directory import LEH, at, doctor, gone, puts, stored, uid


class Slugs(Base):
    def test_a_moved_slug_tells_the_new_one(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH, slug="a")), at(1))
        writer.apply(puts(doctor(1, LEH, slug="b", former_slugs=("a",))), at(2))
        assert writer.get_by_slug("doctor", "a", "en") == Moved("b")
        now = doctor(1, LEH, slug="c", former_slugs=("a", "b"))
        writer.apply(puts(now), at(3))
        # At once, not by way of one another.
        assert writer.get_by_slug("doctor", "a", "en") == Moved("c")
        assert writer.get_by_slug("doctor", "b", "en") == Moved("c")
        assert writer.get_by_slug("doctor", "c", "en") == stored(now)
        assert writer.get_by_slug("doctor", "d", "en") is None
        assert writer.get_by_slug("clinic", "a", "en") is None

    def test_a_former_slug_can_be_forgotten(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH, slug="b", former_slugs=("a",))), at(1))
        writer.apply(puts(doctor(1, LEH, slug="b")), at(2))
        assert writer.get_by_slug("doctor", "a", "en") is None

    def test_the_slugs_of_what_is_deleted_can_be_forgotten(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, slug="b", former_slugs=("a",))), at(1))
        writer.apply([Delete("doctor", uid(1), "en", ("b",))], at(2))
        assert writer.get_by_slug("doctor", "a", "en") is None
        assert isinstance(writer.get_by_slug("doctor", "b", "en"), Gone)
        writer.apply([Delete("doctor", uid(1), "en", ())], at(3))
        assert writer.get_by_slug("doctor", "b", "en") is None
        assert writer.get("doctor", uid(1), "en") is None

    def test_forgotten_before_the_deletion_is_read(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, slug="b", former_slugs=("a",))), at(1))
        writer.apply([Delete("doctor", uid(1), "en", ())], at(2))
        assert writer.get_by_slug("doctor", "b", "en") is None

    def test_a_feed_that_does_not_tell_of_slugs(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, slug="b", former_slugs=("a",))), at(1))
        for seq in 2, 3:
            writer.apply([Delete("doctor", uid(1), "en")], at(seq))
            for slug in "a", "b":
                assert isinstance(writer.get_by_slug("doctor", slug, "en"), Gone)

    @pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one by one"])
    @pytest.mark.parametrize(
        ("changes", "slug", "is_gone"),
        [
            ((("a", ()), None), "a", True),
            ((("a", ()), ("b", ("a",)), None), "b", True),
            ((("a", ()), None, ("b", ())), "a", False),
            ((("b", ("a",)), ("c", ("x",))), "a", False),
            ((("b", ("a",)), ()), "a", False),
            ((("b", ("a",)), (), None), "b", False),
        ],
    )
    def test_several_changes_of_one_document(
        self, writer: Writer, changes: Sequence[Any], slug: str, is_gone: bool, at_once: bool
    ) -> None:
        """Each is its slug and former slugs; a deletion tells what was, or None."""
        some: list[Change] = []
        for change in changes:
            if change:
                some += puts(doctor(1, slug=change[0], former_slugs=change[1]))
            else:
                some.append(Delete("doctor", uid(1), "en", change))
        for number, batch in enumerate([some] if at_once else [[change] for change in some], 1):
            writer.apply(batch, at(number))
        found = writer.get_by_slug("doctor", slug, "en")
        assert isinstance(found, Gone) if is_gone else found is None

    def test_moved_back(self, writer: Writer) -> None:
        for former in [("b",), ("a", "b")]:
            writer.apply(puts(doctor(1, slug="b", former_slugs=("a",))), at(1))
            back = doctor(1, slug="a", former_slugs=former)
            writer.apply(puts(back), at(2))
            assert writer.get_by_slug("doctor", "a", "en") == stored(back)
            assert writer.get_by_slug("doctor", "b", "en") == Moved("a")

    def test_what_is_deleted_is_gone_under_all_its_slugs(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, slug="b", former_slugs=("a",))), at(1))
        writer.apply([gone(1, "a", "b")], at(2))
        for slug in "a", "b":
            assert isinstance(writer.get_by_slug("doctor", slug, "en"), Gone)
        again = doctor(1, slug="c", former_slugs=("a", "b"))
        writer.apply(puts(again), at(3))
        for slug in "a", "b":
            assert writer.get_by_slug("doctor", slug, "en") == Moved("c")
        assert writer.get_by_slug("doctor", "c", "en") == stored(again)

    def test_a_slug_that_another_took_over(self, writer: Writer) -> None:
        mover, heir = doctor(1, slug="b", former_slugs=("a",)), doctor(2, slug="a")
        writer.apply(puts(mover, heir), at(1))
        assert writer.get_by_slug("doctor", "a", "en") == stored(heir)
        # Once the heir moves on too, both had it; once both are gone, so it is.
        writer.apply(puts(doctor(2, slug="z", former_slugs=("a",))), at(2))
        assert writer.get_by_slug("doctor", "a", "en") == Moved("b")
        writer.apply([gone(1, "a", "b")], at(3))
        assert writer.get_by_slug("doctor", "a", "en") == Moved("z")
        writer.apply([gone(2, "a", "z")], at(4))
        assert isinstance(writer.get_by_slug("doctor", "a", "en"), Gone)
        late = doctor(3, slug="a")
        writer.apply(puts(late), at(5))
        assert writer.get_by_slug("doctor", "a", "en") == stored(late)

    def test_of_several_that_had_it_those_that_are_there_come_first(self, writer: Writer) -> None:
        had = {n: doctor(n, slug=f"now-{n}", former_slugs=("same",)) for n in (3, 1, 2)}
        writer.apply(puts(*had.values()), at(1))
        assert writer.get_by_slug("doctor", "same", "en") == Moved("now-1")
        writer.apply([gone(1, "same", "now-1")], at(2))
        assert writer.get_by_slug("doctor", "same", "en") == Moved("now-2")
        assert isinstance(writer.get_by_slug("doctor", "now-1", "en"), Gone)

    def test_of_several_that_had_it_the_one_that_had_it_in_the_locale_asked_for_answers(
        self, writer: Writer
    ) -> None:
        french, english, tibetan = (
            doctor(number, slug=f"now-{locale}", locale=locale, former_slugs=("same",))
            for number, locale in enumerate(("fr", "en", "bo"), 1)
        )
        writer.apply(puts(french, english, tibetan), at(1))
        for asked, now in {"bo": "now-bo", "fr": "now-fr", "en": "now-en", "hi": "now-en"}.items():
            assert writer.get_by_slug("doctor", "same", asked) == Moved(now)
        # But one that is there comes before one that is gone.
        writer.apply([gone(3, "same", "now-bo", locale="bo"), gone(2, "same", "now-en")], at(2))
        for asked in "bo", "en", "hi":
            assert writer.get_by_slug("doctor", "same", asked) == Moved("now-fr")

    def test_of_two_with_one_slug_the_lower_id_answers(self, writer: Writer) -> None:
        first, second = doctor(1, slug="same"), doctor(2, slug="same")
        writer.apply(puts(second, first, doctor(3, slug="same", kind="clinic")), at(1))
        assert writer.get_by_slug("doctor", "same", "en") == stored(first)
        writer.apply([gone(1, "same")], at(2))
        assert writer.get_by_slug("doctor", "same", "en") == stored(second)

    def test_the_one_that_has_it_in_the_locale_asked_for_answers(self, writer: Writer) -> None:
        french, english, tibetan = (
            doctor(number, slug="same", locale=locale) for number, locale in enumerate(("fr", "en", "bo"), 1)
        )
        writer.apply(puts(french, english, tibetan), at(1))
        assert writer.get_by_slug("doctor", "same", "bo") == stored(tibetan)
        assert writer.get_by_slug("doctor", "same", "fr") == stored(french)
        assert writer.get_by_slug("doctor", "same", "hi") == stored(english)
        writer.apply([gone(2, "same")], at(2))
        assert writer.get_by_slug("doctor", "same", "hi") == stored(french)
        # By its own Tibetan document, since that is what was asked for.
        other = doctor(1, slug="other", locale="bo")
        writer.apply([*puts(other), gone(3, "same", locale="bo")], at(3))
        assert writer.get_by_slug("doctor", "same", "bo") == stored(other)

    def test_moved_tells_the_slug_in_the_locale_that_had_it(self, writer: Writer) -> None:
        writer.apply(
            puts(
                doctor(1, slug="english", former_slugs=("old-english",)),
                doctor(1, slug="tibetan", former_slugs=("old-tibetan",), locale="bo"),
            ),
            at(1),
        )
        for asked in "en", "bo", "fr":
            assert writer.get_by_slug("doctor", "old-english", asked) == Moved("english")
            assert writer.get_by_slug("doctor", "old-tibetan", asked) == Moved("tibetan")
        # The translation goes; the doctor is there, under the slug that is left.
        writer.apply([gone(1, "old-tibetan", "tibetan", locale="bo")], at(2))
        for slug in "old-tibetan", "tibetan":
            assert writer.get_by_slug("doctor", slug, "bo") == Moved("english")
        shown = writer.get("doctor", uid(1), "bo")
        assert not isinstance(shown, Gone)
        assert shown is not None
        assert shown.slug == "english"
        writer.apply([gone(1, "old-english", "english")], at(3))
        for slug in "old-tibetan", "tibetan", "old-english", "english":
            assert isinstance(writer.get_by_slug("doctor", slug, "bo"), Gone)

    def test_slugs_outlive_a_rebuild(self, index: Index) -> None:
        """A new generation is told the newest of each entity only, in the order in which they changed last."""
        changes: list[Change] = [
            *puts(
                doctor(1, LEH, slug="b", former_slugs=("a",)),
                doctor(2, LEH, slug="c", former_slugs=("a", "b")),
                doctor(5, LEH, slug="e", former_slugs=("f",)),
            ),
            gone(3, "a", "d"),
            gone(4, "f"),
        ]
        for seed in range(4):
            Random(seed).shuffle(changes)
            with closing(index.create()) as fresh:
                fresh.apply(changes[:2], at(1))
                fresh.apply(changes[2:], at(2))
                index.promote(fresh.generation)
            reader = index.reader()
            assert reader.get_by_slug("doctor", "a", "en") == Moved("b")
            assert reader.get_by_slug("doctor", "b", "en") == stored(doctor(1, LEH, slug="b"))
            assert isinstance(reader.get_by_slug("doctor", "d", "en"), Gone)
            assert reader.get_by_slug("doctor", "f", "en") == Moved("e")
            assert isinstance(reader.get("doctor", uid(4), "en"), Gone)
