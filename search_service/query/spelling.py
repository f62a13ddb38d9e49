"""What a misspelt word may have been: of the words that there are, those nearest by letters and by sound."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Collection

from search_service.index.protocol import Acquaintance, Form, Reader
from search_service.query import lexicon

# In a word of so many letters one may be wrong, two, three.
_WRONG_LETTERS = (4, 7, 11)
# So many corrections of a word are considered.
_CORRECTIONS = 3

# What is written in several ways and sounds alike, in English and in medical Latin and Greek.
_SOUNDS = (
    (re.compile("sch|sh|ch"), "k"),
    (re.compile("ph"), "f"),
    (re.compile("th"), "t"),
    (re.compile("rh"), "r"),
    (re.compile("gh"), "g"),
    (re.compile("^ps|ts|tz|z|c(?=[eiy])|sc(?=[eiy])"), "s"),
    (re.compile("ck|c|q"), "k"),
    (re.compile("x"), "ks"),
    (re.compile("^pn|^kn|^gn|^mn"), "n"),
    (re.compile("ae|oe|ea|ee|ie|ei|y"), "i"),
    (re.compile("ou|oo|ow|ew"), "u"),
    (re.compile("h"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)


def sound(word: str) -> str:
    """Alike for words that sound alike to who writes by ear.

    >>> sound("ekzema") == sound("eczema"), sound("numonia") == sound("pneumonia")
    (True, False)
    """
    for pattern, alike in _SOUNDS:
        word = pattern.sub(alike, word)
    return word


def may_be_wrong(word: str, known: Acquaintance) -> bool:
    """Whether a word may be spelt wrong: nobody knows it, or only phrases of another locale have it."""
    if lexicon.is_of_every_day(word) or lexicon.is_of_health(word):
        return False
    if known.in_phrases:
        return not (known.in_locale or known.in_names)
    return not (known.in_names or known.in_texts)


def most_wrong(word: str) -> int:
    """So many letters of a word may be wrong."""
    return bisect(_WRONG_LETTERS, len(word))


def corrections(
    reader: Reader, word: str, forms: Collection[Form], *, unfinished: bool = False
) -> list[tuple[str, int]]:
    """Words of phrases of these forms that may have been meant, and how many letters differ; the likeliest first. None
    for short words: too many are like them."""
    most = most_wrong(word)
    if not most:
        return []
    heard = sound(word)
    likely = []
    for other, letters in reader.words_like(word, most + 1, forms, unfinished=unfinished):
        is_heard = sound(other) == heard
        # One more if it sounds alike.
        if letters <= most + is_heard and not _are_opposites(word, other):
            likely.append((letters - is_heard, other[0] != word[0], letters, other))
    return [(other, letters) for _, _, letters, other in sorted(likely)[:_CORRECTIONS]]


def _are_opposites(one: str, other: str) -> bool:
    """Too much of something and too little."""
    return {word.replace("y", "i")[:4] for word in (one, other)} == {"hipe", "hipo"}
