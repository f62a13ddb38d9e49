"""Images as documents show them: scaled-down copies ("renditions") at absolute addresses.

Renditions are made when an image has been saved, so that reading the feed writes nothing, and waits for no editor who
does; those that are missing all the same, when a document is read. They are WebP: Willow writes that without
EXIF, so that where a photograph was taken does not leave the CMS.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any, TypeVar
from urllib.parse import urljoin

from django.conf import settings
from django.db import DatabaseError, transaction
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage, AbstractRendition, Filter

logger = logging.getLogger(__name__)

# As contracts/feed/v1/common.schema.json#/$defs/image.
PublicImage = dict[str, Any]
K = TypeVar("K")

FILTER = "max-800x800|format-webp"
# Of a person: the part around the focal point.
PORTRAIT = "fill-400x400|format-webp"
# A telephone, a column of text, the same on a screen of twice the density.
WIDTHS = tuple(f"width-{width}|format-webp" for width in (400, 800, 1600))


def public_images(
    images: Mapping[K, tuple[int | None, str | None]],
    found: dict[int, list[AbstractRendition]] | None = None,
) -> dict[K, PublicImage | None]:
    """Each image, given as (primary key, what it shows), as `{"url", "width", "height", "alt"}`, under its key.

    At most 800 pixels wide and high. None as primary key, an image that is gone, and one whose file cannot be
    read come out as None; None in the place of what it shows is for the image's own description or title. As
    many queries for a thousand images as for one, once their renditions are there; none if `found` has these, as
    `renditions` gives them.
    """
    if found is None:
        found = renditions((pk for pk, _ in images.values() if pk is not None), FILTER)
    return {
        key: public_image(found[pk][0], alt) if pk in found else None for key, (pk, alt) in images.items()
    }


@dataclass(frozen=True)
class Picture:
    """An image in an article, in several widths, the narrowest first."""

    renditions: list[AbstractRendition]

    @property
    def default_alt(self) -> str:
        return str(self.renditions[0].image.default_alt_text)

    def html(self, alt: str) -> str:
        """An `<img>` that leaves the choice of the width to the browser."""
        widest, middle = self.renditions[-1], self.renditions[min(1, len(self.renditions) - 1)]
        attributes = {"src": address(middle), "width": middle.width, "height": middle.height, "alt": alt}
        if widest is not self.renditions[0]:
            attributes["srcset"] = ", ".join(f"{address(one)} {one.width}w" for one in self.renditions)
            attributes["sizes"] = f"(min-width: {middle.width}px) {middle.width}px, 100vw"
        written = "".join(f' {name}="{escape(str(value))}"' for name, value in attributes.items())
        return f'<img{written} loading="lazy">'


def pictures(images: Iterable[int]) -> dict[int, Picture]:
    """Of each of these images (by primary key), what an article shows; without those that cannot be shown."""
    found = renditions(images, *WIDTHS)
    # A small image is the same in several widths; a dict keeps the last.
    return {
        pk: Picture(list({one.width: one for one in reversed(made)}.values())[::-1])
        for pk, made in found.items()
    }


def public_image(rendition: AbstractRendition, alt: str | None) -> PublicImage:
    return {
        "url": address(rendition),
        "width": rendition.width,
        "height": rendition.height,
        "alt": rendition.image.default_alt_text if alt is None else alt,
    }


def address(rendition: AbstractRendition) -> str:
    url: str = rendition.url
    return urljoin(f"{settings.BASE_URL}/", url)


def renditions(images: Iterable[int], *specs: str) -> dict[int, list[AbstractRendition]]:
    """Of each of these images (by primary key), a rendition per filter; without the images that have none."""
    wanted = set(images)
    if not wanted:
        return {}
    filters = [Filter(spec) for spec in specs]
    rows = get_image_model().objects.filter(pk__in=wanted).prefetch_renditions(*filters)
    return {image.pk: made for image in rows if (made := _renditions(image, filters))}


def _renditions(image: AbstractImage, filters: list[Filter]) -> list[AbstractRendition]:
    # Not get_rendition(): it believes its process's cache, which another process's upload does not reach.
    found = image.find_existing_renditions(*filters)
    try:
        return [found.get(one) or image.create_rendition(one) for one in filters]
    except DatabaseError:
        raise
    except Exception:  # whatever is wrong with one file, the other documents must go on
        logger.exception("The image %s %r cannot be shown", image.pk, image.title)
        return []


def make_renditions(instance: AbstractImage, *, raw: bool, **kwargs: Any) -> None:
    """Receiver of post_save: once the image is committed, whatever documents may show of it is there."""
    if not raw:
        # Robust: the image is saved, and what fails here is tried again by whoever reads the document.
        transaction.on_commit(partial(renditions, [instance.pk], FILTER, PORTRAIT, *WIDTHS), robust=True)
