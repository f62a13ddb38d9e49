"""Languages as those who read them call them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError


class Tongue(NamedTuple):
    """A language (`tag`, BCP 47): its own name for itself, and its direction as HTML has it."""

    tag: str
    name: str
    direction: str


@cache
def tongue(tag: str) -> Tongue:
    """
    >>> tongue("ur")
    Tongue(tag='ur', name='اردو', direction='rtl')
    >>> tongue("lbj")
    Tongue(tag='lbj', name='lbj', direction='auto')
    """
    try:
        locale = Locale.parse(tag.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        return Tongue(tag, tag, "auto")
    return Tongue(tag, locale.get_display_name() or tag, locale.text_direction)


def to_choose_from(tags: Iterable[str]) -> list[Tongue]:
    """By name; none if there is but one."""
    found = sorted({tongue(tag) for tag in tags}, key=lambda each: each.name.casefold())
    return found if len(found) > 1 else []
