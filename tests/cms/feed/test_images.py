"""Images leave the CMS as small copies at absolute addresses."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.files.images import ImageFile
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from PIL import Image as Picture
from wagtail.images.models import Image, Rendition

from cms.feed.images import public_images
from tests.cms.factories import make_image

pytestmark = pytest.mark.django_db


def test_an_image_is_shown_small_and_by_an_absolute_address() -> None:
    image = make_image("Angmo", size=(1600, 1000))
    [shown] = public_images({"photo": (image.pk, "Dr Angmo")}).values()
    assert shown is not None
    assert (shown["width"], shown["height"], shown["alt"]) == (800, 500, "Dr Angmo")
    assert shown["url"].startswith("http://localhost:8000/media/images/")
    file = Path(settings.MEDIA_ROOT, urlsplit(shown["url"]).path.removeprefix("/media/"))
    with Picture.open(file) as picture:
        assert (picture.format, picture.size) == ("WEBP", (800, 500))


def test_a_small_image_is_not_blown_up() -> None:
    [shown] = public_images({0: (make_image(size=(30, 20)).pk, "")}).values()
    assert shown is not None
    assert (shown["width"], shown["height"]) == (30, 20)


def test_where_a_photograph_was_taken_is_not_told() -> None:
    file, exif = BytesIO(), Picture.Exif()
    exif[0x8825] = {1: "N", 2: (34.0, 9.0, 0.0)}
    Picture.new("RGB", (8, 8)).save(file, "JPEG", exif=exif)
    image = Image.objects.create(title="Photo", file=ImageFile(file, "photo.jpg"))
    public_images({0: (image.pk, "")})
    with Rendition.objects.get().file.open() as rendition, Picture.open(rendition) as picture:
        assert not picture.getexif()


def test_what_it_shows_is_said_for_it_or_by_itself() -> None:
    described, titled = make_image("One", description="A hand"), make_image("Two")
    shown = public_images(
        {
            "said": (described.pk, "Said"),
            "decoration": (described.pk, ""),
            "described": (described.pk, None),
            "titled": (titled.pk, None),
        }
    )
    assert [image and image["alt"] for image in shown.values()] == ["Said", "", "A hand", "Two"]


@override_settings(MEDIA_URL="https://media.example.org/cms/")
def test_another_store() -> None:
    [shown] = public_images({0: (make_image().pk, "")}).values()
    assert shown is not None
    assert shown["url"].startswith("https://media.example.org/cms/images/")


@pytest.mark.parametrize("content", [None, b"", b"GIF89a", b"<svg/>"])
def test_an_image_that_cannot_be_shown_is_none(content: bytes | None) -> None:
    """And does not take the others with it."""
    broken, whole = make_image(), make_image()
    if content is None:
        Path(broken.file.path).unlink()
    else:
        Path(broken.file.path).write_bytes(content)
    shown = public_images(
        {"none": (None, "x"), "gone": (999_999, "x"), "broken": (broken.pk, "x"), "whole": (whole.pk, "x")}
    )
    assert [name for name, image in shown.items() if image] == ["whole"]
    assert list(shown) == ["none", "gone", "broken", "whole"]


def test_a_truncated_file_is_none() -> None:
    image = make_image(size=(400, 400))
    path = Path(image.file.path)
    path.write_bytes(path.read_bytes()[:-100])
    assert public_images({0: (image.pk, "")}) == {0: None}


def test_as_many_queries_for_many_as_for_one() -> None:
    images = {number: (make_image().pk, "") for number in range(30)}
    made = public_images(images)
    queries = []
    for some in ({0: images[0]}, images):
        with CaptureQueriesContext(connection) as captured:
            shown = public_images(some)
        assert shown == {key: made[key] for key in some}
        queries.append(len(captured))
    assert queries == [2, 2]
    with CaptureQueriesContext(connection) as captured:
        assert public_images({0: (None, "")}) == {0: None}
    assert not captured.captured_queries


def test_an_image_that_another_process_replaced_is_shown_anew() -> None:
    image = make_image(size=(10, 10))
    [before] = public_images({0: (image.pk, "")}).values()
    Image.objects.get(pk=image.pk).get_rendition("max-800x800|format-webp")  # fills the process's cache
    new = make_image(size=(20, 20))
    # As a form in another process would: this one's cache is not told.
    Rendition.objects.filter(image=image)._raw_delete(using="default")
    Image.objects.filter(pk=image.pk).update(file=new.file.name, width=20, height=20)
    [after] = public_images({0: (image.pk, "")}).values()
    assert before
    assert after
    assert (before["width"], after["width"]) == (10, 20)
