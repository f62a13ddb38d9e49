"""The files of the sample content: whole, consistent, cautious, and fictitious where they must be."""

from __future__ import annotations

import math
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

from cms.conditions.aspects import HEALTH_ASPECTS
from cms.demo import content

SAMPLE = content.read()
CONDITIONS = {condition.slug: condition for condition in SAMPLE.conditions}
PRACTICES = {practice.key: practice for practice in SAMPLE.practices}

DOMKHAR = 34.39375, 76.76030  # Domkhar Dho in the gazetteer
# Where the cities are, after GeoNames; and their continents.
CITIES = {
    "Srinagar": (34.0857, 74.8056, "Asia"),
    "Jammu": (32.7353, 74.8617, "Asia"),
    "Chandigarh": (30.7363, 76.7884, "Asia"),
    "New Delhi": (28.6358, 77.2245, "Asia"),
    "Mumbai": (19.0728, 72.8826, "Asia"),
    "Bengaluru": (12.9719, 77.5937, "Asia"),
    "Chennai": (13.0878, 80.2785, "Asia"),
    "Kolkata": (22.5626, 88.3630, "Asia"),
    "Kathmandu": (27.7017, 85.3206, "Asia"),
    "Thimphu": (27.4661, 89.6419, "Asia"),
    "Jakar": (27.5492, 90.7525, "Asia"),
    "Mongar": (27.2747, 91.2396, "Asia"),
    "Islamabad": (33.7215, 73.0433, "Asia"),
    "Lahore": (31.5580, 74.3507, "Asia"),
    "Dhaka": (23.7104, 90.4074, "Asia"),
    "Colombo": (6.9355, 79.8487, "Asia"),
    "Bangkok": (13.7540, 100.5014, "Asia"),
    "Kuala Lumpur": (3.1412, 101.6865, "Asia"),
    "Singapore": (1.2897, 103.8501, "Asia"),
    "Manila": (14.6042, 120.9822, "Asia"),
    "Tokyo": (35.6895, 139.6917, "Asia"),
    "Seoul": (37.5660, 126.9784, "Asia"),
    "London": (51.5085, -0.1257, "Europe"),
    "Edinburgh": (55.9521, -3.1965, "Europe"),
    "Berlin": (52.5244, 13.4105, "Europe"),
    "Paris": (48.8534, 2.3488, "Europe"),
    "Madrid": (40.4165, -3.7026, "Europe"),
    "Rome": (41.8919, 12.5113, "Europe"),
    "Solna": (59.3600, 18.0009, "Europe"),
    "Tromsø": (69.6489, 18.9551, "Europe"),
    "Reykjavík": (64.1355, -21.8954, "Europe"),
    "New York City": (40.7143, -74.0060, "North America"),
    "San Francisco": (37.7749, -122.4194, "North America"),
    "Anchorage": (61.2181, -149.9003, "North America"),
    "Toronto": (43.7001, -79.4163, "North America"),
    "Mexico City": (19.4285, -99.1277, "North America"),
    "São Paulo": (-23.5475, -46.6361, "South America"),
    "Buenos Aires": (-34.6132, -58.3772, "South America"),
    "Lima": (-12.0432, -77.0282, "South America"),
    "Nairobi": (-1.2833, 36.8167, "Africa"),
    "Lagos": (6.4541, 3.3947, "Africa"),
    "Accra": (5.5560, -0.1969, "Africa"),
    "Cape Town": (-33.9258, 18.4232, "Africa"),
    "Soweto": (-26.2678, 27.8585, "Africa"),
    "Cairo": (30.0626, 31.2497, "Africa"),
    "Addis Ababa": (9.0250, 38.7469, "Africa"),
    "Dar es Salaam": (-6.8235, 39.2695, "Africa"),
    "Sydney": (-33.8679, 151.2073, "Oceania"),
    "Melbourne": (-37.8140, 144.9633, "Oceania"),
    "Auckland": (-36.8485, 174.7635, "Oceania"),
    "Suva": (-18.1368, 178.4253, "Oceania"),
    "Labasa": (-16.4332, 179.3645, "Oceania"),
    "Apia": (-13.8333, -171.7667, "Oceania"),
}

