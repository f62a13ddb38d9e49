"""The files that crawlers read, by https://www.sitemaps.org/protocol.html, with alternates as Google reads them."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, NamedTuple, Self

from search_service.sitemaps.entries import Entry

# Of a file, uncompressed, by the protocol.
MOST_URLS, MOST_BYTES = 50_000, 50 * 1024 * 1024

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_BEGIN = f'{_DECLARATION}<urlset xmlns="{_NAMESPACE}" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'.encode()
_END = b"</urlset>\n"
# 9 takes three times as long for a few per cent.
_LEVEL = 6
_BUFFER = 1 << 16
_ESCAPES = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&apos;")]


class File(NamedTuple):
    """Of so many URLs and, before it was compressed, bytes. `digest` is of its bytes as they are."""

    name: str
    urls: int
    bytes: int
    digest: str


def write(
    folder: Path, entries: Iterable[Entry], *, most_urls: int = MOST_URLS, most_bytes: int = MOST_BYTES
) -> list[File]:
    """All entries, in order, in as few files as hold them (`1.xml.gz` and so on). The same entries make the same bytes."""
    files: list[File] = []
    with ExitStack() as stack:
        current: _Open | None = None
        for element in (element for entry in entries for element in _elements(entry)):
            if current and not current.has_room(element, most_urls, most_bytes):
                files.append(current.finish())
                current = None
            current = current or stack.enter_context(_Open(folder / f"{len(files) + 1}.xml.gz"))
            current.add(element)
        if current:
            files.append(current.finish())
    return files


class _Open:
    """A file that is being written."""

    def __init__(self, path: Path) -> None:
        self._path, self._urls, self._bytes = path, 0, 0

    def __enter__(self) -> Self:
        self._file: IO[bytes] = self._path.open("wb")
        # Neither the time nor the name of the file is in it.
        self._gzip = io.BufferedWriter(gzip.GzipFile("", "wb", _LEVEL, self._file, mtime=0), _BUFFER)
        self._put(_BEGIN)
        return self

    def __exit__(self, *error: object) -> None:
        self._gzip.close()
        self._file.close()

    def has_room(self, element: bytes, most_urls: int, most_bytes: int) -> bool:
        return self._urls < most_urls and self._bytes + len(element) + len(_END) <= most_bytes

    def add(self, element: bytes) -> None:
        self._put(element)
        self._urls += 1

    def finish(self) -> File:
        self._put(_END)
        self.__exit__()
        return File(self._path.name, self._urls, self._bytes, digest(self._path.read_bytes()))

    def _put(self, text: bytes) -> None:
        self._gzip.write(text)
        self._bytes += len(text)


def digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def index(files: Iterable[tuple[str, str]]) -> bytes:
    """Of files by address, each with when it changed last (ISO 8601)."""
    lines = "".join(
        f"<sitemap><loc>{_escaped(url)}</loc><lastmod>{changed_at}</lastmod></sitemap>\n"
        for url, changed_at in files
    )
    return f'{_DECLARATION}<sitemapindex xmlns="{_NAMESPACE}">\n{lines}</sitemapindex>\n'.encode()


def _elements(entry: Entry) -> Iterator[bytes]:
    urls = {locale: _escaped(url) for locale, url in entry.urls.items()}
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{_escaped(locale)}" href="{url}"/>'
        for locale, url in urls.items()
    )
    for locale, url in urls.items():
        lastmod = entry.lastmods[locale]
        changed = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
        # One language has no alternates.
        yield f"<url><loc>{url}</loc>{changed}{links if len(urls) > 1 else ''}</url>\n".encode()


def _escaped(text: str) -> str:
    for sign, name in _ESCAPES:
        text = text.replace(sign, name)
    return text
