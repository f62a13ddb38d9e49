"""Lists of conditions, good and bad."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.imports.management.commands.import_conditions import SHIPPED
from cms.imports.reading import FileUnreadable, Row, read

HEADER = "doid\tlabel\tdefinition\tsynonyms_exact\tsynonyms_other\ticd10cm\tmesh\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "conditions.tsv"


def read_text(path: Path, text: str) -> tuple[list[Row], list[tuple[int, str]]]:
    path.write_text(text)
    rows, problems = read(path)
    return rows, [(problem.line, problem.reason) for problem in problems]


def test_the_disease_ontology(path: Path) -> None:
    line = "DOID:0050425\trestless legs syndrome\tText.\tWED|Ekbom syndrome\tlegs\tG25.81\tD012148|D000001\n"
    ((row,), problems) = read_text(path, HEADER + line)
    assert problems == []
    assert (row.line, row.name, row.synonyms) == (2, "restless legs syndrome", ["WED", "Ekbom syndrome"])
    assert row.codes == [
        ("doid", "DOID:0050425"),
        ("icd-10-cm", "G25.81"),
        ("mesh", "D012148"),
        ("mesh", "D000001"),
    ]


def test_packed_and_from_windows(tmp_path: Path) -> None:
    path = tmp_path / "conditions.tsv.gz"
    path.write_bytes(gzip.compress("\ufeffname\tsynonyms\r\n  Essential  tremor \tET| \r\n\r\n".encode()))
    (row,), problems = read(path)
    assert (row.name, row.synonyms, problems) == ("Essential tremor", ["ET"], [])


def test_what_ships_is_whole_and_without_definitions() -> None:
    rows, problems = read(SHIPPED)
    assert len(rows) == 95
    assert [problem.line for problem in problems if problem.row_is_left_out] == []
    assert SHIPPED.read_text().split("\n")[0].split("\t") == [
        "name",
        "doid",
        "icd10cm",
        "mesh",
        "hpo",
        "synonyms",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("DOID:1\t\t\t\t\t\t", "There is no name."),
        ("DOID:1\tAsthma", "There are 2 columns, not 7."),
        (f"DOID:1\t{'a' * 256}\t\t\t\t\t", "is longer than 255 characters"),
        (f"DOID:1\t{'a' * 200_000}\t\t\t\t\t", "longer than 100,000 characters"),
        ("DOID:1\tAsth\x00ma\t\t\t\t\t", "characters that cannot be shown"),
        ("DOID:1\tAsth\ufffdma\t\t\t\t\t", "not UTF-8"),
    ],
)
def test_a_bad_row_is_named_and_others_are_read(path: Path, line: str, reason: str) -> None:
    good = "DOID:2\tMigraine\t\t\t\t\t\n"
    rows, problems = read_text(path, f"{HEADER}{good}{line}\n")
    assert [row.name for row in rows] == ["Migraine"]
    assert problems[0][0] == 3
    assert reason in problems[0][1]


def test_a_bad_part_is_left_out_of_its_row(path: Path) -> None:
    line = f"DOID:1\tAsthma\t\tasthma|{'a' * 256}|Bronchial asthma\t\tJ45-J46|J45\tnone\n"
    ((row,), problems) = read_text(path, HEADER + line)
    assert row.synonyms == ["Bronchial asthma"]
    assert row.codes == [("doid", "DOID:1"), ("icd-10-cm", "J45")]
    assert [line for line, _ in problems] == [2, 2, 2]
    assert "'J45-J46' is left out: This is not the form of a code of ICD-10-CM" in problems[1][1]


@pytest.mark.parametrize("text", ["", "\n", "code\tdescription\nA00\tCholera\n", "\x00\x01\x02"])
def test_what_is_no_list_is_refused(path: Path, text: str) -> None:
    with pytest.raises(FileUnreadable, match="The first line must name the columns"):
        read_text(path, text)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tsv.gz"
    broken.write_bytes(gzip.compress(HEADER.encode() * 1000)[:-20])
    damaged = tmp_path / "damaged.tsv.gz"
    packed = gzip.compress(HEADER.encode() * 1000)
    damaged.write_bytes(packed[:10] + bytes(byte ^ 0xFF for byte in packed[10:]))
    not_packed = tmp_path / "plain.tsv.gz"
    not_packed.write_text(HEADER)
    for path in (tmp_path, tmp_path / "none.tsv", broken, damaged, not_packed):
        with pytest.raises(FileUnreadable, match="cannot be read"):
            read(path)


@given(text=st.text())
def test_whatever_stands_in_a_file_is_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.tsv"
    path.write_bytes(("name\tsynonyms\n" + text).encode(errors="surrogatepass"))
    rows, _ = read(path)
    for row in rows:
        assert row.name
        assert all(name.isprintable() and len(name) <= 255 for name in [row.name, *row.synonyms])
