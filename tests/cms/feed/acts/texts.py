"""Texts of pages are changed, drafted, written in another language, taken away."""

from __future__ import annotations

from typing import Any

from cms.page_texts.models import PageTexts
from tests.cms import admin as forms
from tests.cms import factories
from tests.cms.feed.acts import gone, moves, new, post, snippet
from tests.cms.feed.conftest import World
from tests.cms.languages.translating import submit

IN_PLACE = "Condition in a place"


def texts(language: str = "en") -> Any:
    return PageTexts.objects.get(slug="condition-in-place", locale__language_code=language)


def edit(world: World, **changes: str) -> None:
    snippet(world, "page_texts_pagetexts:edit", texts().pk, **forms.page_texts_form(**changes))


@moves(IN_PLACE)
def texts_published(world: World) -> None:
    edit(world)
    assert texts().title == "{condition} in {place}: doctors"


@moves(given=texts_published)
def texts_published_unchanged(world: World) -> None:
    edit(world)


@moves(given=texts_published)
def texts_drafted(world: World) -> None:
    data = forms.page_texts_form(title="Draft: {condition} in {place}")
    del data["action-publish"]
    snippet(world, "page_texts_pagetexts:edit", texts().pk, **data)
    assert texts().has_unpublished_changes


@moves(IN_PLACE, "Condition")
def texts_changed_by_an_update(world: World) -> None:
    PageTexts.objects.filter(slug__startswith="condition").update(article_heading="{condition}")


@moves(gone(IN_PLACE))
def texts_unpublished(world: World) -> None:
    post(world, "wagtailsnippets_page_texts_pagetexts:unpublish", texts().pk)


@moves(gone(IN_PLACE))
def texts_deleted(world: World) -> None:
    snippet(world, "page_texts_pagetexts:delete", texts().pk)


@moves()
def texts_submitted_for_translation(world: World) -> None:
    assert not submit(world.admin, texts(), factories.make_locale("hi")).live


@moves(new(f"{IN_PLACE} (hi)"), given=texts_submitted_for_translation)
def texts_translated(world: World) -> None:
    snippet(world, "page_texts_pagetexts:edit", texts("hi").pk, **forms.page_texts_form())


@moves(new(f"{IN_PLACE} (hi)"))
def texts_written_in_another_language(world: World) -> None:
    factories.make_locale("hi")
    post(world, "wagtailsnippets_page_texts_pagetexts:add", query="?locale=hi", **forms.page_texts_form())
    assert texts("hi").translation_key == texts().translation_key
