"""Alternate names, areas and postal codes beside the places."""

from __future__ import annotations

import gzip
import itertools
import zipfile
from datetime import date
from pathlib import Path

import pytest

from search_service.generations import Generations
from search_service.places import importer, names, progress
from search_service.places.areas import Scope
from search_service.places.gazetteer import Gazetteer
from search_service.places.importer import ImportRefused, import_places
from search_service.places.progress import ImportReport
from search_service.places.sqlite import SQLiteStore
from search_service.places.store import PostalRow
from tests.search_service.places.dump import row, write


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "places"


def store(directory: Path) -> SQLiteStore:
    generations = Generations(directory)
    return SQLiteStore(generations.path(generations.current() or ""))


_numbers = itertools.count(1)


def alternate(id: int, language: str, name: str, flags: str = "", until: str = "") -> str:
    """`flags`: p(referred), s(hort), c(olloquial), h(istoric)."""
    marks = ["1" if flag in flags else "" for flag in "psch"]
    return "\t".join([str(next(_numbers)), str(id), language, name, *marks, "", until])


def postal(
    code: str,
    name: str,
    *,
    country: str = "IN",
    region: str = "Jammu & Kashmir",
    district: str = "Leh",
    lat: object = 34.3669,
    lng: object = 75.5907,
) -> str:
    return "\t".join([country, code, name, region, "12", district, "", "", "", str(lat), str(lng), "1"])


def of(report: ImportReport, name: str) -> progress.SourceReport:
    (found,) = [source for source in report.sources if source.name == name]
    return found


ALTERNATES = (
    alternate(1, "hi", "लेह"),
    alternate(1, "bo", "Sles", "h"),
    alternate(1, "bo", "གླེ་"),
    alternate(1, "bo", "གླེ་གྲོང་", "p"),
    alternate(1, "de", "Leh"),
    alternate(1, "fr", "Lé", "c"),
    alternate(1, "ru", "Лех", "", "1947"),
    alternate(1, "", "Glé"),
    alternate(1, "abbr", "Lh."),
    alternate(1, "iata", "IXL"),
    alternate(1, "icao", "VILH"),
    alternate(1, "post", "194101"),
    alternate(1, "link", "https://en.wikipedia.org/wiki/Leh"),
    alternate(1, "wkdt", "Q230818"),
    alternate(99, "hi", "नुब्रा"),
)


@pytest.mark.parametrize("alternates_first", [True, False])
def test_alternate_names_in_any_order_of_the_files(
    tmp_path: Path, directory: Path, alternates_first: bool
) -> None:
    files = [
        write(tmp_path / "alternateNamesV2.txt", *ALTERNATES),
        write(tmp_path / "rows.txt", row(1, "Leh", district="003", alternates="Laya,IXL"), row(2, "Kargil")),
    ]
    report = import_places(files if alternates_first else files[::-1], directory)
    counts = of(report, "alternateNamesV2.txt")
    assert (counts.rows, counts.used, counts.other, counts.bad) == (15, 13, 2, 0)
    gazetteer = Gazetteer(directory)
    leh = gazetteer.get(1)
    for name in ("लेह", "གླེ་", "གླེ་གྲོང་", "Лех", "Glé", "Lh.", "Laya", "Sles", "IXL", "VILH"):
        assert gazetteer.resolve_text(name).match == leh, name
    for name in ("https://en.wikipedia.org/wiki/Leh", "Q230818", "नुब्रा"):
        assert gazetteer.resolve_text(name).match is None, name
    local = {
        locale: store(directory).local_names([1, 2], locale)
        for locale in ("hi", "bo", "bo-CN", "de", "fr", "ru")
    }
    assert local == {
        "hi": {1: "लेह"},
        "bo": {1: "གླེ་གྲོང་"},
        "bo-CN": {1: "གླེ་གྲོང་"},
        "de": {},  # as it is called anyway
        "fr": {},
        "ru": {},
    }
    (code,) = store(directory).postal("194101", "IN")
    assert code == PostalRow("194101", "IN", "194101", "Leh", "Ladakh", "Leh", 34.0, 77.0, 4)


