"""The languages that a locale may be of."""

from __future__ import annotations

from functools import cache

from babel import Locale
from babel.core import get_global

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
