"""The files, by the schemas of sitemaps.org and, for alternates, of Google's description."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

from search_service.sitemaps import files
from search_service.sitemaps.entries import Entry

_SITEMAP, _XHTML = "{http://www.sitemaps.org/schemas/sitemap/0.9}", "{http://www.w3.org/1999/xhtml}"
HOSTILE = "https://www.example.org/d?x=1&kind='c'&slug=%3C%2Floc%3E\"<>"


def checked(content: bytes) -> list[str]:
    """The addresses of a sitemap, or of an index of them. Fails where it is not as the schema has it."""
    assert content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert len(content) <= 50 * 1024 * 1024
    root = ElementTree.fromstring(content)
    child = {f"{_SITEMAP}urlset": "url", f"{_SITEMAP}sitemapindex": "sitemap"}[root.tag]
    assert 1 <= len(root) <= 50_000
    found = []
    for each in root:
        assert each.tag == f"{_SITEMAP}{child}"
        tags = "".join(part.tag.partition("}")[2][:2] for part in each)
        assert re.fullmatch("lo(la)?(li)*" if child == "url" else "lo(la)?", tags)
        location = each.findtext(f"{_SITEMAP}loc", "")
        assert 12 <= len(location) < 2048
        assert urlsplit(location).scheme in ("http", "https")
        found.append(location)
        if changed_at := each.findtext(f"{_SITEMAP}lastmod"):
            assert datetime.fromisoformat(changed_at).tzinfo is not None
        for link in each.findall(f"{_XHTML}link"):
            assert link.attrib.keys() == {"rel", "hreflang", "href"}
            assert link.attrib["rel"] == "alternate"
    assert len({*found}) == len(found)
    return found


def numbered(numbers: Iterable[int]) -> list[Entry]:
    return [Entry({"en": f"https://www.example.org/{n}"}, {"en": None}) for n in numbers]


def read(folder: Path, written: list[files.File]) -> list[list[str]]:
    return [checked(gzip.decompress((folder / file.name).read_bytes())) for file in written]


def test_so_many_urls_are_in_a_file(tmp_path: Path) -> None:
    for number, expected in ((0, []), (4, [4]), (5, [4, 1]), (12, [4, 4, 4])):
        folder = tmp_path / str(number)
        folder.mkdir()
        written = files.write(folder, numbered(range(number)), most_urls=4)
        assert [file.urls for file in written] == expected
        assert [file.name for file in written] == [f"{n + 1}.xml.gz" for n in range(len(expected))]
        assert [len(some) for some in read(folder, written)] == expected
        assert [url for some in read(folder, written) for url in some] == [
            entry.urls["en"] for entry in numbered(range(number))
        ]


def test_so_many_bytes_are_in_a_file(tmp_path: Path) -> None:
    written = files.write(tmp_path, numbered(range(100)), most_bytes=1_000)
    assert len(written) > 1
    for file, some in zip(written, read(tmp_path, written), strict=True):
        content = gzip.decompress((tmp_path / file.name).read_bytes())
        assert len(content) == file.bytes <= 1_000
        assert len(some) == file.urls


def test_what_is_not_ascii_or_has_signs_of_xml(tmp_path: Path) -> None:
    entry = Entry({"en": HOSTILE, "hi": HOSTILE + "2"}, {"en": None, "hi": "2026-10-02T08:00:00Z"})
    written = files.write(tmp_path, [entry])
    assert read(tmp_path, written) == [[HOSTILE, HOSTILE + "2"]]
    root = ElementTree.fromstring(gzip.decompress((tmp_path / "1.xml.gz").read_bytes()))
    links = [link.attrib["href"] for link in root[0].findall(f"{_XHTML}link")]
    assert links == [HOSTILE, HOSTILE + "2"]
    assert checked(files.index([(HOSTILE, "2026-11-22T10:00:00+00:00")])) == [HOSTILE]


def test_the_same_entries_make_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one, other = (files.write(folder, numbered(range(9))) for folder in (tmp_path, tmp_path / "other"))
    assert one == other
    # Whenever they were made: there is no time in the gzip header.
    assert (tmp_path / "1.xml.gz").read_bytes()[4:8] == bytes(4)
    assert files.write(tmp_path, numbered(range(8)))[0].digest != one[0].digest
