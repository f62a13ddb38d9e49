from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.places import sources
from search_service.places.sources import BadRow, SourceError
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
    parsed = sources.parse(line.encode())
    assert parsed is not None
    assert parsed[:7] == (1, "Leh", "Leh", ["Léh", "لیہہ"], 34.16504, 77.58402, "PPL")
    assert parsed[7:] == ("IN", "41", "003", 37475, "Asia/Kolkata", "2026-01-01")


@pytest.mark.parametrize("class_", ["H", "S", "T", "L", "R", "V", "U", ""])
def test_what_is_no_place(class_: str) -> None:
    assert sources.parse(row(1, "Indus", class_=class_, kind="STM", country="", lat="x").encode()) is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "1 columns"),
        (b"geonameid\tname", "2 columns"),
        (row(1, "Leh").encode() + b"\textra", "20 columns"),
        (row(1, "Leh").replace("Leh", "L\0h").encode(), "control character"),
        (b"\xff" + row(1, "Leh").encode(), "not UTF-8"),
        (row("", "Leh").encode(), "id ''"),
        (row("-1", "Leh").encode(), "id '-1'"),
        (row("1.0", "Leh").encode(), "id '1.0'"),
        (row("٣", "Leh").encode(), "id"),
        (row(2**63, "Leh").encode(), "id"),
        (row(0, "Leh").encode(), "id '0'"),
        (row(1, " ").encode(), "no name"),
        (row(1, "x" * 201).encode(), "a name of 201 characters"),
        (row(1, "Leh", lat="").encode(), "coordinates '', '77.0'"),
        (row(1, "Leh", lat="34,1").encode(), "coordinates"),
        (row(1, "Leh", lat="90.1").encode(), "coordinates"),
        (row(1, "Leh", lng="-180.5").encode(), "coordinates"),
        (row(1, "Leh", lat="nan").encode(), "coordinates"),
        (row(1, "Leh", lat="inf").encode(), "coordinates"),
        (row(1, "Leh", lat="0", lng="0.0").encode(), "coordinates"),
        (row(1, "Leh", country="").encode(), "country ''"),
        (row(1, "Leh", country="in").encode(), "country 'in'"),
    ],
)
def test_bad_rows(line: bytes, reason: str) -> None:
    with pytest.raises(BadRow, match=reason):
        sources.parse(line)


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
    parsed = sources.parse(row(1, "Leh", population=text).encode())
    assert parsed is not None
    assert parsed.population == population


@given(st.binary())
def test_any_bytes_are_a_row_or_none_or_bad(line: bytes) -> None:
    _parse(line)


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\t\n", exclude_categories=["Cs"])), min_size=19, max_size=19
    )
)
def test_any_columns_are_a_row_or_none_or_bad(columns: list[str]) -> None:
    columns[6] = "P"
    _parse("\t".join(columns).encode())


def _parse(line: bytes) -> None:
    try:
        parsed = sources.parse(line)
    except BadRow:
        return
    assert parsed is None or parsed.id > 0


def test_lines_have_numbers_and_an_endless_one_comes_in_pieces() -> None:
    endless = b"x" * 600_000
    found = list(sources.lines(io.BytesIO(b"one\n" + endless + b"\nthree")))
    assert [number for number, _ in found] == [1, 2, 2, 2, 3]
    assert b"".join(line for _, line in found) == b"one\n" + endless + b"\nthree"


def _zip(path: Path, **members: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)


def test_plain_gzipped_and_zipped(tmp_path: Path) -> None:
    content = b"one\ntwo\n"
    (tmp_path / "a.txt").write_bytes(content)
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(content))
    _zip(tmp_path / "a.zip", readme_txt=b"Read me", IN_txt=content)
    for name in ("a.txt", "a.txt.gz", "a.zip"):
        with sources.opened(tmp_path / name) as source:
            assert list(sources.lines(source.stream)) == [(1, b"one\n"), (2, b"two\n")]
            assert 0 < source.fraction() <= 1


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"x" * 10_000 + bytes(range(256)) * 99)[:-20])
    (tmp_path / "not.gz").write_bytes(b"plain")
    (tmp_path / "not.zip").write_bytes(b"plain")
    _zip(tmp_path / "empty.zip", readme_txt=b"Read me")
    _zip(tmp_path / "two.zip", a_txt=b"", b_txt=b"")
    for name in ("absent.txt", "cut.gz", "not.gz", "not.zip", "empty.zip", "two.zip"):
        with pytest.raises(SourceError, match=name), sources.opened(tmp_path / name) as source:
            list(sources.lines(source.stream))
