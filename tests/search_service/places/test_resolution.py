"""How slugs and texts are understood: on the places that ship, and on few rows made up for a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_service.places.gazetteer import Gazetteer
from search_service.places.model import Alternative, Place, Resolution
from tests.search_service.places.dump import row

DOMKHAR_DHO, DOMKHAR_BURMA, DHOMKHAR_GONGMA = 801411805, 801411804, 801411803
LEH, KHALTSE = 1264976, 801393033

Make = Callable[..., Gazetteer]


def ids(places: Sequence[Place | Alternative]) -> list[int | None]:
    return [each.place.id if isinstance(each, Alternative) else each.id for each in places]


def understood(resolution: Resolution) -> tuple[str, int | None]:
    return resolution.status, resolution.match.id if resolution.match else None


# --- Domkhar: three hamlets a few km apart, spelt in several ways, one of them called Burma.


def test_the_slug_of_a_village_finds_its_first_hamlet_and_offers_the_others(shipped: Gazetteer) -> None:
    resolution = shipped.resolve_slug("domkhar-ladakh-in")
    assert understood(resolution) == ("exact", DOMKHAR_DHO)
    assert resolution.matched_name == "Domkhar"
    assert {other.place.id: other.why for other in resolution.alternatives} == {
        DHOMKHAR_GONGMA: "part",
        DOMKHAR_BURMA: "part",
    }


def test_what_a_place_says_of_itself(shipped: Gazetteer) -> None:
    place = shipped.get(DOMKHAR_DHO)
    assert place is not None
    assert place.label == "Domkhar Dho, Leh, Ladakh, India"
    assert place.slug == "domkhar-dho-ladakh-in"
    assert (place.lat, place.lng, place.kind, place.population) == (34.39375, 76.7603, "PPL", 504)
    assert (place.country.code, place.country.name) == ("IN", "India")
    assert (place.region.code, place.region.name) == ("41", "Ladakh")
    assert (place.district.code, place.district.name) == ("003", "Leh")
    assert place.timezone == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("text", "id_", "name"),
    [
        ("Domkhar", DOMKHAR_DHO, "Domkhar"),
        ("Dumkhar", DOMKHAR_DHO, "Dumkhar"),
        ("Domkhar, Ladakh", DOMKHAR_DHO, "Domkhar"),
        ("domkhar leh", DOMKHAR_DHO, "Domkhar"),
        ("Domkhar, Leh, Ladakh, India", DOMKHAR_DHO, "Domkhar"),
        ("Domkhar Barma", DOMKHAR_BURMA, "Domkhar Barma"),
        ("domkhar burma", DOMKHAR_BURMA, "Domkhar Burma"),
        ("Domkhar Barma, India", DOMKHAR_BURMA, "Domkhar Barma"),
        ("Domkhar Gongma", DHOMKHAR_GONGMA, "Domkhar Gongma"),
        ("Khaltse", KHALTSE, "Khaltse"),
        ("Leh", LEH, "Leh"),
        ("leh india", LEH, "Leh"),
        ("लेह", LEH, "लेह"),
        ("Лех", LEH, "Лех"),
        ("Tingmosgang", 801393061, "Tingmosgang"),
    ],
)
def test_names_of_ladakh(shipped: Gazetteer, text: str, id_: int, name: str) -> None:
    resolution = shipped.resolve_text(text)
    assert understood(resolution) == ("exact", id_)
    assert resolution.matched_name == name


@pytest.mark.parametrize("text", ["Domkhar Myanmar", "Domkhar, Myanmar", "Domkhar, Bhutan", "domkhar bt"])
def test_what_lies_elsewhere_is_suggested_and_not_taken(shipped: Gazetteer, text: str) -> None:
    resolution = shipped.resolve_text(text)
    assert understood(resolution) == ("none", None)
    assert ids(resolution.suggestions)[0] == DOMKHAR_DHO


@pytest.mark.parametrize("text", ["Dumkhar Barma", "Dumkhar Burma", "Domkar Burma", "Domkhar Brma"])
def test_barma_is_never_myanmar(shipped: Gazetteer, text: str) -> None:
    resolution = shipped.resolve_text(text)
    assert understood(resolution) == ("approximate", DOMKHAR_BURMA)
    assert resolution.assumed == "spelling"


@pytest.mark.parametrize(
    ("text", "id_", "assumed"),
    [
        ("Domkarh", DOMKHAR_DHO, "spelling"),
        ("Domkarh, Ladakh", DOMKHAR_DHO, "spelling"),
        ("domkar ladakh", DOMKHAR_DHO, "spelling"),
        ("Skurbuch", 801411825, "completion"),
        ("Skurbuch, Ladakh", 801411825, "completion"),
        ("Leh, Ladak", LEH, "area"),
        ("village Domkhar", DOMKHAR_DHO, "description"),
        ("Leh town, Ladakh", LEH, "description"),
        ("Lonndon", 2643743, "spelling"),
        ("Lodnon", 2643743, "spelling"),
    ],
)
def test_what_had_to_be_bent_says_so(shipped: Gazetteer, text: str, id_: int, assumed: str) -> None:
    resolution = shipped.resolve_text(text)
    assert understood(resolution) == ("approximate", id_)
    assert resolution.assumed == assumed


# --- Namesakes.


def test_an_outstanding_namesake_is_exact_and_the_others_are_offered(shipped: Gazetteer) -> None:
    resolution = shipped.resolve_text("Paris")
    assert resolution.status == "exact"
    assert resolution.match is not None
    assert resolution.match.country.code == "FR"
    assert "paris-texas-us" in [other.place.slug for other in resolution.alternatives]
    assert len(resolution.alternatives) <= 25


@pytest.mark.parametrize("text", ["Springfield", "San Isidro", "Portland"])
def test_equal_namesakes_are_ambiguous(shipped: Gazetteer, text: str) -> None:
    resolution = shipped.resolve_text(text)
    assert resolution.status == "ambiguous"
    assert resolution.match is not None
    assert len(resolution.alternatives) > 0
    assert resolution.match not in [other.place for other in resolution.alternatives]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Paris, Texas", "paris-texas-us"),
        ("paris tx", "paris-texas-us"),
        ("Paris TX USA", "paris-texas-us"),
        ("Paris, Lamar County, Texas", "paris-texas-us"),
        ("Portland OR", "portland-oregon-us"),
        ("Portland, Maine, United States of America", "portland-maine-us"),
        ("London, England", "london-england-gb"),
        ("London UK", "london-england-gb"),
        ("London, Ontario", "london-ontario-ca"),
        ("St. Louis, MO", "saint-louis-missouri-us"),
        ("saint louis missouri", "saint-louis-missouri-us"),
        ("Washington, D.C.", "washington-washington-d-c-us"),
        ("SAO PAULO", "sao-paulo-sao-paulo-br"),
        ("Cologne", "koln-north-rhine-westphalia-de"),
        ("北京", "beijing-beijing-cn"),
        ("Москва", "moscow-moscow-ru"),
        ("نيويورك", "new-york-city-new-york-us"),
    ],
)
def test_names_with_what_they_lie_in_and_in_other_scripts(shipped: Gazetteer, text: str, slug: str) -> None:
    resolution = shipped.resolve_text(text)
    assert resolution.status == "exact"
    assert resolution.match is not None
    assert resolution.match.slug == slug


def test_the_largest_of_very_many_namesakes(gazetteer_of: Make) -> None:
    many = [row(i + 1, "Harijan Tola", population=100 + i, lat=20 + i / 20) for i in range(200)]
    gazetteer = gazetteer_of(*many, row(500, "Harijan Tola", population=90_000, lat=31))
    resolution = gazetteer.resolve_text("Harijan Tola")
    assert understood(resolution) == ("exact", 500)
    assert ids(resolution.alternatives) == [200, 199, 198, 197, 196]
    assert understood(gazetteer.resolve_text("Harijan Tola", focus=(20.0, 77.0))) == ("ambiguous", 1)


def test_the_nearer_namesake_is_preferred_to_a_larger_one_far_away(shipped: Gazetteer) -> None:
    dallas = (32.78, -96.8)
    texas = shipped.resolve_text("Paris", focus=dallas)
    assert texas.match is not None
    assert texas.match.slug == "paris-texas-us"
    assert shipped.resolve_text("Leh", focus=dallas).match == shipped.get(LEH)


def test_the_country_asked_for_comes_first(shipped: Gazetteer) -> None:
    resolution = shipped.resolve_text("Paris", country="ca")
    assert resolution.match is not None
    assert resolution.match.country.code == "CA"
    assert resolution.status == "exact"
    nowhere_in_india = shipped.resolve_text("Paris", country="IN")
    assert nowhere_in_india.match is not None
    assert nowhere_in_india.match.country.code == "FR"


def test_a_code_is_less_of_a_name_than_a_name(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(
            1, "Le Havre", alternates="LEH", country="FR", region="28", population=180_000, lat=49.5, lng=0.1
        ),
        row(2, "Leh", population=5_000),
    )
    assert understood(gazetteer.resolve_text("leh")) == ("exact", 2)


def test_machine_made_transcriptions_of_two_letters_are_no_names(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(row(1, "Leh", alternates="le,re,Léh"))
    assert gazetteer.resolve_text("re").status == "none"
    assert gazetteer.resolve_text("Léh").match == gazetteer.get(1)


def test_places_next_to_each_other_do_not_make_it_ambiguous(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(1, "Hanu", lat=34.60, lng=76.60),
        row(2, "Hanu", lat=34.62, lng=76.62),
        row(3, "Hanu Thang", lat=34.61, lng=76.6),
    )
    resolution = gazetteer.resolve_text("Hanu")
    assert understood(resolution) == ("exact", 1)
    assert [(other.place.id, other.why) for other in resolution.alternatives] == [(2, "part"), (3, "part")]
    far = gazetteer_of(row(1, "Hanu", lat=34.60, lng=76.60), row(2, "Hanu", lat=32.0, lng=76.62))
    assert understood(far.resolve_text("Hanu")) == ("ambiguous", 1)


def test_a_town_is_preferred_to_the_larger_district_around_it_and_has_no_rival_in_it(
    gazetteer_of: Make,
) -> None:
    gazetteer = gazetteer_of(
        row(1, "Leh", class_="A", kind="ADM2", population=60_000, lat=33.6, lng=78.1),
        row(2, "Leh", population=30_000),
    )
    assert understood(gazetteer.resolve_text("Leh")) == ("exact", 2)
    elsewhere = gazetteer_of(
        row(1, "Leh", class_="A", kind="ADM2", population=60_000, lat=33.6, region="11"),
        row(2, "Leh", population=30_000),
    )
    assert understood(elsewhere.resolve_text("Leh")) == ("ambiguous", 2)


def test_a_capital_and_the_district_named_after_it_are_no_rivals(shipped: Gazetteer) -> None:
    resolution = shipped.resolve_text("Thimphu")
    assert resolution.status == "exact"
    assert resolution.match is not None
    assert resolution.match.kind == "PPLC"


def test_suburbs_are_not_offered_as_parts_of_a_city(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(row(1, "Delhi", population=9_000_000), row(2, "Delhi Cantonment", kind="PPLX"))
    assert gazetteer.resolve_text("Delhi").alternatives == ()


# --- What cannot be resolved.


def test_a_region_is_no_place_but_its_largest_places_are_suggested(shipped: Gazetteer) -> None:
    resolution = shipped.resolve_text("Ladakh")
    assert understood(resolution) == ("none", None)
    assert ids(resolution.suggestions)[0] == LEH
    assert {place.region.name for place in resolution.suggestions} == {"Ladakh"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *[("India", "IN"), ("In", "IN"), ("Brazil", "BR"), ("Turkey", "TR"), ("USA", "US"), ("China", "CN")],
        *[
            ("Peru", "PE"),
            ("Lebanon", "LB"),
            ("Jordan", "JO"),
            ("Mali", "ML"),
            ("Japan", "JP"),
            ("Benin", "BJ"),
        ],
        *[("Paraguay", "PY"), ("Grenada", "GD"), ("PER", "PE"), ("Czech Republic", "CZ"), ("Georgia", "GE")],
    ],
)
def test_a_country_is_no_place_but_its_largest_places_are_suggested(
    shipped: Gazetteer, text: str, code: str
) -> None:
    resolution = shipped.resolve_text(text)
    assert understood(resolution) == ("none", None)
    assert resolution.suggestions[0].country.code == code


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *[("Singapore", "Singapore"), ("Monaco", "Monaco"), ("Luxembourg", "Luxembourg")],
        *[
            ("Djibouti", "Djibouti"),
            ("Hong Kong", "Hong Kong"),
            ("Gibraltar", "Gibraltar"),
            ("Macao", "Macau"),
        ],
        *[("Mexico", "Mexico City"), ("Guatemala", "Guatemala City"), ("Kuwait", "Kuwait City")],
        *[("Panama", "Panamá"), ("Andorra", "Andorra la Vella")],
    ],
)
def test_a_capital_named_like_its_country_is_meant(shipped: Gazetteer, text: str, name: str) -> None:
    resolution = shipped.resolve_text(text)
    assert resolution.status == "exact"
    assert resolution.match is not None
    assert (resolution.match.name, resolution.match.kind) == (name, "PPLC")
    assert shipped.search(text)[0].place == resolution.match


def test_a_town_named_like_a_country_is_found_where_it_lies(shipped: Gazetteer) -> None:
    for text in ("Lebanon, Tennessee", "lebanon tn"):
        assert understood(shipped.resolve_text(text)) == ("exact", 4636045)


def test_an_abbreviation_may_outdo_the_code_of_a_country(shipped: Gazetteer) -> None:
    resolution = shipped.resolve_text("LA")
    assert resolution.match is not None
    assert resolution.match.name == "Los Angeles"


def test_a_country_that_is_stored_is_found(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(1, "India", class_="A", kind="PCLI", region="00"),
        row(2, "India", country="RS", region="VO", population=26_000),
    )
    assert understood(gazetteer.resolve_text("India")) == ("exact", 1)


def test_an_unknown_name_in_a_known_region_suggests_places_there(shipped: Gazetteer) -> None:
    resolution = shipped.resolve_text("Qqqq, Ladakh")
    assert resolution.status == "none"
    assert ids(resolution.suggestions)[0] == LEH


def test_a_region_is_not_cut_into_a_name_and_a_region(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(row(1, "West", country="US", region="VA", population=5_000))
    assert understood(gazetteer.resolve_text("West Virginia")) == ("none", None)
    assert understood(gazetteer.resolve_text("West, Virginia")) == ("exact", 1)


@pytest.mark.parametrize("text", ["Khalsi", "Kalatse", "Nurlaa Kargil", "Domkhar xyz"])
def test_what_is_remotely_alike_has_suggestions(shipped: Gazetteer, text: str) -> None:
    resolution = shipped.resolve_text(text)
    assert resolution.status == "none"
    assert 1 <= len(resolution.suggestions) <= 5


def test_a_known_name_is_not_corrected_to_a_larger_one(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(1, "Hanle", population=200), row(2, "Halle", population=200_000, lat=51.5, lng=12.0)
    )
    assert understood(gazetteer.resolve_text("Hanle")) == ("exact", 1)


def test_a_known_name_is_not_corrected_to_fit_the_country(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(row(1, "Domkhar"), row(2, "Domkhal", country="BT", region="05"))
    resolution = gazetteer.resolve_text("Domkhar, Bhutan")
    assert understood(resolution) == ("none", None)
    assert ids(resolution.suggestions) == [1, 2]


def test_a_region_is_not_completed_to_a_place(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(row(1, "Ladakhpur"), row(2, "Leh", population=30_000))
    resolution = gazetteer.resolve_text("Ladakh")
    assert understood(resolution) == ("none", None)
    assert ids(resolution.suggestions) == [2, 1]


def test_a_text_of_very_many_words_is_not_looked_at(shipped: Gazetteer) -> None:
    assert shipped.resolve_text("Leh" + " qqq" * 11).suggestions != ()
    assert shipped.resolve_text("Leh" + " qqq" * 12).suggestions == ()
    assert shipped.search("Leh" + " qqq" * 12) == []


def test_a_letter_less_wrong_outweighs_people(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(1, "Skurbuchan", population=500), row(2, "Skurbachen", population=3000, lat=32)
    )
    assert understood(gazetteer.resolve_text("Skurbuchn")) == ("approximate", 1)


def test_one_of_two_equal_corrections_is_not_guessed(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(row(1, "Hanle", lat=32.8, lng=79.0), row(2, "Halle", lat=51.5, lng=12.0))
    resolution = gazetteer.resolve_text("Hamle")
    assert resolution.status == "none"
    assert set(ids(resolution.suggestions)) == {1, 2}


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ",", ", ,", "?", "🙂", "\x00", "\ud800", "x" * 201, "a " * 100, "us, " * 40, "zzqx",
        "'; DROP TABLE place; --", '"', '" OR *', "*", "^leh", "key:leh", "NEAR(leh 2)", "-leh +", "(", "%", "_",
    ],
)  # fmt: skip
def test_what_is_no_name_is_no_error(shipped: Gazetteer, text: str) -> None:
    assert shipped.resolve_text(text).status in {"none", "exact", "approximate"}
    assert shipped.resolve_slug(text).status == "none"
    shipped.search(text)


@settings(deadline=None)
@given(text=st.text(max_size=60), near=st.booleans())
def test_any_text_is_resolved_or_not(shipped: Gazetteer, text: str, near: bool) -> None:
    resolution = shipped.resolve_text(text, focus=(34.0, 77.0) if near else None)
    hold(resolution)
    found = shipped.search(text, limit=3)
    assert len(found) <= 3
    if resolution.status == "exact" and not near:
        assert found[0].place == resolution.match


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "Domkhar",
                "domkhar",
                "Leh",
                "ladakh,",
                "India",
                ",",
                "Paris",
                "tx",
                "St.",
                "santa",
                "-",
                "Barma",
                "लेह",
            ]
        ),
        max_size=8,
    )
)
def test_any_words_are_resolved_or_not(shipped: Gazetteer, words: list[str]) -> None:
    hold(shipped.resolve_text(" ".join(words)))


@settings(deadline=None)
@given(st.from_regex(r"[a-z0-9-]{0,60}", fullmatch=True))
def test_any_slug_is_resolved_or_not(shipped: Gazetteer, slug: str) -> None:
    hold(shipped.resolve_slug(slug))


def hold(resolution: Resolution) -> None:
    """What is true of every Resolution."""
    assert (resolution.match is None) == (resolution.status == "none")
    assert (resolution.matched_name == "") == (resolution.status == "none")
    assert len(resolution.alternatives) <= 25
    assert len(resolution.suggestions) <= 5
    if resolution.match is None:
        assert resolution.alternatives == ()
    else:
        assert resolution.suggestions == ()
        assert resolution.match.id not in ids(resolution.alternatives)
    if resolution.status in {"exact", "none"}:
        assert resolution.assumed is None
    if resolution.status == "approximate":
        assert resolution.assumed is not None


# --- How else names are written.


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("N Charleston", "north-charleston-south-carolina-us"),
        ("W. Palm Beach, FL", "west-palm-beach-florida-us"),
        ("Frankfurt a.M.", "frankfurt-am-main-hesse-de"),
        ("St. Pölten", "sankt-polten-lower-austria-at"),
        ("Sta. Cruz, Bolivia", "santa-cruz-de-la-sierra-santa-cruz-department-bo"),
        ("Ft. Lauderdale", "fort-lauderdale-florida-us"),
        ("Marburg/Lahn", "marburg-an-der-lahn-hesse-de"),
        ("Rothenburg o.d. Tauber", "rothenburg-ob-der-tauber-bavaria-de"),
    ],
)
def test_abbreviations(shipped: Gazetteer, text: str, slug: str) -> None:
    resolution = shipped.resolve_text(text)
    assert resolution.status == "exact"
    assert resolution.match is not None
    assert resolution.match.slug == slug


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Bremen Deutschland", "Bremen"),
        ("Bremen, Deutschland", "Bremen"),
        ("Rome Italia", "Rome"),
        ("Wien Österreich", "Vienna"),
        ("लेह भारत", "Leh"),
        ("北京 中国", "Beijing"),
        ("Москва, Россия", "Moscow"),
        ("Leh Ladakh, India", "Leh"),
        ("Washington Washington, D.C.", "Washington"),
        ("Domkhar Skurbuchan", None),
    ],
)
def test_what_a_place_lies_in_is_known_in_many_languages(
    shipped: Gazetteer, text: str, name: str | None
) -> None:
    match = shipped.resolve_text(text).match
    assert (match.name if match else None) == name


@pytest.mark.parametrize(
    "text", ["Domkhar gaon", "gram Domkhar", "village Domkhar near Leh", "Domkhar, district Leh"]
)
def test_words_that_say_what_a_place_is(shipped: Gazetteer, text: str) -> None:
    resolution = shipped.resolve_text(text)
    assert understood(resolution) == ("approximate", DOMKHAR_DHO)
    assert resolution.assumed == "description"


def test_a_county_is_not_the_town_that_it_is_named_after(shipped: Gazetteer) -> None:
    assert shipped.resolve_text("Washington County").status == "none"


def test_who_is_written_so_is_preferred_to_who_is_called_so(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(1, "Saint-Louis", population=26_000), row(2, "St. Louis", population=25_000, lat=20.0)
    )
    assert understood(gazetteer.resolve_text("St. Louis")) == ("ambiguous", 2)
    assert understood(gazetteer.resolve_text("Saint Louis")) == ("ambiguous", 1)


def test_the_beginning_of_its_own_name_is_nearly_a_places_name(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(
        row(1, "León de los Aldama", alternates="León", population=1_000_000),
        row(2, "León", population=200_000, lat=20.0),
        row(3, "Xyz", alternates="León", population=1_500_000, lat=10.0),
    )
    assert understood(gazetteer.resolve_text("Leon")) == ("ambiguous", 1)


def test_a_country_in_another_language_is_not_meant_where_a_large_town_is_called_so(
    shipped: Gazetteer,
) -> None:
    granada = shipped.resolve_text("Granada")  # what Grenada is called in Spanish
    assert granada.match is not None
    assert (granada.match.name, granada.match.country.code) == ("Granada", "ES")
    grecia = shipped.resolve_text("Grecia")
    assert grecia.status == "none"
    assert grecia.suggestions[0].country.code == "GR"


def test_a_capital_is_known_by_the_name_of_its_country_in_other_scripts(shipped: Gazetteer) -> None:
    resolution = shipped.resolve_text("Гватемала")
    assert resolution.match is not None
    assert resolution.match.name == "Guatemala City"


def test_a_place_outside_of_the_area_before_a_comma_is_not_taken(shipped: Gazetteer) -> None:
    assert shipped.resolve_text("qm, Iran").status == "none"


# --- The same for what is being typed.


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_the_first_completion_of_a_name_is_what_it_means(shipped: Gazetteer, data: st.DataObject) -> None:
    store = shipped._live()[0]
    (last,) = store._db.execute("SELECT max(id) FROM name").fetchone()
    # Half of them among the names that people type most.
    id_ = data.draw(st.integers(1, last) | st.integers(1, last // 20))
    name, country = store._db.execute(
        "SELECT coalesce(nullif(n.name, ''), p.name), p.country FROM name n JOIN place p ON p.id = n.place_id"
        " WHERE n.id = ?",
        (id_,),
    ).fetchone()
    for text in (name, name.lower(), f"{name}, {country}", f"{name} {store.areas.country(country).name}"):
        resolution = shipped.resolve_text(text)
        found = shipped.search(text)
        if resolution.match:
            assert found[0].place == resolution.match, text


def test_what_is_in_step_for_the_cases_that_others_wrote(shipped: Gazetteer) -> None:
    for text in ("New York NY", "Nagoya-shi", "san fransisco", "Saint Peters", "lonodn uk", "Kalatse"):
        resolution = shipped.resolve_text(text)
        first = resolution.match or resolution.suggestions[0]
        assert shipped.search(text)[0].place == first


# --- Bad input.


@pytest.mark.parametrize(
    "text",
    [
        *(
            "\x00",
            "\x00Leh",
            "Le\x07h",
            "\u202eLeh\u202c",
            "\u200fLeh",
            "Leh\ufeff",
            "🏔️ Leh",
            "L\u0301e\u0301h",
        ),
        *("x" * 10_000, "Leh " * 2_500, "é" * 200, "ﷺ" * 200, ",,,,", "-" * 200, "1" * 200, "\ud83d\ude00"),
        *(
            "a b c d e f g h i j k l",
            "la la la la la la",
            "北" * 60,
            "क" * 200,
            "\u0301" * 200,
            "\u0660" * 50,
        ),
    ],
)
def test_odd_input_is_answered(shipped: Gazetteer, text: str) -> None:
    hold(shipped.resolve_text(text))
    hold(shipped.resolve_text(text, focus=(34.0, 77.0), country="IN", locale="de"))
    shipped.search(text, locale="hi")
    hold(shipped.resolve_slug(text))


def test_marks_that_are_not_seen_are_of_no_account(shipped: Gazetteer) -> None:
    for text in ("\u202eLeh\u202c", "\u200fLeh", "Leh\ufeff", "🏔️ Leh"):
        assert understood(shipped.resolve_text(text)) == ("exact", LEH)
