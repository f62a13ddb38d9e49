"""Other scripts in Latin letters, by sound: for names that no source gives in the script they are asked in.
Pure functions of text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import groupby, product

from anyascii import anyascii

# Scripts, as the names of their characters begin, and the countries where they are written.
_WRITTEN_IN = {
    "ARABIC": "AE AF BH CN DJ DZ EG EH ER IN IQ IR JO KM KW LB LY MA MR OM PK PS QA SA SD SO SY TD TN YE",
    "ARMENIAN": "AM AZ GE",
    "BENGALI": "BD IN",
    "BOPOMOFO": "TW",
    "CJK": "CN HK JP KR MO MY SG TW",
    "CYRILLIC": "BA BG BY KG KZ MD ME MK MN RS RU TJ TM UA UZ XK",
    "DEVANAGARI": "BT IN NP",
    "ETHIOPIC": "ER ET",
    "GEORGIAN": "GE",
    "GREEK": "CY GR",
    "GUJARATI": "IN",
    "GURMUKHI": "IN PK",
    "HANGUL": "KP KR",
    "HEBREW": "IL PS",
    "HIRAGANA": "JP",
    "KANNADA": "IN",
    "KATAKANA": "JP",
    "KHMER": "KH",
    "LAO": "LA",
    "MALAYALAM": "IN",
    "MYANMAR": "MM",
    "ORIYA": "IN",
    "SINHALA": "LK",
    "TAMIL": "IN LK MY SG",
    "TELUGU": "IN",
    "THAI": "TH",
    "TIBETAN": "BT CN IN NP",
}
# Those from Devanagari to Sinhala write a consonant with a vowel after it unless told otherwise; in those
# up to Gujarati it is not spoken at the end of a word, nor between syllables that stand without it.
_INDIC, _INDIC_END, _SILENT_END = "\u0900", "\u0e00", "\u0b00"
# What is written for one another.
_ALIKE = str.maketrans({"c": "k", "q": "k", "z": "j", "v": "w", "p": "b", "f": "b"})
_VOWELS = "aeiou"
# Consonants that may as well stand for vowels, or be a part of the one before.
_WEAK = "wyh"
_LABIAL = re.compile("[pbm]")


@cache
def script(char: str) -> str:
    """The script of a letter, as Unicode's names of characters begin; empty for Latin and what is no letter.

    >>> script("ड"), script("é"), script("1")
    ('DEVANAGARI', '', '')
    """
    if char.isascii() or unicodedata.category(char)[0] not in "LM":
        return ""
    first = unicodedata.name(char, "").split(" ")[0].split("-")[0]
    return first if first in _WRITTEN_IN else ""


def countries(text: str) -> frozenset[str]:
    """The countries (alpha-2) in whose scripts a text is written; none if it is in Latin letters."""
    return frozenset(code for char in text for code in _WRITTEN_IN.get(script(char), "").split())


def latin(text: str) -> str:
    """A text in Latin letters, as it may be spelt where it is spoken.

    >>> latin("डोमखर"), latin("स्कुरबुचन"), latin("Скурбучан, Лех"), latin("Domkhar")
    ('domkhar', 'skurbuchan', 'Skurbuchan, Lekh', 'Domkhar')
    """
    return "".join(
        _from_indic(part) if _INDIC <= part[0] < _INDIC_END else anyascii(part)
        for part in re.findall(rf"[{_INDIC}-\u0dff]+|[^{_INDIC}-\u0dff]+", text)
    )


def _from_indic(word: str) -> str:
    """Each sound as its letters and what it is: consonant, vowel, or the vowel that is not written."""
    sounds: list[tuple[str, str]] = []
    for char in word:
        name = unicodedata.name(char, "")
        letter = name.split(" ")[-1]
        if name.endswith(("SIGN VIRAMA", "SIGN AL-LAKUNA")) or "VOWEL SIGN" in name:
            if sounds and sounds[-1][1] == "unwritten":
                sounds.pop()
            if "VOWEL SIGN" in name:
                sounds.append((anyascii(char), "vowel"))
        elif name.endswith(("SIGN ANUSVARA", "SIGN CANDRABINDU", "SIGN BINDI", "TIPPI")):
            sounds.append(("n", "consonant"))
        elif " LETTER " in name and letter.endswith("A") and letter[0] not in "AEIOU":
            sounds.append(("ch" if letter == "CA" else anyascii(char), "consonant"))
            sounds.append(("a", "unwritten"))
        elif " LETTER " in name:
            sounds.append((anyascii(char), "vowel"))
        elif " SIGN NUKTA" not in name:
            sounds.append((anyascii(char), "consonant"))
    if word[0] < _SILENT_END:
        sounds = _as_spoken(sounds)
    return "".join(
        "m" if letters == "n" and _LABIAL.match(following) else letters
        for (letters, _), (following, _) in zip(sounds, [*sounds[1:], ("", "")], strict=True)
    )


def _as_spoken(sounds: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without the unwritten vowels that are not spoken: at the end, and from there on each between a vowel
    and one consonant before it and one consonant and a vowel after it."""
    kept = list(sounds)
    if len(kept) > 2 and kept[-1][1] == "unwritten":
        kept.pop()
    for i in range(len(kept) - 3, 1, -1):
        before, after = [kind for _, kind in kept[i - 2 : i]], [kind for _, kind in kept[i + 1 : i + 3]]
        if (
            kept[i][1] == "unwritten"
            and before[1] == after[0] == "consonant"
            and before[0] != "consonant" != after[1]
        ):
            del kept[i]
    return kept


def sound(key: str) -> str:
    """The consonants of a key, those that are written for one another as one: what remains of a name
    whichever way its vowels are spelt.

    >>> sound("domkhar"), sound("dwmkhr"), sound("zanskar"), sound("janskar")
    ('dmkr', 'dmkr', 'jnskr', 'jnskr')
    """
    letters = key.replace(" ", "").replace("ch", "č").replace("ph", "f").replace("x", "ks")
    letters = letters.translate(_ALIKE)
    return "".join(
        letter
        for i, letter in enumerate(letters)
        if letter not in _VOWELS + _WEAK or (i == 0 and letter not in _VOWELS)
        if i == 0 or letter != letters[i - 1]
    )


def beginnings(key: str) -> list[str]:
    """How a key with these consonants may begin, whatever the vowels are.

    >>> {"domk", "dhomk", "dmk"} <= set(beginnings("dwmkhr"))
    True
    """
    letters = [letter for letter in key if letter.isalpha() and letter not in _VOWELS + _WEAK]
    strong = [letter for letter, _ in groupby(letters)]
    parts: list[Iterable[str]] = [_VOWELS] if key[:1] in _VOWELS else []
    for letter in strong[: 3 - len(parts)]:
        parts += [[letter, f"{letter}h"] if len(parts) < 3 else [letter], ["", *_VOWELS]]
    return sorted({"".join(way) for way in product(*parts[:-1])}) if len(strong) > 1 else []
