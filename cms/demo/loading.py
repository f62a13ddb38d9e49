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
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

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
from cms.languages.models import LocaleFallback
from cms.languages.translated import untranslated
from cms.page_texts.models import PageTexts
from cms.review.models import Reviewer
from cms.rows import numbered
from cms.taxonomy.models import Specialty, SpecialtyName

ItemT = TypeVar("ItemT", bound=content.Item)
ModelT = TypeVar("ModelT", ConditionPage, Specialty)
NamedItem = content.Specialty | content.SpecialtyTranslation | content.Condition | content.ArticleTranslation


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
        locale = Locale.objects.get_or_create(language_code=content.LANGUAGE)[0]
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
        with disable_reference_index_auto_update():
            for language in self.only_new("Languages", self.sample.languages):
                self.add_language(language, reviewers)

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
            where = f"specialties.toml: {item.slug}"
            _name(where, specialty, item)
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
            _name(where, page, item)
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
                f"There is no {model._meta.verbose_name} in the language {content.LANGUAGE!r} to put pages into. "
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

    # --- Other languages, in the way of an editor: what has changed since is shown to translators.

    def add_language(self, item: content.Language, reviewers: dict[str, Reviewer]) -> None:
        """What editors have translated themselves, or have deleted, stays so."""
        where = f"languages/{item.code}.toml"
        locale = Locale.objects.get_or_create(language_code=item.code)[0]
        LocaleFallback.objects.get_or_create(locale=locale, defaults={"fallback": self.locale})
        for pages, texts in item.page_texts.items():
            if not PageTexts.objects.filter(slug=pages, locale=locale).exists():
                written = PageTexts(slug=pages, locale=locale, **texts)
                with _checking(f"{where}: {pages}"):
                    written.full_clean()
                written.save()
        for specialty in item.specialties:
            self.translate_specialty(f"{where}: {specialty.translates}", specialty, locale)
        for article in item.articles:
            page = self.translate_article(f"{where}: {article.translates}", article, locale, reviewers)
            if page:
                ReferenceIndex.create_or_update_for_object(page)

    def translate_specialty(self, where: str, item: content.SpecialtyTranslation, locale: Locale) -> None:
        source = self.to_translate(Specialty, self.sample.specialties, item.translates, locale)
        if source is None:
            return
        self.note_translation(source, locale, text_by_text=False)
        specialty = source.copy_for_translation(locale)
        for name in ("slug", "name", "practitioner_name", "description"):
            setattr(specialty, name, getattr(item, name))
        _name(where, specialty, item)
        with _checking(where):
            specialty.full_clean()
        specialty.save()

    def translate_article(
        self, where: str, item: content.ArticleTranslation, locale: Locale, reviewers: dict[str, Reviewer]
    ) -> ConditionPage | None:
        """Published, unless a text is missing because an editor has changed the source: then a translator sees it."""
        source = self.to_translate(ConditionPage, self.sample.conditions, item.translates, locale)
        if source is None:
            return None
        translation = self.note_translation(source, locale, text_by_text=True)
        segments = StringSegment.objects.filter(source=translation.source).select_related("string")
        StringTranslation.objects.bulk_create(
            StringTranslation(
                translation_of=segment.string,
                context_id=segment.context_id,
                locale=locale,
                data=item.texts[segment.string.data],
                last_translated_by=self.user,
            )
            for segment in segments
            if segment.string.data in item.texts
        )
        translation.save_target(user=self.user, publish=False)
        page: ConditionPage = source.get_translation(locale).get_latest_revision_as_object()
        _name(where, page, item)
        page.reviewer = reviewers.get(item.reviewer) if item.reviewer else None
        page.last_reviewed, page.next_review = item.last_reviewed, item.next_review
        with _checking(where):
            page.full_clean()
        # By nobody: an article is published by its review, or by a superuser, which `user` need not be.
        revision = page.save_revision()
        if not untranslated(page):
            page.publish(revision)
        return page

    def to_translate(
        self,
        model: type[ModelT],
        entries: Iterable[content.Specialty | content.Condition],
        slug: str,
        locale: Locale,
    ) -> ModelT | None:
        """What became of an entry, if it is still public and not translated yet."""
        key = next(entry.id for entry in entries if entry.slug == slug)
        source = model._default_manager.filter(translation_key=key, locale=self.locale, live=True).first()
        return None if source is None or source.has_translation(locale) else source

    def note_translation(
        self, source: ConditionPage | Specialty, locale: Locale, *, text_by_text: bool
    ) -> Translation:
        """As the admin's "Translate" does."""
        of, _ = TranslationSource.update_or_create_from_instance(source)
        noted: Translation = Translation.objects.create(source=of, target_locale=locale, enabled=text_by_text)
        return noted

    def only_new(self, title: str, items: Sequence[ItemT]) -> list[ItemT]:
        new = [item for item in items if item.id in self.new]
        self.say(f"{title}: {len(new)} to add")
        return new


def _name(where: str, instance: Specialty | ConditionPage, item: NamedItem) -> None:
    """Give it the names and phrases by which it is searched for."""
    exact, names = set(item.exact_names), item.alternate_names
    if isinstance(instance, Specialty):
        instance.alternate_names = _ordered(
            where, (SpecialtyName(name=name, exact_only=name in exact) for name in names)
        )
        return
    assert isinstance(item, content.Condition | content.ArticleTranslation)
    instance.alternate_names = _ordered(
        where, (ConditionName(name=name, exact_only=name in exact) for name in names)
    )
    instance.search_phrases = _ordered(
        where, (SearchPhrase(phrase=phrase, exact_only=phrase in exact) for phrase in item.search_phrases)
    )


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
