from __future__ import annotations

import contextlib
import gzip
import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.places import sources
from search_service.places.areas import Country, Region
from search_service.places.importer import SHIPPED_AREAS
from search_service.places.preparing import Known, Preparer
from search_service.places.sources import BadRow, Kind, SourceError
from tests.search_service.places.dump import row


def test_a_row() -> None:
    line = row(
        1,
        "Leh",
        alternates="Léh,لیہہ",
        lat="34.16504",
        lng="77.58402",
        kind="PPL",
        district="003",
        population=37475,
    )
    parsed = sources.place(line)
    assert parsed is not None
    assert parsed[:7] == (1, "Leh", "Leh", ["Léh", "لیہہ"], 34.16504, 77.58402, "PPL")
    assert parsed[7:] == ("IN", "41", "003", 37475, "Asia/Kolkata", "2026-01-01")


@pytest.mark.parametrize("class_", ["H", "S", "T", "L", "R", "V", "U", ""])
def test_what_is_no_place(class_: str) -> None:
    assert sources.place(row(1, "Indus", class_=class_, kind="STM", country="", lat="x")) is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "1 columns"),
        ("geonameid\tname", "2 columns"),
        (row(1, "Leh") + "\textra", "20 columns"),
        (row("", "Leh"), "id ''"),
        (row("-1", "Leh"), "id '-1'"),
        (row("1.0", "Leh"), "id '1.0'"),
        (row("٣", "Leh"), "id"),
        (row(2**63, "Leh"), "id"),
        (row(0, "Leh"), "id '0'"),
        (row(1, " "), "no name"),
        (row(1, "x" * 201), "a name of 201 characters"),
        (row(1, "Leh", lat=""), "coordinates '', '77.0'"),
        (row(1, "Leh", lat="34,1"), "coordinates"),
        (row(1, "Leh", lat="90.1"), "coordinates"),
        (row(1, "Leh", lng="-180.5"), "coordinates"),
        (row(1, "Leh", lat="nan"), "coordinates"),
        (row(1, "Leh", lat="inf"), "coordinates"),
        (row(1, "Leh", lat="0", lng="0.0"), "coordinates"),
        (row(1, "Leh", country=""), "country ''"),
        (row(1, "Leh", country="in"), "country 'in'"),
    ],
)
def test_bad_rows(line: str, reason: str) -> None:
    with pytest.raises(BadRow, match=reason):
        sources.place(line)


@pytest.mark.parametrize(
    ("text", "population"),
    [
        ("", 0),
        ("0", 0),
        ("504", 504),
        ("-5", None),
        ("many", None),
        ("1e3", None),
        ("99999999999", None),
        ("٣", None),
    ],
)
def test_population(text: str, population: int | None) -> None:
    parsed = sources.place(row(1, "Leh", population=text))
    assert parsed is not None
    assert parsed.population == population


_columns = st.lists(
    st.text(st.characters(exclude_characters="\t\n", exclude_categories=["Cs"])), min_size=1, max_size=20
)


@pytest.mark.parametrize("kind", Kind)
@given(st.binary() | _columns.map(lambda columns: "\t".join(columns).encode()))
def test_any_bytes_are_rows_or_bad(kind: Kind, content: bytes) -> None:
    counts = Preparer(Known({}, {}), Path("absent")).prepare(kind, (1, content)).counts
    assert counts.rows == counts.used + counts.other + counts.repeated + counts.bad


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\t\n", exclude_categories=["Cs"])), min_size=19, max_size=19
    )
)
def test_any_columns_are_a_row_or_none_or_bad(columns: list[str]) -> None:
    columns[6] = "P"
    with contextlib.suppress(BadRow):
        parsed = sources.place("\t".join(columns))
        assert parsed is None or parsed.id > 0


ALTERNATE = ["1", "1264976", "bo", "གླེ", "", "", "", "", "", ""]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({}, (1264976, "bo", "གླེ", sources.USUAL)),
        ({2: "zh-Hant"}, (1264976, "zh-hant", "གླེ", sources.USUAL)),
        ({4: "1"}, (1264976, "bo", "གླེ", sources.PREFERRED)),
        ({5: "1"}, (1264976, "bo", "གླེ", sources.SHORT)),
        ({4: "1", 5: "1"}, (1264976, "bo", "གླེ", sources.PREFERRED_SHORT)),
        ({4: "1", 6: "1"}, (1264976, "bo", "གླེ", sources.HIDDEN)),
        ({4: "1", 7: "1"}, (1264976, "bo", "གླེ", sources.HIDDEN)),
        ({8: "1900"}, (1264976, "bo", "གླེ", sources.USUAL)),
        ({9: "1947"}, (1264976, "bo", "གླེ", sources.HIDDEN)),
        ({2: "", 3: "Lay"}, (1264976, "", "Lay", sources.HIDDEN)),
        ({2: "abbr", 3: "L."}, (1264976, "", "L.", sources.HIDDEN)),
        ({2: "iata", 3: "IXL"}, (1264976, "", "IXL", sources.CODE)),
        ({2: "icao", 3: "VILH"}, (1264976, "", "VILH", sources.CODE)),
        ({2: "post", 3: "194101"}, (1264976, "", "194101", sources.POSTAL_CODE)),
        *(({2: other}, None) for other in ("link", "wkdt", "tcid", "faac", "unlc", "fr_1793", "phon", "?")),
    ],
)
def test_an_alternate_name(columns: dict[int, str], expected: object) -> None:
    line = "\t".join(columns.get(i, column) for i, column in enumerate(ALTERNATE))
    assert sources.alternate_name(line) == expected


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({0: "x"}, "id 'x'"),
        ({1: ""}, "id ''"),
        ({3: " "}, "no name"),
        ({3: "x" * 201}, "a name of 201 characters"),
        ({9: "\t"}, "11 columns"),
    ],
)
def test_a_bad_alternate_name(columns: dict[int, str], reason: str) -> None:
    line = "\t".join(columns.get(i, column) for i, column in enumerate(ALTERNATE))
    with pytest.raises(BadRow, match=reason):
        sources.alternate_name(line)


