"""Images that an article shows."""

from __future__ import annotations

from wagtail.images.models import Image, Rendition
from wagtail.models import Collection

from cms.conditions.models import RelatedCondition
from tests.cms.feed.acts import (
    ANGMO,
    MYOCLONUS,
    RESTLESS_LEGS,
    delete,
    gone,
    moves,
    post,
    publish,
    unpublish,
)
from tests.cms.feed.acts.beside import picture
from tests.cms.feed.conftest import World


@moves(RESTLESS_LEGS)
def shown_image_replaced(world: World) -> None:
    file = picture("green")
    post(world, "wagtailimages:edit", world.picture.pk, title="Picture", file=file, collection=1)


@moves(RESTLESS_LEGS)
def shown_image_retitled(world: World) -> None:
    post(world, "wagtailimages:edit", world.picture.pk, title="Another title", collection=1)


@moves(RESTLESS_LEGS)
def shown_image_described_by_an_update(world: World) -> None:
    Image.objects.filter(pk=world.picture.pk).update(description="A leg")


@moves()
def shown_image_filed_elsewhere(world: World) -> None:
    collection = Collection.get_first_root_node().add_child(name="Pictures")
    Image.objects.filter(pk=world.picture.pk).update(collection=collection)


@moves(RESTLESS_LEGS)
def shown_image_deleted(world: World) -> None:
    post(world, "wagtailimages:delete", world.picture.pk)
    assert not Image.objects.exists()


@moves(RESTLESS_LEGS)
def renditions_purged(world: World) -> None:
    assert Rendition.objects.filter(image=world.picture).delete()[0] > 0


@moves(gone(RESTLESS_LEGS))
def article_with_an_image_unpublished(world: World) -> None:
    unpublish(world, world.restless_legs)


@moves(given=article_with_an_image_unpublished)
def image_of_an_unpublished_article_deleted(world: World) -> None:
    post(world, "wagtailimages:delete", world.picture.pk)


@moves(RESTLESS_LEGS)
def article_with_an_image_published_again(world: World) -> None:
    publish(world, world.restless_legs)


@moves(RESTLESS_LEGS)
def related_no_more(world: World) -> None:
    RelatedCondition.objects.all().delete()


@moves(gone(MYOCLONUS), RESTLESS_LEGS, ANGMO, given=related_no_more)
def page_that_is_only_linked_deleted(world: World) -> None:
    delete(world, world.myoclonus)
