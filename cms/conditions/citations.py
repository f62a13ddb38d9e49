"""What a section rests on: the form of a citation, and which sections need one."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from wagtail import blocks

from cms.conditions.aspects import HEALTH_ASPECTS

_RESOLVER = re.compile(r"(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:)\s*", re.IGNORECASE)
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[!-~]+")


def read_doi(text: str) -> str:
    """The DOI without a resolver's address, '' for ''. Raises ValidationError."""
    doi = text.strip()
    if resolver := _RESOLVER.match(doi):
        doi = doi[resolver.end() :]
    if doi and not _DOI.fullmatch(doi):
        raise ValidationError("This is not the form of a DOI, such as 10.1000/182.")
    return doi


class DOIBlock(blocks.CharBlock):
    def clean(self, value: str) -> str:
        return read_doi(super().clean(value) or "")


class PastDateBlock(blocks.DateBlock):
    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day and day > timezone.localdate():
            raise ValidationError("This date is in the future.")
        return day


class CitationBlock(blocks.StructBlock):
    """One source of what a section says."""

    title = blocks.CharBlock(max_length=500)
    source = blocks.CharBlock(
        required=False, max_length=255, help_text="Journal, publisher or organisation, with the year."
    )
    url = blocks.URLBlock(
        required=False,
        label="URL",
        max_length=2000,
        validators=[URLValidator(schemes=["http", "https"])],
    )
    doi = DOIBlock(required=False, label="DOI", max_length=255, help_text="Such as 10.1000/182.")
    accessed = PastDateBlock(required=False, help_text="When the page was read.")

    def get_translatable_segments(self, value: Any) -> list[Any]:
        """For wagtail-localize: none. A source is named as it is, in all languages."""
        return []

    class Meta:
        icon = "openquote"
        label_format = "{title}"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not (cleaned["source"] or cleaned["url"] or cleaned["doi"]):
            raise blocks.StructBlockValidationError(
                block_errors={"source": ValidationError("Say where to find it: by a source, a URL or a DOI.")}
            )
        return cleaned


def check_citations(body: blocks.StreamValue) -> None:
    """Every section whose aspect is in CMS_CITED_ASPECTS has a citation. Raises StreamBlockValidationError,
    with the error at the section, as the form shows it."""
    missing = {
        number: blocks.StructBlockValidationError(
            block_errors={
                "citations": blocks.ListBlockValidationError(
                    non_block_errors=["This section cannot be published without a citation."]
                )
            }
        )
        for number, section in enumerate(body)
        if section.value.get("aspect") in settings.CITED_ASPECTS and not section.value.get("citations")
    }
    if missing:
        raise blocks.StreamBlockValidationError(block_errors=missing)


def uncited(body: blocks.StreamValue) -> list[str]:
    """The names of the aspects whose sections lack a citation that they need."""
    try:
        check_citations(body)
    except blocks.StreamBlockValidationError as error:
        names = dict(HEALTH_ASPECTS)
        return [names[body[number].value["aspect"]] for number in error.block_errors]
    return []
