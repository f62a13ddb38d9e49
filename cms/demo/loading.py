"""Put the sample content into the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.images import ImageFile
from django.db import transaction
from wagtail.images.models import Image
from wagtail.models import Locale, Orderable, Page, ReferenceIndex, Revision
from wagtail.signal_handlers import disable_reference_index_auto_update

from cms.conditions.aspects import HEALTH_ASPECTS
from cms.conditions.models import (
    ConditionCode,
    ConditionIndexPage,
    ConditionName,
    ConditionPage,
    ConditionSpecialty,
    RelatedCondition,
    SearchPhrase,
)
from cms.demo import content
from cms.demo.models import Loaded
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
from cms.doctors.practices import Practice
from cms.feed.nudge import nudge
from cms.review.models import Reviewer
from cms.rows import numbered
from cms.taxonomy.models import Specialty, SpecialtyName

LANGUAGE = "en"

ItemT = TypeVar("ItemT", bound=content.Item)


class LoadError(Exception):
    """The content cannot be loaded. The message names the file, the entry and the field, or what is missing."""


def load(sample: content.Content, user: User, now: datetime, say: Callable[[str], object]) -> None:
    """Publish what has not been loaded before, all of it or nothing.

    An entry that was loaded before is left as it is, whatever has become of it. `user` owns the new pages, `now`
    is when they were published, and `say` is told what has been added. Raises LoadError.
    """
    with transaction.atomic():
        loaded = set(Loaded.objects.values_list("entry", flat=True))
        new = {item.id for item in sample.items()} - loaded
        if not new:
            say("All of the sample content has been loaded before.")
            return
        locale = Locale.objects.get_or_create(language_code=LANGUAGE)[0]
        _Load(sample, new, locale, user, now, say).run()
        Loaded.objects.bulk_create([Loaded(entry=entry) for entry in sorted(new)])
        transaction.on_commit(nudge)


@dataclass
class _Load:
    sample: content.Content
    new: set[UUID]
    locale: Locale
    user: User
    now: datetime
    say: Callable[[str], object]

    def run(self) -> None:
        specialties = self.add_specialties()
        reviewers = self.add_reviewers()
        practices = self.add_practices()
        # A page is saved together with a dozen rows of its own; the index need only see the whole.
        with disable_reference_index_auto_update():
            conditions, new_conditions = self.add_conditions(specialties, reviewers)
            new_doctors = self.add_doctors(specialties, conditions, practices)
        self.write_revisions([*new_conditions, *new_doctors])

    # --- Snippets: each returns those that are there, by what the files call them. An editor may have
    # deleted some of those loaded before.

    def add_specialties(self) -> dict[str, Specialty]:
        items = self.sample.specialties
        for item in self.only_new("Specialties", items):
            specialty = Specialty(
                translation_key=item.id,
                locale=self.locale,
                slug=item.slug,
                name=item.name,
                practitioner_name=item.practitioner_name,
                description=item.description,
                schema_org_code=item.schema_org_code,
                nucc_code=item.nucc_code,
            )
            where, exact = f"specialties.toml: {item.slug}", set(item.exact_names)
            specialty.alternate_names = _ordered(
                where, (SpecialtyName(name=n, exact_only=n in exact) for n in item.alternate_names)
            )
            with _checking(where):
                specialty.full_clean()
            specialty.save()
        ids = {item.id: item.slug for item in items}
        found = Specialty.objects.filter(locale=self.locale, translation_key__in=ids)
        return {ids[specialty.translation_key]: specialty for specialty in found}

    def add_reviewers(self) -> dict[str, Reviewer]:
        items = self.sample.reviewers
        for item in self.only_new("Reviewers", items):
            reviewer = Reviewer(
                uuid=item.id,
                name=item.name,
                credentials=item.credentials,
                registration_authority=content.REGISTER,
                registration_number=item.registration,
                conflict_of_interest=item.conflict_of_interest,
                conflict_of_interest_stated_on=item.conflict_of_interest_stated_on,
                user=User.objects.filter(username=item.account, reviewer=None).first(),
            )
            with _checking(f"reviewers.toml: {item.key}"):
                reviewer.full_clean()
            reviewer.save()
        ids = {item.id: item.key for item in items}
        return {ids[reviewer.uuid]: reviewer for reviewer in Reviewer.objects.filter(uuid__in=ids)}

    def add_practices(self) -> dict[str, Practice]:
        items = self.sample.practices
        for item in self.only_new("Practices", items):
            practice = Practice(
                uuid=item.id,
                name=item.name,
                kind=item.kind,
                locality=item.locality,
                region=item.region,
                country=item.country,
                lat=item.lat,
                lng=item.lng,
            )
            with _checking(f"practices.tsv: {item.key}"):
                practice.full_clean()
            practice.save()
        ids = {item.id: item.key for item in items}
        return {ids[practice.uuid]: practice for practice in Practice.objects.filter(uuid__in=ids)}

    # --- Pages

    def add_conditions(
        self, specialties: dict[str, Specialty], reviewers: dict[str, Reviewer]
    ) -> tuple[dict[str, ConditionPage], list[ConditionPage]]:
        """All conditions that are there, by slug, and the new ones."""
        items = self.sample.conditions
        new = self.only_new("Conditions", items)
        index = self.index(ConditionIndexPage) if new else None
        pages = []
        for item in new:
            where = f"conditions/{item.slug}.toml"
            for section in item.sections:
                if section.aspect not in dict(HEALTH_ASPECTS):
                    raise LoadError(f"{where}: section {section.aspect!r}: aspect: there is no such aspect")
            page = ConditionPage(
                title=item.name,
                summary=item.summary,
                notice=item.notice,
                body=[("section", self.section(part)) for part in item.sections],
                reviewer=reviewers.get(item.reviewer) if item.reviewer else None,
                last_reviewed=item.last_reviewed,
                next_review=item.next_review,
            )
            exact = set(item.exact_names)
            page.alternate_names = _ordered(
                where, (ConditionName(name=n, exact_only=n in exact) for n in item.alternate_names)
            )
            page.search_phrases = _ordered(
                where, (SearchPhrase(phrase=p, exact_only=p in exact) for p in item.search_phrases)
            )
            page.codes = _ordered(where, (ConditionCode(system=s, code=c) for s, c in item.codes))
            page.treating_specialties = _ordered(
                where,
                (ConditionSpecialty(specialty=specialties[s]) for s in item.specialties if s in specialties),
            )
            self.add_page(where, index, page, item)
            pages.append(page)

        ids = {item.id: item.slug for item in items}
        found = ConditionPage.objects.filter(locale=self.locale, translation_key__in=ids)
        by_slug = {ids[page.translation_key]: page for page in found}
        for item, page in zip(new, pages, strict=True):
            # Only now, because conditions are related in circles.
            related = (by_slug[slug] for slug in item.related_conditions if slug in by_slug)
            page.related_conditions = _ordered(
                f"conditions/{item.slug}.toml", (RelatedCondition(condition=other) for other in related)
            )
            page.related_conditions.commit()
        return by_slug, pages

    def section(self, part: content.Section) -> dict[str, Any]:
        blocks: list[tuple[str, Any]] = [("text", part.html)]
        for name, value in part.blocks:
            blocks.append((name, self.figure(value) if name == "figure" else value))
        return {
            "aspect": part.aspect,
            "heading": part.heading,
            "content": blocks,
            "citations": part.citations,
        }

    def figure(self, value: dict[str, Any]) -> dict[str, Any]:
        """With its image uploaded."""
        file_name, alt = value["image"]["image"], value["image"]["alt_text"]
        title = Path(file_name).stem.replace("-", " ").capitalize()
        with (content.IMAGES / file_name).open("rb") as file:
            image = Image.objects.create(
                title=title, description=alt, file=ImageFile(file, file_name), uploaded_by_user=self.user
            )
        return value | {"image": value["image"] | {"image": image}}

    def add_doctors(
        self,
        specialties: dict[str, Specialty],
        conditions: dict[str, ConditionPage],
        practices: dict[str, Practice],
    ) -> list[DoctorPage]:
        """The new doctors."""
        new = self.only_new("Doctors", self.sample.doctors)
        index = self.index(DoctorIndexPage) if new else None
        pages = []
        for item in new:
            where = f"fictitious-doctors.tsv: {item.slug}"
            page = DoctorPage(
                title=item.name,
                honorific_prefix=item.honorific_prefix,
                given_name=item.given_name,
                family_name=item.family_name,
                credentials=item.credentials,
                gender=item.gender,
                practising_since=item.practising_since,
                telehealth=item.telehealth,
                bio=item.bio,
                notice=content.DOCTOR_NOTICE,
                verified_at=item.verified_at,
            )
            page.languages = _ordered(where, (DoctorLanguage(language=code) for code in item.languages))
            page.telehealth_countries = _ordered(
                where, (DoctorTelehealthCountry(country=code) for code in item.telehealth_countries)
            )
            page.registrations = _ordered(
                where, [DoctorRegistration(authority=content.REGISTER, number=item.registration)]
            )
            page.education = _ordered(
                where,
                (DoctorEducation(degree=d, institution=i, year=year) for d, i, year in item.education),
            )
            page.memberships = _ordered(
                where, (DoctorMembership(organisation=organisation) for organisation in item.memberships)
            )
            page.practices = _ordered(
                where,
                (
                    DoctorPractice(practice=practices[key], accepting_new_patients=accepting)
                    for key, accepting in item.practices
                    if key in practices
                ),
            )
            page.specialties = [specialties[slug] for slug in item.specialties if slug in specialties]
            page.treated_conditions = _ordered(
                where,
                (
                    DoctorCondition(condition=conditions[slug])
                    for slug in item.conditions
                    if slug in conditions
                ),
            )
            self.add_page(where, index, page, item)
            pages.append(page)
        return pages

    def index(self, model: type[Page]) -> Page:
        index = model.objects.filter(locale=self.locale).first()
        if index is None:
            raise LoadError(
                f"There is no {model._meta.verbose_name} in the language {LANGUAGE!r} to put pages into. "
                "`python -m cms migrate` makes one in a new database."
            )
        return index

    def add_page(self, where: str, index: Page, page: Page, item: content.Condition | content.Doctor) -> None:
        page.translation_key = item.id
        page.locale = self.locale
        page.slug = item.slug
        page.owner = self.user
        page.live = True
        page.first_published_at = page.last_published_at = self.now
        with _checking(where):
            index.add_child(instance=page)

    def write_revisions(self, pages: Sequence[Page]) -> None:
        """What `page.save_revision().publish()` leaves behind, without saving each page three times."""
        revisions = Revision.objects.bulk_create(
            Revision(
                content_type=page.get_content_type(),
                base_content_type=page.get_base_content_type(),
                object_id=str(page.pk),
                object_str=str(page),
                content=page.serializable_data(),
                created_at=self.now,
                user=self.user,
            )
            for page in pages
        )
        Page.objects.bulk_update(
            [
                Page(pk=page.pk, latest_revision=revision, live_revision=revision)
                for page, revision in zip(pages, revisions, strict=True)
            ],
            ["latest_revision", "live_revision"],
            batch_size=200,
        )
        for page in pages:
            ReferenceIndex.create_or_update_for_object(page)

    def only_new(self, title: str, items: Sequence[ItemT]) -> list[ItemT]:
        new = [item for item in items if item.id in self.new]
        self.say(f"{title}: {len(new)} to add")
        return new


def _ordered(where: str, rows: Iterable[Orderable]) -> list[Orderable]:
    """Rows of one kind that belong to a page or snippet, checked, in the order given."""
    ordered = numbered(rows)
    for row in ordered:
        with _checking(where):
            # What a row refers to has just been looked up.
            row.clean_fields(exclude=[field.name for field in row._meta.fields if field.is_relation])
            row.clean()
    return ordered


@contextmanager
def _checking(where: str) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        problems = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        text = "; ".join(f"{field}: {' '.join(messages)}" for field, messages in problems.items())
        raise LoadError(f"{where}: {text}") from error
