"""Pages are written, published, scheduled, sent through a workflow, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Page, Revision
from wagtail.signals import page_published
from wagtail.test.utils.form_data import inline_formset, rich_text

from cms.conditions.models import ConditionSpecialty, RelatedCondition
from cms.doctors.models import DoctorCondition, DoctorLanguage, DoctorPage, DoctorPractice
from tests.cms import admin as forms
from tests.cms import factories
from tests.cms.feed.acts import (
    ANGMO,
    CONDITIONS,
    DOCTORS,
    DORJE,
    DRAFT,
    MYOCLONUS,
    NAMING_MYOCLONUS,
    RESTLESS_LEGS,
    add,
    bulk,
    edit,
    gone,
    moves,
    new,
    opened,
    post,
    publish,
    send,
    unpublish,
)
from tests.cms.feed.conftest import World


def in_a_day() -> str:
    return f"{timezone.now() + timedelta(days=1):%Y-%m-%d %H:%M}"


def a_day_passes() -> None:
    """What was scheduled becomes due."""
    day = timedelta(days=1, minutes=1)
    for page in Page.objects.filter(expire_at__isnull=False):
        Page.objects.filter(pk=page.pk).update(expire_at=page.expire_at - day)
    for revision in Revision.objects.filter(approved_go_live_at__isnull=False):
        revision.approved_go_live_at -= day
        revision.content["go_live_at"] = revision.approved_go_live_at.isoformat()
        revision.save(update_fields=["approved_go_live_at", "content"])


# --- Created.


@moves()
def draft_made(world: World) -> None:
    data = forms.doctor_form(practices=inline_formset([{"practice": world.clinic.pk}]))
    add(world, world.doctors, "doctors.doctorpage", data)


@moves(new("Dr New"))
def doctor_published(world: World) -> None:
    data = forms.doctor_form(
        title="Dr New",
        slug="dr-new",
        specialties=[world.neurology.pk],
        treated_conditions=inline_formset([{"condition": world.myoclonus.pk}]),
        practices=inline_formset([{"practice": world.clinic.pk, "accepting_new_patients": "on"}]),
        languages=inline_formset([{"language": "lbj"}]),
        registrations=inline_formset([{"authority": "Example Council", "number": "2"}]),
        education=inline_formset([{"institution": "Example College", "degree": "MBBS", "year": "2001"}]),
        memberships=inline_formset([{"organisation": "Example Academy"}]),
        bio=rich_text("<p>New & <b>bold</b></p>"),
    )
    add(world, world.doctors, "doctors.doctorpage", data, "action-publish")


@moves(new("New condition"))
def condition_published(world: World) -> None:
    data = forms.condition_form(
        title="New condition",
        slug="new-condition",
        reviewer=world.reviewer.pk,
        treating_specialties=inline_formset([{"specialty": world.neurology.pk}]),
        sections=[("overview", "What?", f'<p>As <a linktype="page" id="{world.myoclonus.pk}">jerks</a></p>')],
    )
    add(world, world.conditions, "conditions.conditionpage", data, "action-publish")


@moves(new("Dr Imported"))
def live_page_added_by_a_program(world: World) -> None:
    page = DoctorPage(title="Dr Imported", slug="dr-imported", live=True)
    page.practices = [DoctorPractice(practice=world.clinic), DoctorPractice(practice=world.hospital)]
    page.specialties = [world.neurology]
    world.doctors.add_child(instance=page)


# --- Drafts.


@moves()
def draft_of_a_live_doctor_saved(world: World) -> None:
    edit(world, world.angmo, title="Dr Other Name", credentials="MD")


@moves()
def draft_of_a_live_condition_saved(world: World) -> None:
    edit(world, world.myoclonus, title="Other name", summary="Other")


@moves()
def name_made_to_match_only_exactly_in_a_draft(world: World) -> None:
    ticked: dict[str, Any] = {"alternate_names-0-exact_only": "on"}
    edit(world, world.myoclonus, **ticked)


@moves()
def slug_of_a_draft_changed(world: World) -> None:
    edit(world, world.draft_doctor, slug="dr-other")


def autosave(world: World, page: Page) -> None:
    """As the editor's script does, every half second in which something was typed: JSON is asked for, and the
    revision that the first request made is overwritten by the others."""
    form = opened(world, page)
    revisions = set()
    for typed in ("Dr A", "Dr An", "Dr Ang"):
        form["title"] = form["credentials"] = typed
        answer = send(world, page, form, accept="application/json").json()
        assert answer["success"], answer
        form["overwrite_revision_id"] = answer["revision_id"]
        form["loaded_revision_created_at"] = answer["revision_created_at"]
        for name, value in answer["field_updates"].items():
            form[name] = value
        revisions.add(answer["revision_id"])
    assert len(revisions) == 1
    assert Page.objects.get(pk=page.pk).get_latest_revision_as_object().title == "Dr Ang"


@moves()
def live_page_autosaved(world: World) -> None:
    autosave(world, world.angmo)


@moves()
def draft_autosaved(world: World) -> None:
    autosave(world, world.draft_doctor)


@moves(ANGMO, given=live_page_autosaved)
def what_was_autosaved_published(world: World) -> None:
    publish(world, world.angmo, title=ANGMO)


@moves()
def draft_saved_again_and_again_by_a_program(world: World) -> None:
    page = world.angmo
    revision = page.save_revision()
    for title in ("Dr A", "Dr An", "Dr Ang"):
        page.title = title
        page.practices = [DoctorPractice(practice=world.clinic)]
        page.specialties = [world.sleep_medicine]
        revision = page.save_revision(overwrite_revision=revision)


@moves()
def draft_of_a_draft_saved_by_a_program(world: World) -> None:
    world.draft_doctor.practices = [DoctorPractice(practice=world.clinic)]
    world.draft_doctor.save_revision()
    world.draft_doctor.save()


@moves()
def page_locked(world: World) -> None:
    post(world, "wagtailadmin_pages:lock", world.angmo.pk)


@moves(given=page_locked)
def page_unlocked(world: World) -> None:
    post(world, "wagtailadmin_pages:unlock", world.angmo.pk)


# --- Published.


@moves(new(DRAFT))
def draft_published(world: World) -> None:
    publish(world, world.draft_doctor)


@moves(ANGMO)
def edit_of_a_doctor_published(world: World) -> None:
    one = {
        "practices-TOTAL_FORMS": "2",
        "practices-1-practice": world.clinic.pk,
        "practices-1-ORDER": "2",
        "practices-1-id": "",
    }
    publish(world, world.angmo, title="Dr Angmo Renamed", credentials="MD", **one)
    assert world.angmo.practices.model.objects.filter(page=world.angmo).count() == 2


@moves(DORJE)
def telehealth_countries_and_year_of_practice_published(world: World) -> None:
    publish(world, world.dorje, practising_since="2005", **{"telehealth_countries-0-country": "NP"})
    assert world.dorje.telehealth_countries.model.objects.filter(country="NP").exists()


@moves(MYOCLONUS)
def name_and_phrase_that_match_only_exactly_published(world: World) -> None:
    ticked = {"alternate_names-0-exact_only": "on", "search_phrases-0-exact_only": "on"}
    publish(world, world.myoclonus, **ticked)
    assert world.myoclonus.alternate_names.model.objects.get(page=world.myoclonus).exact_only
    assert world.myoclonus.search_phrases.model.objects.get(page=world.myoclonus).exact_only


@moves(MYOCLONUS, given=name_and_phrase_that_match_only_exactly_published)
def name_that_matched_only_exactly_published_without_the_tick(world: World) -> None:
    form = opened(world, world.myoclonus)
    assert form.pop("alternate_names-0-exact_only") == ["on"]
    form["action-publish"] = "action-publish"
    assert send(world, world.myoclonus, form).status_code == 302
    assert not world.myoclonus.alternate_names.model.objects.get(page=world.myoclonus).exact_only


@moves(MYOCLONUS)
def article_published(world: World) -> None:
    publish(world, world.myoclonus, summary="In other words.")


@moves(MYOCLONUS, NAMING_MYOCLONUS)
def condition_renamed(world: World) -> None:
    publish(world, world.myoclonus, title="Muscle jerks")


@moves(ANGMO)
def practices_languages_specialties_published_by_a_program(world: World) -> None:
    page = world.angmo
    page.practices = [DoctorPractice(practice=world.clinic, accepting_new_patients=False)]
    page.languages = [DoctorLanguage(language="hi")]
    page.specialties = [world.sleep_medicine, world.neurology]
    page.treated_conditions = [
        DoctorCondition(condition=condition)
        for condition in (world.myoclonus, world.restless_legs, world.draft_condition)
    ]
    factories.publish(page)


@moves(MYOCLONUS)
def specialties_of_a_condition_published_by_a_program(world: World) -> None:
    page = world.myoclonus
    page.treating_specialties = [
        ConditionSpecialty(specialty=world.sleep_medicine),
        ConditionSpecialty(specialty=world.neurology),
    ]
    page.related_conditions = [
        RelatedCondition(condition=world.restless_legs),
        RelatedCondition(condition=world.draft_condition),
    ]
    factories.publish(page)


@moves("Dr Angmo Renamed", given=edit_of_a_doctor_published)
def old_revision_published(world: World) -> None:
    first = Revision.objects.for_instance(world.angmo).earliest("created_at")
    edit(world, world.angmo, "action-publish", revision=first.pk, title="Dr Angmo Example")


@moves(new(DRAFT), ANGMO)
def pages_published_in_bulk(world: World) -> None:
    world.angmo.credentials = "MD"
    world.angmo.save_revision()
    world.draft_doctor.save_revision()
    bulk(world, "publish", world.angmo, world.draft_doctor)


@moves()
def publication_that_fails(world: World) -> None:
    def fail(**kwargs: Any) -> None:
        raise ZeroDivisionError

    page_published.connect(fail)
    world.admin.raise_request_exception = False
    try:
        form = opened(world, world.angmo, credentials="MD")
        form["action-publish"] = "action-publish"
        assert send(world, world.angmo, form).status_code == 500
    finally:
        page_published.disconnect(fail)


# --- Scheduled.


@moves()
def first_publish_scheduled(world: World) -> None:
    data = forms.doctor_form(title="Dr Later", go_live_at=in_a_day())
    add(world, world.doctors, "doctors.doctorpage", data, "action-publish")


@moves()
def draft_scheduled(world: World) -> None:
    publish(world, world.draft_doctor, go_live_at=in_a_day())


# Wagtail takes a live page that no revision has made live offline when an edit of it is scheduled.
@moves(given=what_was_autosaved_published)
def edit_of_a_live_page_scheduled(world: World) -> None:
    publish(world, world.angmo, go_live_at=in_a_day(), credentials="MBBS")


@moves(given=draft_scheduled)
def schedule_called_off(world: World) -> None:
    revision = Revision.objects.get(approved_go_live_at__isnull=False)
    post(world, "wagtailadmin_pages:revisions_unschedule", world.draft_doctor.pk, revision.pk)
    a_day_passes()
    call_command("publish_scheduled")


@moves(new("Dr Later"), given=first_publish_scheduled)
def new_page_goes_live(world: World) -> None:
    a_day_passes()
    call_command("publish_scheduled")


@moves(new(DRAFT), given=draft_scheduled)
def draft_goes_live(world: World) -> None:
    a_day_passes()
    call_command("publish_scheduled")


@moves(ANGMO, given=edit_of_a_live_page_scheduled)
def edit_goes_live(world: World) -> None:
    a_day_passes()
    call_command("publish_scheduled")


@moves(ANGMO)
def expiry_set(world: World) -> None:
    publish(world, world.angmo, expire_at=in_a_day())


@moves(gone(ANGMO), given=expiry_set)
def page_expires(world: World) -> None:
    a_day_passes()
    call_command("publish_scheduled")


@moves(given=draft_scheduled)
def nothing_is_due(world: World) -> None:
    call_command("publish_scheduled")


# --- Unpublished.


@moves(gone(ANGMO))
def doctor_unpublished(world: World) -> None:
    unpublish(world, world.angmo)


@moves(gone(MYOCLONUS), NAMING_MYOCLONUS)
def condition_unpublished(world: World) -> None:
    unpublish(world, world.myoclonus)


@moves(new(MYOCLONUS), NAMING_MYOCLONUS, given=condition_unpublished)
def condition_published_again(world: World) -> None:
    publish(world, world.myoclonus)


@moves(gone(CONDITIONS), ANGMO)
def conditions_unpublished_with_their_index(world: World) -> None:
    unpublish(world, world.conditions, include_descendants="on")


@moves()
def index_unpublished_alone(world: World) -> None:
    # Headless: what is under a page that is not live is public all the same, as in Wagtail's own API.
    unpublish(world, world.doctors)


@moves(gone(DOCTORS))
def pages_unpublished_in_bulk(world: World) -> None:
    bulk(world, "unpublish", world.angmo, world.dorje)


@moves(gone(CONDITIONS), ANGMO)
def index_unpublished_in_bulk_with_what_is_in_it(world: World) -> None:
    bulk(world, "unpublish", world.conditions, include_descendants="on")


# --- A workflow.


@moves()
def workflow_made(world: World) -> None:
    factories.make_workflow(world.doctors)


@moves(given=workflow_made)
def draft_submitted(world: World) -> None:
    edit(world, world.draft_doctor, "action-submit")
    assert world.draft_doctor.current_workflow_state


@moves(given=workflow_made)
def edit_submitted(world: World) -> None:
    edit(world, world.angmo, "action-submit", credentials="MD")


def decide(action: str) -> Callable[[World, Page], None]:
    def act(world: World, page: Page) -> None:
        page = Page.objects.get(pk=page.pk).specific
        state = page.current_workflow_task_state
        post(world, "wagtailadmin_pages:workflow_action", page.pk, action, state.pk, comment="")
        state.refresh_from_db()
        assert state.status == {"approve": "approved", "reject": "rejected"}[action]

    return act


approve, reject = decide("approve"), decide("reject")


@moves(new(DRAFT), given=draft_submitted)
def draft_approved(world: World) -> None:
    approve(world, world.draft_doctor)


@moves(ANGMO, given=edit_submitted)
def edit_approved(world: World) -> None:
    approve(world, world.angmo)


@moves(given=edit_submitted)
def edit_rejected(world: World) -> None:
    reject(world, world.angmo)


@moves(given=edit_submitted)
def workflow_cancelled(world: World) -> None:
    edit(world, world.angmo, "action-cancel-workflow")
    assert not world.angmo.current_workflow_state


# --- Links in rich text name the condition.


@moves(MYOCLONUS, RESTLESS_LEGS, ANGMO)
def linked_condition_given_another_slug(world: World) -> None:
    publish(world, world.myoclonus, slug="jerks")


@moves(DORJE)
def condition_linked_in_a_bio(world: World) -> None:
    bio = rich_text(f'<p>Sees <a linktype="page" id="{world.restless_legs.pk}">it</a></p>')
    publish(world, world.dorje, bio=bio)


@moves(RESTLESS_LEGS, DORJE, given=condition_linked_in_a_bio)
def linked_condition_given_another_slug_by_an_update(world: World) -> None:
    Page.objects.filter(pk=world.restless_legs.pk).update(slug="restless")


@moves(gone(RESTLESS_LEGS), DORJE, given=condition_linked_in_a_bio)
def linked_condition_unpublished(world: World) -> None:
    unpublish(world, world.restless_legs)
