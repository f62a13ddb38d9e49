from __future__ import annotations

import contextlib
import gzip
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from search_service.generations import Generations
from search_service.places.gazetteer import Gazetteer, PlacesUnavailable
from search_service.places.importer import ImportRefused, import_places
from search_service.places.progress import FAULTS_KEPT, Progress
from tests.search_service.places.dump import row, write


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "places"


def test_what_ships_is_imported_whole(shipped: Gazetteer) -> None:
    about = shipped.about()
    assert about.places == 53_819
    assert about.names > about.places
    assert about.imported_at <= datetime.now(UTC)
    found = [(source.name, source.rows, source.data_date) for source in about.sources]
    assert [one for one in found if one[0].endswith("geonames.txt.gz")] == [
        ("cities5000.geonames.txt.gz", 52_626, date(2023, 3, 5)),
        ("ladakh.geonames.txt.gz", 730, date(2022, 2, 20)),
        ("bhutan.geonames.txt.gz", 463, date(2023, 9, 29)),
    ]
    attributions = {source.name: source.attribution for source in about.sources}
    assert "GODL-India" in attributions["ladakh.geonames.txt.gz"]
    assert "Who's On First" in attributions["bhutan.geonames.txt.gz"]
    (cldr,) = [name for name in attributions if name.startswith("CLDR")]
    assert "Unicode" in attributions.pop(cldr)
    assert all("GeoNames" in attribution for attribution in attributions.values())
    assert {source.kind for source in about.sources} == {
        *("places", "countries", "regions", "districts", "names of countries")
    }


def test_bad_rows_are_counted_named_and_left_out(tmp_path: Path, directory: Path) -> None:
    source = write(
        tmp_path / "rows.txt",
        row(1, "Leh"),
        "junk",
        row(2, "Indus", class_="H", kind="STM"),
        row(3, "Nowhere", lat="x"),
        row(4, "Khaltse", population="many"),
        row(1, "Leh again"),
        row(5, "Domkhar\0"),
    )
    report = import_places([source], directory)
    of_source = report.sources[-1]
    assert (of_source.rows, of_source.used, of_source.other, of_source.repeated) == (7, 2, 1, 1)
    assert (of_source.bad, of_source.mended) == (3, 1)
    assert [line for line, _ in of_source.faults] == [2, 4, 5, 7]
    assert "columns" in of_source.faults[0][1]
    gazetteer = Gazetteer(directory)
    leh, khaltse = gazetteer.get(1), gazetteer.get(4)
    assert leh is not None
    assert leh.name == "Leh"
    assert khaltse is not None
    assert khaltse.population == 0
    assert gazetteer.get(2) is gazetteer.get(3) is gazetteer.get(5) is None


def test_faults_without_end_are_counted_and_the_first_kept(tmp_path: Path, directory: Path) -> None:
    source = write(tmp_path / "rows.txt", row(1, "Leh"), *["junk"] * 1000)
    of_source = import_places([source], directory).sources[-1]
    assert of_source.bad == 1000
    assert [line for line, _ in of_source.faults] == list(range(2, 2 + FAULTS_KEPT))


def test_the_first_to_name_an_id_keeps_it(tmp_path: Path, directory: Path) -> None:
    best = write(tmp_path / "best.txt", row(1, "Leh", alternates="Lehas"))
    other = write(tmp_path / "other.txt", row(1, "Lay", alternates="Laya"), row(2, "Kargil"))
    report = import_places([best, other], directory)
    assert [(source.used, source.repeated) for source in report.sources[-2:]] == [(1, 0), (1, 1)]
    gazetteer = Gazetteer(directory)
    assert gazetteer.resolve_text("Lehas").match == gazetteer.get(1)
    assert gazetteer.resolve_text("Laya").status == "none"


def test_repeated_ids_far_apart_in_one_file(tmp_path: Path, directory: Path) -> None:
    rows = [row(i + 1, f"Village {i}") for i in range(12_000)]
    source = write(tmp_path / "rows.txt", *rows, row(12_000, "Again"), row(1, "Again"))
    of_source = import_places([source], directory).sources[-1]
    assert (of_source.used, of_source.repeated) == (12_000, 2)
    assert Gazetteer(directory).resolve_text("Again").status == "none"


@pytest.mark.parametrize("content", [b"", b"junk\n", gzip.compress(b"junk", mtime=0)])
def test_a_useless_file_leaves_what_was_live(tmp_path: Path, directory: Path, content: bytes) -> None:
    live = import_places([write(tmp_path / "rows.txt", row(1, "Leh"))], directory).generation
    (tmp_path / "useless.txt").write_bytes(content)
    with pytest.raises(ImportRefused, match=r"useless\.txt: no row is one of"):
        import_places([tmp_path / "useless.txt"], directory)
    assert Generations(directory).names() == [live]
    assert Gazetteer(directory).get(1) is not None


def test_a_file_cut_short_leaves_what_was_live(tmp_path: Path, directory: Path) -> None:
    live = import_places([write(tmp_path / "rows.txt", row(1, "Leh"))], directory).generation
    whole = gzip.compress("\n".join(row(i + 1, f"Place {i}") for i in range(9000)).encode())
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ImportRefused, match=r"cut\.gz"):
        import_places([tmp_path / "cut.gz"], directory)
    assert Generations(directory).names() == [live] == [Generations(directory).current()]


