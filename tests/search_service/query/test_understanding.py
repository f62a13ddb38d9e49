"""What a line of text is taken for: on a small world and the places that ship."""

from __future__ import annotations

import json
import re
import time
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_service import stores
from search_service.feed.documents import to_change
from search_service.index.protocol import FORMS, Position, Reader
from search_service.index.sqlite import SQLiteIndex
from search_service.query import lexicon, spelling
from search_service.query.lexicon import Role
from search_service.query.understanding import Understanding, understand
from tests.search_service import documents
from tests.search_service.conftest import NOW

Json = dict[str, Any]

CONTRACT = documents.EXAMPLES.parent


def condition(slug: str, name: str, summary: str, **fields: Any) -> Json:
    own: Json = {"alternate_names": [], "search_phrases": [], "codes": [], "exact_names": [], "sections": []}
    return documents.condition(slug, name=name, summary=summary, **own | fields)


def specialty(slug: str, practitioner: str) -> Json:
    return documents.specialty(slug, practitioner_name=practitioner, codes=[])


WORLD = [
    specialty("neurology", "Neurologist"),
    specialty("cardiology", "Cardiologist"),
    condition(
        "restless-legs-syndrome",
        "Restless legs syndrome",
        "An urge to move the legs in the evening.",
        alternate_names=["Restless leg syndrome", "WED", "Ekbom syndrome"],
        search_phrases=["restless leg syndrome treatment"],
        exact_names=["WED"],
        codes=[{"system": "icd-10-cm", "code": "G25.81"}],
    ),
    condition(
        "myoclonus",
        "Myoclonus",
        "Sudden, brief jerks of a muscle, at night too.",
        codes=[{"system": "icd-10-cm", "code": "G25.3"}],
    ),
    condition("parkinsons-disease", "Parkinson's disease", "Slowness, stiffness and shaking hands."),
    condition(
        "diabetes",
        "Type 2 diabetes",
        "Too much sugar in the blood.",
        alternate_names=["Blood sugar", "Sugar disease of the blood"],
        exact_names=["Blood sugar"],
        search_phrases=["diabetes doctor leh"],
    ),
    condition("hypertension", "Hypertension", "High pressure."),
    condition(
        "huntingtons-disease", "Huntington's disease", "HD", alternate_names=["HD"], exact_names=["HD"]
    ),
    condition(
        "migraine", "Migraine", "Headache, often on one side.", alternate_names=["Aura"], exact_names=["Aura"]
    ),
    condition(
        "tremor", "Essential tremor", "Shaking hands when they hold a cup.", alternate_names=["Shakes"]
    ),
    condition("dystonia", "Dystonia", "Cramped hands.", alternate_names=["Shakes"]),
    condition(
        "copd", "Lung disease", "Breathless in the cold.", alternate_names=["COLD"], exact_names=["COLD"]
    ),
    condition("fever", "Typhoid fever", "Fever in the evening."),
    documents.doctor("stanzin-angmo", (34.16, 77.58)),
]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    index = SQLiteIndex(tmp_path_factory.mktemp("index"), default_locale="en")
    writer = index.create()
    entries = [
        {
            "seq": seq,
            "kind": document["kind"],
            "id": document["id"],
            "locale": document["locale"],
            "digest": "0" * 64,
            "document": document,
        }
        for seq, document in enumerate(WORLD, 1)
    ]
    writer.apply(map(to_change, entries), Position("log", len(WORLD), NOW, NOW))
    assert writer.counts()["refused"] == 0
    writer.close()
    index.promote(writer.generation)
    return index.reader()


@pytest.fixture
def ask(reader: Reader, places: None) -> Callable[..., Understanding]:
    def ask(text: str, **wish: Any) -> Understanding:
        return understand(reader, stores.gazetteer(), text, "en", **wish)

    return ask


def what(understood: Understanding) -> str | None:
    """Status and slug."""
    if understood.what is None:
        return None
    slug = "-"
    if understood.what.name:
        slug = " ".join(understood.what.name)
    elif understood.what.matches:
        slug = understood.what.matches[0].card.split(b'"slug":"')[1].split(b'"')[0].decode()
    return f"{understood.what.status} {slug}"


def where(understood: Understanding) -> str | None:
    if understood.where is None:
        return None
    if understood.where.here:
        return "here"
    resolution = understood.where.resolution
    assert resolution
    return resolution.match.slug if resolution.match else resolution.status


RLS, PARKINSON = "restless-legs-syndrome", "parkinsons-disease"
DOMKHAR, LEH, NEW_YORK = "domkhar-dho-ladakh-in", "leh-ladakh-in", "new-york-city-new-york-us"


