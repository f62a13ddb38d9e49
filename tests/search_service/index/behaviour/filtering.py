"""What passes: boxes, filters, years, days and names."""

from __future__ import annotations

from datetime import date

import pytest

from search_service.index.protocol import Box, Query, Writer
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
    NEUROLOGY,
    SKURBUCHAN,
    SUVA,
    TAVEUNI,
    TIBETAN,
    Point,
    at,
    doctor,
    found,
    gone,
    ids,
    practice,
    puts,
)


class Filtering(Base):
    # --- Boxes

    @pytest.mark.parametrize(
        ("box", "expected"),
        [
            (Box(76, 28, 78, 35), [1, 2, 3]),
            (Box(76, 34, 78, 35), [1, 2]),
            (Box(-180, -90, 180, 90), [1, 2, 3, 4, 5, 6, 7]),
            # Edges are in it.
            (Box(76.7097, 34.1526, 77.5771, 34.4331), [1, 2]),
            (Box(76.7098, 34.1526, 77.5771, 34.4331), [1]),
            (Box(76.7097, 34.1526, 77.5771, 34.433), [1]),
            (Box(76.7097, 34.1527, 77.5771, 34.4331), [2]),
            (Box(76.7097, 34.1526, 77.577, 34.4331), [2]),
            # No wider than a meridian, a parallel, a point.
            (Box(77.5771, -90, 77.5771, 90), [1]),
            (Box(-180, 34.4331, 180, 34.4331), [2]),
            (Box(*DELHI[::-1], *DELHI[::-1]), [3]),
            (Box(1, 1, 1, 1), []),
            # Across the date line, which is at both its longitudes.
            (Box(178, -19, -179, -16), [4, 5, 6]),
            (Box(178, -19, 180, -16), [4, 6]),
            (Box(-180, -19, -179, -16), [5, 6]),
            (Box(180, -19, -180, -16), [6]),
            (Box(180, -19, 180, -16), [6]),
            (Box(-180, -19, -180, -16), [6]),
            (Box(180, -90, 180, 90), [6, 7]),
            (Box(-180, -90, -180, 90), [6, 7]),
            (Box(170, -90, -180, 90), [4, 6, 7]),
            (Box(180, -90, -170, 90), [5, 6, 7]),
            # The long way round.
            (Box(78, -90, 76, 90), [4, 5, 6, 7]),
        ],
    )
    def test_box(self, writer: Writer, box: Box, expected: list[int]) -> None:
        where: list[Point] = [LEH, SKURBUCHAN, DELHI, SUVA, TAVEUNI, (-17.0, 180.0), (10.0, -180.0)]
        writer.apply(puts(*(doctor(n, point) for n, point in enumerate(where, 1))), at(1))
        for centre in LEH, SUVA, (-90.0, 0.0):
            assert sorted(found(writer, Query(*centre, box=box))) == expected
            assert sorted(found(writer, Query(*centre, box=box, sort="name"))) == expected

    @pytest.mark.parametrize("box", [Box(10, 80, 20, 90), Box(170, 80, -170, 90), Box(-180, 90, 180, 90)])
    def test_a_pole_is_on_every_meridian(self, writer: Writer, box: Box) -> None:
        writer.apply(puts(doctor(1, (90, 0)), doctor(2, (90, 77)), doctor(3, (89.9, 77), (-90, 15))), at(1))
        assert found(writer, Query(90, 0, box=box)) == [1, 2]

    def test_box_with_circle(self, writer: Writer) -> None:
        """The listing must be in both, and distances are from the point, which need not be in the box."""
        writer.apply(puts(doctor(1, LEH, SKURBUCHAN), doctor(2, SKURBUCHAN), doctor(3, DELHI)), at(1))
        west = Box(76, 28, 77.3, 35)
        assert found(writer, Query(*LEH, box=west)) == [1, 2, 3]
        assert found(writer, Query(*LEH, box=west, radius_km=100)) == [1, 2]
        assert found(writer, Query(*LEH, box=west, radius_km=80)) == []
        (hit, *_) = writer.search(Query(*LEH, box=west)).hits
        assert round(hit.distance_km) == 86

    # --- Filters

    def test_values_of_one_facet_are_alternatives_and_facets_come_together(self, writer: Writer) -> None:
        writer.apply(
            puts(
                doctor(1, LEH, terms=[ENGLISH, FEMALE]),
                doctor(2, LEH, terms=[TIBETAN, FEMALE]),
                doctor(3, LEH, terms=[TIBETAN, HINDI, MALE]),
                doctor(4, LEH),
            ),
            at(1),
        )

        def passing(**filters: list[str]) -> list[int]:
            return found(writer, Query(*LEH, filters=filters))

        assert passing() == [1, 2, 3, 4]
        assert passing(language=["bo"]) == [2, 3]
        assert passing(language=["bo", "en"]) == [1, 2, 3]
        assert passing(language=["bo", "hi", "xx"]) == [2, 3]
        assert passing(language=["bo"], gender=["female"]) == [2]
        assert passing(language=["bo", "en"], gender=["female", "male"]) == [1, 2, 3]
        assert passing(language=["xx"]) == []
        assert passing(language=["bo"], nonesuch=["bo"]) == []
        # No value is had by nobody.
        assert passing(language=[]) == []
        # By what an engine may keep as bits, too.
        assert passing(gender=["male"]) == [3]
        assert passing(gender=["other"]) == []
        assert passing(gender=["male", "other"]) == [3]

    def test_a_filter_with_terms(self, writer: Writer) -> None:
        writer.apply(
            puts(
                doctor(1, LEH, terms=[NEUROLOGY]),
                doctor(2, LEH, terms=[NEUROLOGY, CARDIOLOGY]),
                doctor(3, LEH, terms=[CARDIOLOGY, ENGLISH]),
            ),
            at(1),
        )
        assert found(writer, Query(*LEH, (NEUROLOGY,), filters={"specialty": ["cardiology"]})) == [2]
        assert found(writer, Query(*LEH, (CARDIOLOGY,), filters={"language": {"en"}})) == [3]

    def test_a_filtered_doctor_stands_at_the_nearest_practice_that_passes(self, writer: Writer) -> None:
        writer.apply(
            puts(
                doctor(
                    1, LEH, SKURBUCHAN, DELHI,
                    terms=[NEUROLOGY],
                    own=[[practice("snm")], [practice("phc"), ACCEPTING], [practice("aiims"), ACCEPTING]],
                ),
                doctor(2, DELHI, terms=[NEUROLOGY], own=[[practice("aiims")]]),
            ),
            at(1),
        )  # fmt: skip

        def hits(**filters: list[str]) -> list[tuple[int, int]]:
            hits = writer.search(Query(*LEH, (NEUROLOGY,), filters=filters)).hits
            return list(zip(ids(hits), (round(hit.distance_km) for hit in hits), strict=True))

        assert hits() == [(1, 0), (2, 617)]
        assert hits(accepting_new_patients=["true"]) == [(1, 86)]
        assert hits(practice=["aiims"]) == [(1, 617), (2, 617)]
        assert hits(practice=["aiims", "phc"]) == [(1, 86), (2, 617)]
        # Both of one listing: accepting patients elsewhere is not enough.
        assert hits(practice=["snm"], accepting_new_patients=["true"]) == []
        assert found(writer, Query(*LEH, filters={"practice": ["aiims"]}, radius_km=100)) == []

    # --- Years and days

    def test_since_and_verified(self, writer: Writer) -> None:
        writer.apply(
            puts(
                doctor(1, LEH, since=1999, verified_on=date(2026, 1, 1)),
                doctor(2, LEH, since=2000, verified_on=date(2026, 1, 2)),
                doctor(3, LEH, since=2001),
                doctor(4, LEH, verified_on=date(2024, 2, 29)),
            ),
            at(1),
        )
        for year, expected in {1998: [], 1999: [1], 2000: [1, 2], 2001: [1, 2, 3], 9999: [1, 2, 3]}.items():
            assert found(writer, Query(*LEH, since_to=year)) == expected
        for day, expected in {
            date(1, 1, 1): [1, 2, 4],
            date(2024, 2, 29): [1, 2, 4],
            date(2024, 3, 1): [1, 2],
            date(2026, 1, 2): [2],
            date(2026, 1, 3): [],
        }.items():
            assert found(writer, Query(*LEH, verified_from=day)) == expected
        assert found(writer, Query(*LEH, since_to=1999, verified_from=date(2026, 1, 1))) == [1]
        assert found(writer, Query(*LEH, since_to=1999, verified_from=date(2026, 1, 2))) == []

    # --- Names

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            # As it begins; every word, in any order.
            (["tenzin"], [1, 2]),
            (["ten"], [1, 2]),
            # Less than three letters may begin half of all names.
            (["te"], []),
            (["tenzing"], [2]),
            (["dolma"], [1, 3]),
            (["dol", "ten"], [1]),
            (["tenzin", "tenzing"], [2]),
            (["dolma", "x"], []),
            (["olma"], [3]),
            (["lma"], []),
            # One letter changed, left out, added, swapped with its neighbour.
            (["tanzin"], [1]),
            (["tezin"], [1]),
            (["tennzin"], [1]),
            (["xtenzin"], [1]),
            (["tenzni"], [1]),
            (["etnzin"], [1]),
            (["teznin"], [1]),
            (["tenzjng"], [2]),
            (["dolmo"], [1, 3]),
            (["tenzni", "domla"], [1]),
            # Two letters are too many, and letters that are no neighbours.
            (["tanzen"], []),
            (["tnezni"], []),
            (["nentiz"], []),
            (["zentin"], []),
            # What begins a name is not corrected as well, nor is what is corrected a beginning.
            (["norb"], [4]),
            (["norba"], [4]),
            (["narb"], []),
            # Three letters are left as they are; with four, one may be missing in the name.
            (["lhx"], []),
            (["ani"], []),
            (["anni"], [6]),
            (["aann"], [6]),
            (["ann"], [6]),
            # In any script.
            (["дорже"], [5]),
            (["дорж"], [5]),
            (["доржи"], [5]),
            (["одрже"], [5]),
            (["རྡོ"], [5]),
            (["རྡོར"], [5]),
            (["རྡོངརྗེ"], [5]),
            (["རྡོརརྗེ"], [5]),
            (["𠮷田"], [7]),
            (["𠮷𠮷田一"], [7]),
            (["𠮷田二"], []),
        ],
    )
    def test_names(self, writer: Writer, words: list[str], expected: list[int]) -> None:
        called = {
            1: ("tenzin", "dolma"),
            2: ("tenzing",),
            3: ("dolma", "olma"),
            4: ("norbu",),
            5: ("дорже", "རྡོརྗེ"),
            6: ("ann",),
            7: ("𠮷田一",),
            8: ("lho",),
            9: (),
        }
        writer.apply(puts(*(doctor(n, LEH, names=names) for n, names in called.items())), at(1))
        for sort in "distance", "name":
            assert found(writer, Query(*LEH, name=tuple(words), sort=sort)) == expected
        assert found(writer, Query(*DELHI, name=tuple(words), radius_km=10)) == []

    def test_a_word_that_somebody_is_called_is_not_corrected(self, writer: Writer) -> None:
        """Nobody who asks for Tanzin is given Tenzin, once there is a Tanzin: wherever that one is."""
        writer.apply(puts(doctor(1, LEH, names=("tenzin",))), at(1))
        asked = Query(*LEH, name=("tanzin",), radius_km=10)
        assert found(writer, asked) == [1]
        for seq, other in enumerate(
            [
                doctor(2, DELHI, names=("tanzin",)),
                doctor(2, DELHI, names=("tanzington",)),
            ],
            2,
        ):
            writer.apply(puts(other), at(seq))
            assert found(writer, asked) == []
            # Which goes for each word on its own.
            assert found(writer, Query(*LEH, name=("tenzxn",))) == [1]
            writer.apply([gone(2)], at(seq))
            assert found(writer, asked) == [1]
        # Those who are nowhere to be found, or are something else, do not count.
        for other in doctor(2, names=("tanzin",)), doctor(2, DELHI, names=("tanzin",), kind="clinic"):
            writer.apply(puts(other), at(9))
            assert found(writer, asked) == [1]

    def test_a_name_that_changes(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH, names=("anna",)), doctor(2, LEH, names=("anna", "maria"))), at(1))
        writer.apply(puts(doctor(1, LEH, names=("berta",))), at(2))
        assert found(writer, Query(*LEH, name=("anna",))) == [2]
        assert found(writer, Query(*LEH, name=("berta",))) == [1]
        assert found(writer, Query(*LEH, name=("bert", "anna"))) == []
        writer.apply([gone(2)], at(3))
        assert found(writer, Query(*LEH, name=("anna",))) == []
        assert found(writer, Query(*LEH, name=("mari",))) == []
        # Nobody is called that any more, so it may be misspelt.
        writer.apply(puts(doctor(3, LEH, names=("annan",))), at(4))
        assert found(writer, Query(*LEH, name=("annon",))) == [3]
        assert found(writer, Query(*LEH, name=("nnan",))) == [3]

    def test_all_that_passes_at_once(self, writer: Writer) -> None:
        matching = doctor(
            1, DELHI, LEH,
            terms=[NEUROLOGY, ENGLISH, FEMALE], own=[[], [ACCEPTING, practice("snm")]],
            names=("anna",), since=1999, verified_on=date(2026, 10, 2),
        )  # fmt: skip
        writer.apply(
            puts(matching, *(doctor(n, LEH, terms=[NEUROLOGY, ENGLISH]) for n in range(2, 20))), at(1)
        )
        query = Query(
            *LEH,
            (NEUROLOGY,),
            radius_km=50,
            box=Box(77, 34, 78, 35),
            filters={
                "language": ["bo", "en"],
                "gender": ["female"],
                "accepting_new_patients": ["true"],
                "practice": ["snm"],
            },
            since_to=2000,
            verified_from=date(2026, 1, 1),
            name=("ann",),
        )
        assert found(writer, query) == [1]
