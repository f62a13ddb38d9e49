"""Rich text leaves the CMS as HTML that is safe to show."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.feed.richtext import to_html
from tests.cms import factories


def html(source: str) -> str:
    return to_html({0: source})[0]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ""),
        ("plain & simple < that", "plain &amp; simple &lt; that"),
        ('<p data-block-key="x1">A <b>bold</b> <i>word</i></p>', "<p>A <b>bold</b> <i>word</i></p>"),
        (
            "<h3>Title</h3><ul><li>one</li><li>two</li></ul>",
            "<h3>Title</h3><ul><li>one</li><li>two</li></ul>",
        ),
        ("one<br/>two<hr />", "one<br>two<hr>"),
        ("5 &lt; 6 &amp; 7&nbsp;&eacute;", "5 &lt; 6 &amp; 7\xa0é"),
        (
            '<a href="https://example.org/?a=1&amp;b=%22">x</a>',
            '<a href="https://example.org/?a=1&amp;b=%22">x</a>',
        ),
        ('<a href="mailto:a@example.org">x</a>', '<a href="mailto:a@example.org">x</a>'),
        ('<a href="tel:+911982000000">x</a>', '<a href="tel:+911982000000">x</a>'),
    ],
)
def test_what_editors_write(source: str, expected: str) -> None:
    assert html(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<script>alert(1)</script>x", "x"),
        ("<style>p {}</style>x", "x"),
        ("<p onclick='x()' style='a' class=b>x</p>", "<p>x</p>"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ('<a href=" JaVaScRiPt:alert(1)">x</a>', "x"),
        ('<a href="java\nscript:alert(1)">x</a>', "x"),
        ('<a href="data:text/html,x">x</a>', "x"),
        ('<a href="//evil.example/">x</a>', "x"),
        ('<a href="https://a b">x</a>', "x"),
        ('<a href="#part">x</a>', "x"),
        ('<a href="https://x/&quot; onclick=&quot;y">x</a>', "x"),
        ('<a href="https://x/&quot;onclick">x</a>', '<a href="https://x/&quot;onclick">x</a>'),
        ("<img src=x onerror=alert(1)>x", "x"),
        ('<embed embedtype="image" id="1" alt="y"/>x', "x"),
        ("<iframe src='https://x'></iframe>x", "x"),
        ("<svg><script>1</script></svg>x", "x"),
        ("<!-- secret -->x<?php y ?>", "x"),
        ("<p>open <b>never closed", "<p>open <b>never closed</b></p>"),
        ("<b><i>crossed</b></i>", "<b><i>crossed</i></b>"),
        ("stray</p></li>", "stray"),
        ('<a href="https://a/"><a href="https://b/">x</a></a>', '<a href="https://a/">x</a>'),
    ],
)
def test_what_others_may_have_written(source: str, expected: str) -> None:
    assert html(source) == expected


@pytest.mark.django_db
def test_links_to_pages() -> None:
    public, draft = factories.make_condition("Public"), factories.make_condition("Draft", live=False)
    index = factories.condition_index()

    def link(page: object) -> str:
        return html(f'<a linktype="page" id="{page}">x</a>')

    key = public.translation_key
    assert link(public.pk) == f'<a data-id="{key}" data-kind="condition" data-slug="public">x</a>'
    for nowhere in (draft.pk, index.pk, 999_999, "", "x", "9" * 18, "9" * 5000, "-1"):
        assert link(nowhere) == "x"
    assert html('<a linktype="document" id="1">x</a>') == "x"
    assert html(f'<a linktype="page" id="{public.pk}" href="javascript:x">x</a>') == link(public.pk)


_PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<b",
        ">",
        "<a href='",
        "'",
        '"',
        "javascript:",
        "https://x",
        "<script>",
        "</script>",
        "<!--",
        "-->",
        "&lt;",
        "&#60;",
        "<",
        "x",
        " ",
        "\x00",
        "<svg/onload=",
        "onclick=x",
        "</a>",
        "<br/>",
        "<![CDATA[",
        "]]>",
    ]
)


class _Strict(HTMLParser):
    """Fails on what a browser should not be given."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"p", "b", "a", "br"}
        assert {name for name, _ in attrs} <= ({"href"} if tag == "a" else set())
        assert all(value and value.startswith("https://") for _, value in attrs)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    handle_pi = unknown_decl = handle_comment


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_whatever_goes_in_what_comes_out_is_harmless_and_closed(source: str) -> None:
    parser = _Strict()
    cleaned = html(source)
    parser.feed(cleaned)
    parser.close()
    assert parser.open == []
    assert html(cleaned) == cleaned
