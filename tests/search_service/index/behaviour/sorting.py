"""Orders, and paging through them."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

from search_service.index.protocol import ANY, Best, Query, SortKey, Term, Writer
from tests.search_service.index.behaviour.base import Base
from tests.search_service.index.directory import (
    ACCEPTING,
    DELHI,
    LEH,
    MYOCLONUS,
    NEUROLOGY,
    SKURBUCHAN,
    SORT_NAMES,
    at,
    doctor,
    found,
    gone,
    ids,
    pages,
    puts,
    uid,
)

BEST = Best(bands_km=(10.0, 100.0), preferred=ACCEPTING, verified_from=date(2026, 1, 1))
RECENTLY, LONG_AGO = date(2026, 1, 1), date(2025, 12, 31)


class Sorting(Base):
    def test_by_name(self, writer: Writer) -> None:
        names = {1: "norbu", 2: "Zangpo", 3: "dolma", 4: "norbu", 5: ""}
        points = {1: LEH, 2: LEH, 3: DELHI, 4: SKURBUCHAN, 5: DELHI}
        writer.apply(puts(*(doctor(n, points[n], sort_name=name) for n, name in names.items())), at(1))
        hits = writer.search(Query(*LEH, sort="name")).hits
        assert ids(hits) == [5, 2, 3, 1, 4]
        assert [hit.key for hit in hits] == [SortKey(0, names[n], 0.0, uid(n)) for n in ids(hits)]
        assert [round(hit.distance_km) for hit in hits] == [617, 0, 617, 0, 86]
        assert found(writer, Query(*LEH, sort="name", radius_km=100)) == [2, 1, 4]
        for limit in range(1, 6):
            assert ids(pages(writer, Query(*LEH, sort="name", limit=limit))) == [5, 2, 3, 1, 4]

    def test_names_are_sorted_as_bytes(self, writer: Writer) -> None:
        long = [f"a long name that begins as others do {end}" for end in ("", " ", "a", "z")]
        in_order = sorted([*SORT_NAMES, *long], key=str.encode)
        writer.apply(
            puts(*(doctor(n, LEH, sort_name=name) for n, name in enumerate(reversed(in_order), 1))), at(1)
        )
        hits = pages(writer, Query(*LEH, sort="name", limit=3))
        assert [hit.key.name for hit in hits] == in_order

    def test_by_name_at_the_nearest_listing(self, writer: Writer) -> None:
        writer.apply(
            puts(
                doctor(1, DELHI, LEH, sort_name="b"),
                doctor(2, DELHI, SKURBUCHAN, sort_name="a", terms=[NEUROLOGY]),
            ),
            at(1),
        )
        hits = writer.search(Query(*LEH, sort="name")).hits
        assert [(n, round(hit.distance_km)) for n, hit in zip(ids(hits), hits, strict=True)] == [
            (2, 86),
            (1, 0),
        ]

    def test_best(self, writer: Writer) -> None:
        """In bands of distance; in each, who names the condition, then accepts patients, then was verified."""
        near, middle, far = (34.16, 77.58), SKURBUCHAN, DELHI
        by_condition, by_specialty = [MYOCLONUS, NEUROLOGY], [NEUROLOGY]
        expected = [
            (0, doctor(1, near, terms=by_condition, own=[[ACCEPTING]], verified_on=RECENTLY)),
            (1, doctor(2, near, terms=by_condition, own=[[ACCEPTING]], verified_on=LONG_AGO)),
            (1, doctor(3, near, terms=by_condition, own=[[ACCEPTING]])),
            (2, doctor(4, near, terms=by_condition, verified_on=RECENTLY)),
            (3, doctor(5, near, terms=by_condition)),
            (4, doctor(6, near, terms=by_specialty, own=[[ACCEPTING]], verified_on=RECENTLY)),
            (5, doctor(7, near, terms=by_specialty, own=[[ACCEPTING]])),
            (6, doctor(8, near, terms=by_specialty, verified_on=RECENTLY)),
            # Though they are nearer.
            (7, doctor(9, LEH, terms=by_specialty)),
            (7, doctor(10, near, terms=by_specialty)),
            (8, doctor(11, middle, terms=by_condition, own=[[ACCEPTING]], verified_on=RECENTLY)),
            (15, doctor(12, middle, terms=by_specialty)),
            (16, doctor(13, far, terms=by_condition, own=[[ACCEPTING]], verified_on=RECENTLY)),
            (23, doctor(14, far, terms=by_specialty)),
        ]
        writer.apply(puts(*(document for _, document in reversed(expected))), at(1))
        query = Query(*LEH, (MYOCLONUS, NEUROLOGY), sort=BEST)
        for limit in 1, 3, 14:
            hits = pages(writer, replace(query, limit=limit))
            assert ids(hits) == list(range(1, 15))
            assert [hit.key.group for hit in hits] == [group for group, _ in expected]
            assert {hit.key.name for hit in hits} == {""}
        # With one term, or none, there is none to prefer.
        by_specialty_only = writer.search(Query(*LEH, (NEUROLOGY,), sort=BEST, limit=99)).hits
        assert {hit.key.group & 4 for hit in by_specialty_only} == {0}
        assert ids(by_specialty_only)[:3] == [1, 6, 2]
        for terms in (), (ANY,):
            assert {hit.key.group & 4 for hit in writer.search(Query(*LEH, terms, sort=BEST)).hits} == {0}

    def test_best_takes_the_nearest_listing_though_another_suits_better(self, writer: Writer) -> None:
        writer.apply(
            puts(
                doctor(1, SKURBUCHAN, LEH, terms=[NEUROLOGY], own=[[ACCEPTING, MYOCLONUS]]),
                doctor(2, LEH, terms=[NEUROLOGY]),
            ),
            at(1),
        )
        hits = pages(writer, Query(*LEH, (MYOCLONUS, NEUROLOGY), sort=BEST, limit=1))
        assert [(number, hit.key.group) for number, hit in zip(ids(hits), hits, strict=True)] == [
            (1, 7),
            (2, 7),
        ]

    def test_best_without_bands_or_with_what_nobody_has(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, DELHI), doctor(2, LEH), doctor(3, LEH, verified_on=RECENTLY)), at(1))
        assert ids(pages(writer, Query(*LEH, sort=replace(BEST, bands_km=()), limit=1))) == [3, 2, 1]
        # The end of a band belongs to it.
        here = replace(BEST, bands_km=(0.0,))
        assert [hit.key.group for hit in pages(writer, Query(*LEH, sort=here, limit=2))] == [2, 3, 11]
        nobody = replace(BEST, preferred=Term("practice", "nonesuch"), bands_km=(700.0,))
        assert [hit.key.group for hit in pages(writer, Query(*LEH, sort=nobody, limit=2))] == [2, 3, 3]

    def test_a_page_after_a_key_made_by_hand(self, writer: Writer) -> None:
        writer.apply(
            puts(
                doctor(1, LEH, sort_name="m"),
                doctor(2, DELHI, LEH, sort_name="m"),
                doctor(3, DELHI, sort_name="b"),
            ),
            at(1),
        )
        for chord2, id, expected in [
            (0.0, uid(0), [1, 2, 3]),
            (0.0, uid(1), [2, 3]),
            (0.0, uid(2), [3]),
            (1e-9, uid(0), [3]),
            (4.0, uid(0), []),
            (math.inf, uid(0), []),
            (-1.0, uid(0), [1, 2, 3]),
        ]:
            assert found(writer, Query(*LEH, after=SortKey(0, "", chord2, id))) == expected
        for name, id, expected in [
            ("", uid(9), [3, 1, 2]),
            ("b", uid(3), [1, 2]),
            ("c", uid(0), [1, 2]),
            ("m", uid(1), [2]),
            ("m", uid(2), []),
            ("n", uid(0), []),
        ]:
            assert found(writer, Query(*LEH, sort="name", after=SortKey(0, name, 0.0, id))) == expected
        for group, chord2, id, expected in [
            (-1, 0.0, uid(9), [1, 2, 3]),
            (3, 0.0, uid(1), [2, 3]),
            (3, 1.0, uid(0), [3]),
            (5, 0.0, uid(0), [3]),
            (19, 0.0, uid(0), [3]),
            (19, 4.0, uid(0), []),
            (99, 0.0, uid(0), []),
        ]:
            assert found(writer, Query(*LEH, sort=BEST, after=SortKey(group, "", chord2, id))) == expected

    def test_paging_goes_on_while_the_index_changes(self, writer: Writer) -> None:
        def point(n: float) -> tuple[float, float]:
            return (34.0 + n / 100, 77.0)

        writer.apply(puts(*(doctor(n, point(n), sort_name=f"{n}") for n in range(1, 10))), at(1))
        queries = [Query(*point(0), limit=3), Query(*point(0), limit=3, sort="name")]
        first = [(query, writer.search(query).hits) for query in queries]
        # The last one seen goes, one comes before it, one after it.
        writer.apply(
            [
                gone(3),
                *puts(doctor(20, point(0), sort_name="0"), doctor(21, point(3.5), sort_name="3.5")),
            ],
            at(2),
        )
        for query, hits in first:
            second = writer.search(replace(query, after=hits[-1].key)).hits
            assert ids([*hits, *second]) == [1, 2, 3, 21, 4, 5]