def test_codes_are_less_likely_than_names(tmp_path: Path, directory: Path) -> None:
    import_places(
        [
            write(tmp_path / "a.txt", alternate(1, "icao", "Nubra"), alternate(2, "hi", "Nubra")),
            write(tmp_path / "b.txt", row(1, "Leh", population=10_000), row(2, "Diskit", population=200)),
        ],
        directory,
    )
    match = Gazetteer(directory).resolve_text("Nubra").match
    assert match
    assert match.id == 2


def test_the_most_general_name_is_not_taken_where_the_nearest_is_the_places_own(
    tmp_path: Path, directory: Path
) -> None:
    import_places(
        [
            write(tmp_path / "a.txt", alternate(1, "pt", "Lê"), alternate(1, "pt-BR", "Leh")),
            write(tmp_path / "b.txt", row(1, "Leh")),
        ],
        directory,
    )
    assert store(directory).local_names([1], "pt-BR") == {1: "Leh"}
    assert store(directory).local_names([1], "pt-PT") == {1: "Lê"}


def test_areas_given_go_before_those_that_ship(tmp_path: Path, directory: Path) -> None:
    country = ["IN", "IND", "356", "IN", "Bharat", *[""] * 11, "1269750", "", ""]
    files = [
        write(tmp_path / "rows.txt", row(1, "Leh", district="003")),
        write(tmp_path / "countryInfo.txt", "#ISO", "\t".join(country)),
        write(tmp_path / "admin1CodesASCII.txt", "IN.41\tLa-dvags\tLa-dvags\t12345678901", "bad\tx\tx\t1"),
        write(tmp_path / "admin2Codes.txt", "IN.41.003\tLeh Valley\tLeh Valley\t1"),
    ]
    report = import_places(files, directory)
    assert of(report, "admin1CodesASCII.txt").faults == [(2, "code 'bad'")]
    assert of(report, "admin1CodesASCII.txt.gz").repeated == 1
    leh = Gazetteer(directory).get(1)
    assert leh
    assert leh.label == "Leh, Leh Valley, La-dvags, Bharat"
    assert leh.slug == "leh-la-dvags-in"


def test_areas_in_other_languages(tmp_path: Path, directory: Path) -> None:
    files = [
        write(
            tmp_path / "a.txt",
            alternate(12345678901, "hi", "लद्दाख़"),
            alternate(12345678901, "de", "Provinz Ladak"),
            alternate(12345678901, "fr", "Petit Tibet", "h"),
            alternate(1269750, "xx", "Indistan"),
            alternate(1269750, "xx", "Hindustan", "c"),
        ),
        write(tmp_path / "admin1CodesASCII.txt", "IN.41\tLadakh\tLadakh\t12345678901"),
        write(tmp_path / "rows.txt", row(1, "Leh")),
    ]
    import_places(files, directory)
    areas = store(directory).areas
    india, ladakh = {Scope("IN", None)}, {Scope("IN", "41")}
    for text, found in {
        names.key("लद्दाख़"): ladakh,
        "provinz ladak": ladakh,
        "ladak": set(),
        "petit tibet": set(),
        "indistan": india,
        "भारत": india,
        "indien": india,
        "中国": {Scope("CN", None)},
        "deutschland": {Scope("DE", None)},
    }.items():
        assert areas.scopes(text, others=False) == set()
        assert areas.scopes(text) == found, text
    assert "indistan" in areas.keys("IN", "41")
    assert areas.region_name("IN", "41", "hi") == "लद्दाख़"
    assert areas.region_name("IN", "41", "de-AT") == "Provinz Ladak"
    assert areas.region_name("IN", "41", "fr") == areas.region_name("IN", "41", "en") == "Ladakh"
    assert areas.country_name("IN", "de") == "Indien"
    assert areas.country_name("IN", "xx") == "Indistan"
    assert areas.country_name("IN", "en") == areas.country_name("IN", "zz") == "India"
    assert areas.country_name("ZZ", "de") == areas.region_name("IN", "99", "de") == ""
    resolution = Gazetteer(directory).resolve_text("Leh, Indien")
    assert resolution.status == "exact"