@pytest.mark.parametrize(
    ("text", "intent", "section", "what_", "where_"),
    [
        ("restless leg syndrome treatment in domkhar", "article", "treatments", f"exact {RLS}", DOMKHAR),
        ("myoclonus doctor near leh", "doctors", None, "exact myoclonus", LEH),
        ("neurologist new york", "doctors", None, "exact neurology", NEW_YORK),
        ("leh neurologist", "doctors", None, "exact neurology", LEH),
        ("neurologists in Leh, Ladakh", "doctors", None, "exact neurology", LEH),
        ("क्लिनिक लेह", "doctors", None, None, LEH),
        ("लेह में myoclonus", "doctors", None, "exact myoclonus", LEH),
        ("Neurologist à Paris", "doctors", None, "exact neurology", "paris-ile-de-france-fr"),
        ("parkinson's specialist near me", "doctors", None, f"approximate {PARKINSON}", "here"),
        ("what is parkinsons disease", "article", None, f"exact {PARKINSON}", None),
        ("symptoms of myoclonus", "article", "symptoms", "exact myoclonus", None),
        ("G25.3", "article", None, "exact myoclonus", None),
        ("g25.81 leh", "doctors", None, f"exact {RLS}", LEH),
        ("leh", "doctors", None, None, LEH),
        ("doctors in leh", "doctors", None, None, LEH),
        ("doctor", "doctors", None, None, None),
        ("dr angmo", "doctors", None, "exact angmo", None),
        ("dr angmo leh", "doctors", None, "exact angmo", LEH),
        ("angmo", "doctors", None, "exact angmo", None),
        ("stanzin angmo leh", "doctors", None, "exact stanzin angmo", LEH),
        ("Los Angeles", "doctors", None, None, "los-angeles-california-us"),
        ("doctor in the hague", "doctors", None, None, "the-hague-south-holland-nl"),
        ("about myoclonus", "article", None, "exact myoclonus", None),
        ("myoclonus near me", "doctors", None, "exact myoclonus", "here"),
        ("myoclonus,leh", "doctors", None, "exact myoclonus", LEH),
        ("myoclonus-leh", "doctors", None, "exact myoclonus", LEH),
        (
            "neurologist aix-en-provence",
            "doctors",
            None,
            "exact neurology",
            "aix-en-provence-provence-alpes-cote-dazur-fr",
        ),
    ],
)
def test_texts_are_cut_into_parts(
    ask: Callable[..., Understanding],
    text: str,
    intent: str,
    section: str | None,
    what_: str | None,
    where_: str | None,
) -> None:
    understood = ask(text)
    found = (understood.intent.value, understood.intent.section, what(understood), where(understood))
    assert found == (intent, section, what_, where_)
    assert understood.did_you_mean is None
    assert understood.unused == ()


@pytest.mark.parametrize(
    ("text", "what_", "where_", "did_you_mean"),
    [
        ("mioclonus", "approximate myoclonus", None, "Myoclonus"),
        ("mioclonus doctor near leh", "approximate myoclonus", LEH, "Myoclonus doctor near leh"),
        ("restles leg sindrome", f"approximate {RLS}", None, "Restless leg syndrome"),
        ("restles leg", f"approximate {RLS}", None, "restless leg"),
        ("nurologist leh", "approximate neurology", LEH, "Neurologist leh"),
        ("neurologist domkar", "exact neurology", DOMKHAR, "neurologist Domkhar"),
        ("myo clonus", "approximate myoclonus", None, "Myoclonus"),
    ],
)
def test_what_nobody_knows_is_corrected_and_said_so(
    ask: Callable[..., Understanding], text: str, what_: str, where_: str | None, did_you_mean: str
) -> None:
    understood = ask(text)
    assert (what(understood), where(understood)) == (what_, where_)
    assert understood.did_you_mean == did_you_mean


@pytest.mark.parametrize("text", ["leh", "night", "angmo", "evening", "Myoclonus", "hands"])
def test_a_known_word_is_never_corrected(ask: Callable[..., Understanding], text: str) -> None:
    understood = ask(text)
    assert understood.did_you_mean is None
    assert understood.what is None or understood.what.assumed != "spelling"


