"""Content for tests: plain functions that make one thing each, in the way the admin would.

Pages are published through a revision unless `live=False`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import time
from io import BytesIO
from itertools import count
from typing import Any, TypeVar

from django.contrib.auth.models import Group
from django.core.files.images import ImageFile
from PIL import Image as Picture
from wagtail.images.models import Image
from wagtail.models import GroupApprovalTask, Locale, Page, Workflow, WorkflowPage, WorkflowTask

from cms.conditions.models import (
    ConditionCode,
    ConditionIndexPage,
    ConditionName,
    ConditionPage,
    ConditionSpecialty,
    RelatedCondition,
    SearchPhrase,
)
from cms.doctors.models import (
    DoctorCondition,
    DoctorEducation,
    DoctorIndexPage,
    DoctorLanguage,
    DoctorMembership,
    DoctorPage,
    DoctorPractice,
    DoctorRegistration,
    DoctorTelehealthCountry,
)
from cms.doctors.practices import OpeningHours, Practice
from cms.home.models import HomePage
from cms.review.models import Reviewer
from cms.rows import numbered
from cms.taxonomy.models import Specialty, SpecialtyName

# Of a section: a rich text, or blocks as (name, value).
Content = str | list[tuple[str, Any]]
PageT = TypeVar("PageT", bound=Page)

_numbers = count(1)


def make_locale(language_code: str = "en") -> Locale:
    return Locale.objects.get_or_create(language_code=language_code)[0]


def home_page() -> HomePage:
    """The one that the migration makes, as it does the two index pages."""
    home: HomePage = HomePage.objects.first()
    return home


def condition_index() -> ConditionIndexPage:
    index: ConditionIndexPage = ConditionIndexPage.objects.first()
    return index


def doctor_index() -> DoctorIndexPage:
    index: DoctorIndexPage = DoctorIndexPage.objects.first()
    return index


def make_specialty(
    name: str = "",
    *,
    alternate_names: Iterable[str] = (),
    exact_names: Container[str] = (),
    **fields: Any,
) -> Specialty:
    """`exact_names` are those of the other names that match only exactly."""
    number = next(_numbers)
    fields.setdefault("slug", f"specialty-{number}")
    fields.setdefault("locale", make_locale())
    specialty = Specialty(name=name or f"Specialty {number}", **fields)
    specialty.alternate_names = numbered(
        SpecialtyName(name=name, exact_only=name in exact_names) for name in alternate_names
    )
    specialty.save()
    return specialty


def make_reviewer(**fields: Any) -> Reviewer:
    return Reviewer.objects.create(
        **{"name": "Dr Sample Reviewer", "credentials": "MD (fictitious)"} | fields
    )


def make_practice(
    name: str = "",
    *,
    lat: float = 34.1526,
    lng: float = 77.5771,
    opening_hours: Iterable[tuple[int, str, str]] = (),
    **fields: Any,
) -> Practice:
    """By default in Leh. `opening_hours` are (day, opens, closes)."""
    address = {"locality": "Leh", "region": "Ladakh", "country": "IN", "time_zone": "Asia/Kolkata"}
    practice = Practice(name=name or f"Practice {next(_numbers)}", lat=lat, lng=lng, **(address | fields))
    practice.opening_hours = [
        OpeningHours(day=day, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))
        for day, opens, closes in opening_hours
    ]
    practice.save()
    return practice


def make_image(
    title: str = "", *, size: tuple[int, int] = (8, 8), colour: str = "red", **fields: Any
) -> Image:
    """A PNG of one colour."""
    title, file = title or f"Image {next(_numbers)}", BytesIO()
    Picture.new("RGB", size, colour).save(file, "PNG")
    image: Image = Image.objects.create(title=title, file=ImageFile(file, f"{title}.png"), **fields)
    return image


def figure(image: Image, alt: str = "", **fields: Any) -> dict[str, Any]:
    """The value of a block that shows the image."""
    shown = {"image": image, "alt_text": alt, "decorative": False}
    return {"image": shown, "caption": "", "credit": ""} | fields


def make_condition(
    name: str = "",
    *,
    live: bool = True,
    alternate_names: Iterable[str] = (),
    search_phrases: Iterable[str] = (),
    exact_names: Container[str] = (),
    codes: Iterable[tuple[str, str]] = (),
    specialties: Iterable[Specialty] = (),
    related: Iterable[ConditionPage] = (),
    sections: Sequence[tuple[str, str, Content]] = (),
    **fields: Any,
) -> ConditionPage:
    """`exact_names` are those of the names and phrases that match only exactly. `sections` are (aspect,
    heading, content)."""
    number = next(_numbers)
    fields.setdefault("summary", "A condition made up for a test.")
    page = ConditionPage(
        title=name or f"Condition {number}",
        body=[
            ("section", {"aspect": aspect, "heading": heading, "content": content_of(content)})
            for aspect, heading, content in sections
        ],
        live=False,
        **fields,
    )
    page.alternate_names = numbered(
        ConditionName(name=name, exact_only=name in exact_names) for name in alternate_names
    )
    page.search_phrases = numbered(
        SearchPhrase(phrase=phrase, exact_only=phrase in exact_names) for phrase in search_phrases
    )
    page.codes = numbered(ConditionCode(system=system, code=code) for system, code in codes)
    page.treating_specialties = numbered(ConditionSpecialty(specialty=specialty) for specialty in specialties)
    page.related_conditions = numbered(RelatedCondition(condition=condition) for condition in related)
    condition_index().add_child(instance=page)
    return publish(page) if live else page


def content_of(content: Content) -> list[tuple[str, Any]]:
    return [("text", content)] if isinstance(content, str) else content


def make_doctor(
    name: str = "",
    *,
    live: bool = True,
    practices: Iterable[Practice] = (),
    specialties: Iterable[Specialty] = (),
    conditions: Iterable[ConditionPage] = (),
    languages: Iterable[str] = (),
    telehealth_countries: Iterable[str] = (),
    registrations: Iterable[tuple[str, str]] = (),
    npi: str = "",
    education: Iterable[tuple[str, str, int | None]] = (),
    memberships: Iterable[str] = (),
    **fields: Any,
) -> DoctorPage:
    """`registrations` are (authority, number), `education` is (institution, degree, year)."""
    page = DoctorPage(title=name or f"Dr Example {next(_numbers)}", live=False, **fields)
    page.practices = numbered(DoctorPractice(practice=practice) for practice in practices)
    page.languages = numbered(DoctorLanguage(language=language) for language in languages)
    page.telehealth_countries = numbered(
        DoctorTelehealthCountry(country=country) for country in telehealth_countries
    )
    page.registrations = numbered(
        [
            *(DoctorRegistration(authority=a, number=n) for a, n in registrations),
            *([DoctorRegistration(authority="NPPES", scheme="npi", number=npi)] if npi else []),
        ]
    )
    page.education = numbered(DoctorEducation(institution=i, degree=d, year=y) for i, d, y in education)
    page.memberships = numbered(DoctorMembership(organisation=organisation) for organisation in memberships)
    page.specialties = list(specialties)
    page.treated_conditions = numbered(DoctorCondition(condition=condition) for condition in conditions)
    doctor_index().add_child(instance=page)
    return publish(page) if live else page


def make_workflow(index: Page, *groups: Group) -> Workflow:
    """Of one task, which members of the groups may approve, for all pages below `index`."""
    task = GroupApprovalTask.objects.create(name="Approval")
    task.groups.set(groups)
    workflow = Workflow.objects.create(name="Approval")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    WorkflowPage.objects.update_or_create(page=index, defaults={"workflow": workflow})
    return workflow


def publish(page: PageT) -> PageT:
    """Publish the page as it stands in memory, and return it as it is live."""
    page.save_revision().publish()
    live: PageT = type(page).objects.get(pk=page.pk)
    return live