EVERY_ARTICLE = {"overview", "symptoms", "diagnosis", "treatments", "when-to-see-a-doctor"}
WHOLE_ARTICLE = EVERY_ARTICLE | {
    *("types", "causes", "risk-factors", "self-care", "living-with", "prevention"),
    *("complications", "prognosis", "pregnancy"),
}


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance by the haversine formula, on a sphere of 6371 km."""
    lat_a, lng_a, lat_b, lng_b = map(math.radians, (*a, *b))
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lng_b - lng_a) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(half))


def nearest_to_domkhar(doctor: content.Doctor) -> tuple[float, str]:
    """Distance in km and key of the doctor's practice nearest to Domkhar."""
    practices = (PRACTICES[key] for key, _ in doctor.practices)
    return min((distance_km(DOMKHAR, (practice.lat, practice.lng)), practice.key) for practice in practices)


def rich_texts(value: object) -> Iterator[str]:
    """All HTML in the blocks of a section."""
    if isinstance(value, str) and value.startswith("<"):
        yield value
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from rich_texts(item)


def words_of(condition: content.Condition) -> str:
    return " ".join([condition.summary, *(f"{s.heading} {s.html} {s.blocks}" for s in condition.sections)])


def test_there_is_enough_of_everything() -> None:
    assert len(SAMPLE.specialties) >= 15
    assert len(SAMPLE.conditions) >= 24
    assert len(SAMPLE.doctors) >= 160


# --- Articles


@pytest.mark.parametrize("slug", ["myoclonus", "restless-legs-syndrome"])
def test_two_articles_are_whole(slug: str) -> None:
    assert {section.aspect for section in CONDITIONS[slug].sections} >= WHOLE_ARTICLE


@pytest.mark.parametrize("condition", SAMPLE.conditions, ids=lambda condition: condition.slug)
class TestEachArticle:
    def test_says_the_most_important(self, condition: content.Condition) -> None:
        aspects = [section.aspect for section in condition.sections]
        assert set(aspects) >= EVERY_ARTICLE
        assert set(aspects) <= dict(HEALTH_ASPECTS).keys()
        assert aspects[0] == "overview"

    def test_is_marked_as_a_sample(self, condition: content.Condition) -> None:
        assert condition.notice == "Sample text written for demonstration. Not medical advice."

    def test_says_when_to_hurry(self, condition: content.Condition) -> None:
        last = next(s for s in condition.sections if s.aspect == "when-to-see-a-doctor")
        called_out = any(name == "callout" for name, _ in last.blocks)
        assert called_out or re.search(
            r"<b>[^<]*(emergency|urgent|get help at once)", last.html, re.IGNORECASE
        )

    def test_names_no_dose(self, condition: content.Condition) -> None:
        assert not re.search(r"\d\s*(mg|mcg|µg|g|ml|units|tablets)\b", words_of(condition))

    def test_promises_nothing(self, condition: content.Condition) -> None:
        assert not re.search(
            r"\b(guarantee|always works|will cure|miracle)", words_of(condition), re.IGNORECASE
        )

    def test_can_be_found_and_leads_on(self, condition: content.Condition) -> None:
        assert condition.search_phrases
        assert condition.specialties
        assert condition.related_conditions
        assert condition.codes
        assert all(phrase == phrase.lower() for phrase in condition.search_phrases)


TRANSLATIONS = [(language, article) for language in SAMPLE.languages for article in language.articles]
NO_ADVICE = {
    "de": "Keine medizinische Beratung",
    "ur": "طبی مشورہ نہیں",
}


@pytest.mark.parametrize(
    ("language", "article"), TRANSLATIONS, ids=lambda it: getattr(it, "code", None) or it.translates
)
class TestEachTranslatedArticle:
    def test_is_marked_as_a_sample(
        self, language: content.Language, article: content.ArticleTranslation
    ) -> None:
        source = CONDITIONS[article.translates]
        assert NO_ADVICE[language.code] in article.texts[source.notice]

    def test_leaves_nothing_as_it_was(
        self, language: content.Language, article: content.ArticleTranslation
    ) -> None:
        assert all(text != source for source, text in article.texts.items())
        # Bold print stands out in both.
        assert all(text.count("<b>") == source.count("<b>") for source, text in article.texts.items())

    def test_is_signed_by_a_reviewer_of_the_sample(
        self, language: content.Language, article: content.ArticleTranslation
    ) -> None:
        assert article.reviewer
        assert article.last_reviewed
        assert article.next_review


