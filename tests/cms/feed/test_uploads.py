"""What is uploaded as an image is one, of a kind that browsers show, and of a size that the server bears."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image as Picture
from wagtail.images.models import Image

from tests.cms.admin import errors_of

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def png(size: tuple[int, int] = (8, 8)) -> bytes:
    file = BytesIO()
    Picture.new("1", size).save(file, "PNG")
    return file.getvalue()


def bomb() -> bytes:
    """A few bytes that say they are 30,000 x 30,000 pixels."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunks = {b"IHDR": header, b"IDAT": zlib.compress(b"\0" * 100), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks.items()
    )


def photograph() -> bytes:
    file = BytesIO()
    Picture.effect_noise((64, 64), 50).save(file, "JPEG")
    return file.getvalue()


# What breaks off: after the signature, after the header, in the middle.
BROKEN = [
    pytest.param("a.png", png()[:8], id="signature"),
    pytest.param("a.png", png()[:33], id="header"),
    pytest.param("a.jpg", photograph()[:600], id="half"),
    pytest.param("a.gif", b"GIF89a", id="gif"),
]


def upload(client: Client, name: str, content: bytes) -> object:
    file = SimpleUploadedFile(name, content, "image/png")
    return client.post(reverse("wagtailimages:add"), {"title": "Picture", "file": file, "collection": 1})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.svg", SVG, "Not a supported image format"),
        ("a.png", SVG, "extension does not match"),
        ("a.png", b"<html><script>alert(1)</script>", "valid image"),
        ("a.png", b"", "empty"),
        ("a.html", png(), "Not a supported image format"),
        ("a.jpg", png(), "extension does not match"),
        ("a.bmp", png(), "Not a supported image format"),
        ("a.png", png((8_000, 6_000)), "too many pixels"),
        ("a.png", bomb(), "too many pixels"),
        ("a.png", png() + b"x" * 10 * 1024 * 1024, "too big"),
    ],
)
def test_what_is_not_fit_is_refused(admin_client: Client, name: str, content: bytes, said: str) -> None:
    assert said in errors_of(upload(admin_client, name, content))
    assert not Image.objects.exists()


def test_an_image_is_taken(admin_client: Client) -> None:
    upload(admin_client, "a.png", png())
    assert Image.objects.get().width == 8


@pytest.mark.parametrize(("name", "content"), BROKEN)
def test_what_breaks_off_is_refused(admin_client: Client, name: str, content: bytes) -> None:
    assert "either not an image or a corrupted image" in errors_of(upload(admin_client, name, content))
    assert not Image.objects.exists()


@pytest.mark.parametrize(("name", "content"), BROKEN)
@pytest.mark.parametrize(
    ("view", "field"),
    [
        ("wagtailimages:add_multiple", "files[]"),
        ("wagtailimages_chooser:create", "image-chooser-upload-file"),
    ],
)
def test_nor_among_several_or_in_the_chooser(
    admin_client: Client, view: str, field: str, name: str, content: bytes
) -> None:
    file = SimpleUploadedFile(name, content, "image/png")
    data = {"image-chooser-upload-title": "Picture", "image-chooser-upload-collection": 1, field: file}
    response = admin_client.post(reverse(view), data, headers={"x-requested-with": "XMLHttpRequest"})
    assert response.status_code == 200
    assert "either not an image or a corrupted image" in response.content.decode()
    assert not Image.objects.exists()


def test_a_whole_one_is_taken_in_the_place_of_another(admin_client: Client) -> None:
    upload(admin_client, "a.png", png())
    url = reverse("wagtailimages:edit", args=[Image.objects.get().pk])
    broken = SimpleUploadedFile("b.png", png()[:33], "image/png")
    assert "corrupted" in errors_of(admin_client.post(url, {"title": "B", "file": broken, "collection": 1}))
    whole = SimpleUploadedFile("b.png", png((9, 9)), "image/png")
    assert admin_client.post(url, {"title": "B", "file": whole, "collection": 1}).status_code == 302
    assert Image.objects.get().width == 9
