"""Folding: what makes two spellings of a name the same. Pure functions of text."""

from __future__ import annotations

import unicodedata

# ruff: noqa: RUF001, RUF003 (letters that look alike are this module's subject)

# Letters that Unicode does not decompose into a letter and a mark.
_LETTERS = {
    "æ": "ae",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ı": "i",
    "ł": "l",
    "ŋ": "n",
    "ø": "o",
    "œ": "oe",
    "þ": "th",
    "ŧ": "t",
}
# Written in so many ways that the only safe reading is none: O'Fallon, Geleg'phu, Hawai'i, L’Aquila.
_APOSTROPHES = "'`‘’‚‛′ʹʻʼʽʾʿˈ՚＇"


class _Folding(dict[int, str | None]):
    """For `str.translate`: letters, digits and vowel signs stay, accents go, the rest are spaces.

    Filled as characters turn up. The line feed stays, so that many names can be folded at once.
    """

    def __missing__(self, code: int) -> str | None:
        self[code] = folded = self._fold(chr(code))
        return folded

    @staticmethod
    def _fold(char: str) -> str | None:
        category = unicodedata.category(char)
        if char in _LETTERS:
            return _LETTERS[char]
        if char == "&":
            return " and "
        if char in _APOSTROPHES or category == "Cf" or "\u0300" <= char <= "\u036f":
            return None
        if "\ufe00" <= char <= "\ufe0f" or category == "Me":
            return None  # they dress up symbols, emoji mostly
        # Marks outside the range above are not accents: लेह without its sign would be another word.
        if category[0] in "LNM" or char == "\n":
            return char
        return " "


_folding = _Folding()


def fold(text: str) -> str:
    """Letters and digits without accents and case, spaces for what lies between. Line feeds stay."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
    text = text.casefold().translate(_folding)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def key(text: str) -> str:
    """The folded words of a name, apart by one space; empty if there is nothing in it to look up.

    >>> key("  Stanzin-Łódź, O'Brien "), key("ལེ་")
    ('stanzin lodz obrien', 'ལེ')
    """
    return " ".join(fold(text).split())
