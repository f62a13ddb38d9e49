"""The sample content as the files under content/ have it: read and checked, without a database.

What the files are and where they come from is said in content/README.md.
"""

from __future__ import annotations

import csv
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from html import escape
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

FILES = Path(__file__).parent / "content"
IMAGES = FILES / "images"
LANGUAGE = "en"  # of all files but those of other languages
PAGE_TEXTS = ("title", "meta_description", "heading", "doctors_heading", "article_heading")
DOCTOR_NOTICE = "Fictitious: this doctor does not exist; sample data."
REGISTER = "Fictitious Register"
HTML_TAGS = {"p", "ul", "ol", "li", "b", "i"}
_BLOCKS = re.compile("<(p|li)>")

KINDS: Mapping[type, str] = {str: "texts", list: "lists", dict: "tables"}

T = TypeVar("T")


class ContentError(Exception):
    """A content file is not as it should be. The message names the file, the entry and the field."""


@dataclass(frozen=True)
class Specialty:
    """`exact_names` are those of the other names that match only exactly."""

    id: UUID
    slug: str
    name: str
    practitioner_name: str
    alternate_names: list[str]
    exact_names: list[str]
    description: str
    schema_org_code: str
    nucc_code: str


@dataclass(frozen=True)
class Reviewer:
    """`account` is the login of the user who signs; empty if nobody does."""

    id: UUID
    key: str
    name: str
    credentials: str
    registration: str
    conflict_of_interest: str
    conflict_of_interest_stated_on: date
    account: str


@dataclass(frozen=True)
class Section:
    """`blocks` follow the text: (name, value) as an article takes them, images by their file. `citations` likewise."""

    aspect: str
    heading: str
    html: str
    blocks: list[tuple[str, Any]] = field(default_factory=list)
    citations: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Condition:
    """`exact_names` are those names and phrases that match only exactly. `codes` are (system, code). `specialties`, `related_conditions` (slugs) and `reviewer` (a key, or
    None) name other entries."""

    id: UUID
    slug: str
    name: str
    summary: str
    notice: str
    alternate_names: list[str]
    search_phrases: list[str]
    exact_names: list[str]
    codes: list[tuple[str, str]]
    specialties: list[str]
    related_conditions: list[str]
    reviewer: str | None
    last_reviewed: date | None
    next_review: date | None
    sections: list[Section]


@dataclass(frozen=True)
class Practice:
    """`lat` and `lng` are decimal degrees (WGS 84), `country` is ISO 3166-1 alpha-2."""

    id: UUID
    key: str
    name: str
    kind: str
    locality: str
    region: str
    country: str
    lat: float
    lng: float


@dataclass(frozen=True)
class Doctor:
    """`practising_since` is a year. `practices` are (key of a practice, accepting new patients). `education` is (degree,
    institution, year or None). `bio` is HTML."""

    id: UUID
    slug: str
    name: str
    honorific_prefix: str
    given_name: str
    family_name: str
    credentials: str
    gender: str
    practising_since: int | None
    languages: list[str]
    specialties: list[str]
    conditions: list[str]
    telehealth: bool
    telehealth_countries: list[str]
    practices: list[tuple[str, bool]]
    education: list[tuple[str, str, int | None]]
    memberships: list[str]
    verified_at: date
    registration: str
    bio: str


@dataclass(frozen=True)
class SpecialtyTranslation:
    """Of the specialty whose slug is `translates`."""

    translates: str
    slug: str
    name: str
    practitioner_name: str
    alternate_names: list[str]
    exact_names: list[str]
    description: str


@dataclass(frozen=True)
class ArticleTranslation:
    """Of the condition whose slug is `translates`: `texts` by that of the source, inline HTML as wagtail-localize shows
    it; all else as in Condition."""

    translates: str
    alternate_names: list[str]
    search_phrases: list[str]
    exact_names: list[str]
    reviewer: str | None
    last_reviewed: date | None
    next_review: date | None
    texts: dict[str, str]


@dataclass(frozen=True)
class Language:
    """All that there is in another language, `code`. `page_texts` are, by the sort of pages, the five of each."""

    code: str
    specialties: list[SpecialtyTranslation]
    page_texts: dict[str, dict[str, str]]
    articles: list[ArticleTranslation]

    @property
    def id(self) -> UUID:
        return uuid5(NAMESPACE_URL, f"urn:doctors-near-you:demo:{self.code}")


Item = Specialty | Reviewer | Condition | Practice | Doctor | Language