def test_one_language_is_written_from_right_to_left() -> None:
    assert {language.code for language in SAMPLE.languages} == {"de", "ur"}


def test_restless_legs_is_what_readers_of_myoclonus_look_for_next() -> None:
    assert CONDITIONS["myoclonus"].related_conditions[0] == "restless-legs-syndrome"
    assert CONDITIONS["restless-legs-syndrome"].search_phrases[0] == "restless leg syndrome treatment"


def test_no_name_or_phrase_leads_to_two_conditions_or_specialties() -> None:
    known = [
        *([c.name, *c.alternate_names, *c.search_phrases] for c in SAMPLE.conditions),
        *([s.name, s.practitioner_name, *s.alternate_names] for s in SAMPLE.specialties),
    ]
    names = Counter(name for of_one in known for name in {name.casefold() for name in of_one})
    assert [name for name, times in names.items() if times > 1] == []


def test_short_names_and_abbreviations_match_only_exactly() -> None:
    dangerous = {
        name
        for names in [
            *([*condition.alternate_names, *condition.search_phrases] for condition in SAMPLE.conditions),
            *(specialty.alternate_names for specialty in SAMPLE.specialties),
        ]
        for name in names
        if len(name) <= 3 or (name.isupper() and len(name) <= 5)
    }
    exact = {name for condition in SAMPLE.conditions for name in condition.exact_names}
    exact |= {name for specialty in SAMPLE.specialties for name in specialty.exact_names}
    assert dangerous >= {"WED", "RLS", "MS", "TB", "COPD", "GP", "ER", "A&E", "OBGYN"}
    assert dangerous <= exact
    # Somebody whose chest hurts is not led to a lung specialist by one word.
    assert exact >= {"Chest doctor", "Chest physician", "Chest specialist"}
    # Words that mean something else as well.
    assert exact >= {"Consumption", "Fits", "Jerking", "sugar"}
    assert "restless legs" not in {name.casefold() for name in exact}


def test_lay_people_find_what_they_feel() -> None:
    assert "sudden jerks at night" in CONDITIONS["myoclonus"].search_phrases
    assert min(len(condition.search_phrases) for condition in SAMPLE.conditions) >= 5


def test_lay_people_find_whom_they_look_for() -> None:
    names = {specialty.slug: specialty.alternate_names for specialty in SAMPLE.specialties}
    assert min(map(len, names.values())) >= 5
    assert "Heart doctor" in names["cardiology"]
    assert "Skin doctor" in names["dermatology"]
    assert "Family doctor" in names["general-practice"]


def test_a_code_stands_for_one_condition() -> None:
    codes = Counter(code for condition in SAMPLE.conditions for code in condition.codes)
    assert set(codes.values()) == {1}


def test_one_article_is_unsigned_and_one_overdue_on_purpose() -> None:
    assert [c.slug for c in SAMPLE.conditions if not c.reviewer] == ["snow-blindness"]
    assert [c.slug for c in SAMPLE.conditions if c.next_review and c.next_review.year < 2027] == ["glaucoma"]


# --- Practices


def test_all_facilities_are_for_people() -> None:
    not_human = r"\bvet|animal|livestock|live stock|sheep|husband|wool|agri|camel|extension|\bl\.?d\.?c\b|s\.?w\.?d\.?c"
    assert [p.name for p in SAMPLE.practices if re.search(not_human, p.name, re.IGNORECASE)] == []


@pytest.mark.parametrize("name", ["Skurbuchan", "Khaltse", "SNM Hospital Leh", "District Hospital Kargil"])
def test_the_facilities_around_domkhar_are_there(name: str) -> None:
    assert [practice for practice in SAMPLE.practices if name in practice.name]


@pytest.mark.parametrize("practice", SAMPLE.practices, ids=lambda practice: practice.key)
def test_each_practice_is_where_it_says(practice: content.Practice) -> None:
    if practice.region == "Ladakh":
        assert 32.3 < practice.lat < 35.5
        assert 75.3 < practice.lng < 79.5
    else:
        lat, lng, _ = CITIES[practice.locality]
        assert distance_km((practice.lat, practice.lng), (lat, lng)) < 30


