"""Many at one place, come and gone again: what an engine packs together must come apart as well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from itertools import count
from random import Random

import pytest

from search_service.index.protocol import (
    Best,
    Box,
    Change,
    Document,
    Index,
    Query,
    Reader,
    Term,
    Writer,
)
from tests.search_service.index.behaviour.base import Base
from tests.search_service.index.directory import (
    ACCEPTING,
    CARDIOLOGY,
    DELHI,
    ENGLISH,
    FEMALE,
    LEH,
    MALE,
    MYOCLONUS,
    NEUROLOGY,
    TIBETAN,
    Point,
    at,
    doctor,
    everything_counted,
    found,
    gone,
    ids,
    pages,
    practice,
    puts,
    uid,
)
from tests.search_service.index.oracle import Oracle

BEST = Best(bands_km=(2.0, 20.0), preferred=ACCEPTING, verified_from=date(2026, 1, 1))
NAMES = ["tenzin", "tenzing", "dolma", "dorje", "norbu", "angmo", "ангмо"]


def random_doctor(random: Random, number: int, centre: Point, spread: float) -> Document:
    """With up to three listings around `centre`, some of them at the very same points as others'."""

    def point() -> Point:
        if random.random() < 0.3:
            return centre
        lat, lng = (of + round(random.gauss(0, spread), random.choice([1, 2, 6])) for of in centre)
        return max(-90.0, min(90.0, lat)), (lng + 180.0) % 360.0 - 180.0

    points = [point() for _ in range(random.choice([1, 1, 1, 2, 3]))]
    return doctor(
        number,
        *points,
        terms=[
            random.choice([NEUROLOGY, NEUROLOGY, CARDIOLOGY]),
            random.choice([FEMALE, MALE]),
            *random.sample([ENGLISH, TIBETAN, Term("language", f"l{number % 40}")], 2),
            *[MYOCLONUS][: random.random() < 0.1],
        ],
        own=[[practice(f"{random.randrange(30)}"), *[ACCEPTING][: random.random() < 0.5]] for _ in points],
        names=tuple(random.sample(NAMES, 2)),
        sort_name=f"{random.choice(NAMES)} {number % 50}",
        since=random.choice([None, 1990, 2000, 2010]),
        verified_on=random.choice([None, date(2025, 1, 1), date(2026, 6, 1)]),
    )


def random_query(random: Random, centre: Point, spread: float) -> Query:
    lat, lng = centre
    around = random.uniform(0, 3 * spread)
    filters = {
        "language": ["bo", "l7"],
        "gender": ["female"],
        "accepting_new_patients": ["true"],
        "practice": [f"{random.randrange(30)}" for _ in range(3)],
    }
    return Query(
        random.choice([lat, max(-90.0, lat - around)]),
        lng,
        terms=random.choice([(), (NEUROLOGY,), (MYOCLONUS, NEUROLOGY), (CARDIOLOGY, practice("3"))]),
        radius_km=random.choice([None, None, 0.0, 111 * spread, 300 * spread]),
        box=random.choice([None, None, Box(lng - around, lat - around, lng, lat)])
        if lng - around > -180
        else None,
        filters={
            facet: filters[facet] for facet in random.sample(sorted(filters), random.choice([0, 0, 1, 2]))
        },
        since_to=random.choice([None, None, 2000]),
        verified_from=random.choice([None, None, date(2026, 1, 1)]),
        name=random.choice([(), (), ("tenz",), ("dolm", "angmo"), ("norvu",)]),
        sort=random.choice(["distance", "distance", "name", BEST]),
        limit=random.choice([1, 7, 20, 100]),
    )


def agrees(reader: Reader, oracle: Oracle, query: Query) -> None:
    """The first page, one from the middle, and all counts."""
    expected, everything = oracle.hits(query), replace(query, limit=10_000)
    answer = reader.search(query, everything_counted)
    assert answer == replace(oracle.search(everything, everything_counted), hits=expected[: query.limit])
    if expected:
        middle = len(expected) // 2
        further = reader.search(replace(query, after=expected[middle].key)).hits
        assert further == expected[middle + 1 :][: query.limit]