@dataclass(frozen=True)
class Content:
    specialties: list[Specialty]
    reviewers: list[Reviewer]
    conditions: list[Condition]
    practices: list[Practice]
    doctors: list[Doctor]
    languages: list[Language]

    def items(self) -> list[Item]:
        return [
            *self.specialties,
            *self.reviewers,
            *self.conditions,
            *self.practices,
            *self.doctors,
            *self.languages,
        ]


def read(files: Path = FILES) -> Content:
    """All files. Raises ContentError."""
    content = Content(
        specialties=_read_toml_list(files / "specialties.toml", "specialties", _specialty),
        reviewers=_read_toml_list(files / "reviewers.toml", "reviewers", _reviewer),
        conditions=[
            _condition(_Entry(f"conditions/{path.name}", _toml(path)), path.stem)
            for path in sorted((files / "conditions").glob("*.toml"))
        ],
        practices=_read_tsv(files / "practices.tsv", _practice),
        doctors=_read_tsv(files / "fictitious-doctors.tsv", _doctor),
        languages=[
            _made(_Entry(f"languages/{path.name}", _toml(path) | {"code": path.stem}), _language)
            for path in sorted((files / "languages").glob("*.toml"))
        ],
    )
    _check_unique(content)
    _check_references(content)
    return content


# --- One entry of a file


class _Entry:
    """The fields of one entry, each taken once and checked for its type."""

    def __init__(self, where: str, fields: Mapping[str, Any]) -> None:
        self.where = where
        self.fields = dict(fields)

    def wrong(self, field: str, problem: str) -> ContentError:
        return ContentError(f"{self.where}: {field}: {problem}")

    def take(self, field: str) -> Any:
        if field not in self.fields:
            raise self.wrong(field, "is missing")
        return self.fields.pop(field)

    def text(self, field: str) -> str:
        value = self.optional_text(field)
        if not value:
            raise self.wrong(field, "is missing")
        return value

    def optional_text(self, field: str) -> str:
        value = self.fields.pop(field, "")
        if not isinstance(value, str):
            raise self.wrong(field, f"must be text, not {value!r}")
        if value != value.strip():
            raise self.wrong(field, "has a space at an end")
        return value

    def html(self, field: str) -> str:
        # A line break in the file is for its reader only.
        self.fields[field] = "".join(str(self.take(field)).splitlines())
        html = self.text(field)
        if problem := _html_problem(html):
            raise self.wrong(field, problem)
        return _with_keys(html)

    def items(self, field: str, kind: type[T]) -> list[T]:
        values = self.take(field)
        if not isinstance(values, list) or not all(isinstance(value, kind) and value for value in values):
            raise self.wrong(field, f"must be a list of {KINDS[kind]}, not {values!r}")
        return values

    def texts(self, field: str) -> list[str]:
        values = self.items(field, str)
        if len(set(values)) < len(values):
            raise self.wrong(field, "names something twice")
        return values

    def optional_texts(self, field: str) -> list[str]:
        return self.texts(field) if field in self.fields else []

    def exact_names(self, names: Iterable[str]) -> list[str]:
        """Those of the names that match only exactly."""
        exact = self.optional_texts("exact_names")
        _check_known(f"{self.where}: exact_names", exact, set(names))
        return exact

    def text_by_text(self, field: str) -> dict[str, str]:
        texts = self.take(field)
        if not isinstance(texts, dict) or not all(isinstance(text, str) and text for text in texts.values()):
            raise self.wrong(field, "must be a table of texts")
        return texts

    def words(self, field: str) -> list[str]:
        """A list as a TSV field has it."""
        self.fields[field] = self.optional_text(field).split()
        return self.texts(field)

    def parsed(self, field: str, parse: Callable[[str], T], form: str) -> T:
        text = self.text(field)
        try:
            return parse(text)
        except ValueError:
            raise self.wrong(field, f"must be {form}, not {text!r}") from None

    def uuid(self, field: str) -> UUID:
        return self.parsed(field, UUID, "a UUID")

    def slug(self, field: str) -> str:
        return self.parsed(field, _slug, "lower-case letters, digits and hyphens")

    def yes(self, field: str) -> bool:
        return self.parsed(field, _yes, "yes or no")

    def optional_year(self, field: str) -> int | None:
        if not self.fields.get(field):
            self.fields.pop(field, None)
            return None
        return self.parsed(field, _year, "a year such as 2004")

    def degrees(self, field: str, limit: float) -> float:
        value = self.parsed(field, float, "decimal degrees")
        if not (math.isfinite(value) and -limit <= value <= limit):
            raise self.wrong(field, f"must be between -{limit} and {limit} degrees, not {value}")
        return value

    def optional_day(self, field: str) -> date | None:
        value = self.fields.pop(field, None)
        if value is not None and type(value) is not date:
            raise self.wrong(field, f"must be a date such as 2026-09-14, not {value!r}")
        return value

    def day(self, field: str) -> date:
        value = self.optional_day(field)
        if value is None:
            raise self.wrong(field, "is missing")
        return value

    def end(self) -> None:
        if self.fields:
            raise self.wrong(", ".join(sorted(self.fields)), "no such field")


