"""What a page says of itself: its title, its description, its headings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
# What a web search engine shows of a description.
DESCRIPTION_LENGTH = 160
_SPACES = re.compile(r"\s+")


class Texts(NamedTuple):
    """Texts with placeholders, `{condition}` or `{specialty}`, `{place}`, `{region}`, `{country}`, `{summary}`."""

    title: str
    meta_description: str
    heading: str
    doctors_heading: str
    article_heading: str


# By kind, and whether there is a place.
DEFAULTS: Mapping[tuple[str, bool], Texts] = {
    ("condition", True): Texts(
        title="Doctors Near You for {condition} in {place}",
        meta_description="Doctors who treat {condition} near {place}, with distances and practices. {summary}",
        heading="Doctors Near You for {condition} in {place}",
        doctors_heading="Doctors near {place}",
        article_heading="About {condition}",
    ),
    ("condition", False): Texts(
        title="{condition}: what it is, and doctors who treat it",
        meta_description="{summary}",
        heading="{condition}",
        doctors_heading="Doctors who treat {condition}",
        article_heading="About {condition}",
    ),
    ("specialty", True): Texts(
        title="Doctors Near You for {specialty} in {place}",
        meta_description="{specialty} near {place}: doctors with distances and practices. {summary}",
        heading="Doctors Near You for {specialty} in {place}",
        doctors_heading="Doctors near {place}",
        article_heading="About {specialty}",
    ),
    ("specialty", False): Texts(
        title="{specialty}: what it is, and its doctors",
        meta_description="{summary}",
        heading="{specialty}",
        doctors_heading="Doctors of {specialty}",
        article_heading="About {specialty}",
    ),
}


def filled(texts: Texts, values: Mapping[str, str]) -> Texts:
    """With the values in place of their placeholders; the description as long as it is shown."""
    title, description, *headings = (
        _SPACES.sub(" ", _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)).strip()
        for text in texts
    )
    return Texts(title, shortened(description, DESCRIPTION_LENGTH), *headings)


def shortened(text: str, length: int) -> str:
    """
    >>> shortened("Short, sudden jerks of a muscle", 20)
    'Short, sudden jerks…'
    """
    if len(text) <= length:
        return text
    whole, _, _ = text[:length].rpartition(" ")
    return f"{whole or text[: length - 1]}…"
