"""`python -m cms load_demo` on a real database: what it adds, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker
from wagtail.images.models import Image
from wagtail.models import Locale, Page, ReferenceIndex
from wagtail_localize.models import StringSegment, Translation

from cms.conditions.feed import render
from cms.conditions.models import ConditionPage
from cms.demo import content
from cms.demo.loading import LoadError, load
from cms.demo.logins import ROLES
from cms.demo.models import Loaded
from cms.doctors.models import DoctorPage
from cms.doctors.practices import Practice
from cms.feed.models import Change
from cms.page_texts.models import PageTexts
from cms.page_texts.placeholders import Sort
from cms.review.models import Reviewer
from cms.taxonomy.models import Specialty
from tests.cms import factories

SAMPLE = content.read()
PASSWORD = "a password for tests"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def load_demo(**options: str) -> str:
    out = StringIO()
    call_command("load_demo", stdout=out, **({"password": PASSWORD} | options))
    return out.getvalue()


def counts() -> dict[str, int]:
    models = [Specialty, Reviewer, Practice, ConditionPage, DoctorPage, Page, User, Loaded, Change]
    return {model.__name__: model._default_manager.count() for model in models}


def some_of(sample: content.Content) -> content.Content:
    """Two conditions and three doctors, with what they need, in one language: what takes no time to load."""
    doctors = sample.doctors[:3]
    keys = {key for doctor in doctors for key, _ in doctor.practices}
    return replace(
        sample,
        conditions=[c for c in sample.conditions if c.slug in {"myoclonus", "restless-legs-syndrome"}],
        practices=[practice for practice in sample.practices if practice.key in keys],
        doctors=doctors,
        languages=[],
    )


def in_german(sample: content.Content) -> content.Content:
    """What `some_of` leaves, with the German of its articles."""
    german = next(language for language in sample.languages if language.code == "de")
    some = some_of(sample)
    translated = {condition.slug for condition in some.conditions}
    articles = [article for article in german.articles if article.translates in translated]
    return replace(some, languages=[replace(german, articles=articles)])


def load_some(sample: content.Content) -> None:
    load_just(some_of(sample))


def load_just(sample: content.Content) -> None:
    load(sample, User.objects.get_or_create(username="editor")[0], NOW, say=lambda line: None)


# --- The whole, loaded once for the tests of this class


@pytest.fixture(scope="class")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Everything, taken back afterwards. What the command said."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_demo()
        transaction.set_rollback(True)


@pytest.mark.slow
@pytest.mark.usefixtures("loaded", "db")
class TestWhole:
    def test_everything_is_there(self, loaded: str) -> None:
        found = counts()
        languages = SAMPLE.languages
        assert found["Specialty"] == len(SAMPLE.specialties) + sum(
            len(each.specialties) for each in languages
        )
        assert found["Reviewer"] == len(SAMPLE.reviewers)
        assert found["Practice"] == len(SAMPLE.practices)
        assert found["ConditionPage"] == len(SAMPLE.conditions) + sum(
            len(each.articles) for each in languages
        )
        assert found["DoctorPage"] == len(SAMPLE.doctors)
        assert f"Doctors: {len(SAMPLE.doctors)} to add" in loaded

    def test_the_page_tree_is_sound(self) -> None:
        assert Page.find_problems() == ([], [], [], [], [])

    def test_all_of_it_is_in_the_change_log(self) -> None:
        if connection.vendor == "postgresql":  # where the log is written at the commit
            connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
        embedded = content.Reviewer | content.Practice | content.Language
        entities = {item.id for item in SAMPLE.items() if not isinstance(item, embedded)}
        assert set(Change.objects.values_list("key", flat=True)) >= entities

    def test_a_second_run_adds_nothing(self) -> None:
        before = counts(), set(Page.objects.values_list("translation_key", "last_published_at"))
        assert "loaded before" in load_demo()
        assert (counts(), set(Page.objects.values_list("translation_key", "last_published_at"))) == before

    def test_the_editor_can_log_in(self) -> None:
        assert Client().login(username="editor", password=PASSWORD)

    def test_each_role_can_log_in(self, loaded: str) -> None:
        for name, group in ROLES.items():
            assert f"{group}: {name}" in loaded
            user = User.objects.get(username=name)
            assert user.check_password(PASSWORD)
            assert all([user.first_name, user.last_name, user.email]), "else the account page cannot be saved"
            assert [group.name for group in user.groups.all()] == [group]
            assert not user.is_superuser

    def test_users_who_are_there_keep_their_password_and_rights(self) -> None:
        User.objects.get(username="writer").groups.clear()
        load_demo(password="another password")
        for name in ("editor", *ROLES):
            assert User.objects.get(username=name).check_password(PASSWORD)
        assert not User.objects.get(username="writer").groups.exists()

    @pytest.mark.parametrize(
        ("model", "slug"),
        [(ConditionPage, "restless-legs-syndrome"), (DoctorPage, "dr-chosket-tharchen")],
    )
    def test_a_page_can_be_edited(
        self, client: Client, model: type[ConditionPage | DoctorPage], slug: str
    ) -> None:
        client.force_login(User.objects.get(username="editor"))
        page = model.objects.get(slug=slug)
        assert client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200
        page.save_revision().publish()  # as the editor's form does it
        assert client.get(reverse("wagtailadmin_pages:history", args=[page.pk])).status_code == 200

    def test_what_is_live_is_what_an_editor_gets_to_edit(self) -> None:
        """Were the revision another than what is live, the next publish would lose something."""
        for page in [ConditionPage.objects.get(slug="myoclonus"), *DoctorPage.objects.all()[:5]]:
            revised = page.get_latest_revision_as_object()
            assert page.latest_revision == page.live_revision
            assert not page.has_unpublished_changes
            live, draft = page.serializable_data(), revised.serializable_data()
            for data in (live, draft):
                del data["latest_revision"]
                del data["live_revision"]
            assert draft == live

    def test_pages_are_indexed(self) -> None:
        assert list(ConditionPage.objects.search("hangover")) == [
            ConditionPage.objects.get(slug="altitude-sickness")
        ]
        leh = Practice.objects.get(name="SNM Hospital Leh")
        at_work = sum("leh-snm" in dict(doctor.practices) for doctor in SAMPLE.doctors)
        assert ReferenceIndex.get_references_to(leh).count() == at_work

    def test_specialties_have_their_other_names(self) -> None:
        for wanted in SAMPLE.specialties:
            rows = Specialty.objects.get(slug=wanted.slug).alternate_names.all()
            assert [row.name for row in rows] == wanted.alternate_names
            assert [row.name for row in rows if row.exact_only] == wanted.exact_names

    def test_lists_keep_the_order_of_the_files(self) -> None:
        page = ConditionPage.objects.get(slug="restless-legs-syndrome")
        wanted = next(condition for condition in SAMPLE.conditions if condition.slug == page.slug)
        assert [row.phrase for row in page.search_phrases.all()] == wanted.search_phrases
        assert [row.name for row in page.alternate_names.all()] == wanted.alternate_names
        rows = [*page.alternate_names.all(), *page.search_phrases.all()]
        assert [str(row) for row in rows if row.exact_only] == wanted.exact_names == ["RLS", "WED"]
        assert [row.specialty.slug for row in page.treating_specialties.all()] == wanted.specialties
        assert [row.condition.slug for row in page.related_conditions.all()] == wanted.related_conditions
        assert [part.value["aspect"] for part in page.body] == [part.aspect for part in wanted.sections]

    def test_articles_have_every_block(self) -> None:
        pages = ConditionPage.objects.filter(slug__in=["myoclonus", "restless-legs-syndrome", "migraine"])
        documents = render([page.translation_key for page in pages])
        english = [made for (_, locale), made in documents.items() if locale == content.LANGUAGE]
        html = "".join(section["html"] for made in english for section in made["sections"])
        for part in (
            *('<aside class="callout callout-emergency">', '<aside class="callout callout-urgent">'),
            *('<ul class="do-list">', '<ul class="dont-list">', '<ul class="key-points">'),
            *('<dl class="faq">', "<table><caption>"),
        ):
            assert part in html
        assert html.count("<figure>") == html.count("srcset=") == Image.objects.count() == 3
        cited = [s["citations"] for made in english for s in made["sections"] if s["citations"]]
        assert len(cited) == 2

    @pytest.mark.parametrize("language", SAMPLE.languages, ids=lambda language: language.code)
    def test_articles_are_translated_whole(self, language: content.Language) -> None:
        locale = Locale.objects.get(language_code=language.code)
        assert locale.fallback.fallback.language_code == content.LANGUAGE
        for wanted in language.articles:
            source = ConditionPage.objects.get(slug=wanted.translates)
            page = source.get_translation(locale)
            assert page.live
            assert not page.has_unpublished_changes
            assert page.reviewer.name.endswith("Sample")
            assert [row.name for row in page.alternate_names.all()] == wanted.alternate_names
            assert [row.phrase for row in page.search_phrases.all()] == wanted.search_phrases
            translation = Translation.objects.get(
                source__object_id=page.translation_key, target_locale=locale
            )
            texts = StringSegment.objects.filter(source=translation.source).select_related("string")
            assert {segment.string.data for segment in texts} == wanted.texts.keys()
            assert translation.get_progress() == (len(texts), len(texts))
            assert translation.get_status_display() == "Up to date"
            # What it names is named in its language, where there is a name for it.
            treating = [row.specialty for row in page.treating_specialties.all()]
            assert {specialty.locale_id for specialty in treating} == {locale.pk}

    @pytest.mark.parametrize("language", SAMPLE.languages, ids=lambda language: language.code)
    def test_specialties_and_texts_of_pages_are_translated(self, language: content.Language) -> None:
        locale = Locale.objects.get(language_code=language.code)
        for wanted in language.specialties:
            specialty = Specialty.objects.get(slug=wanted.slug, locale=locale)
            source = Specialty.objects.get(slug=wanted.translates)
            assert specialty.translation_key == source.translation_key
            assert specialty.nucc_code == source.nucc_code
            assert specialty.live
            assert [row.name for row in specialty.alternate_names.all()] == wanted.alternate_names
        assert set(PageTexts.objects.filter(locale=locale).values_list("slug", flat=True)) == set(Sort.values)

    def test_years_and_countries_are_there(self) -> None:
        for wanted in SAMPLE.doctors:
            doctor = DoctorPage.objects.get(translation_key=wanted.id)
            assert doctor.practising_since == wanted.practising_since
            assert [row.country for row in doctor.telehealth_countries.all()] == wanted.telehealth_countries

    def test_each_doctor_says_fictitious(self) -> None:
        for doctor in DoctorPage.objects.all():
            assert doctor.notice.startswith("Fictitious")
            assert "is fictitious" in doctor.bio
            assert [row.authority for row in doctor.registrations.all()] == ["Fictitious Register"]


# --- Part by part


@pytest.mark.usefixtures("db")
class TestKeepsWhatEditorsDid:
    def test_an_edit_stays(self) -> None:
        load_some(SAMPLE)
        page = ConditionPage.objects.get(slug="myoclonus")
        page.title = "Edited"
        page.save_revision().publish()
        Practice.objects.filter(name="SNM Hospital Leh").update(lat=35.0)
        load_some(SAMPLE)
        assert ConditionPage.objects.get(slug="myoclonus").title == "Edited"
        assert Practice.objects.get(name="SNM Hospital Leh").lat == 35.0

    def test_what_was_deleted_stays_deleted(self) -> None:
        load_some(SAMPLE)
        DoctorPage.objects.get(slug="dr-deldan-wangtak").delete()
        load_some(SAMPLE)
        assert not DoctorPage.objects.filter(slug="dr-deldan-wangtak").exists()

    def test_an_entry_new_in_the_files_is_added_to_what_is_left(self) -> None:
        first, *others = SAMPLE.doctors
        load_some(replace(SAMPLE, doctors=others))
        ConditionPage.objects.get(slug="myoclonus").delete()
        load_some(SAMPLE)
        doctor = DoctorPage.objects.get(translation_key=first.id)
        assert "myoclonus" in first.conditions
        assert [row.condition.slug for row in doctor.treated_conditions.all()] == ["restless-legs-syndrome"]


@pytest.mark.usefixtures("db")
class TestLanguages:
    """Added to what editors have done meanwhile, and left alone from then on."""

    def german_of(self, slug: str) -> ConditionPage:
        source = ConditionPage.objects.get(slug=slug, locale__language_code="en")
        german: ConditionPage = source.get_translation(Locale.objects.get(language_code="de"))
        return german

    def test_a_language_new_in_the_files_is_added(self) -> None:
        load_some(SAMPLE)
        load_just(in_german(SAMPLE))
        assert self.german_of("myoclonus").title == "Myoklonie"

    def test_a_change_of_the_source_waits_for_a_translator(self) -> None:
        load_just(in_german(SAMPLE))
        source = ConditionPage.objects.get(slug="myoclonus")
        source.summary = "Something else."
        factories.publish(source)
        german = self.german_of("myoclonus")
        assert german.summary.startswith("Plötzliche")
        translation = Translation.objects.get(source__object_id=german.translation_key, enabled=True)
        total, translated = translation.get_progress()
        assert translated == total - 1

    def test_what_an_editor_has_changed_is_not_published_half_translated(self) -> None:
        load_some(SAMPLE)
        source = ConditionPage.objects.get(slug="myoclonus")
        source.summary = "Something else."
        factories.publish(source)
        load_just(in_german(SAMPLE))
        german = self.german_of("myoclonus")
        assert not german.live
        assert german.get_latest_revision_as_object().title == "Myoklonie"

    def test_what_editors_translated_themselves_stays(self) -> None:
        load_some(SAMPLE)
        german = factories.make_locale("de")
        theirs = factories.make_specialty(
            "Nervenheilkunde",
            locale=german,
            translation_key=Specialty.objects.get(slug="neurology").translation_key,
        )
        ConditionPage.objects.get(slug="myoclonus").copy_for_translation(german)
        load_just(in_german(SAMPLE))
        neurology = Specialty.objects.get(locale=german, translation_key=theirs.translation_key)
        assert neurology.name == "Nervenheilkunde"
        assert not self.german_of("myoclonus").live

    def test_what_was_deleted_is_not_translated(self) -> None:
        load_some(SAMPLE)
        ConditionPage.objects.get(slug="myoclonus").delete()
        load_just(in_german(SAMPLE))
        assert not ConditionPage.objects.filter(locale__language_code="de").exists()


@pytest.mark.usefixtures("db")
class TestRefuses:
    """An error names what is wrong, and leaves the database as it was."""

    def refused(self, sample: content.Content, error: str) -> None:
        User.objects.create(username="editor")
        before = counts()
        with pytest.raises(LoadError, match=error):
            load_some(sample)
        assert counts() == before

    def test_a_code_that_is_none(self) -> None:
        bad = [replace(condition, codes=[("icd-10-cm", "jerks")]) for condition in SAMPLE.conditions]
        self.refused(
            replace(SAMPLE, conditions=bad), r"conditions/myoclonus\.toml: code: This is not the form"
        )

    def test_a_name_that_is_too_long(self) -> None:
        bad = [replace(specialty, alternate_names=["n" * 256]) for specialty in SAMPLE.specialties]
        self.refused(replace(SAMPLE, specialties=bad), r"specialties\.toml: neurology: name: .* at most 255")

    def test_an_aspect_that_is_none(self) -> None:
        bad = [
            replace(condition, sections=[content.Section("mood", "Mood", "<p>x</p>")])
            for condition in SAMPLE.conditions
        ]
        self.refused(replace(SAMPLE, conditions=bad), r"conditions/myoclonus\.toml: section 'mood': aspect")

    def test_a_language_that_is_none(self) -> None:
        bad = [replace(doctor, languages=["klingon"]) for doctor in SAMPLE.doctors]
        self.refused(replace(SAMPLE, doctors=bad), r"fictitious-doctors\.tsv: dr-deldan-wangtak: language")

    def test_a_country_that_is_none(self) -> None:
        bad = [replace(doctor, telehealth_countries=["ZZ"]) for doctor in SAMPLE.doctors]
        self.refused(replace(SAMPLE, doctors=bad), r"fictitious-doctors\.tsv: dr-deldan-wangtak: country")

    def test_a_position_that_is_none(self) -> None:
        bad = [replace(practice, lat=0.0, lng=0.0) for practice in SAMPLE.practices]
        self.refused(replace(SAMPLE, practices=bad), r"practices\.tsv: leh-snm: lat: \(0, 0\)")

    def test_a_slug_that_an_editor_has_taken(self) -> None:
        factories.make_condition("Jerks", slug="myoclonus")
        self.refused(SAMPLE, r"conditions/myoclonus\.toml: slug: The slug 'myoclonus' is already in use")

    def test_a_tree_without_a_place_for_doctors(self) -> None:
        factories.doctor_index().delete()
        self.refused(SAMPLE, "There is no doctor index in the language 'en'")


@pytest.mark.usefixtures("db")
class TestCommandLine:
    def test_a_new_editor_needs_a_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DEMO_EDITOR_PASSWORD", raising=False)
        with pytest.raises(CommandError, match="no user 'editor' yet: give a password"):
            call_command("load_demo", stdout=StringIO())
        assert counts()["Specialty"] == 0

    def test_without_a_password_no_role_gets_a_login(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DEMO_EDITOR_PASSWORD", raising=False)
        monkeypatch.setattr(content, "read", lambda: some_of(SAMPLE))
        User.objects.create(username="editor")
        load_demo(password="")
        assert list(User.objects.values_list("username", flat=True)) == ["editor"]

    def test_a_weak_password_is_refused(self) -> None:
        with pytest.raises(CommandError, match=r"--password: .* too short"):
            load_demo(password="short")

    def test_a_broken_file_is_an_error_of_one_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken() -> content.Content:
            raise content.ContentError("practices.tsv: line 2: lat: is missing")

        monkeypatch.setattr(content, "read", broken)
        with pytest.raises(CommandError, match=r"^practices\.tsv: line 2: lat: is missing$"):
            load_demo()