def _specialty(entry: _Entry) -> Specialty:
    return Specialty(
        id=entry.uuid("id"),
        slug=entry.slug("slug"),
        name=entry.text("name"),
        practitioner_name=entry.text("practitioner_name"),
        alternate_names=(names := entry.texts("alternate_names")),
        exact_names=entry.exact_names(names),
        description=entry.text("description"),
        schema_org_code=entry.optional_text("schema_org_code"),
        nucc_code=entry.optional_text("nucc_code"),
    )


def _reviewer(entry: _Entry) -> Reviewer:
    reviewer = Reviewer(
        id=entry.uuid("id"),
        key=entry.slug("key"),
        name=entry.text("name"),
        credentials=entry.text("credentials"),
        registration=entry.text("registration"),
        conflict_of_interest=entry.text("conflict_of_interest"),
        conflict_of_interest_stated_on=entry.day("conflict_of_interest_stated_on"),
        account=entry.optional_text("account"),
    )
    if "fictitious" not in reviewer.credentials:
        raise entry.wrong("credentials", "must say that the reviewer is fictitious")
    return reviewer


def _condition(entry: _Entry, file_name: str) -> Condition:
    condition = Condition(
        id=entry.uuid("id"),
        slug=entry.slug("slug"),
        name=entry.text("name"),
        summary=entry.text("summary"),
        notice=entry.text("notice"),
        alternate_names=(names := entry.texts("alternate_names")),
        search_phrases=(phrases := entry.texts("search_phrases")),
        exact_names=entry.exact_names([*names, *phrases]),
        codes=[_code(entry, code) for code in entry.items("codes", list)],
        specialties=entry.texts("specialties"),
        related_conditions=entry.texts("related_conditions"),
        reviewer=entry.optional_text("reviewer") or None,
        last_reviewed=entry.optional_day("last_reviewed"),
        next_review=entry.optional_day("next_review"),
        sections=[_section(entry, section) for section in entry.items("sections", dict)],
    )
    entry.end()
    if condition.slug != file_name:
        raise entry.wrong("slug", f"must be the file's name, {file_name!r}")
    return condition


def _code(entry: _Entry, code: list[Any]) -> tuple[str, str]:
    match code:
        case [str(system), str(value)]:
            return system, value
    raise entry.wrong("codes", f"must be pairs of system and code, not {code!r}")


def _section(entry: _Entry, fields: Mapping[str, Any]) -> Section:
    part = _Entry(f"{entry.where}: section {fields.get('aspect', '')!r}", fields)
    blocks = part.items("blocks", dict) if "blocks" in fields else []
    citations = part.items("citations", dict) if "citations" in fields else []
    section = Section(
        aspect=part.slug("aspect"),
        heading=part.text("heading"),
        html=part.html("html"),
        blocks=[_block(_Entry(f"{part.where}: blocks", block)) for block in blocks],
        citations=[_citation(_Entry(f"{part.where}: citations", citation)) for citation in citations],
    )
    part.end()
    return section


def _block(entry: _Entry) -> tuple[str, Any]:
    made: tuple[str, Any]
    match kind := entry.text("kind"):
        case "key-points":
            made = "key_points", entry.texts("items")
        case "do" | "dont":
            made = f"{kind}_list", {"heading": entry.text("heading"), "items": entry.texts("items")}
        case "urgent" | "emergency":
            made = "callout", {"kind": kind, "heading": entry.text("heading"), "text": entry.html("html")}
        case "image":
            file = entry.text("file")
            if not (IMAGES / file).is_file():
                raise entry.wrong("file", f"there is no images/{file}")
            shown = {"image": file, "alt_text": entry.text("alt"), "decorative": False}
            caption, credit = entry.optional_text("caption"), entry.text("credit")
            made = "figure", {"image": shown, "caption": caption, "credit": credit}
        case "table":
            columns, rows = entry.texts("columns"), entry.items("rows", list)
            if any(len(row) != len(columns) for row in rows):
                raise entry.wrong("rows", f"must have {len(columns)} cells each")
            table = {
                "caption": entry.text("caption"),
                "columns": [{"type": "text", "heading": heading} for heading in columns],
                "rows": [{"values": row} for row in rows],
            }
            made = "table", {"table": table, "row_headings": True}
        case "faq":
            questions = [_Entry(f"{entry.where}: questions", item) for item in entry.items("questions", dict)]
            made = (
                "faq",
                [{"question": item.text("question"), "answer": item.html("html")} for item in questions],
            )
        case _:
            raise entry.wrong("kind", f"there is no {kind!r}")
    entry.end()
    return made


