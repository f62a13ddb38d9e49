"""Acts on what no document shows: images, collections, sites. They move nothing."""

from __future__ import annotations

import json
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image as Picture
from wagtail.images.models import Image
from wagtail.models import Collection, CollectionViewRestriction, Site

from tests.cms.feed.acts import moves, post
from tests.cms.feed.conftest import World


def picture(colour: str) -> SimpleUploadedFile:
    file = BytesIO()
    Picture.new("RGB", (8, 8), colour).save(file, "PNG")
    return SimpleUploadedFile(f"{colour}.png", file.getvalue(), "image/png")


def uploaded() -> Image:
    return Image.objects.get(title="Hospital")


@moves()
def image_uploaded(world: World) -> None:
    post(world, "wagtailimages:add", title="Hospital", file=picture("red"))
    uploaded()


@moves(given=image_uploaded)
def image_shown(world: World) -> None:
    uploaded().get_rendition("width-4|format-webp")


@moves(given=image_uploaded)
def image_replaced(world: World) -> None:
    post(world, "wagtailimages:edit", uploaded().pk, title="Clinic", file=picture("blue"))


@moves(given=image_uploaded)
def image_deleted(world: World) -> None:
    post(world, "wagtailimages:delete", uploaded().pk)


@moves()
def collection_made(world: World) -> None:
    parent = Collection.get_first_root_node()
    post(world, "wagtailadmin_collections:add", name="Pictures", parent=parent.pk)


def restrict_collection(world: World, restriction_type: str) -> None:
    collection = Collection.objects.get(name="Pictures")
    url = reverse("wagtailadmin_collections:set_privacy", args=[collection.pk])
    response = world.admin.post(url, {"restriction_type": restriction_type})
    assert json.loads(response.content)["step"] == "set_privacy_done"


@moves(given=collection_made)
def collection_made_private(world: World) -> None:
    restrict_collection(world, "login")
    assert CollectionViewRestriction.objects.exists()


@moves(given=collection_made_private)
def collection_made_public_again(world: World) -> None:
    restrict_collection(world, "none")
    assert not CollectionViewRestriction.objects.exists()


@moves(given=image_uploaded)
def images_put_into_a_collection_in_bulk(world: World) -> None:
    collection_made(world)
    image, collection = uploaded(), Collection.objects.get(name="Pictures")
    args = ("wagtailimages", "image", "add_to_collection")
    query = f"?id={image.pk}&next=/admin/"
    post(world, "wagtail_bulk_action", *args, query=query, collection=collection.pk)
    assert uploaded().collection == collection


@moves()
def host_name_of_the_site_changed(world: World) -> None:
    site = Site.objects.get()
    fields = {"port": 80, "site_name": "", "root_page": site.root_page_id, "is_default_site": "on"}
    for hostname in ("cms.example.org", site.hostname):
        post(world, "wagtailsites:edit", site.pk, hostname=hostname, **fields)
