"""The languages that a locale may be of, and the one that an answer is in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from babel import Locale
from babel.core import get_global
from django.utils.translation.trans_real import parse_accept_lang_header

from search_service.places.locales import fallbacks

# Codes of "any", "several" and "none".
_NONE = frozenset({"mul", "und", "zxx"})


def is_known(tag: str) -> bool:
    """Whether a well-formed tag (BCP 47) begins with a language that CLDR knows: some 7,000, that of Ladakh too.

    >>> is_known("de-AT"), is_known("lbj"), is_known("xx"), is_known("iata")
    (True, True, False, False)
    """
    return tag.replace("_", "-").partition("-")[0].lower() in _languages()


@cache
def _languages() -> frozenset[str]:
    codes = {*get_global("likely_subtags"), *Locale("en").languages}
    return frozenset(code.partition("_")[0] for code in codes) - _NONE


class Language(NamedTuple):
    """In which language an answer is, by what its request says.

    `asked` is what was asked for, None if nothing that can be had was; `locale` is the one that documents are looked
    up in (each falls back for itself, see `index.protocol.Reader.get`), `names_in` the one that places are called in,
    None for as they are. `shown` is the one in which, for all that is known before a document is looked up, something is
    shown there. Two requests for the same address with the same Language have the same answer: what identifies an answer
    (`ETag`) must hold it, or what it was made of.
    """

    asked: str | None
    locale: str
    names_in: str | None
    shown: str

    def told(self, given: str) -> dict[str, str | bool | None]:
        """For the answer, whose documents are in `given`: whether that is another language than was asked for."""
        is_fallback = self.asked is not None and given.lower() not in fallbacks(self.asked)
        return {"asked": self.asked, "given": given, "fallback": is_fallback}


def language(asked: str | None, accept_language: str, held: Mapping[str, str], default: str) -> Language:
    """The language of an answer: the one function that decides it.

    `asked` is a tag (BCP 47) from the request's own `locale`, and wins. Without it, `accept_language` (the header)
    chooses among `held`, the locales in which there is something to show (see `pages.texts.locales`), and the default one.

    >>> held = {"en": "en", "hi": "hi", "ne": "hi", "pt": "pt"}
    >>> language("pt-BR", "", held, "en")
    Language(asked='pt-BR', locale='pt', names_in='pt-BR', shown='pt')
    >>> language(None, "fr, ne-NP;q=0.8, en;q=0.5", held, "en")
    Language(asked='ne-np', locale='ne', names_in='ne-np', shown='hi')
    >>> language(None, "en-GB,hi;q=0.9", held, "en")
    Language(asked='en-gb', locale='en', names_in=None, shown='en')
    """
    by_tag = {tag.lower(): tag for tag in (*held, default)}
    if asked is not None:
        # A language that nothing is held in has names of places all the same.
        locale = _best(asked, by_tag) or default
        return Language(asked, locale, asked, held.get(locale, locale))
    for tag, weight in parse_accept_lang_header(accept_language):
        if weight and (locale := _best(tag, by_tag) or ""):
            # Whoever takes the default language is answered as those who ask for none are.
            names_in = None if locale == default else tag
            return Language(tag, locale, names_in, held.get(locale, locale))
    return Language(None, default, None, held.get(default, default))


def _best(tag: str, by_tag: Mapping[str, str]) -> str | None:
    return next((by_tag[each] for each in fallbacks(tag) if each in by_tag), None)