def _citation(entry: _Entry) -> dict[str, Any]:
    citation = {"title": entry.text("title"), "source": entry.text("source"), "url": entry.text("url")}
    entry.end()
    return citation


def _practice(entry: _Entry) -> Practice:
    practice = Practice(
        id=entry.uuid("uuid"),
        key=entry.slug("key"),
        name=entry.text("name"),
        kind=entry.slug("kind"),
        locality=entry.text("locality"),
        region=entry.optional_text("region"),
        country=entry.text("country"),
        lat=entry.degrees("lat", 90),
        lng=entry.degrees("lng", 180),
    )
    entry.text("source")  # for whoever reads the file
    return practice


def _doctor(entry: _Entry) -> Doctor:
    prefix, given, family = (entry.text(field) for field in ("prefix", "given_name", "family_name"))
    name = f"{prefix} {given} {family}"
    practices = entry.words("practices")
    accepting = entry.optional_text("accepting").split()
    if len(accepting) != len(practices) or not set(accepting) <= {"yes", "no"}:
        raise entry.wrong("accepting", "must say yes or no for each practice")
    return Doctor(
        id=entry.uuid("uuid"),
        slug=entry.slug("slug"),
        name=name,
        honorific_prefix=prefix,
        given_name=given,
        family_name=family,
        credentials=entry.text("credentials"),
        gender=entry.text("gender"),
        practising_since=entry.optional_year("practising_since"),
        languages=entry.words("languages"),
        specialties=entry.words("specialties"),
        conditions=entry.words("conditions"),
        telehealth=entry.yes("telehealth"),
        telehealth_countries=entry.words("telehealth_countries"),
        practices=[(key, answer == "yes") for key, answer in zip(practices, accepting, strict=True)],
        education=[_degree(entry, text) for text in _parts(entry.optional_text("education"))],
        memberships=_parts(entry.optional_text("memberships")),
        verified_at=entry.parsed("verified_at", date.fromisoformat, "a date such as 2026-09-14"),
        registration=entry.text("registration"),
        bio=_with_keys(
            f"<p>{escape(entry.text('bio'), quote=False)} "
            f"{escape(name, quote=False)} is fictitious, invented for this demonstration.</p>"
        ),
    )


def _language(entry: _Entry) -> Language:
    def made(field: str, make: Callable[[_Entry], T]) -> list[T]:
        tables = enumerate(entry.items(field, dict), 1)
        return [_made(_Entry(f"{entry.where}: {field} {number}", table), make) for number, table in tables]

    page_texts = made(
        "page_texts", lambda one: (one.text("pages"), {name: one.text(name) for name in PAGE_TEXTS})
    )
    _refuse_repeats(f"{entry.where}: pages", (pages for pages, _ in page_texts))
    return Language(
        code=entry.slug("code"),
        specialties=made("specialties", _specialty_translation),
        page_texts=dict(page_texts),
        articles=made("articles", _article_translation),
    )


def _specialty_translation(entry: _Entry) -> SpecialtyTranslation:
    return SpecialtyTranslation(
        translates=entry.slug("translates"),
        slug=entry.text("slug"),
        name=entry.text("name"),
        practitioner_name=entry.text("practitioner_name"),
        alternate_names=(names := entry.texts("alternate_names")),
        exact_names=entry.exact_names(names),
        description=entry.text("description"),
    )


def _article_translation(entry: _Entry) -> ArticleTranslation:
    return ArticleTranslation(
        translates=entry.slug("translates"),
        alternate_names=(names := entry.texts("alternate_names")),
        search_phrases=(phrases := entry.texts("search_phrases")),
        exact_names=entry.exact_names([*names, *phrases]),
        reviewer=entry.optional_text("reviewer") or None,
        last_reviewed=entry.optional_day("last_reviewed"),
        next_review=entry.optional_day("next_review"),
        texts=entry.text_by_text("texts"),
    )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";")] if text else []


