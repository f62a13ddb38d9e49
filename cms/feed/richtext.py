"""Rich text as it leaves the CMS: HTML that is safe to show, in which no link can break.

A link to a page becomes `<a data-id="<uuid>" data-kind="condition" data-slug="myoclonus">` when that page
is an entity that the public may see, and plain text when not. There is no `href`: where an entity is
shown is for the reader of the feed to know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from html.parser import HTMLParser
from typing import TypeVar

from wagtail.models import Page

from cms.feed.kinds import kinds

_BLOCKS = {"blockquote", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "ul"}
_PLAIN = _BLOCKS | {"b", "em", "i", "strong", "sub", "sup"}
_VOID = {"br", "hr"}
_NOT_TEXT = {"script", "style"}
_SAFE_URL = re.compile(r"(?:https?://|mailto:|tel:)[^\s\x00-\x1f]+", re.IGNORECASE)
_LINK = re.compile(r"<a\b[^>]*>", re.IGNORECASE)
_PAGE_ID = re.compile(r'\bid="([0-9]{1,18})"')

Attributes = Mapping[str, str]
K = TypeVar("K")


def to_html(sources: Mapping[K, str]) -> dict[K, str]:
    """Each rich text as HTML, under its key. As many queries for a thousand texts as for one."""
    links = entities(
        page
        for source in sources.values()
        for tag in _LINK.findall(source)
        if 'linktype="page"' in tag
        for page in _PAGE_ID.findall(tag)
    )
    return {key: _clean(source, links) for key, source in sources.items()}


def entities(pages: Iterable[str]) -> dict[str, Attributes]:
    """How to link to those of these pages that are entities and public."""
    wanted = set(pages)
    if not wanted:
        return {}
    names = {
        (kind.model._meta.app_label, kind.model._meta.model_name): kind.name for kind in kinds().values()
    }
    rows = Page.objects.live().public().filter(pk__in=wanted).order_by()
    return {
        str(page): {"data-id": str(key), "data-kind": names[app_label, model], "data-slug": slug}
        for page, key, slug, app_label, model in rows.values_list(
            "pk", "translation_key", "slug", "content_type__app_label", "content_type__model"
        )
        if (app_label, model) in names
    }


def _clean(source: str, links: Mapping[str, Attributes]) -> str:
    if "<" not in source and "&" not in source:
        return escape(source, quote=False)
    cleaner = _Cleaner(links)
    cleaner.feed(source)
    cleaner.close()
    return cleaner.html()


class _Cleaner(HTMLParser):
    """Writes a fragment anew with the elements and attributes that are known to be harmless, all closed."""

    def __init__(self, links: Mapping[str, Attributes]) -> None:
        super().__init__(convert_charrefs=True)
        self._links = links
        self._parts: list[str] = []
        self._open: list[str] = []
        self._not_text = 0

    def html(self) -> str:
        return "".join([*self._parts, *(f"</{tag}>" for tag in reversed(self._open))])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _NOT_TEXT:
            self._not_text += 1
        elif tag in _VOID:
            self._parts.append(f"<{tag}>")
        elif tag in _PLAIN:
            self._start(tag, {})
        elif tag == "a" and "a" not in self._open:
            attributes = self._link({name: value or "" for name, value in attrs})
            if attributes:
                self._start(tag, attributes)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self._parts.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _NOT_TEXT:
            self._not_text = max(0, self._not_text - 1)
        elif tag in self._open:
            while True:
                closed = self._open.pop()
                self._parts.append(f"</{closed}>")
                if closed == tag:
                    break

    def handle_data(self, data: str) -> None:
        if not self._not_text:
            self._parts.append(escape(data, quote=False))

    def _start(self, tag: str, attributes: Attributes) -> None:
        self._open.append(tag)
        written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
        self._parts.append(f"<{tag}{written}>")

    def _link(self, attrs: Attributes) -> Attributes:
        """The attributes of a link that leads somewhere, else none."""
        if attrs.get("linktype") == "page":
            return self._links.get(attrs.get("id", ""), {})
        if "linktype" not in attrs and _SAFE_URL.fullmatch(attrs.get("href", "")):
            return {"href": attrs["href"]}
        return {}
