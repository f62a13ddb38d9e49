"""What is near a point: distances, circles, and each document once, at its nearest listing."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from search_service.geo import HALF_CIRCUMFERENCE_KM, chord2_from_km, unit_vector
from search_service.index.protocol import ANY, Box, Counted, Query, SortKey, Term, Total, Writer
from tests.search_service.index.behaviour.base import Base
from tests.search_service.index.directory import (
    ACCEPTING,
    CARDIOLOGY,
    DELHI,
    LEH,
    MYOCLONUS,
    NEUROLOGY,
    SKURBUCHAN,
    SUVA,
    TAVEUNI,
    at,
    doctor,
    found,
    ids,
    in_bulk,
    pages,
    puts,
    uid,
)
from tests.search_service.index.oracle import Oracle

NOWHERE = Term("condition", "nonesuch")


def total(reader: Writer, query: Query) -> Total | None:
    return reader.search(query, Counted()).counts.total


class Near(Base):
    def test_nearest_first(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, DELHI), doctor(2, SKURBUCHAN), doctor(3, LEH), doctor(4, SUVA)), at(1))
        hits = writer.search(Query(34.39375, 76.7603)).hits
        assert ids(hits) == [2, 3, 1, 4]
        assert [round(hit.distance_km) for hit in hits] == [6, 80, 644, 12_182]
        assert [hit.term for hit in hits] == [ANY] * 4
        assert found(writer, Query(34.39375, 76.7603, limit=2)) == [2, 3]
        assert found(writer, Query(34.39375, 76.7603, limit=0)) == []

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
            query = Query(0, 0, radius_km=radius_km)
            assert found(writer, query) == expected
            assert total(writer, query) == Total(len(expected), "eq")

    def test_a_document_appears_once_at_its_nearest_listing(self, writer: Writer) -> None:
        writer.apply(
            puts(doctor(1, DELHI, LEH, SKURBUCHAN, terms=[NEUROLOGY, MYOCLONUS]), doctor(2, LEH)), at(1)
        )
        for terms in (), (NEUROLOGY,), (NEUROLOGY, MYOCLONUS):
            query = Query(*LEH, terms, limit=1)
            hits = pages(writer, query)
            assert ids(hits) == ([1, 2] if not terms else [1])
            assert json.loads(hits[0].listing_card)["listing"] == 1
            assert hits[0].listings == 3
            assert hits[0].distance_km == 0
            assert total(writer, query) == Total(len(hits), "eq")

    def test_all_that_is_found_under_terms_may_be_read_in_bulk(self, writer: Writer) -> None:
        one, two = doctor(1, LEH, DELHI, terms=[NEUROLOGY, MYOCLONUS]), doctor(2, LEH, terms=[CARDIOLOGY])
        writer.apply(puts(one, two, doctor(3, LEH, kind="clinic", terms=[NEUROLOGY])), at(1))
        in_leh, in_delhi = unit_vector(*LEH), unit_vector(*DELHI)
        assert in_bulk(writer, "doctor", NEUROLOGY, MYOCLONUS) == {(uid(1), in_leh), (uid(1), in_delhi)}
        assert in_bulk(writer, "doctor", ANY, NOWHERE) == {
            (uid(1), in_leh),
            (uid(1), in_delhi),
            (uid(2), in_leh),
        }
        assert in_bulk(writer, "doctor", NOWHERE) == in_bulk(writer, "doctor") == set()

    def test_a_document_with_many_listings_hides_nobody(self, writer: Writer) -> None:
        everywhere = doctor(
            1, *((34.15, 77.57 + n / 10_000) for n in range(50)), terms=[NEUROLOGY, MYOCLONUS]
        )
        writer.apply(puts(everywhere, doctor(2, SKURBUCHAN, terms=[NEUROLOGY]), doctor(3, DELHI)), at(1))
        for limit in 1, 2, 3, 4:
            for radius_km in None, 100.0:
                query = Query(*LEH, (NEUROLOGY, MYOCLONUS), limit=limit, radius_km=radius_km)
                assert found(writer, query) == [1, 2][:limit]
                assert ids(pages(writer, query)) == [1, 2]
                assert total(writer, query) == Total(2, "eq")

    def test_the_first_of_several_listings_at_one_point(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, DELHI, LEH, LEH, own=[[], [], [ACCEPTING]])), at(1))
        (hit,) = pages(writer, Query(*LEH))
        assert json.loads(hit.listing_card)["listing"] == 1
        (hit,) = pages(writer, Query(*LEH, (ACCEPTING,)))
        assert json.loads(hit.listing_card)["listing"] == 2

    def test_coincident_points_are_in_order_of_id(self, writer: Writer) -> None:
        numbers = [5, 3, 9, 1, 7, 2, 8, 4, 6, 1 << 63]
        writer.apply(puts(*(doctor(number, LEH, LEH, DELHI) for number in numbers)), at(1))
        for centre in LEH, DELHI, SUVA:
            for limit in 1, 2, 4, 10:
                assert ids(pages(writer, Query(*centre, limit=limit))) == sorted(numbers)

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
        hits = writer.search(Query(*LEH, (MYOCLONUS, NOWHERE, NEUROLOGY))).hits
        assert [(number, hit.term) for number, hit in zip(ids(hits), hits, strict=True)] == [
            (1, NEUROLOGY), (2, MYOCLONUS), (4, MYOCLONUS),
        ]  # fmt: skip
        swapped = writer.search(Query(*LEH, (NEUROLOGY, MYOCLONUS))).hits
        assert [hit.term for hit in swapped] == [NEUROLOGY, NEUROLOGY, MYOCLONUS]
        everyone = writer.search(Query(*LEH, (CARDIOLOGY, ANY))).hits
        assert [hit.term for hit in everyone] == [ANY, ANY, CARDIOLOGY, ANY]

    def test_the_term_named_is_the_nearest_listings(self, writer: Writer) -> None:
        """Not one that the same doctor has elsewhere, though it is preferred."""
        writer.apply(puts(doctor(1, LEH, DELHI, own=[[NEUROLOGY], [MYOCLONUS, NEUROLOGY]])), at(1))
        for terms in (MYOCLONUS, NEUROLOGY), (NEUROLOGY, MYOCLONUS):
            (hit,) = writer.search(Query(*LEH, terms)).hits
            assert (hit.term, hit.distance_km) == (NEUROLOGY, 0)
            (hit,) = writer.search(Query(*DELHI, terms)).hits
            assert (hit.term, hit.distance_km) == (terms[0], 0)
        (hit,) = writer.search(Query(*LEH, (MYOCLONUS,))).hits
        assert round(hit.distance_km) == 617

    def test_a_term_of_a_document_and_of_its_listing(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH, DELHI, terms=[NEUROLOGY], own=[[NEUROLOGY]])), at(1))
        found_ = writer.search(Query(*LEH, (NEUROLOGY,)), Counted(facets=("specialty",)))
        assert ids(found_.hits) == [1]
        assert found_.counts.facets == {"specialty": {"neurology": 1}}

    def test_an_unknown_term_finds_nothing(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH, terms=[NEUROLOGY])), at(1))
        assert found(writer, Query(*LEH, (NOWHERE,))) == []
        assert total(writer, Query(*LEH, (NOWHERE,))) == Total(0, "eq")
        # Until something is found under it, by the same reader; and no more when that goes.
        late = Query(*LEH, (CARDIOLOGY,))
        assert found(writer, late) == []
        writer.apply(puts(doctor(2, LEH, terms=[CARDIOLOGY])), at(2))
        assert found(writer, late) == [2]
        writer.apply(puts(doctor(2, LEH)), at(3))
        assert found(writer, late) == []
        assert total(writer, late) == Total(0, "eq")

    def test_kinds_are_apart(self, writer: Writer) -> None:
        both = [doctor(1, LEH, terms=[NEUROLOGY]), doctor(1, LEH, kind="clinic", terms=[NEUROLOGY])]
        writer.apply(puts(*both, doctor(2, LEH, kind="clinic", names=("anna",))), at(1))
        assert found(writer, Query(*LEH)) == [1]
        assert found(writer, Query(*LEH, (NEUROLOGY,), kind="clinic")) == [1]
        assert found(writer, Query(*LEH, kind="clinic")) == [1, 2]
        assert found(writer, Query(*LEH, kind="clinic", name=("anna",))) == [2]
        assert found(writer, Query(*LEH, name=("anna",))) == []
        assert writer.counts() == {"clinic": 2, "doctor": 1, "refused": 0}

    def test_across_the_date_line(self, writer: Writer) -> None:
        writer.apply(
            puts(doctor(1, SUVA), doctor(2, TAVEUNI), doctor(3, DELHI), doctor(4, (-16.8, 0))), at(1)
        )
        hits = writer.search(Query(-16.8, 179.97, radius_km=500)).hits
        assert ids(hits) == [2, 1]
        assert hits[0].distance_km == pytest.approx(6.387, abs=0.001)
        assert found(writer, Query(-16.8, -180.0, radius_km=500)) == [2, 1]
        assert found(writer, Query(-16.8, 180.0, radius_km=500)) == [2, 1]

    def test_at_the_poles(self, writer: Writer) -> None:
        around = [(89.9, float(lng)) for lng in range(-180, 180, 45)]
        writer.apply(
            puts(*(doctor(n, point) for n, point in enumerate(around, 1)), doctor(99, (-90, 0))), at(1)
        )
        # From a point near the pole, those beyond it are near too, whatever their longitude.
        hits = writer.search(Query(89.95, 0, radius_km=17)).hits
        assert len(hits) == 8
        assert ids(hits)[0] == 5
        assert found(writer, Query(90, 12, radius_km=11.2)) == list(range(1, 9))
        assert found(writer, Query(-90, 120, radius_km=0)) == [99]

    def test_a_town_among_deserts(self, writer: Writer) -> None:
        """Many at one place and few elsewhere: whatever way an engine has to guess how far to look, the
        answer is exact."""
        oracle = Oracle()
        town = [doctor(n, (0.001 * (n % 7), 0.001 * (n % 11)), terms=[NEUROLOGY]) for n in range(1, 600)]
        hamlet = [doctor(1000 + n, (-0.3, -1.0 - 0.01 * n), terms=[NEUROLOGY]) for n in range(5)]
        shared = [doctor(2000 + n, (1.0, 1.0), (1.0, 1.0), (1.0, 1.01)) for n in range(40)]
        batch = puts(*town, *hamlet, *shared)
        oracle.apply(batch)
        writer.apply(batch, at(1))
        for centre in (-0.001, -0.001), (-0.3, -1.0), (0.0, 0.0), (1.0, 1.0), (40.0, 100.0), (-0.9, -179.0):
            for terms in (), (NEUROLOGY,), (NEUROLOGY, ANY):
                for radius_km in None, 50.0, 160.0:
                    query = Query(*centre, terms, radius_km=radius_km)
                    expected = oracle.hits(query)
                    for limit in 1, 20, 300:
                        assert writer.search(replace(query, limit=limit)).hits == expected[:limit]
                    assert total(writer, query) == Total(len(expected), "eq")
            query = Query(*centre, limit=37)
            assert pages(writer, query) == oracle.hits(query)
            rim = SortKey(0, "", chord2_from_km(50), uid(0))
            for after in rim, SortKey(0, "", 0.5, uid(0)):
                assert found(writer, Query(*centre, radius_km=50.0, limit=1, after=after)) == []

    @pytest.mark.parametrize(
        "query",
        [
            Query(math.nan, 0),
            Query(0, math.inf),
            Query(90.5, 0),
            Query(0, 180.5),
            Query(0, 0, radius_km=-1),
            Query(0, 0, radius_km=math.nan),
            Query(0, 0, box=Box(0, 0, 180.5, 1)),
            Query(0, 0, box=Box(-181, 0, 0, 1)),
            Query(0, 0, box=Box(0, 0, 1, 90.5)),
            Query(0, 0, box=Box(0, 1, 1, 0)),
            Query(0, 0, box=Box(0, math.nan, 1, 1)),
            Query(0, 0, box=Box(0, -math.inf, 1, 1)),
        ],
    )
    def test_queries_that_are_none(self, writer: Writer, query: Query) -> None:
        """An error while there is nothing to be found, and when there is."""
        for seq in 1, 2:
            for asked in query, replace(query, limit=0), replace(query, sort="name"):
                with pytest.raises(ValueError, match=r"globe|radius_km"):
                    writer.search(asked)
                with pytest.raises(ValueError, match=r"globe|radius_km"):
                    writer.search(asked, Counted())
            writer.apply(puts(doctor(1, LEH)), at(seq))
