"""Names in scripts in which no source gives them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.places import scripts
from search_service.places.gazetteer import Gazetteer
from tests.search_service.places.dump import row

Make = Callable[..., Gazetteer]

DOMKHAR_DHO, DOMKHAR_BURMA = 801411805, 801411804


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("डोमखर", "domkhar"),
        ("लेह", "leh"),
        ("कारगिल", "kargil"),
        ("स्कुरबुचन", "skurbuchan"),
        ("बरमा", "barma"),
        ("मुंबई", "mumbai"),
        ("हानले", "hanle"),
        ("ਡੋਮਖਰ", "domkhar"),
        ("ডোমখার", "domkhar"),
        ("ಬೆಂಗಳೂರು", "bengaluru"),
        ("Скурбучан", "Skurbuchan"),
        ("Αθήνα", "Athina"),
        ("北京", "BeiJing"),
        ("Domkhar Leh", "Domkhar Leh"),
    ],
)
def test_as_it_is_spoken(text: str, latin: str) -> None:
    assert scripts.latin(text) == latin


@pytest.mark.parametrize(
    ("one", "other"),
    [("domkhar", "dwmkhr"), ("zanskar", "janskar"), ("khaltse", "khalatse"), ("phyang", "fiang")],
)
def test_names_that_sound_alike(one: str, other: str) -> None:
    assert scripts.sound(one) == scripts.sound(other) != ""


@pytest.mark.parametrize(("one", "other"), [("domkhar", "dumra"), ("leh", "lamayuru"), ("alchi", "elk")])
def test_names_that_do_not(one: str, other: str) -> None:
    assert scripts.sound(one) != scripts.sound(other)


def test_a_name_begins_as_it_may_begin_by_its_consonants() -> None:
    assert "domk" in scripts.beginnings("dwmkhr")
    assert "skar" in scripts.beginnings("skrdw")
    assert scripts.beginnings("leh") == []
    assert scripts.beginnings("") == []


@given(st.text(max_size=40))
def test_any_text_can_be_transliterated(text: str) -> None:
    assert scripts.latin(text).isascii()
    assert all(len(code) == 2 for code in scripts.countries(text))
    scripts.beginnings(scripts.latin(text).lower())


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("डोमखर", DOMKHAR_DHO),
        ("डोमखर, लेह", DOMKHAR_DHO),
        ("डोमखर भारत", DOMKHAR_DHO),
        ("डोमखर बरमा", DOMKHAR_BURMA),
        ("دومکھر", DOMKHAR_DHO),
        ("དོམ་མཁར", DOMKHAR_DHO),
        ("ਡੋਮਖਰ", DOMKHAR_DHO),
        ("खाल्से", 801393033),
        ("स्कुरबुचन", 801411825),
    ],
)
def test_a_village_in_a_script_of_its_country(shipped: Gazetteer, text: str, id_: int) -> None:
    resolution = shipped.resolve_text(text)
    assert (resolution.status, resolution.assumed) == ("approximate", "script")
    assert resolution.match is not None
    assert resolution.match.id == id_
    assert shipped.search(text)[0].place == resolution.match


@pytest.mark.parametrize(
    ("text", "name"), [("लेह", "Leh"), ("北京", "Beijing"), ("Москва", "Moscow"), ("دمشق", "Damascus")]
)
def test_a_name_that_is_known_in_the_script_is_exact(shipped: Gazetteer, text: str, name: str) -> None:
    resolution = shipped.resolve_text(text)
    assert (resolution.status, resolution.assumed, resolution.matched_name) == ("exact", None, text)
    assert resolution.match is not None
    assert resolution.match.name == name


@pytest.mark.parametrize("text", ["Домкар", "Скурбучан", "돔카르", "ドムカル", "Δομκαρ"])
def test_where_nobody_writes_so_it_is_only_suggested(shipped: Gazetteer, text: str) -> None:
    assert shipped.resolve_text(text).status == "none"


def test_what_is_written_exactly_so_elsewhere_is_suggested_first(shipped: Gazetteer) -> None:
    assert shipped.resolve_text("Скурбучан").suggestions[0].name == "SkurBuchan"


def test_a_place_that_only_sounds_a_bit_alike_is_not_taken(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(row(1, "Damkehar Kalan"), row(2, "Dimakuri"), row(3, "Tomkhar", country="CN"))
    for text in ("डोमखर", "دومکھر"):
        assert gazetteer.resolve_text(text).status == "none"


def test_one_of_two_that_sound_alike_is_not_guessed(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(row(1, "Damkhar"), row(2, "Dumkhir", lat=20.0))
    resolution = gazetteer.resolve_text("دومکھر")
    assert resolution.status == "none"
    far_larger = gazetteer_of(row(1, "Damkhar", population=90_000), row(2, "Dumkhir", lat=20.0))
    assert far_larger.resolve_text("دومکھر").status == "approximate"
