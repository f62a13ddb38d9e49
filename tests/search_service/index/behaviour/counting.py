"""Totals, facets and steps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest

from search_service.index.protocol import (
    EXACT_TO,
    FACET_VALUES,
    Box,
    Counted,
    Counts,
    Index,
    Query,
    Reader,
    SortKey,
    Term,
    Total,
    Writer,
)
from tests.search_service.index.behaviour.base import Base
from tests.search_service.index.directory import (
    ACCEPTING,
    CARDIOLOGY,
    DELHI,
    ENGLISH,
    FEMALE,
    HINDI,
    LEH,
    MALE,
    MYOCLONUS,
    NEUROLOGY,
    SKURBUCHAN,
    TIBETAN,
    at,
    doctor,
    found,
    gone,
    pages,
    practice,
    puts,
    uid,
)

RARE = Term("language", "rare")


def counts(reader: Reader, query: Query, *facets: str) -> list[dict[str, int]]:
    """Of each facet."""
    counts = reader.search(query, Counted(total=False, facets=facets)).counts
    assert counts.exact
    assert counts.total is None
    assert list(counts.facets) == list(facets)
    return [dict(counts.facets[facet]) for facet in facets]


class Counting(Base):
    def test_only_what_is_asked_for_is_counted(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH, terms=[ENGLISH], since=2000)), at(1))
        assert writer.search(Query(*LEH)).counts == Counts()
        assert writer.search(Query(*LEH), Counted()).counts == Counts(Total(1, "eq"))
        assert writer.search(Query(*LEH), Counted(total=False)).counts == Counts()
        counted = Counted(facets=("language", "gender"), since=(1999, 2000), verified=(date(2026, 1, 1),))
        assert writer.search(Query(*LEH), counted).counts == Counts(
            Total(1, "eq"), {"language": {"en": 1}, "gender": {}}, {1999: 0, 2000: 1}, {date(2026, 1, 1): 0}
        )

    def test_counts_are_of_all_pages(self, writer: Writer) -> None:
        writer.apply(puts(*(doctor(n, LEH, LEH, terms=[NEUROLOGY, CARDIOLOGY]) for n in range(1, 11))), at(1))
        for limit in 0, 3, 100:
            query = Query(*LEH, (NEUROLOGY, CARDIOLOGY), limit=limit, after=SortKey(0, "", 0.0, uid(5)))
            answer = writer.search(query, Counted(facets=("specialty",)))
            assert len(answer.hits) == min(limit, 5)
            assert answer.counts.total == Total(10, "eq")
            assert answer.counts.facets == {"specialty": {"cardiology": 10, "neurology": 10}}

    def test_a_facet_ignores_its_own_filter(self, writer: Writer) -> None:
        writer.apply(
            puts(
                doctor(1, LEH, terms=[ENGLISH, FEMALE]),
                doctor(2, LEH, terms=[TIBETAN, FEMALE]),
                doctor(3, LEH, terms=[TIBETAN, HINDI, MALE]),
                doctor(4, DELHI, terms=[HINDI, MALE]),
                doctor(5, LEH),
            ),
            at(1),
        )
        both = ("language", "gender")
        assert counts(writer, Query(*LEH), *both) == [{"bo": 2, "hi": 2, "en": 1}, {"female": 2, "male": 2}]
        only_tibetan = Query(*LEH, filters={"language": ["bo"]})
        assert counts(writer, only_tibetan, *both) == [
            {"bo": 2, "hi": 2, "en": 1}, {"female": 1, "male": 1},
        ]  # fmt: skip
        women_too = replace(only_tibetan, filters={"language": ["bo"], "gender": ["female"]})
        assert counts(writer, women_too, *both) == [{"bo": 1, "en": 1}, {"female": 1, "male": 1}]
        assert writer.search(women_too, Counted()).counts.total == Total(1, "eq")
        # Place, terms and names bear upon all.
        assert counts(writer, replace(women_too, radius_km=1), *both) == [
            {"bo": 1, "en": 1}, {"female": 1, "male": 1},
        ]  # fmt: skip
        assert counts(writer, Query(*LEH, box=Box(77, 28, 77.5, 29)), *both) == [{"hi": 1}, {"male": 1}]
        assert counts(writer, Query(*LEH, (HINDI,)), *both) == [{"hi": 2, "bo": 1}, {"male": 2}]

    def test_a_filter_that_nobody_passes_leaves_what_could_be_chosen(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH, terms=[ENGLISH, FEMALE]), doctor(2, LEH, terms=[HINDI])), at(1))
        answer = writer.search(
            Query(*LEH, filters={"language": ["xx"]}), Counted(facets=("language", "gender"))
        )
        assert answer.hits == []
        assert answer.counts == Counts(Total(0, "eq"), {"language": {"en": 1, "hi": 1}, "gender": {}})
        answer = writer.search(
            Query(*LEH, filters={"gender": ["female"], "language": ["hi"]}),
            Counted(facets=("language", "gender", "practice")),
        )
        assert answer.counts.facets == {"language": {"en": 1}, "gender": {}, "practice": {}}

    def test_a_doctor_counts_once_for_each_value(self, writer: Writer) -> None:
        """Wherever in reach the value is had, not at the nearest practice only."""
        writer.apply(
            puts(
                doctor(
                    1, LEH, SKURBUCHAN, LEH, DELHI,
                    terms=[NEUROLOGY],
                    own=[
                        [practice("snm")], [practice("phc"), ACCEPTING], [practice("snm"), ACCEPTING],
                        [practice("aiims")],
                    ],
                ),
                doctor(2, LEH, terms=[NEUROLOGY], own=[[practice("snm")]]),
            ),
            at(1),
        )  # fmt: skip
        facets = ("practice", "accepting_new_patients", "specialty")
        assert counts(writer, Query(*LEH, radius_km=100), *facets) == [
            {"snm": 2, "phc": 1}, {"true": 1}, {"neurology": 2},
        ]  # fmt: skip
        # Of what is accepting only.
        query = Query(*LEH, radius_km=100, filters={"accepting_new_patients": ["true"]})
        assert counts(writer, query, *facets) == [{"phc": 1, "snm": 1}, {"true": 1}, {"neurology": 1}]
        query = Query(*LEH, filters={"practice": ["phc", "aiims"]})
        assert counts(writer, query, *facets) == [
            {"snm": 2, "aiims": 1, "phc": 1}, {"true": 1}, {"neurology": 1},
        ]  # fmt: skip

    def test_steps_of_years_and_days(self, writer: Writer) -> None:
        years = {1: 1999, 2: 2000, 3: 2001, 4: None}
        days = {1: date(2026, 1, 1), 2: date(2026, 1, 2), 3: None, 4: date(2024, 2, 29)}
        writer.apply(puts(*(doctor(n, LEH, since=years[n], verified_on=days[n]) for n in years)), at(1))
        counted = Counted(
            since=(1998, 2000, 2001), verified=(date(2026, 1, 2), date(2024, 2, 29), date(2027, 1, 1))
        )

        def steps(query: Query) -> tuple[list[int], list[int]]:
            counts = writer.search(query, counted).counts
            assert (list(counts.since), list(counts.verified)) == (
                list(counted.since), list(counted.verified)
            )  # fmt: skip
            return list(counts.since.values()), list(counts.verified.values())

        assert steps(Query(*LEH)) == ([0, 2, 3], [1, 3, 0])
        # Neither bears upon its own, each upon the other.
        assert steps(Query(*LEH, since_to=1999)) == ([0, 2, 3], [0, 1, 0])
        assert steps(Query(*LEH, verified_from=date(2026, 1, 1))) == ([0, 2, 2], [1, 3, 0])
        assert steps(Query(*LEH, since_to=1999, verified_from=date(2026, 1, 2))) == ([0, 1, 1], [0, 1, 0])

    def test_the_most_frequent_values_first(self, writer: Writer) -> None:
        many = [
            doctor(n, LEH, own=[[practice(f"{n:03}"), practice(f"{n // 2:03}")]])
            for n in range(1, FACET_VALUES + 30)
        ]
        writer.apply(
            puts(*many, doctor(999, LEH, own=[[practice("ä"), practice("z"), practice("Z")]])), at(1)
        )
        (values,) = counts(writer, Query(*LEH), "practice")
        assert len(values) == FACET_VALUES
        # Number 1 is at 001 and 000, 2 and 3 at 001 and their own: up to 064 there are three at each.
        assert list(values.items())[:66] == [(f"{n:03}", 3) for n in range(1, 65)] + [("000", 1), ("065", 1)]
        (few,) = counts(writer, Query(*LEH, filters={"practice": ["z"]}, radius_km=0), "practice")
        assert few == values
        writer.apply([gone(n) for n in range(1, FACET_VALUES + 29)], at(2))
        (left,) = counts(writer, Query(*LEH), "practice")
        assert list(left.items()) == [("064", 1), ("129", 1), ("Z", 1), ("z", 1), ("ä", 1)]

    def test_the_count_of_a_value_is_what_choosing_it_gives(self, writer: Writer) -> None:
        documents = [
            doctor(
                n, (34 + n % 7, 77), (34, 77 + n % 5),
                terms=[(NEUROLOGY, CARDIOLOGY)[n % 2], (ENGLISH, HINDI, TIBETAN)[n % 3]],
                own=[[practice(f"{n % 4}")], [practice(f"{n % 6}"), *[ACCEPTING][: n % 2]]],
            )
            for n in range(1, 80)
        ]  # fmt: skip
        writer.apply(puts(*documents), at(1))
        query = Query(34, 77, (NEUROLOGY, CARDIOLOGY), radius_km=300, filters={"practice": ["1", "2"]})
        facets = ("practice", "language", "accepting_new_patients", "specialty")
        for facet, values in zip(facets, counts(writer, query, *facets), strict=True):
            assert values
            for value, count in values.items():
                chosen = replace(query, filters={**query.filters, facet: [value]})
                assert writer.search(chosen, Counted()).counts.total == Total(count, "eq")
                assert len(pages(writer, chosen)) == count

    # --- More than are counted

    @pytest.fixture(scope="class")
    @classmethod
    def crowd(cls, make_index: Callable[[], Index]) -> Reader:
        """10,001 doctors of myoclonus in Leh, 10,000 of whom do neurology too; ten speak a rare language."""
        index = make_index()
        with closing(index.create()) as writer:
            writer.apply(
                puts(
                    *(
                        doctor(
                            n,
                            LEH,
                            terms=[
                                MYOCLONUS,
                                *[NEUROLOGY][: n - 1],
                                (FEMALE, MALE)[n % 2],
                                *[RARE][: n <= 10],
                            ],
                            since=1990 + n % 10,
                        )
                        for n in range(1, EXACT_TO + 2)
                    )
                ),
                at(1),
            )
            index.promote(writer.generation)
        return index.reader()

    def test_totals_are_exact_up_to_ten_thousand(self, crowd: Reader) -> None:
        def total(query: Query) -> Total | None:
            return crowd.search(query, Counted()).counts.total

        assert EXACT_TO == 10_000
        assert total(Query(*LEH, (NEUROLOGY,), limit=1)) == Total(EXACT_TO, "eq")
        assert total(Query(*LEH, (NEUROLOGY,), limit=1, sort="name")) == Total(EXACT_TO, "eq")
        assert total(Query(*DELHI, (NEUROLOGY,), radius_km=1000)) == Total(EXACT_TO, "eq")
        assert total(Query(*LEH, filters={"specialty": ["neurology"]})) == Total(EXACT_TO, "eq")
        assert total(Query(*LEH, (NEUROLOGY, MYOCLONUS))) == Total(EXACT_TO, "gte")
        assert total(Query(*LEH)) == Total(EXACT_TO, "gte")
        assert total(Query(*LEH, filters={"gender": ["female", "male"]})) == Total(EXACT_TO, "gte")
        assert total(Query(*LEH, box=Box(77, 34, 78, 35))) == Total(EXACT_TO, "gte")
        assert total(Query(*LEH, filters={"gender": ["female"]})) == Total(5_000, "eq")
        assert total(Query(*LEH, filters={"language": ["rare"]})) == Total(10, "eq")
        assert total(Query(*LEH, since_to=1990)) == Total(1_000, "eq")

    def test_facets_are_exact_or_say_that_they_are_not(self, crowd: Reader) -> None:
        counted = Counted(facets=("gender", "language"), since=(1990, 2000))
        counts = crowd.search(Query(*LEH, (NEUROLOGY,)), counted).counts
        assert counts == Counts(
            Total(EXACT_TO, "eq"),
            {"gender": {"female": 5_000, "male": 5_000}, "language": {"rare": 9}},
            {1990: 1_000, 2000: EXACT_TO},
        )
        counts = crowd.search(Query(*LEH), counted).counts
        assert counts.total == Total(EXACT_TO, "gte")
        numbers = [counts.facets["gender"]["male"], counts.facets["gender"]["female"], *counts.since.values()]
        everyone = [5_001, 5_000, 1_000, EXACT_TO + 1]
        if counts.exact:
            assert numbers == everyone
        else:
            assert all(0 < number <= most for number, most in zip(numbers, everyone, strict=True))

    def test_facets_beside_a_filter_that_few_pass(self, crowd: Reader) -> None:
        """What the ten have is counted exactly, also where choosing something else would give thousands."""
        query = Query(*LEH, filters={"language": ["rare"]})
        few = crowd.search(query, Counted(facets=("gender",), since=(1990, 1995))).counts
        assert few == Counts(Total(10, "eq"), {"gender": {"female": 5, "male": 5}}, {1990: 1, 1995: 6})
        query = replace(query, since_to=1990)
        counts = crowd.search(query, Counted(facets=("language",), since=(1990, 1995))).counts
        assert counts.total == Total(1, "eq")
        assert counts.exact
        assert counts.facets == {"language": {"rare": 1}}
        assert counts.since == {1990: 1, 1995: 6}

    def test_pages_go_on_beyond_what_is_counted(self, crowd: Reader) -> None:
        for sort in "distance", "name":
            query = Query(*LEH, sort=sort, limit=4_000)
            assert [hit.id for hit in pages(crowd, query)] == [uid(n) for n in range(1, EXACT_TO + 2)]
        deep = Query(*LEH, after=SortKey(0, "", 0.0, uid(9_995)))
        assert found(crowd, deep) == list(range(9_996, EXACT_TO + 2))
