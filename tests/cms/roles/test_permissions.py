"""What each role sees in the admin, what it can do, and what it is refused: through the admin's own views."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from PIL import Image as Picture
from wagtail.images.models import Image
from wagtail.models import Page

from cms.conditions.models import ConditionPage
from cms.doctors.models import DoctorPage
from cms.doctors.practices import Practice
from cms.page_texts.models import PageTexts
from cms.roles.groups import DIRECTORY_MANAGERS, EDITORS, GROUPS, MEDICAL_REVIEWERS, PUBLISHERS
from cms.taxonomy.models import Specialty
from tests.cms import admin as forms
from tests.cms import factories

pytestmark = pytest.mark.django_db

# `nobody` is in no group; `anonymous` has not logged in.
SUPERUSER, NOBODY, ANONYMOUS = "superuser", "nobody", "anonymous"
STAFF = {*GROUPS, SUPERUSER}
ROLES = [*GROUPS, SUPERUSER, NOBODY, ANONYMOUS]


def client_of(role: str) -> Client:
    client = Client()
    if role == SUPERUSER:
        client.force_login(User.objects.create_superuser("user"))
    elif role != ANONYMOUS:
        user = User.objects.create_user("user")
        user.groups.set(Group.objects.filter(name=role))
        client.force_login(user)
    return client


def is_refused(response: Any) -> bool:
    """Wagtail refuses by sending the browser to the dashboard, or to the login."""
    home, login = reverse("wagtailadmin_home"), reverse("wagtailadmin_login")
    if response.status_code == 302:
        return bool(response.url == home or response.url.startswith(login))
    return bool(response.status_code == 403)


# --- The menu

OF_ARTICLES = {"Reports > Reviews due"}
OF_DOCTORS = {"Doctors", "Reports > Possible duplicates"}
SEEN = {
    EDITORS: {"Pages", "Images", "Page texts"} | OF_ARTICLES,
    MEDICAL_REVIEWERS: {"Pages", "Images", "Reviewers"} | OF_ARTICLES,
    DIRECTORY_MANAGERS: {"Pages", "Images", "Practices"} | OF_DOCTORS,
    PUBLISHERS: {"Pages", "Specialties", "Page texts", "Reports > Search service"} | OF_ARTICLES | OF_DOCTORS,
}
OF_ADMINISTRATORS = {f"Settings > {name}" for name in ("Users", "Groups", "Sites", "Locales", "Workflows")}
SEEN[SUPERUSER] = set().union(*SEEN.values()) | OF_ADMINISTRATORS


def menu_of(client: Client) -> set[str]:
    page = BeautifulSoup(client.get(reverse("wagtailadmin_home")).content, "html.parser")
    (props,) = page.select("#wagtail-sidebar-props")

    def names(items: Iterable[Any], before: str = "") -> set[str]:
        found = set()
        for item in items:
            options, *rest = item["_args"]
            inside = rest[0] if item["_type"].endswith("SubMenuItem") else []
            found |= {before + options["label"]} | names(inside, f"{before}{options['label']} > ")
        return found

    for module in json.loads(props.string or "")["modules"]:
        if module["_type"].endswith("MainMenuModule"):
            return names(module["_args"][0])
    raise AssertionError("no menu")


@pytest.mark.parametrize("role", sorted(STAFF))
def test_each_sees_its_own_menu(role: str) -> None:
    # Of what else there is, Wagtail's reports, nothing is special to a role.
    assert menu_of(client_of(role)) & SEEN[SUPERUSER] == SEEN[role]


@pytest.mark.parametrize("role", [NOBODY, ANONYMOUS])
def test_strangers_do_not_enter(role: str) -> None:
    assert is_refused(client_of(role).get(reverse("wagtailadmin_home")))


# --- What is there to do it to


@dataclass
class World:
    article: ConditionPage
    draft: ConditionPage
    in_review: ConditionPage
    doctor: DoctorPage
    other_doctor: DoctorPage
    practice: Practice
    specialty: Specialty
    texts: PageTexts
    reviewer: Any
    group: Group
    client: Client


@pytest.fixture
def world() -> World:
    practice = factories.make_practice()
    specialty = factories.make_specialty("Neurology", slug="neurology")
    in_review = factories.make_condition("Asthma", slug="asthma", live=False)
    in_review.save_revision()
    reviewers = Group.objects.get(name=MEDICAL_REVIEWERS)
    in_review.get_workflow().start(in_review, User.objects.create(username="author"))
    return World(
        article=factories.make_condition("Myoclonus", slug="myoclonus"),
        draft=factories.make_condition("Migraine", slug="migraine", live=False),
        in_review=in_review,
        doctor=factories.make_doctor("Dr Example One", slug="one"),
        other_doctor=factories.make_doctor("Dr Example Two", slug="two", live=False),
        practice=practice,
        specialty=specialty,
        texts=PageTexts.objects.get(slug="condition-in-place"),
        reviewer=factories.make_reviewer(),
        group=reviewers,
        client=Client(),
    )


# --- Pages of the admin, and who may open them

At = Callable[[World], list[Any]]
VIEWS: list[tuple[str, At, set[str]]] = [
    ("wagtailadmin_explore_root", lambda w: [], STAFF),
    ("wagtailadmin_pages:edit", lambda w: [w.article.pk], STAFF - {DIRECTORY_MANAGERS}),
    ("wagtailadmin_pages:edit", lambda w: [w.doctor.pk], {DIRECTORY_MANAGERS, PUBLISHERS, SUPERUSER}),
    ("wagtailadmin_pages:edit", lambda w: [factories.doctor_index().pk], {SUPERUSER}),
    ("wagtailadmin_pages:edit", lambda w: [factories.home_page().pk], {SUPERUSER}),
    (
        "wagtailadmin_pages:add",
        lambda w: ["conditions", "conditionpage", factories.condition_index().pk],
        {EDITORS, SUPERUSER},
    ),
    (
        "wagtailadmin_pages:add",
        lambda w: ["doctors", "doctorpage", factories.doctor_index().pk],
        {DIRECTORY_MANAGERS, SUPERUSER},
    ),
    ("wagtailadmin_pages:delete", lambda w: [w.article.pk], {PUBLISHERS, SUPERUSER}),
    ("wagtailadmin_pages:delete", lambda w: [w.doctor.pk], {DIRECTORY_MANAGERS, PUBLISHERS, SUPERUSER}),
    ("wagtailadmin_pages:delete", lambda w: [factories.doctor_index().pk], {SUPERUSER}),
    ("wagtailadmin_pages:unpublish", lambda w: [factories.doctor_index().pk], {SUPERUSER}),
    ("wagtailadmin_pages:move", lambda w: [factories.doctor_index().pk], {SUPERUSER}),
    ("wagtailadmin_pages:set_privacy", lambda w: [w.article.pk], {PUBLISHERS, SUPERUSER}),
    (
        "wagtailadmin_pages:set_privacy",
        lambda w: [w.doctor.pk],
        {DIRECTORY_MANAGERS, PUBLISHERS, SUPERUSER},
    ),
    ("doctors:index", lambda w: [], {DIRECTORY_MANAGERS, PUBLISHERS, SUPERUSER}),
    ("doctor_duplicates", lambda w: [], {DIRECTORY_MANAGERS, PUBLISHERS, SUPERUSER}),
    ("reviews_due", lambda w: [], STAFF - {DIRECTORY_MANAGERS}),
    ("wagtailsnippets_doctors_practice:list", lambda w: [], {DIRECTORY_MANAGERS, SUPERUSER}),
    ("wagtailsnippets_doctors_practice:add", lambda w: [], {DIRECTORY_MANAGERS, SUPERUSER}),
    ("wagtailsnippets_doctors_practice:edit", lambda w: [w.practice.pk], {DIRECTORY_MANAGERS, SUPERUSER}),
    ("wagtailsnippets_doctors_practice:delete", lambda w: [w.practice.pk], {DIRECTORY_MANAGERS, SUPERUSER}),
    ("wagtailsnippets_taxonomy_specialty:list", lambda w: [], {PUBLISHERS, SUPERUSER}),
    ("wagtailsnippets_taxonomy_specialty:add", lambda w: [], {PUBLISHERS, SUPERUSER}),
    ("wagtailsnippets_taxonomy_specialty:edit", lambda w: [w.specialty.pk], {PUBLISHERS, SUPERUSER}),
    ("wagtailsnippets_page_texts_pagetexts:list", lambda w: [], {EDITORS, PUBLISHERS, SUPERUSER}),
    ("wagtailsnippets_page_texts_pagetexts:add", lambda w: [], {EDITORS, PUBLISHERS, SUPERUSER}),
    ("wagtailsnippets_page_texts_pagetexts:edit", lambda w: [w.texts.pk], {EDITORS, PUBLISHERS, SUPERUSER}),
    ("wagtailsnippets_page_texts_pagetexts:delete", lambda w: [w.texts.pk], {PUBLISHERS, SUPERUSER}),
    # To be chosen for an article or a doctor.
    ("wagtailsnippetchoosers_taxonomy_specialty:choose", lambda w: [], STAFF),
    ("wagtailsnippetchoosers_doctors_practice:choose", lambda w: [], STAFF),
    ("wagtailimages:index", lambda w: [], STAFF - {PUBLISHERS}),
    ("wagtailimages:add", lambda w: [], STAFF - {PUBLISHERS}),
    ("wagtailimages_chooser:choose", lambda w: [], STAFF),
    ("wagtaildocs:index", lambda w: [], {SUPERUSER}),
    ("search_status:report", lambda w: [], {PUBLISHERS, SUPERUSER}),
    ("search_status:rebuild", lambda w: [], {PUBLISHERS, SUPERUSER}),
    ("wagtailusers_users:index", lambda w: [], {SUPERUSER}),
    ("wagtailusers_groups:edit", lambda w: [w.group.pk], {SUPERUSER}),
    ("wagtaillocales:index", lambda w: [], {SUPERUSER}),
    ("wagtailadmin_workflows:index", lambda w: [], {SUPERUSER}),
    ("wagtailsites:index", lambda w: [], {SUPERUSER}),
    ("wagtailadmin_collections:index", lambda w: [], {SUPERUSER}),
]


@pytest.mark.parametrize("role", ROLES)
def test_each_opens_what_it_needs_and_nothing_else(role: str, world: World) -> None:
    client = client_of(role)
    may, should = {}, {}
    for number, (view, at, roles) in enumerate(VIEWS):
        response = client.get(reverse(view, args=at(world)))
        assert response.status_code < 400 or response.status_code == 403, (view, response.status_code)
        may[number, view] = not is_refused(response)
        should[number, view] = role in roles
    assert may == should


# --- Acts, and who may do them: each says whether it was done


def write_article(world: World) -> bool:
    data = forms.condition_form(title="Tremor", slug="tremor")
    forms.add_page(world.client, factories.condition_index(), "conditions.conditionpage", data)
    return bool(ConditionPage.objects.filter(slug="tremor").exists())


def write_and_publish_article(world: World) -> bool:
    data = forms.condition_form(title="Tremor", slug="tremor") | forms.PUBLISH
    forms.add_page(world.client, factories.condition_index(), "conditions.conditionpage", data)
    return bool(ConditionPage.objects.filter(slug="tremor", live=True).exists())


def change_article(world: World) -> bool:
    return edited(world, world.article, forms.condition_form(slug="myoclonus", title="Jerks"))


def submit_article(world: World) -> bool:
    data = forms.condition_form(slug="migraine", title="Migraine") | {"action-submit": "action-submit"}
    edited(world, world.draft, data)
    return bool(Page.objects.get(pk=world.draft.pk).workflow_in_progress)


def approve_article(world: World) -> bool:
    state = world.in_review.current_workflow_task_state
    url = reverse("wagtailadmin_pages:workflow_action", args=[world.in_review.pk, "approve", state.pk])
    world.client.post(url, {"comment": ""})
    state.refresh_from_db()
    # Its approval publishes it.
    return bool(state.status == state.STATUS_APPROVED and Page.objects.get(pk=world.in_review.pk).live)


def lock_article(world: World) -> bool:
    return bool(posted(world, "wagtailadmin_pages:lock", world.article).locked)


def unpublish_article(world: World) -> bool:
    return bool(not posted(world, "wagtailadmin_pages:unpublish", world.article).live)


def delete_article(world: World) -> bool:
    world.client.post(reverse("wagtailadmin_pages:delete", args=[world.article.pk]))
    return bool(not Page.objects.filter(pk=world.article.pk).exists())


def make_article_private(world: World) -> bool:
    page = posted(world, "wagtailadmin_pages:set_privacy", world.article, restriction_type="login")
    return bool(page.get_view_restrictions().exists())


def add_doctor(world: World) -> bool:
    data = forms.doctor_form() | forms.PUBLISH
    forms.add_page(world.client, factories.doctor_index(), "doctors.doctorpage", data)
    return bool(DoctorPage.objects.filter(slug="dr-example-one", live=True).exists())


def publish_doctor(world: World) -> bool:
    data = forms.doctor_form(slug="two", title="Dr Two") | forms.PUBLISH
    edited(world, world.other_doctor, data)
    return bool(Page.objects.get(pk=world.other_doctor.pk).live)


def schedule_doctor(world: World) -> bool:
    data = forms.doctor_form(slug="two", go_live_at="2099-01-01 10:00") | forms.PUBLISH
    edited(world, world.other_doctor, data)
    return bool(Page.objects.get(pk=world.other_doctor.pk).approved_schedule)


def publish_doctors_in_bulk(world: World) -> bool:
    bulk(world, "publish", world.other_doctor)
    return bool(Page.objects.get(pk=world.other_doctor.pk).live)


def delete_doctors_in_bulk(world: World) -> bool:
    bulk(world, "delete", world.doctor, world.other_doctor)
    return bool(not DoctorPage.objects.exists())


def unpublish_all_doctors_by_their_folder(world: World) -> bool:
    bulk(world, "unpublish", factories.doctor_index(), include_descendants="on")
    return bool(not Page.objects.get(pk=world.doctor.pk).live)


def delete_empty_folder(world: World) -> bool:
    DoctorPage.objects.all().delete()
    folder = factories.doctor_index()
    world.client.post(reverse("wagtailadmin_pages:delete", args=[folder.pk]))
    return bool(not Page.objects.filter(pk=folder.pk).exists())


def change_practice(world: World) -> bool:
    url = reverse("wagtailsnippets_doctors_practice:edit", args=[world.practice.pk])
    world.client.post(url, forms.practice_form(name="Renamed"))
    return bool(Practice.objects.filter(name="Renamed").exists())


def rename_specialty(world: World) -> bool:
    url = reverse("wagtailsnippets_taxonomy_specialty:edit", args=[world.specialty.pk])
    world.client.post(url, forms.specialty_form(name="Renamed"))
    return bool(Specialty.objects.filter(name="Renamed").exists())


def draft_texts(world: World) -> bool:
    data = forms.page_texts_form(title="Draft: {condition} in {place}")
    del data["action-publish"]
    url = reverse("wagtailsnippets_page_texts_pagetexts:edit", args=[world.texts.pk])
    world.client.post(url, data)
    return bool(PageTexts.objects.get(pk=world.texts.pk).has_unpublished_changes)


def publish_texts(world: World) -> bool:
    url = reverse("wagtailsnippets_page_texts_pagetexts:edit", args=[world.texts.pk])
    world.client.post(url, forms.page_texts_form(title="Renamed: {condition} in {place}"))
    return PageTexts.objects.filter(title__startswith="Renamed").exists()


def delete_reviewer(world: World) -> bool:
    options = world.reviewer._meta
    view = f"wagtailsnippets_{options.app_label}_{options.model_name}:delete"
    world.client.post(reverse(view, args=[world.reviewer.pk]))
    return bool(not type(world.reviewer).objects.filter(pk=world.reviewer.pk).exists())


def add_image(world: World) -> bool:
    picture = BytesIO()
    Picture.new("RGB", (2, 2)).save(picture, "png")
    file = SimpleUploadedFile("a.png", picture.getvalue(), "image/png")
    root = {"collection": 1, "title": "A picture", "description": "", "tags": ""}
    focus = dict.fromkeys((f"focal_point_{name}" for name in ("x", "y", "width", "height")), "")
    world.client.post(reverse("wagtailimages:add"), root | focus | {"file": file})
    return bool(Image.objects.exists())


def edited(world: World, page: Page, data: dict[str, Any]) -> bool:
    """Whether it got another revision."""
    before = page.latest_revision_id
    world.client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)
    return bool(Page.objects.get(pk=page.pk).latest_revision_id != before)


def posted(world: World, view: str, page: Page, **data: str) -> Any:
    world.client.post(reverse(view, args=[page.pk]), data)
    return Page.objects.get(pk=page.pk)


def bulk(world: World, action: str, *pages: Page, **data: str) -> None:
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    ids = "&".join(f"id={page.pk}" for page in pages)
    world.client.post(f"{url}?{ids}&next=/admin/", data)


OF_DOCTORS = {DIRECTORY_MANAGERS, PUBLISHERS, SUPERUSER}
ACTS: list[tuple[Callable[[World], bool], set[str]]] = [
    (write_article, {EDITORS, SUPERUSER}),
    (change_article, STAFF - {DIRECTORY_MANAGERS}),
    (submit_article, STAFF - {DIRECTORY_MANAGERS}),
    (approve_article, {MEDICAL_REVIEWERS, SUPERUSER}),
    (write_and_publish_article, {SUPERUSER}),
    (lock_article, {MEDICAL_REVIEWERS, PUBLISHERS, SUPERUSER}),
    (unpublish_article, {PUBLISHERS, SUPERUSER}),
    (delete_article, {PUBLISHERS, SUPERUSER}),
    (make_article_private, {PUBLISHERS, SUPERUSER}),
    (add_doctor, {DIRECTORY_MANAGERS, SUPERUSER}),
    (publish_doctor, OF_DOCTORS),
    (schedule_doctor, OF_DOCTORS),
    (publish_doctors_in_bulk, OF_DOCTORS),
    (delete_doctors_in_bulk, OF_DOCTORS),
    (unpublish_all_doctors_by_their_folder, {SUPERUSER}),
    (delete_empty_folder, {SUPERUSER}),
    (change_practice, {DIRECTORY_MANAGERS, SUPERUSER}),
    (rename_specialty, {PUBLISHERS, SUPERUSER}),
    (draft_texts, {EDITORS, PUBLISHERS, SUPERUSER}),
    (publish_texts, {PUBLISHERS, SUPERUSER}),
    (delete_reviewer, {MEDICAL_REVIEWERS, SUPERUSER}),
    (add_image, STAFF - {PUBLISHERS}),
]


@pytest.mark.parametrize("role", ROLES)
def test_each_does_what_it_needs_and_nothing_else(role: str, world: World) -> None:
    world.client = client_of(role)
    did, should = {}, {}
    for act, roles in ACTS:
        with transaction.atomic():
            did[act.__name__] = act(world)
            transaction.set_rollback(True)
        should[act.__name__] = role in roles
    assert did == should
