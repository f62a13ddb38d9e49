"""The one function that decides in which language an answer is."""

from __future__ import annotations

import pytest

from search_service.locales import Language, language

# What there is: Nepali readers are shown Hindi.
HELD = {"en": "en", "hi": "hi", "ne": "hi", "pt": "pt", "zh-Hant": "zh-Hant"}


@pytest.mark.parametrize(
    ("asked", "header", "answer"),
    [
        (None, "", Language(None, "en", None, "en")),
        ("pt-BR", "hi", Language("pt-BR", "pt", "pt-BR", "pt")),
        ("ZH_hant_TW", "", Language("ZH_hant_TW", "zh-Hant", "ZH_hant_TW", "zh-Hant")),
        # Places have names in languages in which nothing is published.
        ("lbj", "hi", Language("lbj", "en", "lbj", "en")),
        ("en", "", Language("en", "en", "en", "en")),
        ("ne", "", Language("ne", "ne", "ne", "hi")),
        (None, "fr, ne-NP;q=0.8, en;q=0.5", Language("ne-np", "ne", "ne-np", "hi")),
        (None, "en;q=0.2, hi;q=0.9", Language("hi", "hi", "hi", "hi")),
        # As those are answered who ask for nothing.
        (None, "en-GB, hi;q=0.9", Language("en-gb", "en", None, "en")),
        (None, "hi;q=0, *", Language(None, "en", None, "en")),
    ],
)
def test_locale_wins_then_the_header_then_the_default(
    asked: str | None, header: str, answer: Language
) -> None:
    assert language(asked, header, HELD, "en") == answer


def test_before_anything_is_published_it_is_the_default() -> None:
    assert language(None, "hi", {}, "en") == Language(None, "en", None, "en")


@pytest.mark.parametrize(
    ("asked", "given", "is_fallback"),
    [
        (None, "hi", False),
        ("pt-BR", "pt", False),
        ("pt-BR", "pt-br", False),
        ("pt", "pt-BR", True),
        ("hi", "en", True),
    ],
)
def test_another_language_than_was_asked_for_is_a_fallback(
    asked: str | None, given: str, is_fallback: bool
) -> None:
    told = Language(asked, given, None, given).told(given)
    assert told == {"asked": asked, "given": given, "fallback": is_fallback}
