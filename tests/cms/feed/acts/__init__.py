"""The editorial acts, one function each, noted with what they do to the feed.

Through the admin's own views wherever Wagtail has one; `rows` are those that no view and no signal tells of. Not
here, since it is not installed: redirects, site settings, the API v3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import (
    nested_form_data,
    querydict_from_html,
    rich_text,
    streamfield,
)

from cms.conditions.models import ConditionPage
from tests.cms import admin as forms
from tests.cms.feed.conftest import World

MYOCLONUS, RESTLESS_LEGS = "Myoclonus", "Restless legs"
ANGMO, DORJE, DRAFT = "Dr Angmo Example", "Dr Dorje Example", "Dr Draft Example"
NEUROLOGY, SLEEP_MEDICINE, UNUSED = "Neurology", "Sleep medicine", "Unused"
CONDITIONS, DOCTORS = {MYOCLONUS, RESTLESS_LEGS}, {ANGMO, DORJE}
# Those that the migration writes, of pages in a place and without one.
PAGE_TEXTS = {f"{sort}{where}" for sort in ("Condition", "Specialty") for where in ("", " in a place")}
ALL_PAGES = CONDITIONS | DOCTORS
# Whoever names the condition: as related, by a link, as treated.
NAMING_MYOCLONUS = {RESTLESS_LEGS, ANGMO}
NEVER_PUBLIC = "(never public)"

Act = Callable[[World], object]
ACTS: list[Any] = []
_given: dict[Act, Act] = {}


def new(*names: set[str] | str) -> set[str]:
    """What comes into the feed."""
    return {f"+ {name}" for name in _each(names)}


def gone(*names: set[str] | str) -> set[str]:
    """What leaves a tombstone."""
    return {f"- {name}" for name in _each(names)}


def moves(*names: set[str] | str, given: Act | None = None) -> Callable[[Act], Act]:
    """Note an act, with the entities that it moves, and the act that has come before it."""
    moved = set(_each(names))

    def note(act: Act) -> Act:
        if given:
            _given[act] = given
        ACTS.append(pytest.param(act, moved, id=act.__name__))
        return act

    return note


def prepare(act: Act, world: World) -> None:
    """Have happen what comes before the act, and before that."""
    if given := _given.get(act):
        prepare(given, world)
        given(world)


def _each(names: Iterable[set[str] | str]) -> list[str]:
    return [one for name in names for one in (name if isinstance(name, set) else [name])]


# --- The admin.


def post(world: World, view: str, *args: Any, query: str = "", **data: Any) -> Any:
    """Send a form. Whatever the view, it sends the browser on when it has done it."""
    response = world.admin.post(reverse(view, args=args) + query, data)
    assert response.status_code == 302, forms.errors_of(response)
    return response


def add(world: World, parent: Page, model: str, data: dict[str, Any], action: str = "") -> None:
    """Send the form of a new page; `action` is like 'action-publish', none saves a draft."""
    response = forms.add_page(world.admin, parent, model, data | ({action: action} if action else {}))
    assert response.status_code == 302, forms.errors_of(response)


def opened(world: World, page: Page, revision: int | None = None, **changes: Any) -> QueryDict:
    """The edit form as a browser has it, or that of an older revision, with some of it changed."""
    view, args = "edit", [page.pk]
    if revision:
        view, args = "revisions_revert", [page.pk, revision]
    html = world.admin.get(reverse(f"wagtailadmin_pages:{view}", args=args)).content.decode()
    # A box without a value is sent as "on"; Wagtail's helper sends nothing, which is no tick.
    html = re.sub(r'<input type="checkbox"(?![^>]* value=)', '<input type="checkbox" value="on"', html)
    form: QueryDict = querydict_from_html(html, form_id="page-edit-form")
    if isinstance(page, ConditionPage):  # the editor's script makes these fields
        body = streamfield([("section", _sent(section.value)) for section in page.body])
        changes = nested_form_data({"body": body}) | changes
    for name, value in changes.items():
        form[name] = value
    return form


def _sent(section: Any) -> dict[str, Any]:
    """What the form sends of a section that has texts and images."""
    content = []
    for part in section["content"]:
        if part.block_type == "text":
            content.append(("text", rich_text(part.value.source)))
        else:
            image = part.value["image"]
            shown = {"image": image.pk, "alt_text": image.contextual_alt_text}
            content.append(("figure", {"image": shown, "caption": "", "credit": ""}))
    return forms.section_data(section["aspect"], section["heading"], content)


def send(world: World, page: Page, form: QueryDict, **headers: str) -> Any:
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    kind = "application/x-www-form-urlencoded"
    return world.admin.post(url, form.urlencode(), content_type=kind, headers=headers)


def edit(world: World, page: Page, action: str = "", revision: int | None = None, **changes: Any) -> None:
    """Open the edit form, change some of it, send it."""
    form = opened(world, page, revision, **changes)
    if action:
        form[action] = action
    response = send(world, page, form)
    assert response.status_code == 302, forms.errors_of(response)


def publish(world: World, page: Page, **changes: Any) -> None:
    edit(world, page, "action-publish", **changes)


def unpublish(world: World, page: Page, **data: Any) -> None:
    post(world, "wagtailadmin_pages:unpublish", page.pk, **data)


def delete(world: World, page: Page) -> None:
    post(world, "wagtailadmin_pages:delete", page.pk)


def move(world: World, page: Page, parent: Page) -> None:
    post(world, "wagtailadmin_pages:move_confirm", page.pk, parent.pk)


def copy(world: World, page: Page, slug: str, **data: Any) -> None:
    """Beside it, unless `new_parent_page` says otherwise."""
    fields = {"new_title": page.title, "new_slug": slug, "new_parent_page": page.get_parent().pk} | data
    post(world, "wagtailadmin_pages:copy", page.pk, **fields)


def bulk(world: World, action: str, *rows: Any, **data: Any) -> None:
    """What is ticked in a listing: pages, or snippets of one model."""
    model = (Page if isinstance(rows[0], Page) else type(rows[0]))._meta
    query = urlencode([("id", row.pk) for row in rows] + [("next", "/admin/")])
    args = (model.app_label, model.model_name, action)
    post(world, "wagtail_bulk_action", *args, query=f"?{query}", **data)


def restrict(world: World, page: Page, restriction_type: str, **data: Any) -> None:
    """'none' lifts the restriction."""
    url = reverse("wagtailadmin_pages:set_privacy", args=[page.pk])
    response = world.admin.post(url, {"restriction_type": restriction_type} | data)
    assert json.loads(response.content)["step"] == "set_privacy_done"


def snippet(world: World, view: str, *args: Any, **data: Any) -> None:
    """`view` is like 'doctors_practice:edit'."""
    post(world, f"wagtailsnippets_{view}", *args, **data)
