"""A page as JSON-LD, in the vocabulary of schema.org (https://schema.org/docs/meddocs.html)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from search_service.pages.subjects import Subject

Json = dict[str, Any]

_CODE_SYSTEMS = {
    "icd-10-cm": "ICD-10-CM",
    "icd-11": "ICD-11",
    "mesh": "MeSH",
    "hpo": "HPO",
    "doid": "DOID",
    "snomed-ct": "SNOMED CT",
}


def graph(
    subject: Subject,
    page: Json,
    cards: Sequence[tuple[Json, Json]],
    specialties: Mapping[str, Json],
    place: Json | None,
) -> Json:
    """All that `page` (see `compose`) says, as one `@graph`. `cards` are those of its doctors and of the listings where
    they are found, `specialties` those by slug, `place` the match, as `answers.place` tells it."""
    address = page["canonical"]
    nodes = [
        _web_page(subject, page, place, has_doctors=bool(cards)),
        _subject(subject, address, specialties),
    ]
    crumbs = [crumb for crumb in page["breadcrumbs"] if crumb["url"]]
    nodes.append(
        {
            "@type": "BreadcrumbList",
            "@id": f"{address}#breadcrumbs",
            "itemListElement": [
                _item(number, name=crumb["name"], item={"@type": "WebPage", "@id": crumb["url"]})
                for number, crumb in enumerate(crumbs, 1)
            ],
        }
    )
    if page["faq"]:
        nodes.append(
            {
                "@type": "FAQPage",
                "@id": f"{address}#faq",
                "mainEntity": [
                    {
                        "@type": "Question",
                        "name": each["question"],
                        "acceptedAnswer": {"@type": "Answer", "text": each["html"]},
                    }
                    for each in page["faq"]
                ],
            }
        )
    if cards:
        nodes += _doctors(page, cards, specialties)
    return {"@context": "https://schema.org", "@graph": nodes}


def _web_page(subject: Subject, page: Json, place: Json | None, *, has_doctors: bool) -> Json:
    document, address = subject.document, page["canonical"]
    return _known(
        {
            "@type": "MedicalWebPage",
            "@id": address,
            "url": address,
            "name": page["title"],
            "description": page["meta_description"],
            "inLanguage": document["locale"],
            "about": _id(document["id"]),
            "breadcrumb": {"@id": f"{address}#breadcrumbs"},
            "dateModified": page["last_modified"],
            "lastReviewed": document["last_reviewed"],
            "reviewedBy": document["reviewer"] and _person(document["reviewer"]),
            "citation": [
                _citation(each) for section in document["sections"] for each in section["citations"]
            ],
            "mainEntity": {"@id": f"{address}#doctors"} if has_doctors else None,
            "contentLocation": place
            and {"@type": "Place", "name": place["label"], "geo": _geo(place["lat"], place["lng"])},
        }
    )


def _subject(subject: Subject, address: str, specialties: Mapping[str, Json]) -> Json:
    document = subject.document
    node = {
        **_id(document["id"]),
        "name": document["name"],
        "alternateName": document["alternate_names"],
        "description": document["summary"],
        "mainEntityOfPage": address,
    }
    if subject.kind == "specialty":
        return _known({"@type": "MedicalSpecialty", **node, "sameAs": _of_schema_org(document)})
    return _known(
        {
            "@type": "MedicalCondition",
            **node,
            "code": [
                {
                    "@type": "MedicalCode",
                    "codeValue": code["code"],
                    "codingSystem": _CODE_SYSTEMS.get(code["system"], code["system"]),
                }
                for code in document["codes"]
            ],
            "relevantSpecialty": _medical_specialties(
                (each["slug"] for each in document["specialties"]), specialties
            ),
        }
    )


def _person(reviewer: Json) -> Json:
    registration, photo = reviewer["registration"], reviewer["photo"]
    return _known(
        {
            "@type": "Person",
            **(_id(reviewer["id"]) if reviewer["id"] else {}),
            "name": reviewer["name"],
            "honorificSuffix": reviewer["credentials"],
            "image": photo and photo["url"],
            "identifier": registration
            and {
                "@type": "PropertyValue",
                "propertyID": registration["authority"],
                "value": registration["number"],
            },
        }
    )


def _citation(citation: Json) -> Json:
    doi, source = citation["doi"], citation["source"]
    return _known(
        {
            "@type": "ScholarlyArticle" if doi else "CreativeWork",
            "name": citation["title"],
            "publisher": source and {"@type": "Organization", "name": source},
            "url": citation["url"] or (doi and f"https://doi.org/{doi}"),
            "identifier": doi and f"doi:{doi}",
        }
    )


def _doctors(page: Json, cards: Sequence[tuple[Json, Json]], specialties: Mapping[str, Json]) -> list[Json]:
    """The list, its doctors, and once each the practices where they are found."""
    practices = {listing["practice"]["id"]: _practice(listing["practice"]) for _, listing in cards}
    doctors = [
        _doctor(doctor, listing, practices[listing["practice"]["id"]], specialties)
        for doctor, listing in cards
    ]
    items = [_item(number, item={"@id": doctor["@id"]}) for number, doctor in enumerate(doctors, 1)]
    listed = {
        "@type": "ItemList",
        "@id": f"{page['canonical']}#doctors",
        "name": page["headings"]["doctors"],
        "numberOfItems": len(items),
        "itemListElement": items,
    }
    return [listed, *doctors, *practices.values()]


def _doctor(doctor: Json, listing: Json, practice: Json, specialties: Mapping[str, Json]) -> Json:
    photo = doctor["photo"]
    return _known(
        {
            # The former is a practice as much as a person; the latter, which is new, a person only.
            "@type": ["Physician", "IndividualPhysician"],
            **_id(doctor["id"]),
            "name": doctor["name"],
            "hasCredential": doctor["credentials"]
            and {"@type": "EducationalOccupationalCredential", "name": doctor["credentials"]},
            "medicalSpecialty": _medical_specialties(doctor["specialties"], specialties),
            "knowsLanguage": doctor["languages"],
            "image": photo and photo["url"],
            "isAcceptingNewPatients": listing["accepting_new_patients"],
            "practicesAt": {"@id": practice["@id"]},
            "address": practice["address"],
        }
    )


def _practice(practice: Json) -> Json:
    return _known(
        {
            "@type": "Hospital" if practice["kind"] == "hospital" else "MedicalClinic",
            **_id(practice["id"]),
            "name": practice["name"],
            "address": _address(practice["address"]),
            "geo": _geo(practice["lat"], practice["lng"]),
            "telephone": practice["phone"],
            "openingHours": practice["hours"],
        }
    )


def _address(address: Json) -> Json:
    return _known(
        {
            "@type": "PostalAddress",
            "streetAddress": address["street"],
            "addressLocality": address["locality"],
            "addressRegion": address["region"],
            "postalCode": address["postal_code"],
            "addressCountry": address["country"],
        }
    )


def _geo(lat: float, lng: float) -> Json:
    return {"@type": "GeoCoordinates", "latitude": lat, "longitude": lng}


def _medical_specialties(slugs: Iterable[str], specialties: Mapping[str, Json]) -> list[str | Json]:
    """As schema.org's own values where editors gave the code, else by name."""
    known = (specialties[slug] for slug in slugs if slug in specialties)
    return [_of_schema_org(each) or {"@type": "MedicalSpecialty", "name": each["name"]} for each in known]


def _of_schema_org(specialty: Json) -> str | None:
    codes = (code["code"] for code in specialty["codes"] if code["system"] == "schema.org")
    return next((f"https://schema.org/{code}" for code in codes), None)


def _item(position: int, **of: Any) -> Json:
    return {"@type": "ListItem", "position": position, **of}


def _id(id_: str) -> Json:
    return {"@id": f"urn:uuid:{id_}"}


def _known(node: Json) -> Json:
    """What is not known is left out, not told as empty."""
    return {name: value for name, value in node.items() if value or value is False}
