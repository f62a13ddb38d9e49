"""A page is translated through the admin's own views, and nothing untranslated is published by any of them."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Locale, Page, Workflow, WorkflowPage, WorkflowTask
from wagtail.test.utils.form_data import inline_formset, nested_form_data
from wagtail_localize.models import StringSegment, StringTranslation, Translation

from cms.conditions.models import ConditionPage
from cms.doctors.models import DoctorPage
from cms.feed.scheduled import publish_due
from cms.languages.translated import NotTranslated, untranslated
from tests.cms import factories
from tests.cms.admin import errors_of
from tests.cms.languages.translating import (
    edit_url,
    in_french,
    press_publish,
    submit,
    translate,
    translation_into,
    type_in,
)


def said_by(response: Any) -> str:
    return " ".join(map(str, response.context["messages"]))


def fresh(page: Any) -> Any:
    return type(page).objects.get(pk=page.pk)


def texts(page: ConditionPage) -> list[str]:
    section = page.body[0].value
    return [page.title, page.summary, page.notice, section["heading"], section["content"][0].value.source]


def test_an_article_is_translated_and_published(
    admin_client: Client, article: ConditionPage, french: Locale
) -> None:
    target = submit(admin_client, article, french)
    assert not target.live
    assert translate(admin_client, target, in_french) == 6
    assert "Published" in press_publish(admin_client, target)
    target = fresh(target)
    assert target.live
    title, summary, notice, heading, html = texts(target)
    assert (title, summary, notice) == (
        "fr: Myoclonus",
        "fr: Sudden, short jerks of muscles.",
        "fr: Sample text.",
    )
    assert heading == "fr: What is it?"
    assert "fr: Quick <b>jerks</b> of muscles." in html
    assert "<li" in html
    assert target.body[0].value["aspect"] == "overview"
    assert target.slug == "fr-myoclonus"
    assert texts(fresh(article)) == texts(article)


def test_a_translation_claims_no_review_and_no_words_of_its_source(
    admin_client: Client, article: ConditionPage, french: Locale
) -> None:
    target = submit(admin_client, article, french)
    assert (target.reviewer, target.last_reviewed, target.next_review) == (None, None, None)
    assert not target.alternate_names.exists()
    assert not target.search_phrases.exists()
    assert [row.code for row in target.codes.all()] == ["G25.3"]
    assert [row.specialty.name for row in target.treating_specialties.all()] == ["Neurology"]


def test_related_entities_are_named_in_the_language(
    admin_client: Client, article: ConditionPage, french: Locale
) -> None:
    neurology = article.treating_specialties.get().specialty
    factories.make_specialty(
        "Neurologie", slug="neurologie", locale=french, translation_key=neurology.translation_key
    )
    other = factories.make_condition("Restless legs", related=[article], specialties=[neurology])
    target = submit(admin_client, article, french)
    assert [
        row.specialty.name for row in target.get_latest_revision_as_object().treating_specialties.all()
    ] == ["Neurologie"]
    related = submit(admin_client, other, french).get_latest_revision_as_object()
    assert [row.condition_id for row in related.related_conditions.all()] == [target.pk]


# --- What might publish it before its time.


@pytest.fixture
def half(admin_client: Client, article: ConditionPage, french: Locale) -> ConditionPage:
    """A translation in which all but the last text are translated."""
    target: ConditionPage = submit(admin_client, article, french)
    translate(admin_client, target, in_french, leave=1)
    return target


def test_the_editors_button_says_what_is_missing(admin_client: Client, half: ConditionPage) -> None:
    said = press_publish(admin_client, half)
    assert "one text is not translated yet: “Hiccups are one of them.”" in said
    assert not fresh(half).live
    # What there is was kept, as a draft.
    assert fresh(half).get_latest_revision_as_object().title == "fr: Myoclonus"
    html = admin_client.get(edit_url(half)).content.decode()
    assert "5 of 6 texts are translated into French" in html


def test_the_last_text_makes_it_whole(admin_client: Client, half: ConditionPage) -> None:
    translate(admin_client, half, in_french)
    assert "Published" in press_publish(admin_client, half)
    assert fresh(half).live


def test_a_draft_made_before_the_texts_were_translated_is_not_published(
    admin_client: Client, half: ConditionPage
) -> None:
    """Its texts are translated by now, but it does not have them."""
    translate(admin_client, half, in_french)
    with pytest.raises(NotTranslated):
        fresh(half).get_latest_revision().publish()


def test_text_of_an_older_source_is_untranslated_too(
    admin_client: Client, half: ConditionPage, article: ConditionPage
) -> None:
    draft = fresh(half).get_latest_revision()
    article.summary = "Another summary of what it is."
    factories.publish(article)
    assert "Sudden, short jerks of muscles." in untranslated(draft.as_object())


def test_what_is_the_same_in_both_languages_is_typed_as_such(
    admin_client: Client, article: ConditionPage, french: Locale
) -> None:
    target = submit(admin_client, article, french)
    translate(admin_client, target, str)
    assert "Published" in press_publish(admin_client, target)


def test_bulk_publishing_refuses(admin_client: Client, half: ConditionPage) -> None:
    url = (
        reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
        + f"?id={half.pk}&next=/admin/"
    )
    response = admin_client.post(url, follow=True)
    assert "not translated yet" in said_by(response)
    assert not fresh(half).live


def test_a_schedule_refuses(half: ConditionPage) -> None:
    now = timezone.now()
    revision = fresh(half).get_latest_revision()
    type(revision).objects.filter(pk=revision.pk).update(approved_go_live_at=now - timedelta(minutes=1))
    assert publish_due(now) == 1
    assert not fresh(half).live


def test_an_update_from_the_source_leaves_what_is_live(
    admin_client: Client, article: ConditionPage, french: Locale
) -> None:
    target = submit(admin_client, article, french)
    translate(admin_client, target, in_french)
    press_publish(admin_client, target)
    article.summary = "Another summary."
    factories.publish(article)
    # Translators are shown what has changed.
    translation = translation_into(target)
    assert translation.get_progress() == (6, 5)
    url = reverse("wagtail_localize:update_translations", args=[translation.source_id])
    assert "publish_translations" in (html := admin_client.get(url).content.decode())
    assert 'type="checkbox"' not in html
    assert admin_client.post(url, {"publish_translations": "on"}).status_code == 302
    assert fresh(target).summary == "fr: Sudden, short jerks of muscles."
    assert "not translated yet" in press_publish(admin_client, target)
    assert fresh(target).summary == "fr: Sudden, short jerks of muscles."
    translate(admin_client, target, in_french)
    press_publish(admin_client, target)
    assert fresh(target).summary == "fr: Another summary."


def test_a_text_that_is_taken_back_is_not_published(
    admin_client: Client, article: ConditionPage, french: Locale
) -> None:
    target = submit(admin_client, article, french)
    translate(admin_client, target, in_french)
    press_publish(admin_client, target)
    translation = translation_into(target)
    segment = StringSegment.objects.filter(source=translation.source, context__path="summary").get()
    url = reverse("wagtail_localize:edit_string_translation", args=[translation.pk, segment.pk])
    assert admin_client.delete(url).status_code == 200
    assert "not translated yet" in press_publish(admin_client, target)
    assert fresh(target).summary == "fr: Sudden, short jerks of muscles."


def test_a_file_of_translations_publishes_nothing(admin_client: Client, half: ConditionPage) -> None:
    translation = translation_into(half)
    url = reverse("wagtail_localize:download_pofile", args=[translation.pk])
    assert "Hiccups are one of them." in admin_client.get(url).content.decode()
    po = translation.export_po()
    for entry in po:
        entry.msgstr = in_french(entry.msgid)
    file = BytesIO(str(po).encode())
    file.name = "fr.po"
    url = reverse("wagtail_localize:upload_pofile", args=[translation.pk])
    assert admin_client.post(url, {"file": file, "next": "/admin/"}).status_code == 302
    assert translation.get_progress() == (6, 6)
    assert not fresh(half).live


def test_a_file_that_is_none_is_an_error_message(admin_client: Client, half: ConditionPage) -> None:
    url = reverse("wagtail_localize:upload_pofile", args=[translation_into(half).pk])
    file = BytesIO(b"\xff\xfe not a PO file")
    file.name = "fr.po"
    response = admin_client.post(url, {"file": file, "next": "/admin/"}, follow=True)
    assert "valid PO file" in said_by(response)


def test_it_is_not_made_an_alias(admin_client: Client, half: ConditionPage) -> None:
    url = reverse("wagtail_localize:convert_to_alias", args=[half.pk])
    assert admin_client.post(url).status_code == 302
    assert fresh(half).alias_of is None
    with pytest.raises(NotTranslated):
        factories.make_condition("Another").copy_for_translation(half.locale, alias=True)


def test_locales_are_not_filled_with_aliases(
    admin_client: Client, article: ConditionPage, french: Locale
) -> None:
    html = admin_client.get(reverse("wagtaillocales:edit", args=[french.pk])).content.decode()
    assert "Fallback" in html
    assert "Synchronise content" not in html
    name = "component-wagtail_localize_localesynchronization"
    data = {"language_code": "fr", f"{name}-enabled": "on", f"{name}-sync_from": article.locale_id}
    assert admin_client.post(reverse("wagtaillocales:edit", args=[french.pk]), data).status_code == 302
    assert not ConditionPage.objects.filter(locale=french).exists()


def test_a_translation_that_was_stopped_is_still_one(admin_client: Client, half: ConditionPage) -> None:
    press_publish(admin_client, half)
    admin_client.post(reverse("wagtail_localize:stop_translation", args=[translation_into(half).pk]))
    draft = fresh(half).get_latest_revision_as_object()
    assert untranslated(draft) == ["Hiccups are one of them."]
    # A name may be the same.
    draft.title = "Myoclonus"
    assert untranslated(draft) == ["Hiccups are one of them."]


def test_a_translation_stays_one_without_its_source(
    admin_client: Client, half: ConditionPage, article: ConditionPage
) -> None:
    assert admin_client.post(reverse("wagtailadmin_pages:delete", args=[article.pk])).status_code == 302
    assert not Translation.objects.get().enabled
    with pytest.raises(NotTranslated):
        fresh(half).get_latest_revision().publish()


def test_a_text_that_does_not_fit_is_marked(
    admin_client: Client, article: ConditionPage, french: Locale
) -> None:
    target = submit(admin_client, article, french)
    translate(admin_client, target, in_french)
    translation = translation_into(target)
    segment = StringSegment.objects.get(source=translation.source, context__path="notice")
    type_in(admin_client, translation, segment, "l" * 256)
    assert "at most 255" in press_publish(admin_client, target)
    assert "at most 255" in StringTranslation.objects.get(context__path="notice").get_error()
    assert not fresh(target).live


# --- What each language has for itself.


def own_form(**changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "slug": "myoclonie",
        "alternate_names": inline_formset([{"name": "Secousses", "exact_only": ""}]),
        "search_phrases": inline_formset([]),
        "comments": inline_formset([]),
        "reviewer": "",
        "last_reviewed": "",
        "next_review": "",
        "shown_elsewhere": "on",
    }
    flat: dict[str, Any] = nested_form_data(data | changes)
    return flat


def test_the_form_has_what_is_not_translated_only(admin_client: Client, half: ConditionPage) -> None:
    html = admin_client.get(edit_url(half) + "?form=own").content.decode()
    for name in ("alternate_names", "search_phrases", "reviewer", "slug", "shown_elsewhere"):
        assert f'name="{name}' in html
    for name in ("title", "summary", "body", "codes", "treating_specialties"):
        assert f'name="{name}' not in html


def test_words_and_review_are_saved_beside_the_translations(
    admin_client: Client, half: ConditionPage
) -> None:
    url = edit_url(half) + "?form=own"
    reviewer = factories.make_reviewer(name="Dr French Reviewer")
    data = own_form(reviewer=str(reviewer.pk), last_reviewed="2026-10-01")
    response = admin_client.post(url, data)
    assert response.status_code == 302, errors_of(response)
    assert response["Location"] == url
    draft = fresh(half).get_latest_revision_as_object()
    assert (draft.slug, draft.reviewer, draft.title) == ("myoclonie", reviewer, "fr: Myoclonus")
    assert [row.name for row in draft.alternate_names.all()] == ["Secousses"]
    # They stay when the rest is translated and published.
    translate(admin_client, half, in_french)
    assert "Published" in press_publish(admin_client, half)
    live = fresh(half)
    assert (live.slug, live.reviewer) == ("myoclonie", reviewer)
    assert [row.name for row in live.alternate_names.all()] == ["Secousses"]


def test_the_form_publishes_by_the_same_rule(admin_client: Client, half: ConditionPage) -> None:
    url, data = edit_url(half) + "?form=own", own_form() | {"action-publish": "action-publish"}
    response = admin_client.post(url, data, follow=True)
    assert "not translated yet" in said_by(response)
    assert not fresh(half).live
    translate(admin_client, half, in_french)
    response = admin_client.post(url, data, follow=True)
    assert "has been published" in said_by(response)
    assert fresh(half).title == "fr: Myoclonus"
    assert fresh(half).live


def test_it_is_submitted_for_review_once_it_is_whole(admin_client: Client, half: ConditionPage) -> None:
    task = GroupApprovalTask.objects.create(name="Review")
    workflow = Workflow.objects.create(name="Review")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    WorkflowPage.objects.update_or_create(page=half.get_parent(), defaults={"workflow": workflow})
    url, data = edit_url(half) + "?form=own", own_form() | {"action-submit": "action-submit"}
    response = admin_client.post(url, data, follow=True)
    assert "Not submitted" in said_by(response)
    assert fresh(half).current_workflow_state is None
    translate(admin_client, half, in_french)
    response = admin_client.post(url, data, follow=True)
    assert "submitted for moderation" in said_by(response)
    state = fresh(half).current_workflow_state
    assert state is not None
    assert state.current_task_state.revision.as_object().title == "fr: Myoclonus"


def test_who_may_not_publish_does_not(client: Client, half: ConditionPage) -> None:
    translator = User.objects.create_user("translator")
    client.force_login(translator)
    client.post(edit_url(half), {"action": "publish"})
    assert not fresh(half).live


# --- Doctors.


def test_a_doctor_keeps_to_the_facts_of_the_source(admin_client: Client, french: Locale) -> None:
    specialty = factories.make_specialty("Neurology")
    doctor = factories.make_doctor(
        "Dr Example",
        practices=[factories.make_practice("Leh")],
        specialties=[specialty],
        bio="<p>A doctor.</p>",
    )
    target = submit(admin_client, doctor, french)
    translate(admin_client, target, in_french)
    press_publish(admin_client, target)
    live = fresh(target)
    assert (live.title, [row.practice.name for row in live.practices.all()]) == ("fr: Dr Example", ["Leh"])
    doctor = DoctorPage.objects.get(pk=doctor.pk)
    doctor.practising_since = 2004
    (practice,) = doctor.practices.all()
    practice.accepting_new_patients = False
    doctor.practices = [practice]
    factories.publish(doctor)
    assert fresh(target).practising_since == 2004
    assert not fresh(target).practices.get().accepting_new_patients
    assert list(fresh(target).specialties.all()) == [specialty]


# --- The tree.


def test_a_new_language_has_its_tree_at_once(admin_client: Client, article: ConditionPage) -> None:
    response = admin_client.post(reverse("wagtaillocales:add"), {"language_code": "ur"})
    assert response.status_code == 302
    pages = Page.objects.filter(locale__language_code="ur").specific()
    assert [type(page).__name__ for page in pages] == ["HomePage", "ConditionIndexPage", "DoctorIndexPage"]
    # Nobody has translated their names.
    assert not any(page.live for page in pages)
