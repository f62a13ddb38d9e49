"""Where the front end shows a page: canonical addresses, alternates, breadcrumbs, links to other pages."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from urllib.parse import quote

from environs import ValidationError

# As in URI Templates (RFC 6570): `{slug}`, and `{/place}` or `{?locale}` that are left out with their sign.
_EXPRESSION = re.compile(r"\{([/?&]?)(\w*)\}")
_NAMES = frozenset({"kind", "slug", "place", "locale"})
_NEEDED = frozenset({"slug", "place", "locale"})
# The same ones come again and again. In each web process: more would be megabytes.
_quoted = lru_cache(4_096)(partial(quote, safe=""))


def check_template(template: str) -> None:
    """Raises ValidationError where it would not make an address of its own of each page."""
    fixed = _EXPRESSION.sub("", template)
    names = [name for _, name in _EXPRESSION.findall(template)]
    if "{" in fixed or "}" in fixed:
        raise ValidationError("a brace has no other")
    if unknown := set(names) - _NAMES:
        raise ValidationError(f"{', '.join(sorted(unknown))} is none of {', '.join(sorted(_NAMES))}")
    if missing := _NEEDED - set(names):
        raise ValidationError(f"{', '.join(sorted(missing))} is missing")
    for name in ("place", "locale"):
        if f"{{{name}}}" in template:
            raise ValidationError(f"{name} may be absent: write {{/{name}}} or {{?{name}}}")
    if not re.match(r"https?://[^/?#{]", template):
        raise ValidationError("it is no absolute http address")


def origin(template: str) -> str:
    """Scheme and host of all addresses that a template makes.

    >>> origin("https://example.org{/locale}/doctors/{slug}{/place}/")
    'https://example.org'
    """
    found = re.match(r"https?://[^/?#{]*", template)
    return found[0] if found else ""


class PageUrls:
    """The addresses that a template makes.

    `{slug}` is the condition's or specialty's, `{kind}` which of both it is, `place` is left out on a page without a
    place, `locale` in the default language.

    >>> urls = PageUrls("https://example.org{/locale}/doctors/{slug}{/place}/", default_locale="en")
    >>> urls.of("condition", "myoclonus", "leh-ladakh-in", "en")
    'https://example.org/doctors/myoclonus/leh-ladakh-in/'
    >>> urls.of("condition", "मायोक्लोनस", None, "hi")
    'https://example.org/hi/doctors/%E0%A4%AE%E0%A4%BE%E0%A4%AF%E0%A5%8B%E0%A4%95%E0%A5%8D%E0%A4%B2%E0%A5%8B%E0%A4%A8%E0%A4%B8/'
    """

    def __init__(self, template: str, default_locale: str) -> None:
        self.default_locale = default_locale
        self._parts: list[tuple[str, str, str]] = []
        at = 0
        for found in _EXPRESSION.finditer(template):
            self._parts.append((template[at : found.start()], found[1], found[2]))
            at = found.end()
        self._end = template[at:]

    @property
    def tell_kinds(self) -> bool:
        """Whether a condition and a specialty of one slug have two addresses."""
        return any(name == "kind" for _, _, name in self._parts)

    def of(self, kind: str, slug: str, place: str | None, locale: str) -> str:
        """The address of the page of a condition or specialty in a place (a slug), or without one."""
        values = {
            "kind": kind,
            "slug": slug,
            "place": place,
            "locale": None if locale == self.default_locale else locale,
        }
        address = ""
        for text, sign, name in self._parts:
            address += text
            if value := values[name]:
                quoted = _quoted(value)
                address += f"{sign}{name}={quoted}" if sign in ("?", "&") else sign + quoted
        return address + self._end
