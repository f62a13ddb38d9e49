from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from search_service.generations import Generations
from search_service.places.gazetteer import Gazetteer
from tests.search_service.places.dump import row, write


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def directory(tmp_path: Path, settings: Settings) -> Path:
    settings.PLACES_DIR = tmp_path / "places"
    return tmp_path / "places"


def test_imports_the_files_named_and_says_what_it_did(tmp_path: Path, directory: Path) -> None:
    source = write(tmp_path / "rows.txt", row(1, "Leh"), *["junk"] * 25)
    out, err = StringIO(), StringIO()
    call_command("import_places", source, stdout=out, stderr=err)
    assert (
        "Reading rows.txt\nSorting and indexing\nrows.txt: 26 rows, 1 places, 25 bad rows\n" in out.getvalue()
    )
    assert re.search(
        r"Imported 1 places with 1 names in \d+\.\d s: generation \w+ is live\.\n$", out.getvalue()
    )
    assert "rows.txt, line 2: 1 columns, not 19\n" in err.getvalue()
    assert "rows.txt: 5 more like these" in err.getvalue()
    assert Gazetteer(directory).get(1) is not None


def test_draws_a_bar_at_a_terminal(tmp_path: Path, directory: Path) -> None:
    out = Terminal()
    call_command("import_places", write(tmp_path / "rows.txt", row(1, "Leh")), stdout=out)
    assert f"\r{'#' * 30} 100%          1 places  reading rows.txt" in out.getvalue()


def test_if_empty_leaves_what_is_there(tmp_path: Path, directory: Path) -> None:
    call_command("import_places", write(tmp_path / "one.txt", row(1, "Leh")), "--if-empty", stdout=StringIO())
    live = Generations(directory).current()
    out = StringIO()
    call_command("import_places", write(tmp_path / "two.txt", row(2, "Kargil")), "--if-empty", stdout=out)
    assert out.getvalue() == f"Places are there already: generation {live}.\n"
    assert Generations(directory).names() == [live]


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path: Path, directory: Path) -> None:
    with pytest.raises(CommandError, match=r"Nothing was imported: absent\.txt"):
        call_command("import_places", tmp_path / "absent.txt", stdout=StringIO())
    assert Generations(directory).names() == []