@pytest.mark.parametrize(
    ("text", "what_"),
    [
        ("HD", "exact huntingtons-disease"),
        ("hd doctor near leh", "exact huntingtons-disease"),
        ("hd video", "none -"),
        ("WED", f"exact {RLS}"),
        ("aura", "exact migraine"),
        ("aura photography", "none -"),
        ("hddd", "none -"),
        ("wedd", "none -"),
        ("blood sugar", "exact diabetes"),
        ("blod sugar", "text -"),
        ("bloodsugar", "none -"),
        ("get wed in leh", None),
        # Abbreviations that spell a word of every day ...
        ("wed", f"exact {RLS}"),
        ("Wed treatment", f"exact {RLS}"),
        ("doctor wed", None),
        ("wed appointment leh", None),
        ("WED APPOINTMENT LEH", None),
        ("WED appointment leh", f"exact {RLS}"),
        # ... or what ails somebody.
        ("COLD", "exact copd"),
        ("COLD treatment", "exact copd"),
        ("cold", "text -"),
        ("Cold treatment", "text -"),
        ("COLD TREATMENT", "text -"),
        ("hd", "exact huntingtons-disease"),
        ("blood sugar neurologist", "approximate neurology"),
    ],
)
def test_dangerous_words_match_only_when_they_are_all_that_is_said(
    ask: Callable[..., Understanding], text: str, what_: str
) -> None:
    assert what(ask(text)) == what_


@pytest.mark.parametrize(
    ("text", "what_", "unused"),
    [
        ("pulmonary hypertension", "text -", ()),
        ("hypotension", "none -", ("hypotension",)),
        ("measles doctor leh", "none -", ("measles",)),
        ("hipotension", "none -", ("hipotension",)),
        ("severe hypertension", "approximate hypertension", ("severe",)),
    ],
)
def test_another_disease_is_not_taken_for_one_that_is_known(
    ask: Callable[..., Understanding], text: str, what_: str, unused: tuple[str, ...]
) -> None:
    understood = ask(text)
    assert (what(understood), understood.unused) == (what_, unused)
    assert understood.did_you_mean is None


def test_two_conditions_are_ambiguous(ask: Callable[..., Understanding]) -> None:
    understood = ask("migraine and myoclonus")
    assert understood.what
    assert understood.what.status == "ambiguous"
    assert [match.phrase.text for match in understood.what.matches] == ["Migraine", "Myoclonus"]


@pytest.mark.parametrize(
    "text", ["my son has migraine", "her migraine", "migraine in men", "migraine in summer"]
)
def test_words_of_every_day_are_no_places(ask: Callable[..., Understanding], text: str) -> None:
    understood = ask(text)
    assert what(understood) == "exact migraine"
    assert where(understood) is None


def test_whoever_is_there_where_nothing_is_said_of_health(ask: Callable[..., Understanding]) -> None:
    understood = ask("SNM Hospital Leh")
    assert (what(understood), where(understood)) == (None, LEH)
    assert understood.unused == ("SNM",)


def test_many_misspelt_words_are_no_burden(ask: Callable[..., Understanding]) -> None:
    started = time.process_time()
    ask(" ".join(["mioclonus", "parkinsin", "restlss", "hipertension", "dystoniaa"] * 4))
    assert time.process_time() - started < 1.0


def test_what_is_found_by_text_is_not_understood(ask: Callable[..., Understanding]) -> None:
    understood = ask("sudden jerks at night")
    assert understood.what
    assert understood.what.status == "text"
    assert understood.what.matches == ()
    assert b"myoclonus" in understood.what.found[0].card
    assert where(understood) is None
    assert understood.unused == ()


def test_a_complaint_is_no_place(ask: Callable[..., Understanding]) -> None:
    # There is a town called Hand or Hands somewhere, but articles speak of hands.
    assert where(ask("shaking in hands")) is None
    assert where(ask("shaking hands in leh")) == LEH


def test_a_name_of_several_is_ambiguous(ask: Callable[..., Understanding]) -> None:
    understood = ask("shakes")
    assert understood.what
    assert understood.what.status == "ambiguous"
    assert len(understood.what.matches) == 2


def test_a_condition_with_the_specialty_that_is_to_treat_it(ask: Callable[..., Understanding]) -> None:
    understood = ask("cardiologist for myoclonus near leh")
    assert what(understood) == "exact myoclonus"
    assert understood.what
    assert understood.what.specialty
    assert b"cardiology" in understood.what.specialty.card


def test_a_place_that_there_is_not_is_told(ask: Callable[..., Understanding]) -> None:
    understood = ask("myoclonus in qwxyzzy")
    assert what(understood) == "exact myoclonus"
    assert where(understood) == "none"
    assert understood.where
    assert understood.where.text == "qwxyzzy"


def test_which_of_namesakes_is_meant(ask: Callable[..., Understanding]) -> None:
    near_boston = ask("neurologist cambridge", focus=(42.36, -71.06))
    assert where(near_boston) == "cambridge-massachusetts-us"
    assert where(ask("neurologist cambridge", country="GB")) == "cambridge-england-gb"


