"""The world of the API's tests, and sitemaps of it in a folder of their own."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from search_service import stores
from search_service.sitemaps.sets import Sets
from tests.search_service.api.conftest import get, published

__all__ = ["get", "published"]

SITE = "https://www.example.org"
Json = dict[str, Any]
Build = Callable[[], None]
Read = Callable[[], Json]


@pytest.fixture
def sitemaps(tmp_path: Path, settings: Settings, published: object) -> Iterator[Sets]:
    """Of this process, where nothing has been built."""
    settings.HAS_SITEMAPS, settings.SITEMAPS_DIR = True, tmp_path / "sitemaps"
    settings.PAGE_URL = SITE + "/doctors/{slug}{/place}/{?locale}"
    settings.SITEMAPS_URL = SITE + "/"
    settings.INDEXABLE_MIN_DOCTORS = 2
    stores.sitemaps.cache_clear()
    stores.page_urls.cache_clear()
    yield stores.sitemaps()
    stores.sitemaps.cache_clear()
    stores.page_urls.cache_clear()


@pytest.fixture
def build(sitemaps: Sets) -> Build:
    def build() -> None:
        call_command("build_sitemaps", verbosity=0)

    return build


@pytest.fixture
def read(client: Client) -> Read:
    """All that crawlers find, as they go: by address, the time of change and the alternates."""

    def read() -> Json:
        found: Json = {}
        for address in texts(client.get("/sitemap.xml").content, ".//{*}loc"):
            assert address.startswith(SITE)
            answer = client.get(address.removeprefix(SITE))
            assert answer.status_code == 200, address
            for url in ElementTree.fromstring(gzip.decompress(answer.content)):
                links = {link.attrib["hreflang"]: link.attrib["href"] for link in url.findall("{*}link")}
                location = url.findtext("{*}loc", "")
                assert location not in found
                found[location] = (url.findtext("{*}lastmod"), links)
        return found

    return read


def texts(xml: bytes, path: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(xml).findall(path)]
