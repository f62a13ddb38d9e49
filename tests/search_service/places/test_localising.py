"""Names in the locale that is asked for."""

from __future__ import annotations

import pytest

from search_service.places.gazetteer import Gazetteer
from search_service.places.importer import import_places
from search_service.places.model import Place
from tests.search_service.places.dump import row, write


@pytest.fixture(scope="module")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    folder = tmp_path_factory.mktemp("local")
    places = [
        row(1, "Köln", country="DE", region="07", lat=50.94, lng=6.96, population=1_000_000),
        row(2, "Deutz", country="DE", region="07", lat=50.94, lng=6.97),
    ]
    names = [
        "11\t1\ten\tCologne\t1\t\t\t\t\t",
        "12\t1\tfr\tCologne\t\t\t\t\t\t",
        "13\t1\tpt\tColónia\t\t\t\t\t\t",
    ]
    files = [write(folder / "places.txt", *places), write(folder / "alternateNamesV2.txt", *names)]
    import_places(files, folder / "places")
    return Gazetteer(folder / "places")


def shown(place: Place | None) -> tuple[str, str]:
    assert place is not None
    return place.local_name, place.label


@pytest.mark.parametrize(
    ("locale", "name", "label"),
    [
        ("en", "Cologne", "Cologne, North Rhine-Westphalia, Germany"),
        ("pt-BR", "Colónia", "Colónia, North Rhine-Westphalia, Alemanha"),
        ("fr", "Cologne", "Cologne, North Rhine-Westphalia, Allemagne"),
        ("hi", "", "Köln, North Rhine-Westphalia, जर्मनी"),
        ("xx", "", "Köln, North Rhine-Westphalia, Germany"),
        (None, "", "Köln, North Rhine-Westphalia, Germany"),
    ],
)
def test_names_in_a_locale_wherever_a_place_is_told(
    gazetteer: Gazetteer, locale: str | None, name: str, label: str
) -> None:
    expected = (name, label)
    resolution = gazetteer.resolve_text("koln", locale=locale)
    assert shown(resolution.match) == expected
    assert resolution.matched_name == "Köln"
    assert shown(gazetteer.get(1, locale=locale)) == expected
    assert shown(gazetteer.search("kol", locale=locale)[0].place) == expected
    assert shown(gazetteer.nearest(50.94, 6.96, locale=locale)[0].place) == expected
    by_slug = gazetteer.resolve_slug("koln-north-rhine-westphalia-de", locale=locale)
    assert shown(by_slug.match) == expected
    assert by_slug.match is not None
    assert by_slug.match.slug == "koln-north-rhine-westphalia-de"
    assert by_slug.match.name == "Köln"


def test_what_is_beside_the_match_is_in_the_locale_too(gazetteer: Gazetteer) -> None:
    point = gazetteer.resolve_text("50.94, 6.96", locale="fr")
    assert point.nearest is not None
    assert shown(point.nearest.place)[0] == "Cologne"
    assert point.match is not None
    assert point.match.country.name == ""
    unknown = gazetteer.resolve_text("North Rhine-Westphalia", locale="pt")
    assert shown(unknown.suggestions[0])[0] == "Colónia"