def test_nonsense_is_said_to_be_none(ask: Callable[..., Understanding]) -> None:
    understood = ask("qwxy zzxq")
    assert what(understood) == "none -"
    assert understood.unused == ("qwxy", "zzxq")


def test_more_words_than_a_search_has_are_of_no_use(ask: Callable[..., Understanding]) -> None:
    understood = ask("myoclonus " + " ".join(f"z{number}" for number in range(30)))
    assert what(understood) == "exact myoclonus"
    assert "z29" in understood.unused


_PIECES = st.sampled_from(
    ["myoclonus", "restless", "leg", "in", "near", "me", "leh", "dr", "angmo", "HD", "G25.3", "लेह", "में", "a", "10001",
     "34.1, 77.5", ",", "treatment", "mioclonus", "\u200f", "é", "'", "😀", "of"]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(_PIECES, min_size=1, max_size=12).map(" ".join) | st.text(max_size=60))
def test_any_text_is_understood_somehow(ask: Callable[..., Understanding], text: str) -> None:
    understood = ask(text)
    for word in understood.unused:
        assert word in text
    if understood.what and understood.what.text:
        assert understood.what.text in text
    if understood.what and understood.what.status in ("exact", "ambiguous", "approximate"):
        assert understood.what.matches or understood.what.name


# --- words


def test_marks_take_the_longest_run() -> None:
    (mark,) = lexicon.marks(["near", "me"])
    assert mark.entry.roles == Role.HERE
    marks = list(lexicon.marks(["signs", "and", "symptoms", "of", "dr"]))
    assert [(mark.start, mark.end) for mark in marks] == [(0, 3), (3, 4), (4, 5)]
    assert marks[0].entry.section == "symptoms"
    assert Role.TITLE in marks[2].entry.roles


def test_sections_are_written_as_in_the_contract() -> None:
    contract = json.loads((CONTRACT / "condition.schema.json").read_text())
    aspect = contract["properties"]["sections"]["items"]["properties"]["aspect"]["pattern"]
    (treatment,) = lexicon.marks(["treatment"])
    assert treatment.entry.section == "treatments"
    data = tomllib.loads(lexicon.FILE.read_text(encoding="utf-8"))
    sections = [section for language in data.values() for section in language["sections"]]
    assert all(re.fullmatch(aspect, section) for section in sections)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("ekzema", "eczema"), ("tyfoid", "typhoid"), ("artritis", "arthritis"), ("siatica", "sciatica")],
)
def test_what_is_written_by_ear_sounds_alike(written: str, meant: str) -> None:
    assert spelling.sound(written) == spelling.sound(meant)


def test_corrections_prefer_what_sounds_alike(reader: Reader) -> None:
    assert spelling.corrections(reader, "mioclonus", FORMS)[0] == ("myoclonus", 1)
    assert spelling.corrections(reader, "leg", FORMS) == []
    assert spelling.corrections(reader, "neurol", FORMS, unfinished=True)[0][1] == 0


@pytest.mark.parametrize(
    ("words", "told", "word", "instead"),
    [
        ("tummy ache", [0, 1], "tummy", "abdomen"),
        ("tummy ache", [0, 1], "ache", "pain"),
        # A form of a word that is listed, but no word for its form.
        ("pooing blood", [0, 1], "pooing", "stools"),
        ("wriggles", [0], "wriggles", "restless"),
        # Runs, with words that say nothing by themselves.
        ("out of breath", [2], "breath", "gasping"),
        ("cant sit still", [1], "sit", "restless"),
        ("again and again", [], "check", "repeat"),
    ],
)
def test_what_stands_for_words_and_runs_of_words(
    words: str, told: list[int], word: str, instead: str
) -> None:
    found = dict(lexicon.synonyms(words.split(), told))
    assert instead in found[word]
    assert all(" " not in other for others in found.values() for other in others)


def test_what_does_not_stand_for_a_word() -> None:
    assert lexicon.synonyms(["run"], [0]) == [("run", [])]
    assert lexicon.synonyms(["and", "over"], []) == []
    assert lexicon.synonyms([], []) == []
    (_, others), (_, more) = lexicon.synonyms(["ache", "pain"], [0, 1])
    assert not {"ache", "pain"} & {*others, *more}


def test_a_complaint_is_no_place_that_is_not_known(ask: Callable[..., Understanding]) -> None:
    assert where(ask("myoclonus in qwxyzzy")) == "none"
    assert where(ask("brief jerks in one eye, shaking hands, always worn out")) is None
    told = "shaking in class when the teacher asks her something and when she holds a cup"
    assert where(ask(told)) is None
