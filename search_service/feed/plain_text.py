"""The words of a fragment of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser

# What these enclose may be a part of a word; at all others a word ends.
_INLINE = frozenset(
    {"a", "abbr", "b", "cite", "code", "em", "i", "mark", "q", "s", "small", "span", "strong", "sub", "u"}
)


class _Text(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self._end_word(tag)
        if tag == "img":
            self.parts.append(f"{dict(attrs).get('alt') or ''} ")

    def handle_endtag(self, tag: str) -> None:
        self._end_word(tag)

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def _end_word(self, tag: str) -> None:
        if tag not in _INLINE:
            self.parts.append(" ")


def plain_text(html: str) -> str:
    """What a fragment of HTML says, what its images show included, apart by one space.

    >>> plain_text('<dl><dt>Is H<sub>2</sub>O</dt><dd>safe?<br>Yes.</dd></dl><img alt="A glass">')
    'Is H2O safe? Yes. A glass'
    """
    return " ".join("".join(_Text(html).parts).split())
