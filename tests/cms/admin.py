"""The admin as a browser drives it: what a form would send, and what a page says is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

PUBLISH = {"action-publish": "action-publish"}


def condition_form(**changes: Any) -> dict[str, str]:
    """What the form of a new condition sends, sections as (aspect, heading,
    HTML or what the blocks of the content send)."""
    sections = changes.pop("sections", [])
    data: dict[str, Any] = {
        "title": "Myoclonus",
        "slug": "myoclonus",
        "summary": "Sudden, short jerks of muscles.",
        "notice": "",
        "reviewer": "",
        "last_reviewed": "",
        "next_review": "",
        "alternate_names": inline_formset([]),
        "search_phrases": inline_formset([]),
        "codes": inline_formset([]),
        "treating_specialties": inline_formset([]),
        "related_conditions": inline_formset([]),
        "comments": inline_formset([]),
        "body": streamfield(
            [("section", section_data(aspect, heading, content)) for aspect, heading, content in sections]
        ),
    }
    return _flat(data | changes)


def section_data(aspect: str, heading: str, content: Any, citations: Iterable[Any] = ()) -> dict[str, Any]:
    """What the form sends of a section: `content` is HTML, or blocks as (name, what the block sends)."""
    blocks = [("text", rich_text(content))] if isinstance(content, str) else content
    return {
        "aspect": aspect,
        "heading": heading,
        "content": streamfield(blocks),
        "citations": list_block(citations),
    }


def list_block(items: Iterable[Any]) -> dict[str, Any]:
    """What the form sends of a ListBlock."""
    rows = [
        {"value": item, "order": str(number), "deleted": "", "id": ""} for number, item in enumerate(items)
    ]
    return {"count": str(len(rows))} | {str(number): row for number, row in enumerate(rows)}


def doctor_form(**changes: Any) -> dict[str, Any]:
    """What the form of a new doctor sends."""
    many = {name: changes.pop(name) for name in ("specialties",) if name in changes}
    data: dict[str, Any] = {
        "title": "Dr Example One",
        "slug": "dr-example-one",
        "honorific_prefix": "Dr",
        "given_name": "Example",
        "family_name": "One",
        "credentials": "MBBS",
        "gender": "unknown",
        "practising_since": "",
        "bio": rich_text("<p>A fictitious doctor.</p>"),
        "notice": "",
        "verified_at": "",
        "photo": "",
        "education": inline_formset([]),
        "memberships": inline_formset([]),
        "treated_conditions": inline_formset([]),
        "practices": inline_formset([]),
        "languages": inline_formset([]),
        "telehealth_countries": inline_formset([]),
        "registrations": inline_formset([]),
        "comments": inline_formset([]),
    }
    return _flat(data | changes) | many


def practice_form(**changes: Any) -> dict[str, Any]:
    """What the form of a practice sends: one in Leh."""
    many = {name: changes.pop(name) for name in ("accessibility",) if name in changes}
    data: dict[str, Any] = {
        "name": "Example Hospital",
        "kind": "",
        "street": "",
        "postal_code": "194101",
        "locality": "Leh",
        "region": "Ladakh",
        "country": "IN",
        "lat": "34.1526",
        "lng": "77.5771",
        "phone": "",
        "website": "",
        "time_zone": "Asia/Kolkata",
        "opening_hours": inline_formset([]),
    }
    return _flat(data | changes) | many


def reviewer_form(**changes: Any) -> dict[str, Any]:
    data = {
        "name": "Dr Sample Reviewer",
        "credentials": "MD (fictitious)",
        "registration_authority": "",
        "registration_number": "",
        "conflict_of_interest": "",
        "conflict_of_interest_stated_on": "",
        "photo": "",
        "photo_alt": "",
        "user": "",
    }
    return data | changes


def specialty_form(**changes: Any) -> dict[str, str]:
    """What the form of a specialty sends when it is published."""
    data: dict[str, Any] = {
        "name": "Neurology",
        "slug": "neurology",
        "practitioner_name": "",
        "description": "",
        "schema_org_code": "",
        "nucc_code": "",
        "alternate_names": inline_formset([]),
    }
    return _flat(data | PUBLISH | changes)


def page_texts_form(**changes: Any) -> dict[str, str]:
    """What the form of the texts of a condition's pages in places sends when it is published."""
    data = {
        "slug": "condition-in-place",
        "title": "{condition} in {place}: doctors",
        "meta_description": "Who treats {condition} near {place}. {summary}",
        "heading": "{condition} in {place}",
        "doctors_heading": "Doctors near {place}, {region}",
        "article_heading": "What {condition} is",
    }
    return data | PUBLISH | changes


def contentstate(text: str, link: str = "", **block: Any) -> str:
    """What the rich text editor sends for one block, whatever is in it; `link` is over the first character."""
    entities = {"0": {"type": "LINK", "mutability": "MUTABLE", "data": {"url": link}}} if link else {}
    ranges = [{"offset": 0, "length": 1, "key": 0}] if link else []
    plain = {"key": "k", "text": text, "type": "unstyled", "depth": 0, "inlineStyleRanges": []}
    return json.dumps({"blocks": [plain | {"entityRanges": ranges} | block], "entityMap": entities})


def add_page(client: Client, parent: Page, model: str, data: dict[str, Any]) -> Any:
    """Send the form of a new page; `model` is like 'doctors.doctorpage'."""
    url = reverse("wagtailadmin_pages:add", args=[*model.split("."), parent.pk])
    return client.post(url, data)


def errors_of(response: Any) -> str:
    """All that the returned form marks as wrong, as one text."""
    assert response.status_code == 200, f"expected a form with errors, not {response.status_code}"
    page = BeautifulSoup(response.content, "html.parser")
    found = [tag.get_text(" ") for tag in page.select(".error-message, .messages .error")]
    # Errors inside a StreamField are shown by script, from an attribute.
    for tag in page.select("[data-w-block-arguments-value]"):
        found += re.findall(r'"messages": \[(.*?)\]', str(tag["data-w-block-arguments-value"]))
    return " | ".join(" ".join(text.split()) for text in found)


def _flat(data: dict[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = nested_form_data(data)
    return flat