def test_a_large_town_is_not_taken_for_a_country_of_that_name_in_some_language(
    tmp_path: Path, directory: Path
) -> None:
    """Norfolk Island is Norfolk to Czechs and Dutch. And parts of many villages are called Barma."""
    import_places(
        [write(tmp_path / "rows.txt", row(1, "Norfolk", country="US", region="VA", population=246_393))],
        directory,
    )
    areas = store(directory).areas
    assert areas.scopes("norfolk") == set()
    assert areas.scopes("norfolk island") == areas.scopes("norfolkinsel") == {Scope("NF", None)}
    for burma in ("burma", "birma", "barma"):
        assert areas.scopes(burma) == set()
    assert areas.scopes("mianmar") == areas.scopes("myanmar") == {Scope("MM", None)}


PLACES = (
    row(1, "Domkhar Dho", alternates="Dumkhar,Domkhar", lat=34.39375, lng=76.7603, district="003"),
    row(2, "Wanla", lat=34.2484, lng=76.8305, district="003"),
    row(3, "Wanla", lat=30.0, lng=76.0, region="23"),
    row(4, "Likir", lat=34.291, lng=77.2114, district="003"),
    row(5, "Likir", lat=34.9, lng=77.9, district="003"),
    row(6, "Nimu", lat=34.19, lng=77.34, district="003"),
    row(7, "Nimu", lat=34.2, lng=77.35, district="003"),
    row(8, "Ney", lat=20.0, lng=77.0, region="16"),
    row(9, "Tia", class_="A", kind="ADM3", district="003"),
)


def test_postal_codes(tmp_path: Path, directory: Path) -> None:
    """One point near Drass is given to all codes of Leh: rows get the point of the place that they name."""
    codes = [f"19410{number}" for number in range(1, 7)]
    files = [
        write(
            tmp_path / "postal.txt",
            *(postal(code, "Leh H.O") for code in codes),
            postal("194106", "Dumkhar"),
            postal("194106", "Wanla"),
            postal("194106", "Likir"),  # two in the district, 90 km apart
            postal("194107", "Nimu"),  # two, next to each other
            postal("194107", "Ney"),  # one, elsewhere
            postal("194107", "Tia"),  # an area
            postal("194107", "Nowhere", lat="", lng=""),
            postal("194107", "Wanla", lat="", lng=""),
            postal("194107", "Nimu", lat=34.3, lng=77.4),  # with a point of its own
            postal("00-950", "Warszawa", country="PL", lat=52.2, lng=21.0),
            "bad",
        ),
        write(tmp_path / "rows.txt", *PLACES),
    ]
    report = import_places(files, directory)
    counts = of(report, "postal.txt")
    assert (counts.rows, counts.used, counts.bad) == (17, 16, 1)
    found = store(directory)

    def points(code: str) -> list[tuple[str, float | None, bool]]:
        return [(code.place_name, code.lat, code.is_shared) for code in found.postal(code, "IN")]

    shared = 34.3669
    assert points("194106") == [
        ("Leh H.O", shared, True),
        ("Dumkhar", 34.39375, False),
        ("Wanla", 34.2484, False),
        ("Likir", shared, True),
    ]
    assert points("194107") == [
        ("Nimu", 34.19, False),
        ("Ney", shared, True),
        ("Tia", shared, True),
        ("Nowhere", None, False),
        ("Wanla", 34.2484, False),
    ]
    assert [code.code for code in found.postal("00950", None)] == ["00-950"]
    assert found.postal("00950", "IN") == found.postal("", None) == []
    beginning = found.postal_beginning("1941", None, 4)
    assert [(code.country, code.code) for code in beginning] == [("IN", code) for code in codes[:4]]
    assert [code.country for code in found.postal_beginning("00", "PL", 10)] == ["PL"]
    assert found.postal_beginning("00", "IN", 10) == found.postal_beginning("", None, 10) == []


def test_the_same_code_in_two_countries_and_twice_in_two_files(tmp_path: Path, directory: Path) -> None:
    one = write(
        tmp_path / "one.txt",
        postal("10001", "New York", country="US"),
        postal("10001", "Zagreb", country="HR"),
    )
    two = write(tmp_path / "two.txt", postal("10001", "New York", country="US", lat=1))
    import_places([one, two, write(tmp_path / "rows.txt", row(1, "Leh"))], directory)
    found = [(code.country, code.lat) for code in store(directory).postal("10001", None)]
    assert found == [("HR", 34.3669), ("US", 34.3669)]