def _degree(entry: _Entry, text: str) -> tuple[str, str, int | None]:
    try:
        degree, institution, year = text.split("|")
        return degree, institution, _year(year) if year else None
    except ValueError:
        raise entry.wrong("education", f"must be like 'MBBS|Fictitious College|2004', not {text!r}") from None


def _slug(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
        raise ValueError
    return text


def _yes(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise ValueError
    return text == "yes"


def _year(text: str) -> int:
    if not re.fullmatch(r"[12][0-9]{3}", text):
        raise ValueError
    return int(text)


def _with_keys(html: str) -> str:
    """As Wagtail's editor saves it: without keys, all would look changed once somebody has saved one word."""
    keys = count()
    return _BLOCKS.sub(lambda block: f'<{block[1]} data-block-key="{next(keys):05}">', html)


class _HTMLCheck(HTMLParser):
    """Finds what is not allowed, or not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.problem = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in HTML_TAGS or attrs:
            self.problem = self.problem or f"{self.get_starttag_text()} is not allowed"
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problem = self.problem or f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] in {"ul", "ol"}:
            self.problem = self.problem or f"{data!r} stands outside a paragraph"


def _html_problem(html: str) -> str:
    check = _HTMLCheck()
    check.feed(html)
    check.close()
    return check.problem or (f"<{check.open[-1]}> is not closed" if check.open else "")


# --- Files


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ContentError(f"{path.name}: cannot be read: {error}") from error


def _read_toml_list(path: Path, name: str, make: Callable[[_Entry], T]) -> list[T]:
    file = _Entry(path.name, _toml(path))
    tables = file.items(name, dict)
    file.end()
    return [
        _made(_Entry(f"{path.name}: entry {number}", table), make) for number, table in enumerate(tables, 1)
    ]


def _read_tsv(path: Path, make: Callable[[_Entry], T]) -> list[T]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, dialect="excel-tab", restkey="too many fields", restval=""))
    except (OSError, ValueError) as error:
        raise ContentError(f"{path.name}: cannot be read: {error}") from error
    return [_made(_Entry(f"{path.name}: line {number}", row), make) for number, row in enumerate(rows, 2)]


def _made(entry: _Entry, make: Callable[[_Entry], T]) -> T:
    made = make(entry)
    entry.end()
    return made


# --- The whole


def _check_unique(content: Content) -> None:
    _refuse_repeats("id", (str(item.id) for item in content.items()))
    _refuse_repeats("specialties.toml: slug", (item.slug for item in content.specialties))
    _refuse_repeats("reviewers.toml: key", (item.key for item in content.reviewers))
    _refuse_repeats("practices.tsv: key", (item.key for item in content.practices))
    _refuse_repeats("fictitious-doctors.tsv: slug", (item.slug for item in content.doctors))
    for condition in content.conditions:
        aspects = (section.aspect for section in condition.sections)
        _refuse_repeats(f"conditions/{condition.slug}.toml: aspect", aspects)


def _refuse_repeats(what: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise ContentError(f"{what}: {value!r} stands there twice")
        seen.add(value)


def _check_references(content: Content) -> None:
    specialties = {specialty.slug for specialty in content.specialties}
    reviewers = {reviewer.key for reviewer in content.reviewers}
    conditions = {condition.slug for condition in content.conditions}
    practices = {practice.key for practice in content.practices}
    for condition in content.conditions:
        where = f"conditions/{condition.slug}.toml"
        _check_known(f"{where}: specialties", condition.specialties, specialties)
        _check_known(
            f"{where}: related_conditions", condition.related_conditions, conditions - {condition.slug}
        )
        if condition.reviewer:
            _check_known(f"{where}: reviewer", [condition.reviewer], reviewers)
    for doctor in content.doctors:
        where = f"fictitious-doctors.tsv: {doctor.slug}"
        _check_known(f"{where}: specialties", doctor.specialties, specialties)
        _check_known(f"{where}: conditions", doctor.conditions, conditions)
        _check_known(f"{where}: practices", (key for key, _ in doctor.practices), practices)
    for language in content.languages:
        where = f"languages/{language.code}.toml"
        _check_known(f"{where}: specialties", (each.translates for each in language.specialties), specialties)
        _check_known(f"{where}: articles", (each.translates for each in language.articles), conditions)
        signed = (article.reviewer for article in language.articles if article.reviewer)
        _check_known(f"{where}: reviewer", signed, reviewers)


def _check_known(where: str, names: Iterable[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise ContentError(f"{where}: there is no {name!r}")
