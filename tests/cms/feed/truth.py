"""What the public may see, told by the models one page at a time: the feed must come to the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bs4 import BeautifulSoup
from wagtail.images.models import Image, Rendition
from wagtail.models import Locale, Page

from cms.conditions.models import ConditionPage
from cms.doctors.models import DoctorPage
from cms.languages.models import chain
from cms.page_texts.models import PageTexts
from cms.review.models import Reviewer
from cms.taxonomy.models import Specialty

Entity = tuple[str, str, str]
Documents = dict[Entity, dict[str, Any]]

KINDS = {ConditionPage: "condition", DoctorPage: "doctor"}


def public_truth() -> Documents:
    """The document of every public entity, by kind, id and language."""
    fallback_for = {locale.pk: _fallback_for(locale) for locale in Locale.objects.all()}
    documents = [
        *(  # one test makes thousands
            _specialty(specialty, fallback_for[specialty.locale_id])
            for specialty in Specialty.objects.filter(live=True).select_related("locale")
        ),
        *(
            _page_texts(texts, fallback_for[texts.locale_id])
            for texts in PageTexts.objects.filter(live=True).select_related("locale")
        ),
        *(_condition(page) for page in ConditionPage.objects.all() if is_public(page)),
        *(_doctor(page) for page in DoctorPage.objects.all() if is_public(page)),
    ]
    return {(document["kind"], document["id"], document["locale"]): document for document in documents}


def differences(held: Documents, truth: Documents) -> list[str]:
    """Where what a consumer holds is not the truth: [] when it is."""
    found = [f"missing: {entity}" for entity in truth.keys() - held.keys()]
    found += [f"not public: {entity}" for entity in held.keys() - truth.keys()]
    for entity in held.keys() & truth.keys():
        mine, true = held[entity], truth[entity]
        found += [
            f"{entity} {name}: {mine.get(name)!r} is not {true.get(name)!r}"
            for name in mine.keys() | true.keys()
            if mine.get(name, ...) != true.get(name, ...)
        ]
    return found


def is_public(page: Page) -> bool:
    return bool(page.live) and not page.get_view_restrictions().exists()


def _specialty(specialty: Specialty, fallback_for: list[str]) -> dict[str, Any]:
    names = list(_in_order(specialty.alternate_names))
    codes = [("schema.org", specialty.schema_org_code), ("nucc", specialty.nucc_code)]
    return {
        "kind": "specialty",
        "id": str(specialty.translation_key),
        "locale": specialty.locale.language_code,
        "fallback_for": fallback_for,
        "slug": specialty.slug,
        "name": specialty.name,
        "practitioner_name": specialty.practitioner_name,
        "alternate_names": [child.name for child in names],
        "exact_names": [*dict.fromkeys(child.name for child in names if child.exact_only)],
        "description": specialty.description,
        "codes": [{"system": system, "code": code} for system, code in codes if code],
    }


def _page_texts(texts: PageTexts, fallback_for: list[str]) -> dict[str, Any]:
    return {
        "kind": "page_texts",
        "id": str(texts.translation_key),
        "locale": texts.locale.language_code,
        "fallback_for": fallback_for,
        "slug": texts.slug,
        "name": texts.get_slug_display(),
        "title": texts.title,
        "meta_description": texts.meta_description,
        "heading": texts.heading,
        "doctors_heading": texts.doctors_heading,
        "article_heading": texts.article_heading,
    }


def _condition(page: ConditionPage) -> dict[str, Any]:
    return _page(page) | {
        "alternate_names": [child.name for child in _in_order(page.alternate_names)],
        "search_phrases": [child.phrase for child in _in_order(page.search_phrases)],
        "exact_names": [
            *dict.fromkeys(
                [
                    *(child.name for child in _in_order(page.alternate_names) if child.exact_only),
                    *(child.phrase for child in _in_order(page.search_phrases) if child.exact_only),
                ]
            )
        ],
        "codes": [{"system": child.system, "code": child.code} for child in _in_order(page.codes)],
        "specialties": [
            _snippet_reference(child.specialty)
            for child in _in_order(page.treating_specialties)
            if child.specialty.live
        ],
        "related_conditions": [
            _page_reference(child.condition)
            for child in _in_order(page.related_conditions)
            if is_public(child.condition)
        ],
        "summary": page.summary,
        "notice": page.notice,
        "sections": [
            {
                "aspect": block.value["aspect"],
                "heading": block.value["heading"],
                "html": "".join(_block(part.block_type, part.value) for part in block.value["content"]),
                "key_points": [],
                "faq": [],
                "citations": [],
            }
            for block in page.body
        ],
        "reviewer": page.reviewer and _reviewer(page.reviewer),
        "last_reviewed": page.last_reviewed and str(page.last_reviewed),
        "next_review": page.next_review and str(page.next_review),
    }


def _block(name: str, value: Any) -> str:
    """Of the blocks that the acts use."""
    if name == "text":
        return _html(value.source)
    assert name == "figure"
    image = value["image"]
    if image is None:  # was deleted
        return ""
    rendition = Rendition.objects.get(image=image, filter_spec="width-400|format-webp")
    alt = image.contextual_alt_text or image.description or image.title
    return (
        f'<figure><img src="http://localhost:8000/media/{rendition.file.name}" width="{rendition.width}" '
        f'height="{rendition.height}" alt="{alt}" loading="lazy"></figure>'
    )


def _reviewer(reviewer: Reviewer) -> dict[str, Any]:
    return {
        "id": str(reviewer.uuid),
        "name": reviewer.name,
        "credentials": reviewer.credentials,
        "registration": None
        if not reviewer.registration_number
        else {
            "authority": reviewer.registration_authority,
            "number": reviewer.registration_number,
            "scheme": "",
        },
        "conflict_of_interest": reviewer.conflict_of_interest,
        "photo": reviewer.photo and _photo(reviewer.photo, reviewer.photo_alt),
    }


def _photo(image: Image, alt: str) -> dict[str, Any]:
    rendition = image.get_rendition("max-800x800|format-webp")
    return {
        "url": f"http://localhost:8000{rendition.url}",
        "width": rendition.width,
        "height": rendition.height,
        "alt": alt or image.description or image.title,
    }


def _doctor(page: DoctorPage) -> dict[str, Any]:
    return _page(page) | {
        "honorific_prefix": page.honorific_prefix,
        "given_name": page.given_name,
        "family_name": page.family_name,
        "credentials": page.credentials,
        "gender": page.gender,
        "practising_since": page.practising_since,
        "specialties": [
            _snippet_reference(specialty)
            for specialty in page.specialties.order_by("name", "pk")
            if specialty.live
        ],
        "conditions": [
            _page_reference(child.condition)
            for child in _in_order(page.treated_conditions)
            if is_public(child.condition)
        ],
        "languages": [child.language for child in _in_order(page.languages)],
        "telehealth": page.telehealth,
        "telehealth_countries": sorted(
            {child.country for child in page.telehealth_countries.all() if page.telehealth}
        ),
        "practices": [
            {
                "id": str(child.practice.uuid),
                "name": child.practice.name,
                "lat": child.practice.lat,
                "lng": child.practice.lng,
                "address": {
                    "street": child.practice.street,
                    "locality": child.practice.locality,
                    "region": child.practice.region,
                    "postal_code": child.practice.postal_code,
                    "country": child.practice.country,
                },
                "phone": child.practice.phone,
                "website": child.practice.website,
                "kind": child.practice.kind,
                "time_zone": child.practice.time_zone,
                "opening_hours": [
                    {
                        "day": hours.get_day_display().lower(),
                        "opens": f"{hours.opens:%H:%M}",
                        "closes": f"{hours.closes:%H:%M}",
                    }
                    for hours in child.practice.opening_hours.order_by("day", "opens", "pk")
                ],
                "accessibility": child.practice.accessibility,
                "accepting_new_patients": child.accepting_new_patients,
            }
            for child in _in_order(page.practices)
        ],
        "registrations": [
            {"authority": child.authority, "number": child.number, "scheme": child.scheme}
            for child in _in_order(page.registrations)
        ],
        "education": [
            {"institution": child.institution, "degree": child.degree, "year": child.year}
            for child in _in_order(page.education)
        ],
        "memberships": [child.organisation for child in _in_order(page.memberships)],
        "photo": None,
        "bio": _html(page.bio),
        "notice": page.notice,
        "verified_at": page.verified_at and str(page.verified_at),
    }


def _page(page: Page) -> dict[str, Any]:
    return {
        "kind": KINDS[type(page)],
        "id": str(page.translation_key),
        "locale": page.locale.language_code,
        "fallback_for": _fallback_for(page.locale) if page.shown_elsewhere else [],
        "slug": page.slug,
        "name": page.title,
        "first_published_at": _utc(page.first_published_at),
        "last_published_at": _utc(page.last_published_at),
    }


def _fallback_for(locale: Locale) -> list[str]:
    return sorted(other.language_code for other in Locale.objects.all() if locale in chain(other)[1:])


def _in_order(children: Any) -> Any:
    return children.order_by("sort_order", "pk")


def _page_reference(page: Page) -> dict[str, str]:
    return {"id": str(page.translation_key), "slug": page.slug, "name": page.title}


def _snippet_reference(specialty: Specialty) -> dict[str, str]:
    return {"id": str(specialty.translation_key), "slug": specialty.slug, "name": specialty.name}


def _utc(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    fraction = f".{moment.microsecond:06}" if moment.microsecond else ""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _html(source: str) -> str:
    """Rich text as the editor writes it, with its links to pages made links to entities."""
    soup = BeautifulSoup(source, "html.parser")
    for tag in soup.find_all(True):
        tag.attrs.pop("data-block-key", None)
        if tag.attrs.get("linktype") == "page":
            page = Page.objects.filter(pk=tag["id"]).first()
            kind = page and KINDS.get(page.specific_class)
            if page and kind and is_public(page):
                tag.attrs = {
                    "data-kind": kind,
                    "data-id": str(page.translation_key),
                    "data-slug": page.slug,
                }
            else:
                tag.unwrap()
    return str(soup)