POSTAL = ["GB", "SW1A", "London", "England", "ENG", "Greater London", "", "", "", "51.5", "-0.12", "4"]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({}, ("SW1A", "GB", "SW1A", "London", "England", "Greater London", 51.5, -0.12, 4)),
        (
            {0: "PL", 1: "00-950"},
            ("00950", "PL", "00-950", "London", "England", "Greater London", 51.5, -0.12, 4),
        ),
        (
            {9: "", 10: "", 11: ""},
            ("SW1A", "GB", "SW1A", "London", "England", "Greater London", None, None, 0),
        ),
        ({9: "0", 10: "0"}, ("SW1A", "GB", "SW1A", "London", "England", "Greater London", None, None, 4)),
        ({11: "9"}, ("SW1A", "GB", "SW1A", "London", "England", "Greater London", 51.5, -0.12, 0)),
    ],
)
def test_a_postal_code(columns: dict[int, str], expected: object) -> None:
    line = "\t".join(columns.get(i, column) for i, column in enumerate(POSTAL))
    assert sources.postal_code(line)[:9] == expected


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({0: "gb"}, "country 'gb'"),
        ({1: " - "}, "postal code ' - '"),
        ({1: "1" * 21}, "postal code"),
        ({2: ""}, "no name"),
        ({9: "x"}, "coordinates 'x'"),
        ({9: "91"}, "coordinates '91'"),
        ({10: ""}, "coordinates '51.5', ''"),
    ],
)
def test_a_bad_postal_code(columns: dict[int, str], reason: str) -> None:
    line = "\t".join(columns.get(i, column) for i, column in enumerate(POSTAL))
    with pytest.raises(BadRow, match=reason):
        sources.postal_code(line)


def test_areas() -> None:
    country = ["IN", "IND", "356", "IN", "India", *[""] * 10, "en-IN,hi,te-IN", "1269750", "", ""]
    assert sources.country("\t".join(country)) == Country(
        "IN", "IND", "India", 1269750, frozenset({"en", "te"})
    )
    assert sources.country("#ISO\tISO3") is None
    assert sources.region("IN.41\tLadakh\tLadakh\t1") == Region("IN", "41", "Ladakh", "Ladakh", 1)
    assert (
        sources.district("IN.41.003\tLeh\tLeh\t2")
        == sources.district("IN.41.003\tLeh")
        == ("IN.41.003", "Leh")
    )


@pytest.mark.parametrize(
    ("parse", "line"),
    [
        (sources.country, "IN\tIND"),
        (sources.country, "\t".join(["in", "IND", "", "", "India", *[""] * 14])),
        (sources.region, "Ladakh\tLadakh\tLadakh\t1"),
        (sources.region, "IN.41\t\t\t1"),
        (sources.district, "IN.41\tLadakh"),
        (sources.district, "IN.41.003"),
        (sources.district, "IN.41.003\t"),
    ],
)
def test_bad_areas(parse: Callable[[str], object], line: str) -> None:
    with pytest.raises(BadRow):
        parse(line)


def test_blocks_are_of_whole_lines_and_an_endless_line_is_cut() -> None:
    endless = b"x" * 3_000_000
    content = b"one\n" + b"two\n" * 400_000 + endless + b"\nlast\nand no end"
    found = list(sources.blocks(io.BytesIO(content)))
    numbered = {first + i: line for first, block in found for i, line in enumerate(sources.lines(block)[0])}
    assert sorted(numbered) == [*range(1, 400_005)]
    assert (numbered[1], numbered[400_001]) == ("one", "two")
    assert (numbered[400_003], numbered[400_004]) == ("last", "and no end")
    assert set(numbered[400_002]) == {"x"}
    assert max(len(block) for _, block in found) < 2_000_000


