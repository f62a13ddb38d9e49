"""Articles as the public reads them: each section as HTML and as data.

Read from the stream's raw data: blocks as values fetch their images, article by article.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from django.core.exceptions import ValidationError
from wagtail.blocks import StreamValue

from cms.conditions.citations import read_doi
from cms.feed.images import Picture, pictures
from cms.feed.richtext import to_html

_WEB_ADDRESS = re.compile(r"https?://[^\s\x00-\x1f]+", re.IGNORECASE)

Raw = Mapping[str, Any]


def public_sections(bodies: Mapping[int, StreamValue]) -> dict[int, list[dict[str, Any]]]:
    """The sections of each article, under its key, as contracts/feed/v1/condition.schema.json has them. As many
    queries for a thousand articles as for one."""
    articles = {
        key: [_lenient(section["value"]) for section in body.raw_data] for key, body in bodies.items()
    }
    blocks = [block for article in articles.values() for section in article for block in _content(section)]
    shown = _Shown(
        html=to_html({text: text for block in blocks for text in _texts(block)}),
        pictures=pictures(image for block in blocks if (image := _image(block)) is not None),
    )
    return {key: [_section(section, shown) for section in article] for key, article in articles.items()}


@dataclass(frozen=True)
class _Shown:
    """What was looked up for all articles at once: rich texts as HTML by their source, pictures by image."""

    html: Mapping[str, str]
    pictures: Mapping[int, Picture]

    def block(self, block: Raw) -> str:
        value = block["value"]
        match block["type"]:
            case "text":
                return self._html(value)
            case "key_points":
                return _list("key-points", _items(value))
            case "do_list":
                return _heading(value["heading"]) + _list("do-list", _items(value["items"]))
            case "dont_list":
                return _heading(value["heading"]) + _list("dont-list", _items(value["items"]))
            case "callout":
                text = _heading(value["heading"]) + self._html(value["text"])
                return f'<aside class="callout callout-{escape(value["kind"])}">{text}</aside>'
            case "figure":
                return self.figure(value)
            case "table":
                return _table(value)
            case "faq":
                rows = (f"<dt>{_text(q)}</dt><dd>{answer}</dd>" for q, answer in self.questions(value))
                return f'<dl class="faq">{"".join(rows)}</dl>'
        return ""

    def _html(self, text: str | None) -> str:
        return self.html[text] if text else ""

    def figure(self, value: Raw) -> str:
        """Nothing if the image is gone or cannot be read."""
        image = value["image"]
        picture = image and self.pictures.get(image["image"])
        if not picture:
            return ""
        shown = "" if image["decorative"] else image["alt_text"] or picture.default_alt
        caption = _text(value["caption"])
        if value["credit"]:
            caption += f'{" " if caption else ""}<small class="credit">{_text(value["credit"])}</small>'
        caption = f"<figcaption>{caption}</figcaption>" if caption else ""
        return f"<figure>{picture.html(shown)}{caption}</figure>"

    def questions(self, value: Any) -> Iterator[tuple[str, str]]:
        for item in _items(value):
            if item["question"]:
                yield item["question"], self._html(item["answer"])


def _section(section: Raw, shown: _Shown) -> dict[str, Any]:
    content = _content(section)
    return {
        "aspect": section["aspect"],
        "heading": section["heading"] or "",
        "html": "".join(shown.block(block) for block in content),
        "key_points": [
            point
            for block in content
            if block["type"] == "key_points"
            for point in _items(block["value"])
            if point
        ],
        "faq": [
            {"question": question, "html": answer}
            for block in content
            if block["type"] == "faq"
            for question, answer in shown.questions(block["value"])
        ],
        "citations": [_citation(item) for item in _items(section["citations"]) if item["title"]],
    }


def _citation(item: Raw) -> dict[str, Any]:
    """What a program wrote past the form, and is not what the contract has, is left out."""
    url = item["url"] or ""
    try:
        doi = read_doi(item["doi"] or "")
    except ValidationError:
        doi = ""
    return {
        "title": item["title"],
        "source": item["source"] or "",
        "url": url if _WEB_ADDRESS.fullmatch(url) else "",
        "doi": doi,
        "accessed": item["accessed"] or None,
    }


def _texts(block: Raw) -> Iterator[str]:
    """The rich texts of a block."""
    value = block["value"]
    match block["type"]:
        case "text":
            found = [value]
        case "callout":
            found = [value["text"]]
        case "faq":
            found = [item["answer"] for item in _items(value)]
        case _:
            found = []
    yield from filter(None, found)


def _image(block: Raw) -> int | None:
    image = block["value"]["image"] if block["type"] == "figure" else None
    return image["image"] if image else None


def _table(value: Raw) -> str:
    table = value["table"]
    if not table:
        return ""
    headings = "".join(f'<th scope="col">{_text(column["heading"])}</th>' for column in table["columns"])
    rows = "".join(
        f"<tr>{''.join(_cell(text, number == 0 and value['row_headings']) for number, text in enumerate(row['values']))}</tr>"
        for row in table["rows"]
    )
    return f"<table><caption>{_text(table['caption'])}</caption><thead><tr>{headings}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(text: str | None, is_heading: bool) -> str:
    return f'<th scope="row">{_text(text)}</th>' if is_heading else f"<td>{_text(text)}</td>"


def _list(name: str, items: list[Any]) -> str:
    return f'<ul class="{name}">{"".join(f"<li>{_text(item)}</li>" for item in items)}</ul>'


def _heading(text: str | None) -> str:
    return f"<h3>{_text(text)}</h3>" if text else ""


def _text(text: str | None) -> str:
    return escape(text or "", quote=False)


def _items(value: list[Raw] | None) -> list[Any]:
    return [item["value"] for item in value or []]


def _content(section: Raw) -> list[Raw]:
    return section["content"] or []


def _lenient(raw: Any) -> Any:
    """With None for what is missing: a program may leave out what is optional."""
    if isinstance(raw, Mapping):
        return defaultdict(lambda: None, {name: _lenient(value) for name, value in raw.items()})
    return [_lenient(value) for value in raw] if isinstance(raw, list) else raw