def test_the_practices_are_all_over_the_world() -> None:
    assert {practice.locality for practice in SAMPLE.practices} >= CITIES.keys()
    assert {continent for _, _, continent in CITIES.values()} == {
        *("Africa", "Asia", "Europe", "North America", "Oceania", "South America")
    }


def test_somebody_works_at_each_practice() -> None:
    assert {key for doctor in SAMPLE.doctors for key, _ in doctor.practices} == PRACTICES.keys()


# --- Doctors


@pytest.mark.parametrize("doctor", SAMPLE.doctors, ids=lambda doctor: doctor.slug)
def test_each_doctor_is_fictitious(doctor: content.Doctor) -> None:
    assert f"{doctor.name} is fictitious" in doctor.bio


def test_notice_and_register_say_fictitious_too() -> None:
    assert "Fictitious" in content.DOCTOR_NOTICE
    assert "Fictitious" in content.REGISTER


def test_schools_and_societies_are_fictitious_too() -> None:
    named = {
        *(institution for doctor in SAMPLE.doctors for _, institution, _ in doctor.education),
        *(organisation for doctor in SAMPLE.doctors for organisation in doctor.memberships),
    }
    assert len(named) > 10
    assert all(name.startswith("Fictitious ") for name in named)


def test_no_two_doctors_share_a_name_or_a_number() -> None:
    assert max(Counter(doctor.name for doctor in SAMPLE.doctors).values()) == 1
    assert max(Counter(doctor.registration for doctor in SAMPLE.doctors).values()) == 1


def test_the_neurologists_nearest_to_domkhar_are_in_leh() -> None:
    neurologists = [doctor for doctor in SAMPLE.doctors if "neurology" in doctor.specialties]
    in_order = sorted(nearest_to_domkhar(doctor) for doctor in neurologists)
    in_leh = [distance for distance, practice in in_order if practice == "leh-snm"]
    assert len(in_leh) >= 3
    assert in_leh == [distance for distance, _ in in_order[: len(in_leh)]]
    assert in_leh == pytest.approx([80] * len(in_leh), abs=1)
    next_distance, next_practice = in_order[len(in_leh)]
    assert PRACTICES[next_practice].locality == "Srinagar"
    assert 150 < next_distance < 220


def test_nobody_nearer_than_leh_says_to_treat_myoclonus() -> None:
    assert CONDITIONS["myoclonus"].specialties == ["neurology"]
    nearest = min(nearest_to_domkhar(doctor) for doctor in SAMPLE.doctors if "myoclonus" in doctor.conditions)
    assert nearest[1] == "leh-snm"


@pytest.mark.parametrize("practice", ["skurbuchan-chc", "khaltse-chc"])
def test_family_doctors_are_near_domkhar(practice: str) -> None:
    at_work = [doctor for doctor in SAMPLE.doctors if practice in dict(doctor.practices)]
    assert [doctor for doctor in at_work if "general-practice" in doctor.specialties]


def test_doctors_differ_as_real_ones_do() -> None:
    assert {len(doctor.practices) for doctor in SAMPLE.doctors} == {1, 2, 3}
    assert {accepting for doctor in SAMPLE.doctors for _, accepting in doctor.practices} == {True, False}
    assert {doctor.telehealth for doctor in SAMPLE.doctors} == {True, False}
    assert {doctor.gender for doctor in SAMPLE.doctors} == {"female", "male"}
    assert {bool(doctor.conditions) for doctor in SAMPLE.doctors} == {True, False}
    assert len({language for doctor in SAMPLE.doctors for language in doctor.languages}) >= 40


def test_years_of_practice_are_those_of_a_working_life() -> None:
    years = [doctor.practising_since for doctor in SAMPLE.doctors]
    assert 10 <= years.count(None) <= 60
    assert {1984, 2023} >= {min(filter(None, years)), max(filter(None, years))}
    assert len(set(years)) > 30