def test_without_places_among_the_files_those_that_ship_are_taken(
    tmp_path: Path, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "SHIPPED", [path for path in importer.SHIPPED if "ladakh" in path.name])
    import_places(
        [write(tmp_path / "postal.txt", postal("194106", "Domkhar Dho", lat="", lng=""))], directory
    )
    (code,) = store(directory).postal("194106", None)
    assert code.lat == 34.39375
    about = Gazetteer(directory).about()
    assert about.places == 733
    assert [(source.kind, source.rows) for source in about.sources if source.name == "postal.txt"] == [
        ("postal codes", 1)
    ]


def test_the_date_of_a_file_whose_rows_have_none_is_its_archives(tmp_path: Path, directory: Path) -> None:
    with zipfile.ZipFile(tmp_path / "IN.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("IN.txt", (2026, 11, 20, 0, 0, 0)), postal("194106", "Leh"))
        archive.writestr(zipfile.ZipInfo("readme.txt", (2026, 11, 20, 0, 0, 0)), "Read me")
    import_places([tmp_path / "IN.zip", write(tmp_path / "rows.txt", row(1, "Leh"))], directory)
    dates = {source.name: source.data_date for source in Gazetteer(directory).about().sources}
    assert dates["IN.zip"] == date(2026, 11, 20)
    assert dates["rows.txt"] == date(2026, 1, 1)


@pytest.mark.parametrize("cut", ["gz", "zip"])
def test_a_file_cut_short_in_the_middle_leaves_what_was_live(
    tmp_path: Path, directory: Path, cut: str
) -> None:
    rows = write(tmp_path / "rows.txt", row(1, "Leh"))
    live = import_places([rows], directory).generation
    content = "\n".join(alternate(i + 1, "hi", f"नाम {i}") for i in range(30_000)).encode()
    path = tmp_path / f"alternateNamesV2.{cut}"
    if cut == "gz":
        path.write_bytes(gzip.compress(content)[:-1000])
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("alternateNamesV2.txt", content)
        garbled = bytearray(path.read_bytes())
        garbled[len(garbled) // 2] ^= 0xFF
        path.write_bytes(garbled)
    with pytest.raises(ImportRefused, match="alternateNamesV2"):
        import_places([path, rows], directory)
    assert Generations(directory).names() == [live] == [Generations(directory).current()]


def test_other_processes_come_to_the_same(
    tmp_path: Path, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that there is to read in rows, in the order of the tables."""
    places = (
        row(i + 1, f"Village {i}", alternates=f"गाँव {i},V{i % 7}", lat=30 + i / 10_000, population=i % 5000)
        for i in range(12_000)
    )
    files = [
        write(tmp_path / "rows.txt", *places, "bad", row(1, "Again")),
        write(tmp_path / "a.txt", *(alternate(i + 1, "ru", f"Село {i}") for i in range(0, 12_000, 5))),
        write(
            tmp_path / "postal.txt", *(postal(f"{i:06}", f"Village {i}", lat=30) for i in range(0, 12_000, 7))
        ),
    ]

    def contents() -> list[object]:
        report = import_places(files, directory)
        opened = store(directory)
        tables = ("place", "name", "name_end", "point", "local_name", "postal", "area_name")
        sources = [(source.name, source.used, source.repeated, source.faults) for source in report.sources]
        return [sources, *(opened._db.execute(f"SELECT * FROM {table}").fetchall() for table in tables)]

    here = contents()
    monkeypatch.setattr(importer, "_MUCH", 0)
    assert contents() == here


def test_a_row_of_an_endless_line_is_one_bad_row(tmp_path: Path, directory: Path) -> None:
    source = write(tmp_path / "rows.txt", row(1, "Leh"), row(2, "x" * 2_000_000), row(3, "Kargil"))
    report = of(import_places([source], directory), "rows.txt")
    assert (report.rows, report.used, report.bad) == (3, 2, 1)
    assert report.faults[0][0] == 2
    assert Gazetteer(directory).get(3) is not None
