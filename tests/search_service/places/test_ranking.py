"""Which place comes first while its name is typed: by what the name is to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from search_service.places import names, ranking
from search_service.places.gazetteer import Gazetteer
from search_service.places.importer import import_places
from search_service.places.ranking import ALTERNATE, FOREIGN, REMOTE, SHORTER
from tests.search_service.places.dump import row, write

Make = Callable[..., Gazetteer]

CAIRO = row(
    1, "Cairo", alternates="Le Caire,Kairo,El Qâhira", country="EG", region="11", population=9_000_000
)
LEH = row(2, "Leh", population=31_000)


def firsts(gazetteer: Gazetteer, *texts: str, locale: str | None = None) -> list[int | None]:
    return [gazetteer.search(text, locale=locale)[0].place.id for text in texts]


@pytest.mark.parametrize(
    ("text", "own", "expected"),
    [
        ("León", "León de los Aldama", SHORTER),
        ("München", "Munich", ALTERNATE),
        ("La Haya", "The Hague", FOREIGN),
        ("L'viv", "Lviv", ALTERNATE),
        ("A Coruna", "Acoruna", REMOTE),
        ("Bei Jing", "Beijing", ALTERNATE),
        ("Москва", "Moscow", ALTERNATE),
        ("Genf", "Geneva", ALTERNATE),
        ("Wien", "Vienna", FOREIGN),
        ("Le Caire", "Cairo", REMOTE),
        ("Le", "Cairo", FOREIGN),
        ("lei bao cheng", "Kinshasa", REMOTE),
    ],
)
def test_what_another_name_is_to_a_place(text: str, own: str, expected: int) -> None:
    assert ranking.other_name(text, names.key(text), names.key(own)) == expected


def test_an_article_alone_is_not_the_beginning_of_a_name_in_another_language(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(CAIRO, LEH)
    assert firsts(gazetteer, "le", "le c", "le caire", "kai") == [2, 1, 1, 1]
    assert gazetteer.resolve_text("Le Caire").status == "exact"


def test_who_goes_on_after_the_article_means_the_name(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(1, "Havana", alternates="La Habana", country="CU", region="02", population=2_000_000),
        row(2, "La Habra", country="US", region="CA", population=60_000),
    )
    assert firsts(gazetteer, "la", "la ha", "la hab") == [2, 1, 1]


def test_what_a_machine_spelt_does_not_precede_what_people_call_a_town(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(1, "Kinshasa", alternates="lei bao cheng", country="CD", region="06", population=8_000_000),
        row(2, "Leipzig", country="DE", region="13", population=500_000),
    )
    assert firsts(gazetteer, "lei", "lei bao") == [2, 1]


def test_what_begins_a_name_is_no_code(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(1, "Paraná", alternates="PRA", country="AR", region="08", population=260_000),
        row(2, "Prague", country="CZ", region="52", population=1_200_000, lat=50.0),
        row(3, "Maturín", alternates="MUN", country="VE", region="16", population=400_000),
        row(4, "Munich", alternates="München", country="DE", region="02", population=1_200_000, lat=48.0),
    )
    assert firsts(gazetteer, "pra", "PRA", "mun", "mün", "MUN") == [2, 1, 4, 4, 3]
    for text in ("pra", "mün", "MÜN"):
        assert gazetteer.resolve_text(text).match is None
    match = gazetteer.resolve_text("PRA").match
    assert match is not None
    assert match.id == 1


def test_a_code_is_meant_where_nothing_larger_begins_so(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(1, "Los Angeles", alternates="LAX", country="US", region="CA", population=3_900_000),
        row(2, "Laxou", country="FR", region="44", population=15_000),
    )
    assert firsts(gazetteer, "lax") == [1]
    assert gazetteer.resolve_text("lax").status == "exact"


def test_a_country_brings_places_that_are_far_from_the_most_important(gazetteer_of: Make) -> None:
    others = [row(id_, f"Le{id_}", country="DE", region="13", population=1_000_000) for id_ in range(10, 90)]
    gazetteer = gazetteer_of(LEH, *others)
    assert gazetteer.search("le", country="in")[0].place.id == 2
    assert len(gazetteer.search("le", country="in")) == 10
    assert gazetteer.search("le", country="BT")[0].place.id != 2


def test_a_place_near_by_comes_up_however_many_are_more_important(gazetteer_of: Make) -> None:
    others = [row(id_, f"Le{id_}", lat=50.0, lng=9.0, population=1_000_000) for id_ in range(10, 90)]
    gazetteer = gazetteer_of(LEH, *others)
    assert gazetteer.search("le", focus=(34.2, 77.1))[0].place.id == 2
    assert gazetteer.search("la", focus=(34.2, 77.1)) == []


@pytest.fixture(scope="module")
def by_language(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    folder: Path = tmp_path_factory.mktemp("by-language")
    places = [
        CAIRO,
        LEH,
        row(3, "Vienna", alternates="Wien,Vindobona", country="AT", region="09", population=1_700_000),
        row(4, "Wiesbaden", country="DE", region="05", population=280_000),
        row(5, "Vinkovci", country="HR", region="20", population=800_000),
    ]
    alternates = [
        "11\t1\tfr\tLe Caire\t\t\t\t\t\t",
        "12\t3\tde\tWien\t1\t\t\t\t\t",
        "13\t3\tde\tVindobona\t\t\t\t1\t\t",
    ]
    import_places(
        [write(folder / "places.txt", *places), write(folder / "names.txt", *alternates)], folder / "places"
    )
    return Gazetteer(folder / "places")


def test_a_name_in_a_language_of_the_country_is_as_good_as_the_own(
    by_language: Gazetteer, gazetteer_of: Make
) -> None:
    assert firsts(by_language, "wie") == [3]
    # Historic names are not what it is called there.
    assert firsts(by_language, "vin") == [5]
    unknown = gazetteer_of(
        row(3, "Vienna", alternates="Wien", country="AT", region="09", population=1_700_000),
        row(4, "Wiesbaden", country="DE", region="05", population=280_000),
    )
    assert firsts(unknown, "wie", "wien") == [4, 3]


def test_a_name_in_the_callers_language_is_as_good_as_the_own(by_language: Gazetteer) -> None:
    assert firsts(by_language, "le", locale="fr-CA") == [1]
    assert firsts(by_language, "le", locale="en") == firsts(by_language, "le") == [2]


def test_the_slug_is_of_the_places_own_name(by_language: Gazetteer) -> None:
    vienna = by_language.get(3)
    assert vienna is not None
    assert vienna.slug == "vienna-vienna-at"
    assert by_language.resolve_slug("wien-vienna-at").match == vienna
