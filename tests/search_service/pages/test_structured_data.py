"""JSON-LD, held against schema.org's own vocabulary."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from search_service.feed.consumer import Outcome
from tests.search_service import documents
from tests.search_service.api.conftest import LEH, Get, myoclonus, neurology
from tests.search_service.fake_feed import FakeFeed
from tests.search_service.pages.vocabulary import faults

Json = dict[str, Any]

PAGES = [
    "pages/myoclonus/leh-ladakh-in/",
    "pages/myoclonus/",
    "pages/neurology/leh-ladakh-in/",
    "pages/neurology/",
]


@pytest.fixture
def full(published: FakeFeed, pull: Callable[[], Outcome]) -> None:
    """With all that an editor may give."""
    photo = {"url": "https://cms.example/one.jpg", "width": 400, "height": 400, "alt": ""}
    published.put(myoclonus | {"reviewer": {**myoclonus["reviewer"], "photo": photo}})
    doctor = documents.doctor("leh-photo", LEH, specialties=[documents.reference(neurology)], photo=photo)
    doctor["practices"][0]["phone"] = "+911982252012"
    published.put(doctor)
    pull()


def nodes(page: Json, type_: str) -> list[Json]:
    return [node for node in page["structured_data"]["@graph"] if type_ in node["@type"]]


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("path", PAGES)
def test_it_is_in_schema_orgs_vocabulary(get: Get, path: str) -> None:
    assert faults(get(path)["structured_data"]) == []


@pytest.mark.usefixtures("published")
def test_so_it_is_with_little_to_tell(get: Get, published: FakeFeed, pull: Callable[[], Outcome]) -> None:
    bare: Json = {
        "reviewer": None, "last_reviewed": None, "next_review": None, "codes": [], "alternate_names": [],
        "sections": [], "last_published_at": None, "specialties": [], "summary": "",
    }  # fmt: skip
    published.put(documents.condition("bare", **bare))
    pull()
    for path in ("pages/bare/leh-ladakh-in/", "pages/bare/34.1,77.5/"):
        assert faults(get(path)["structured_data"]) == []


def _set(path: str, value: Any) -> Callable[[Json], None]:
    type_, name = path.split(".")

    def change(page: Json) -> None:
        nodes(page, type_)[0][name] = value

    return change


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (_set("Physician.@type", "Doctor"), "no type Doctor"),
        (_set("MedicalCondition.lastReviewed", "2026-01-01"), "MedicalCondition has no lastReviewed"),
        (_set("MedicalWebPage.lastReviewed", "soon"), "lastReviewed of MedicalWebPage"),
        (_set("MedicalWebPage.reviewedBy", "Dr Who"), "reviewedBy of MedicalWebPage"),
        (_set("MedicalWebPage.breadcrumb", {"@id": "#elsewhere"}), "breadcrumb of MedicalWebPage"),
        (_set("Physician.medicalSpecialty", "https://schema.org/Brains"), "medicalSpecialty of"),
        (_set("Physician.practicesAt", {"@type": "Person", "name": "x"}), "practicesAt of"),
        (_set("MedicalClinic.geo", [1, 2]), "geo of"),
        (_set("Physician.isAcceptingNewPatients", "yes"), "isAcceptingNewPatients of"),
    ],
)
def test_the_check_sees_what_is_wrong(get: Get, change: Callable[[Json], None], fault: str) -> None:
    page = copy.deepcopy(get(PAGES[0]))
    page["structured_data"]["@graph"] = [
        {**node, "@type": "MedicalClinic"} if node["@type"] == "Hospital" else node
        for node in page["structured_data"]["@graph"]
    ]
    change(page)
    assert any(each.startswith(fault) for each in faults(page["structured_data"])), faults(
        page["structured_data"]
    )


@pytest.mark.usefixtures("full")
def test_what_a_search_engine_is_told(get: Get) -> None:
    page = get(PAGES[0])
    address = page["canonical"]
    (web_page,) = nodes(page, "MedicalWebPage")
    assert (web_page["@id"], web_page["name"], web_page["inLanguage"]) == (address, page["title"], "en")
    assert web_page["lastReviewed"] == "2026-09-01"
    assert web_page["reviewedBy"] == {
        "@type": "Person",
        "@id": "urn:uuid:0d3a5a0e-6b0f-4f0e-8f52-3d6f4b1e7a90",
        "name": "Dr Sample Reviewer",
        "honorificSuffix": "MD (fictitious)",
        "image": "https://cms.example/one.jpg",
        "identifier": {
            "@type": "PropertyValue",
            "propertyID": "Example Medical Council",
            "value": "EX-0002",
        },
    }
    assert web_page["citation"] == [
        {
            "@type": "ScholarlyArticle",
            "name": "An example of a paper",
            "publisher": {"@type": "Organization", "name": "Example Journal"},
            "url": "https://doi.org/10.1000/182",
            "identifier": "doi:10.1000/182",
        }
    ]
    (condition,) = nodes(page, "MedicalCondition")
    assert condition["@id"] == web_page["about"]["@id"]
    assert condition["code"][0] == {
        "@type": "MedicalCode",
        "codeValue": "G25.3",
        "codingSystem": "ICD-10-CM",
    }
    assert condition["relevantSpecialty"] == ["https://schema.org/Neurologic"]
    (listed,) = nodes(page, "ItemList")
    assert [item["item"]["@id"] for item in listed["itemListElement"]] == [
        f"urn:uuid:{result['id']}" for result in page["doctors"]["results"]
    ]
    doctor = next(node for node in nodes(page, "Physician") if node["name"] == "Dr Leh Photo")
    assert doctor["medicalSpecialty"] == ["https://schema.org/Neurologic"]
    hospital = next(node for node in nodes(page, "Hospital") if node["@id"] == doctor["practicesAt"]["@id"])
    assert hospital["geo"] == {"@type": "GeoCoordinates", "latitude": LEH[0], "longitude": LEH[1]}
    assert hospital["openingHours"] == ["Mo 09:00-13:00", "Mo 14:00-17:30"]
    assert hospital["telephone"] == "+911982252012"
    assert hospital["address"]["addressCountry"] == "IN"
    (faq,) = nodes(page, "FAQPage")
    assert faq["mainEntity"][0]["acceptedAnswer"]["text"] == "<p>Yes.</p>"
    (crumbs,) = nodes(page, "BreadcrumbList")
    assert [(item["position"], item["name"]) for item in crumbs["itemListElement"]] == [
        (1, "Myoclonus"),
        (2, "Leh"),
    ]
    assert crumbs["itemListElement"][-1]["item"] == {"@type": "WebPage", "@id": address}
