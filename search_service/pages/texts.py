"""What a page says of itself: its title, its description, its headings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson

from search_service.index.protocol import Reader
from search_service.places.locales import fallbacks

# The kind of their documents.
KIND = "page_texts"
# Of the built-in ones.
ENGLISH = "en"

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
# What a web search engine shows of a description.
DESCRIPTION_LENGTH = 160
_SPACES = re.compile(r"\s+")


class Texts(NamedTuple):
    """Texts with placeholders, `{condition}` or `{specialty}`, `{place}`, `{region}`, `{country}`, `{summary}`; the id
    by which they are known in all languages, and the one that they are in."""

    id: str
    locale: str
    title: str
    meta_description: str
    heading: str
    doctors_heading: str
    article_heading: str

    def are_in(self, locale: str) -> bool:
        """Whether a page in this language has its title and headings in it. Else it is not worth a web search."""
        return self.locale.lower() in fallbacks(locale)


def _built_in(sort: str, *texts: str) -> Texts:
    # As contracts/feed/v1/page_texts.schema.json has it.
    return Texts(str(uuid5(NAMESPACE_URL, f"urn:doctors-near-you:page-texts:{sort}")), ENGLISH, *texts)


# Where editors have written none. By kind, and whether there is a place.
BUILT_IN: Mapping[tuple[str, bool], Texts] = {
    ("condition", True): _built_in(
        "condition-in-place",
        "Doctors Near You for {condition} in {place}",
        "Doctors who treat {condition} near {place}, with distances and practices. {summary}",
        "Doctors Near You for {condition} in {place}",
        "Doctors near {place}",
        "About {condition}",
    ),
    ("condition", False): _built_in(
        "condition",
        "{condition}: what it is, and doctors who treat it",
        "{summary}",
        "{condition}",
        "Doctors who treat {condition}",
        "About {condition}",
    ),
    ("specialty", True): _built_in(
        "specialty-in-place",
        "Doctors Near You for {specialty} in {place}",
        "{specialty} near {place}: doctors with distances and practices. {summary}",
        "Doctors Near You for {specialty} in {place}",
        "Doctors near {place}",
        "About {specialty}",
    ),
    ("specialty", False): _built_in(
        "specialty",
        "{specialty}: what it is, and its doctors",
        "{summary}",
        "{specialty}",
        "Doctors of {specialty}",
        "About {specialty}",
    ),
}


def written(reader: Reader, kind: str, *, in_place: bool, locale: str, default_locale: str) -> Texts:
    """Those of a page in `locale`, as editors wrote them: for it, for the nearest language that stands in for it, or for
    the default one. Else those that are built in."""
    built_in = BUILT_IN[kind, in_place]
    for card in reader.cards(KIND, [UUID(built_in.id)], locale).values():
        told = orjson.loads(card)
        # The reader's last resort is any language.
        if told["locale"] in (locale, default_locale) or locale in told["fallback_for"]:
            return Texts(*(told[name] for name in Texts._fields))
    return built_in


def locales(reader: Reader) -> dict[str, str]:
    """Those that somebody can be answered in, as Reader.locales has them: a language in which there are no more than
    the texts of pages has nothing to show."""
    return reader.locales(but=KIND)


def filled(texts: Texts, values: Mapping[str, str]) -> Texts:
    """With the values in place of their placeholders; the description as long as it is shown."""
    id_, locale, title, description, *headings = texts
    title, description, *headings = (
        _SPACES.sub(" ", _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)).strip()
        for text in (title, description, *headings)
    )
    return Texts(id_, locale, title, shortened(description, DESCRIPTION_LENGTH), *headings)


def shortened(text: str, length: int) -> str:
    """
    >>> shortened("Short, sudden jerks of a muscle", 20)
    'Short, sudden jerks…'
    """
    if len(text) <= length:
        return text
    whole, _, _ = text[:length].rpartition(" ")
    return f"{whole or text[: length - 1]}…"