def test_lines_say_what_is_no_text() -> None:
    found, faults = sources.lines(b"\xef\xbb\xbfone\r\ntw\xffo\nth\0ree\nfour\n")
    assert (found[0], found[3]) == ("one", "four")
    assert faults == {1: "not UTF-8", 2: "a control character"}


def _zip(path: Path, **members: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)


def test_plain_gzipped_and_zipped(tmp_path: Path) -> None:
    content = b"one\ntwo\n"
    (tmp_path / "a.txt").write_bytes(content)
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(content))
    _zip(tmp_path / "a.zip", readme_txt=b"Read me", IN_txt=content)
    _zip(
        tmp_path / "alternateNamesV2.zip",
        **{"iso-languagecodes_txt": b"ISO", "alternateNamesV2_txt": content},
    )
    for name in ("a.txt", "a.txt.gz", "a.zip", "alternateNamesV2.zip"):
        with sources.opened(tmp_path / name) as source:
            assert list(sources.blocks(source.stream)) == [(1, content)]
            assert 0 < source.fraction() <= 1


def test_the_date_of_what_is_in_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.txt", (2026, 11, 21, 3, 0, 0)), "x")
        archive.writestr(zipfile.ZipInfo("readme.txt", (2020, 1, 1, 0, 0, 0)), "x")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.txt"), "x")  # nobody said when
    with sources.opened(tmp_path / "a.zip") as source:
        assert source.date == "2026-11-21"
    with sources.opened(tmp_path / "b.zip") as source:
        assert source.date == ""


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"x" * 10_000 + bytes(range(256)) * 99)[:-20])
    (tmp_path / "not.gz").write_bytes(b"plain")
    (tmp_path / "not.zip").write_bytes(b"plain")
    _zip(tmp_path / "empty.zip", readme_txt=b"Read me")
    _zip(tmp_path / "two.zip", a_txt=b"", b_txt=b"")
    _zip(tmp_path / "cut.zip", a_txt=random.Random(1).randbytes(9999))
    (tmp_path / "cut.zip").write_bytes((tmp_path / "cut.zip").read_bytes()[:5000])
    _zip(tmp_path / "garbled.zip", a_txt=b"x" * 9999)
    content = bytearray((tmp_path / "garbled.zip").read_bytes())
    content[5000] = 0
    (tmp_path / "garbled.zip").write_bytes(content)
    _zip(tmp_path / "locked.zip", a_txt=b"secret")
    content = bytearray((tmp_path / "locked.zip").read_bytes())
    for header, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.index(header) + flags] |= 1
    (tmp_path / "locked.zip").write_bytes(content)
    (tmp_path / "folder.txt").mkdir()
    for path in [*tmp_path.iterdir(), tmp_path / "absent.txt"]:
        with pytest.raises(SourceError, match=path.name), sources.opened(path) as source:
            list(sources.blocks(source.stream))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (row(1, "Leh"), Kind.PLACES),
        ("geonameid\tname\n" * 3 + row(1, "Leh"), Kind.PLACES),
        ("\t".join(ALTERNATE), Kind.ALTERNATE_NAMES),
        ("\t".join(POSTAL), Kind.POSTAL_CODES),
        ("IN.41\tLadakh\tLadakh\t1", Kind.REGIONS),
        ("US.TX\tTexas\tTexas\t4736286", Kind.REGIONS),
        ("IN.41.003\tLeh\tLeh\t1", Kind.DISTRICTS),
        ("IN.41.003\tLeh", Kind.DISTRICTS),
        ("# comment\n" * 60 + "\t".join(["IN", "IND", *[""] * 17]), Kind.COUNTRIES),
    ],
)
def test_a_file_is_known_by_its_rows(tmp_path: Path, content: str, kind: Kind) -> None:
    (tmp_path / "a.txt").write_text(f"\ufeff{content}\n", encoding="utf-8")
    assert sources.kind(tmp_path / "a.txt") is kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"<html>404</html>",
        b"id\tname\tlat\tlng\n1\tLeh\t34\t77\n",
        row(1, "Leh").replace("\t", ",").encode(),
        row(1, "Leh").encode("utf-16"),
        random.Random(1).randbytes(100_000),
        b"x" * 3_000_000,
    ],
)
def test_what_is_none_of_them_is_a_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(
        SourceError, match=r"a\.txt: no row is one of GeoNames' tables of places \(19 columns\)"
    ):
        sources.kind(tmp_path / "a.txt")


@pytest.mark.parametrize(
    "name", ["countryInfo.txt.gz", "admin1CodesASCII.txt.gz", "admin2_current_code_name.tsv.gz"]
)
def test_every_row_of_the_areas_that_ship_can_be_used(name: str) -> None:
    (path,) = [path for path in SHIPPED_AREAS if path.name == name]
    kind = sources.kind(path)
    with sources.opened(path) as source:
        for block in sources.blocks(source.stream):
            counts = Preparer(Known({}, {}), Path("absent")).prepare(kind, block).counts
            assert counts.used > 0
            assert counts.bad == 0