def test_one_import_at_a_time(tmp_path: Path, directory: Path) -> None:
    source = write(tmp_path / "rows.txt", row(1, "Leh"))
    with Generations(directory).lock("import") as free:
        assert free
        with pytest.raises(ImportRefused, match="another import"):
            import_places([source], directory)


def test_readers_go_over_to_the_new_generation(tmp_path: Path, directory: Path) -> None:
    gazetteer = Gazetteer(directory)
    with pytest.raises(PlacesUnavailable):
        gazetteer.get(1)
    import_places([write(tmp_path / "one.txt", row(1, "Leh"))], directory)
    first = gazetteer.about()
    assert gazetteer.get(1) is not None
    import_places([write(tmp_path / "two.txt", row(2, "Kargil"))], directory)
    assert gazetteer.get(1) is None
    assert gazetteer.get(2) is not None
    assert gazetteer.about().generation != first.generation
    assert len(Generations(directory).names()) == 2  # the live one and the former
    import_places([write(tmp_path / "two.txt", row(2, "Kargil"))], directory)
    assert first.generation not in Generations(directory).names()


def test_reading_goes_on_in_every_thread_while_generations_change(tmp_path: Path, directory: Path) -> None:
    source = write(tmp_path / "rows.txt", *(row(i + 1, f"Place {i}") for i in range(50)))
    import_places([source], directory)
    gazetteer, stop = Gazetteer(directory), threading.Event()
    found: list[int] = []
    errors: list[Exception] = []

    def read() -> None:
        try:
            while not stop.is_set():
                found.append(len(gazetteer.search("place", limit=50)))
        except Exception as error:  # noqa: BLE001 (whatever it is, the test is to show it)
            errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(3):
        import_places([source], directory)
    stop.set()
    for reader in readers:
        reader.join()
    assert not errors
    assert set(found) == {50}


def test_a_generation_that_vanished_is_no_places(tmp_path: Path, directory: Path) -> None:
    live = import_places([write(tmp_path / "rows.txt", row(1, "Leh"))], directory).generation
    (directory / live / "places.sqlite3").unlink()
    with pytest.raises(PlacesUnavailable):
        Gazetteer(directory).get(1)


def _version_0(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA user_version = 0")


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _garbled(file: Path) -> None:
    """The first page, which says what the file is, stays whole."""
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * (file.stat().st_size - 4096))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(b"rubbish" * 1000),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes()[:5000]),
        Path.unlink,
        _folder,
        _garbled,
        _version_0,
        lambda file: (file.parents[1] / "CURRENT").write_bytes(b"\xff"),
        lambda file: (file.parents[1] / "CURRENT").write_text("rubbish"),
    ],
)
def test_what_cannot_be_read_is_no_places_and_is_imported_anew(
    tmp_path: Path, settings: Settings, directory: Path, spoil: Callable[[Path], object]
) -> None:
    settings.PLACES_DIR = directory
    source = write(tmp_path / "rows.txt", row(1, "Leh"))
    live = import_places([source], directory).generation
    spoil(directory / live / "places.sqlite3")
    gazetteer = Gazetteer(directory)
    for read in (
        gazetteer.about,
        lambda: gazetteer.get(1),
        lambda: gazetteer.resolve_slug("leh-ladakh-in"),
        lambda: gazetteer.resolve_text("Leh"),
        lambda: gazetteer.search("Leh"),
        lambda: gazetteer.nearest(34, 77),
    ):
        with pytest.raises(PlacesUnavailable):
            read()
    call_command("import_places", source, "--if-empty", stdout=StringIO())
    assert gazetteer.get(1) is not None


def test_damage_that_comes_up_while_reading_is_no_places(tmp_path: Path, directory: Path) -> None:
    """Where the thread has the file open already."""
    live = import_places([write(tmp_path / "rows.txt", row(1, "Leh"))], directory).generation
    gazetteer = Gazetteer(directory)
    gazetteer.about()
    file = directory / live / "places.sqlite3"
    with file.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xff" * (file.stat().st_size - 4096))
    with pytest.raises(PlacesUnavailable):
        gazetteer.resolve_text("Leh")


def test_progress_runs_from_reading_to_the_end(tmp_path: Path, directory: Path) -> None:
    told: list[Progress] = []
    import_places(
        [write(tmp_path / "rows.txt", *(row(i + 1, f"Place {i}") for i in range(12_000)))],
        directory,
        told.append,
    )
    reading = [progress for progress in told if progress.step == "reading rows.txt"]
    assert [progress.places for progress in reading][-2:] == [12_000, 12_000]
    assert 0 < reading[0].places < 12_000
    fractions = [progress.fraction for progress in reading]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < fractions[-1] == 1
    sorting = [progress.fraction for progress in told[len(reading) :]]
    assert sorting == sorted(sorting)
    assert len(sorting) > 5
    assert sorting[-1] == 1
