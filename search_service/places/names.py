"""Names of places as keys: what makes two spellings the same name. Pure functions of text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from search_service.names import fold

# The longest name or query that is looked at; GeoNames' longest name has 200 characters.
MAX_LENGTH = 200

_LONG_FORMS = {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort"}
_SHORT = re.compile(rf"(?<!\S)(?:{'|'.join(_LONG_FORMS)})(?!\S)")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def key(text: str) -> str:
    """What a name is looked up by: words of letters and digits, without accents, case and punctuation,
    apart by one space, and usual abbreviations written out. Empty if there is nothing in it to look up,
    or it is longer than `MAX_LENGTH`.

    >>> key("St. Pölten"), key("Aix-en-Provence"), key("Geleg'phu"), key("лех")
    ('saint polten', 'aix en provence', 'gelegphu', 'лех')
    """
    return _bounded(" ".join(_written_out(fold(text)).split()))


def keys(texts: Sequence[str]) -> list[str]:
    """`key` of each, much faster for many. None of them may contain a line feed."""
    # Apart, because ASCII folds ten times as fast.
    ascii_ = iter(_lines([text for text in texts if text.isascii()]))
    others = iter(_lines([text for text in texts if not text.isascii()]))
    return [next(ascii_ if text.isascii() else others) for text in texts]


def _lines(texts: list[str]) -> list[str]:
    folded = fold("\n".join(texts))
    while "  " in folded:
        folded = folded.replace("  ", " ")
    folded = folded.replace(" \n", "\n").replace("\n ", "\n").strip(" ")
    return [_bounded(line) for line in _written_out(folded).split("\n")]


def _bounded(key: str) -> str:
    """Some letters fold to many: what has become too long is no key."""
    return key if len(key) <= MAX_LENGTH else ""


def _written_out(folded: str) -> str:
    return _SHORT.sub(lambda word: _LONG_FORMS[word[0]], folded)


def may_be_shortened(key: str) -> bool:
    """Whether some word of a key may have been written shorter.

    >>> may_be_shortened("saint louis"), may_be_shortened("leh")
    (True, False)
    """
    return any(word in key for word in _LONG_FORMS.values())


def slug(key: str) -> str:
    """A key as part of a slug; empty if it is not all ASCII, or itself empty.

    >>> slug("saint polten"), slug("лех")
    ('saint-polten', '')
    """
    return key.replace(" ", "-") if key.isascii() else ""


def slug_words(text: str) -> list[str]:
    """The words of a well-formed slug; none if it is malformed."""
    return text.split("-") if len(text) <= 2 * MAX_LENGTH and _SLUG.fullmatch(text) else []
