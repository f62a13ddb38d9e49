"""Templates of pages' texts: lines in which words in braces stand for what a page is of.

contracts/feed/v1/page_texts.schema.json knows the same words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db.models import TextChoices

_IN_BRACES = re.compile(r"\{([^{}]*)\}")


class Sort(TextChoices):
    """The sorts of pages, each of which has texts of its own in each language."""

    CONDITION_IN_PLACE = "condition-in-place", "Condition in a place"
    CONDITION = "condition", "Condition"
    SPECIALTY_IN_PLACE = "specialty-in-place", "Specialty in a place"
    SPECIALTY = "specialty", "Specialty"

    @property
    def subject(self) -> str:
        return self.value.partition("-")[0]

    @property
    def in_place(self) -> bool:
        return self.value.endswith("-in-place")

    @property
    def key(self) -> UUID:
        """The translation key of its texts, which is known to the search service, too."""
        return uuid5(NAMESPACE_URL, f"urn:doctors-near-you:page-texts:{self.value}")

    def placeholders(self, field: str) -> list[str]:
        """The words that may stand in braces in this field."""
        places = ["place", "region", "country"] if self.in_place else []
        return [self.subject, *places, *(["summary"] if field == "meta_description" else [])]

    def needed(self, field: str) -> list[str]:
        """Those without which two pages would say the same of themselves."""
        if field in ("title", "heading"):
            return [self.subject, "place"] if self.in_place else [self.subject]
        return ["place"] if field == "meta_description" and self.in_place else []


def in_braces(words: list[str]) -> str:
    """
    >>> in_braces(["condition", "place"])
    '{condition}, {place}'
    """
    return ", ".join(f"{{{word}}}" for word in words)


def problems(template: str, sort: Sort, field: str) -> list[str]:
    """What is wrong with a template, in the words an editor sees: [] if nothing is.

    >>> problems("Doctors in {plaec}", Sort.CONDITION_IN_PLACE, "doctors_heading")
    ['{plaec} stands for nothing here. There are {condition}, {place}, {region}, {country}.']
    >>> problems("Doctors for {condition}", Sort.CONDITION_IN_PLACE, "title")
    ['{place} is missing: without it, many pages would have the same text.']
    """
    allowed, found = sort.placeholders(field), _IN_BRACES.findall(template)
    wrong = []
    if unknown := [word for word in dict.fromkeys(found) if word not in allowed]:
        verb = "stand" if len(unknown) > 1 else "stands"
        wrong.append(f"{in_braces(unknown)} {verb} for nothing here. There are {in_braces(allowed)}.")
    if re.search(r"[{}]", _IN_BRACES.sub("", template)):
        wrong.append(f"A brace has no other: write {in_braces(allowed[:1])}.")
    if missing := [word for word in sort.needed(field) if word not in found]:
        verb, pronoun = ("are", "them") if len(missing) > 1 else ("is", "it")
        wrong.append(
            f"{in_braces(missing)} {verb} missing: without {pronoun}, many pages would have the same text."
        )
    if "<" in template or ">" in template:
        wrong.append("Plain text only: without < and >.")
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in template):
        wrong.append("One line only, without control characters.")
    return wrong


def filled(template: str, values: Mapping[str, str]) -> str:
    """As the search service fills it in: what there is no value for is left out.

    >>> filled("Doctors in {place}, {country}", {"place": "Leh", "country": "India"})
    'Doctors in Leh, India'
    """
    return " ".join(_IN_BRACES.sub(lambda found: values.get(found[1], ""), template).split())
