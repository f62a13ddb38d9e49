"""Where the front end shows a page: canonical addresses, alternates, breadcrumbs, links to other pages."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

# As in URI Templates (RFC 6570): `{slug}`, and `{/place}` or `{?locale}` that are left out with their sign.
_EXPRESSION = re.compile(r"\{([/?&]?)(\w*)\}")
_NAMES = frozenset({"kind", "slug", "place", "locale"})
_NEEDED = frozenset({"slug", "place", "locale"})


class InvalidTemplate(ValueError):
    """No template of the addresses of pages; the text says why."""


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
        """Raises InvalidTemplate."""
        self._default_locale = default_locale
        self._parts: list[tuple[str, str, str]] = []
        at = 0
        for found in _EXPRESSION.finditer(template):
            sign, name = found.groups()
            if name not in _NAMES:
                raise InvalidTemplate(f"{found.group()} is none of {', '.join(sorted(_NAMES))}")
            if not sign and name in ("place", "locale"):
                raise InvalidTemplate(f"{name} may be absent: write {{/{name}}} or {{?{name}}}")
            self._parts.append((template[at : found.start()], sign, name))
            at = found.end()
        self._end = template[at:]
        fixed = "".join(text for text, *_ in self._parts) + self._end
        if "{" in fixed or "}" in fixed:
            raise InvalidTemplate("a brace has no other")
        if missing := _NEEDED - {name for *_, name in self._parts}:
            raise InvalidTemplate(f"{', '.join(sorted(missing))} is missing")
        address = urlsplit(template)
        if address.scheme not in ("http", "https") or not _EXPRESSION.sub("", address.netloc):
            raise InvalidTemplate("it is no absolute http address")

    def of(self, kind: str, slug: str, place: str | None, locale: str) -> str:
        """The address of the page of a condition or specialty in a place (a slug), or without one."""
        values = {
            "kind": kind,
            "slug": slug,
            "place": place,
            "locale": None if locale == self._default_locale else locale,
        }
        address = ""
        for text, sign, name in self._parts:
            address += text
            if value := values[name]:
                quoted = quote(value, safe="")
                address += f"{sign}{name}={quoted}" if sign in ("?", "&") else sign + quoted
        return address + self._end