def test_telehealth_reaches_where_it_may() -> None:
    reach = {doctor.slug: doctor.telehealth_countries for doctor in SAMPLE.doctors}
    assert all(countries == sorted(countries) for countries in reach.values())
    assert {bool(reach[doctor.slug]) for doctor in SAMPLE.doctors if doctor.telehealth} == {True, False}
    assert not [doctor.slug for doctor in SAMPLE.doctors if reach[doctor.slug] and not doctor.telehealth]
    names = [country for countries in reach.values() for country in countries]
    assert min(names.count("IN"), names.count("BT")) >= 8
    assert sum(len(countries) > 1 for countries in reach.values()) >= 15
    neurologists = [doctor for doctor in SAMPLE.doctors if "neurology" in doctor.specialties]
    assert len([doctor for doctor in neurologists if "BT" in reach[doctor.slug]]) >= 5


def test_each_specialty_has_a_doctor() -> None:
    practised = {specialty for doctor in SAMPLE.doctors for specialty in doctor.specialties}
    assert practised == {specialty.slug for specialty in SAMPLE.specialties}


# --- Broken files


@pytest.mark.parametrize(
    ("file", "old", "new", "error"),
    [
        ("specialties.toml", 'slug = "neurology"\n', "", r"specialties\.toml: entry 1: slug: is missing"),
        (
            "specialties.toml",
            'slug = "psychiatry"',
            'slug = "neurology"',
            r"slug: 'neurology' stands there twice",
        ),
        (
            "specialties.toml",
            'exact_names = ["GP"',
            'exact_names = ["PG"',
            r"specialties\.toml: entry 15: exact_names: there is no 'PG'",
        ),
        ("specialties.toml", "[[specialties]]", "[[special]]", r"specialties\.toml: special: no such field"),
        (
            "reviewers.toml",
            "(fictitious reviewer)",
            "",
            r"reviewers\.toml: entry 1: credentials: has a space",
        ),
        ("reviewers.toml", "fictitious reviewer", "MD", r"entry 1: credentials: must say .* fictitious"),
        (
            "languages/de.toml",
            'slug = "neurologie"\n',
            "",
            r"languages/de\.toml: specialties 1: slug: is missing",
        ),
        ("languages/de.toml", '= "neurology"', '= "neurologie"', r"de\.toml: specialties: there is no"),
        ("languages/de.toml", '= "noor-sample"', '= "nobody"', r"de\.toml: reviewer: there is no 'nobody'"),
        (
            "languages/de.toml",
            '= "Ursachen"',
            "= 3",
            r"de\.toml: articles 2: texts: must be a table of texts",
        ),
        ("languages/ur.toml", '= "condition"', '= "specialty"', r"pages: 'specialty' stands there twice"),
        ("conditions/migraine.toml", "[[sections]]", "[[sections", r"migraine\.toml: cannot be read"),
        ("conditions/migraine.toml", 'kind = "image"', 'kind = "film"', r"blocks: kind: there is no 'film'"),
        (
            "conditions/migraine.toml",
            "phases-of",
            "faces-of",
            r"file: there is no images/faces-of-a-migraine",
        ),
        ("conditions/myoclonus.toml", '"Hiccups"]', '"Hiccups", ""]', r"rows: must have 3 cells each"),
        ("conditions/migraine.toml", 'id = "', 'id = "x', r"migraine\.toml: id: must be a UUID"),
        ("conditions/migraine.toml", "last_reviewed = ", "last_rewieved = ", r"last_rewieved: no such field"),
        ("conditions/migraine.toml", "= 2028-07-06", '= "soon"', r"next_review: must be a date"),
        ("conditions/migraine.toml", '= "migraine"', '= "headache"', r"slug: must be the file's name"),
        (
            "conditions/migraine.toml",
            '["neurology"',
            '["brains"',
            r"migraine\.toml: specialties: there is no 'brains'",
        ),
        (
            "conditions/migraine.toml",
            '["insomnia"',
            '["migraine"',
            r"related_conditions: there is no 'migraine'",
        ),
        ("conditions/migraine.toml", '"ida-sample"', '"nobody"', r"reviewer: there is no 'nobody'"),
        ("conditions/migraine.toml", '"symptoms"', '"overview"', r"aspect: 'overview' stands there twice"),
        ("conditions/restless-legs-syndrome.toml", '"WED"]\n', '"WDE"]\n', r"exact_names: there is no 'WDE'"),
        ("conditions/migraine.toml", '["icd-10-cm", "G43"]', '"G43"', r"codes: must be a list of lists"),
        (
            "conditions/migraine.toml",
            "<p>The pain",
            "<p><script>x</script>",
            r"'symptoms': html: <script> is not",
        ),
        (
            "conditions/migraine.toml",
            "<p>The pain",
            '<p class="x">',
            r"'symptoms': html: <p class=\"x\"> is not",
        ),
        (
            "conditions/migraine.toml",
            "<p>The pain",
            "The pain",
            r"'symptoms': html: 'The pain.*stands outside",
        ),
        (
            "conditions/migraine.toml",
            "<li>Move often",
            "Move <li>",
            r"'self-care': html: 'Move ' stands outside",
        ),
        (
            "conditions/migraine.toml",
            "without pain.</p>",
            "without pain.",
            r"'symptoms': html: <p> is not closed",
        ),
        (
            "conditions/migraine.toml",
            "without pain.</p>",
            "</i></p>",
            r"'symptoms': html: </i> closes nothing",
        ),
        (
            "practices.tsv",
            "34.152859",
            "94.152859",
            r"practices\.tsv: line 2: lat: must be between -90 and 90",
        ),
        (
            "practices.tsv",
            "34.152859",
            "north",
            r"practices\.tsv: line 2: lat: must be decimal degrees, not 'north'",
        ),
        ("practices.tsv", "34.152859", "nan", r"practices\.tsv: line 2: lat: must be between"),
        ("practices.tsv", "PMGSY 1004972", "", r"practices\.tsv: line 2: source: is missing"),
        (
            "practices.tsv",
            "PMGSY 1004972",
            "PMGSY\tx",
            r"practices\.tsv: line 2: too many fields: no such field",
        ),
        (
            "fictitious-doctors.tsv",
            "\tneurology\t",
            "\tneurolgy\t",
            r"dr-deldan-wangtak: specialties: there is no",
        ),
        (
            "fictitious-doctors.tsv",
            "\tleh-snm\t",
            "\tleh\t",
            r"dr-deldan-wangtak: practices: there is no 'leh'",
        ),
        ("fictitious-doctors.tsv", "\t2016\t", "\tlong\t", r"line 2: practising_since: must be a year"),
        (
            "fictitious-doctors.tsv",
            "MBBS|Fictitious",
            "MBBS, Fictitious",
            r"line 2: education: must be like",
        ),
        ("fictitious-doctors.tsv", "BT IN", "IN IN", r"line 2: telehealth_countries: names something twice"),
        ("fictitious-doctors.tsv", "\tleh-snm\tyes", "\tleh-snm\t", r"line 2: accepting: must say yes or no"),
        (
            "fictitious-doctors.tsv",
            "\tyes\tBT IN",
            "\tmaybe\tBT IN",
            r"line 2: telehealth: must be yes or no",
        ),
        ("fictitious-doctors.tsv", "2026-08-14", "14.8.2026", r"line 2: verified_at: must be a date"),
        (
            "fictitious-doctors.tsv",
            "lbj bo hi en",
            "lbj bo hi hi",
            r"line 2: languages: names something twice",
        ),
    ],
)
def test_an_error_names_the_file_and_the_field(
    tmp_path: Path, file: str, old: str, new: str, error: str
) -> None:
    files = shutil.copytree(content.FILES, tmp_path / "content")
    text = (files / file).read_text(encoding="utf-8")
    assert old in text
    (files / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(content.ContentError, match=error):
        content.read(files)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    files = shutil.copytree(content.FILES, tmp_path / "content")
    (files / "practices.tsv").unlink()
    with pytest.raises(content.ContentError, match=r"practices\.tsv: cannot be read"):
        content.read(files)


def test_rich_text_is_as_the_editor_saves_it() -> None:
    """Else the first comparison of an article that somebody has edited shows all of it as changed."""
    editor = ContentstateConverter(["bold", "italic", "ul", "ol"])
    sections = [section for condition in SAMPLE.conditions for section in condition.sections]
    found = [*rich_texts([[section.html, section.blocks] for section in sections])]
    found += [doctor.bio for doctor in SAMPLE.doctors]
    assert len(found) > len(sections) + len(SAMPLE.doctors)
    for html in found:
        assert editor.to_database_format(editor.from_database_format(html)) == html
