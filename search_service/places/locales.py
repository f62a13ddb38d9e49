"""Locales as names are kept under them: `pt-br`, lower case, as BCP 47 has them otherwise."""

from __future__ import annotations


def fallbacks(locale: str) -> list[str]:
    """The locale and the more general ones that do as well, the best first.

    >>> fallbacks("pt-BR"), fallbacks("zh_Hant"), fallbacks("de")
    (['pt-br', 'pt'], ['zh-hant', 'zh'], ['de'])
    """
    tags = locale.lower().replace("_", "-").split("-")
    return ["-".join(tags[:n]) for n in range(len(tags), 0, -1)]
