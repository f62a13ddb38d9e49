"""Templates of the addresses of pages."""

from __future__ import annotations

import pytest
from environs import ValidationError

from search_service.pages.addresses import PageUrls, check_template

TEMPLATE = "https://example.org{/locale}/{kind}/{slug}{/place}/"


@pytest.mark.parametrize(
    ("template", "place", "locale", "address"),
    [
        (TEMPLATE, "leh-ladakh-in", "hi", "https://example.org/hi/condition/myoclonus/leh-ladakh-in/"),
        (TEMPLATE, None, "en", "https://example.org/condition/myoclonus/"),
        (TEMPLATE, "34.1,77.5", "en", "https://example.org/condition/myoclonus/34.1%2C77.5/"),
        ("http://x/{slug}?of=1{&place}{&locale}", "a b", "pt-br", "http://x/myoclonus?of=1&place=a%20b&locale=pt-br"),
        ("http://x/{slug}{/place}/{?locale}", None, "hi", "http://x/myoclonus/?locale=hi"),
    ],
)  # fmt: skip
def test_addresses(template: str, place: str | None, locale: str, address: str) -> None:
    check_template(template)
    assert PageUrls(template, "en").of("condition", "myoclonus", place, locale) == address


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("https://example.org/{slug}/", "locale, place is missing"),
        ("/doctors/{slug}{/place}{?locale}", "no absolute http address"),
        ("ftp://x/{slug}{/place}{?locale}", "no absolute http address"),
        ("https://{slug}{/place}{?locale}", "no absolute http address"),
        ("https://x/{slug}{/place}{?locale}{/town}", "town is none of"),
        ("https://x/{slug}/{place}{?locale}", "place may be absent"),
        ("https://x/{slug}{/place}/{locale}", "locale may be absent"),
        ("https://x/{slug{/place}{?locale}", "a brace has no other"),
        ("https://x/{slug}{/place}{?locale}}", "a brace has no other"),
        ("", "is missing"),
    ],
)
def test_what_would_not_do_is_refused(template: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        check_template(template)