class Updating(Base):
    @pytest.mark.parametrize(("centre", "spread"), [(LEH, 0.05), ((89.9, 0.0), 0.3), ((-17.0, 180.0), 0.2)])
    def test_a_city_grows_moves_and_shrinks(self, index: Index, centre: Point, spread: float) -> None:
        random, oracle, seq = Random(7), Oracle(), count(1)

        def grown() -> Iterator[list[Change]]:
            """First loaded at once, then in batches of every size; then most are taken away again."""
            yield puts(*(random_doctor(random, n, centre, spread) for n in range(1, 500)))
            for size in 1, 30, 400, 7, 300:
                yield [
                    *puts(
                        *(
                            random_doctor(random, random.randrange(1, 1500), centre, spread)
                            for _ in range(size)
                        )
                    ),
                    *(gone(random.randrange(1, 1500)) for _ in range(size // 5)),
                ]
            while numbers := sorted(n for n in range(1, 1500) if oracle.entities["doctor", uid(n)]):
                taken = numbers if len(numbers) < 150 else random.sample(numbers, len(numbers) * 2 // 3)
                yield [gone(n) for n in taken]

        with closing(index.create()) as writer:
            for batch in grown():
                oracle.apply(batch)
                writer.apply(batch, at(next(seq)))
                if writer.generation != index.live():
                    index.promote(writer.generation)
                for _ in range(6):
                    agrees(index.reader(), oracle, random_query(random, centre, spread))
            assert found(writer, Query(*centre)) == []
            writer.check()

    def test_many_at_one_point(self, live: Writer) -> None:
        everyone = list(range(1, 1501))
        Random(3).shuffle(everyone)

        def at_the_hospital(number: int) -> Document:
            return doctor(number, LEH, terms=[NEUROLOGY], own=[[practice("snm")]], sort_name=f"{number:05}")

        beside = doctor(5000, (34.16, 77.58), terms=[NEUROLOGY])
        live.apply(puts(*map(at_the_hospital, everyone), beside), at(1))
        there = set(everyone)
        for seq, size in enumerate((1, 700, 300, 499), 2):
            taken, everyone = everyone[:size], everyone[size:]
            for query in (
                Query(*LEH, limit=400),
                Query(*LEH, (NEUROLOGY,), limit=400),
                Query(*DELHI, (practice("snm"),), limit=400),
                Query(*LEH, filters={"practice": ["snm"]}, limit=400, sort="name"),
            ):
                numbers = ids(pages(live, query))
                assert [n for n in numbers if n != 5000] == sorted(there)
                assert numbers.count(5000) == (not query.filters and query.terms != (practice("snm"),))
            assert found(live, Query(*LEH, (NEUROLOGY,), limit=1)) == [min(there)]
            live.apply([gone(n) for n in taken], at(seq))
            there -= set(taken)
        assert there == set()
        assert found(live, Query(*LEH)) == [5000]
        # And back again.
        live.apply(puts(*map(at_the_hospital, range(1, 1001))), at(9))
        assert found(live, Query(*LEH, (NEUROLOGY,), limit=2000)) == [*range(1, 1001), 5000]

    def test_one_spot_grows_bit_by_bit(self, live: Writer) -> None:
        """By a few at a time, so that whatever is kept together must be divided on the way."""
        random, oracle = Random(5), Oracle()
        for step in range(40):
            batch = puts(*(random_doctor(random, 100 * step + n, LEH, 0.001) for n in range(1, 40)))
            oracle.apply(batch)
            live.apply(batch, at(step + 1))
            if step % 5 == 4:
                for _ in range(2):
                    agrees(live, oracle, random_query(random, LEH, 0.001))
        live.check()

    def test_a_term_of_one_among_many(self, live: Writer) -> None:
        many = [doctor(n, (34 + n / 1000, 77.5), terms=[NEUROLOGY]) for n in range(1, 1200)]
        live.apply(puts(*many), at(1))
        rare = [Term("condition", f"{n}") for n in range(5)]
        for n, term in enumerate(rare):
            live.apply(puts(doctor(100 * n + 1, (34, 77.5), terms=[NEUROLOGY, term])), at(n + 2))
            assert found(live, Query(*DELHI, (term,))) == [100 * n + 1]
            assert found(live, Query(*LEH, (NEUROLOGY,), filters={"condition": [term.value]})) == [
                100 * n + 1
            ]
        assert sorted(found(live, Query(*LEH, tuple(rare)))) == [1, 101, 201, 301, 401]
        live.apply([gone(101)], at(9))
        assert found(live, Query(*DELHI, (rare[1],))) == []

    def test_a_name_that_many_have(self, live: Writer) -> None:
        random, oracle = Random(11), Oracle()
        everyone = [random_doctor(random, n, LEH, 0.05) for n in range(1, 1400)]
        batch = puts(*(replace(document, names=("anna", *document.names)) for document in everyone))
        for some in batch[:1100], batch[1100:]:
            oracle.apply(some)
            live.apply(some, at(1))
        for words in ("anna",), ("amna",), ("ann", "tenz"):
            for query in (random_query(random, LEH, 0.05) for _ in range(3)):
                agrees(live, oracle, replace(query, name=words))
