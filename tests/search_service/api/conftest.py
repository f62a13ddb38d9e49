"""A small published world around Domkhar and Leh, behind the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import pytest
from django.test import Client

from search_service.feed.consumer import Outcome
from tests.search_service import documents
from tests.search_service.fake_feed import FakeFeed

Json = dict[str, Any]

DOMKHAR = (34.39375, 76.76030)
LEH = (34.16504, 77.58402)
KHALTSE = (34.3236, 76.8800)

neurology = documents.specialty("neurology", practitioner_name="Neurologist")
cardiology = documents.specialty("cardiology", practitioner_name="Cardiologist", codes=[])
restless_legs = documents.condition(
    "restless-legs-syndrome",
    name="Restless legs syndrome",
    specialties=[documents.reference(neurology)],
    alternate_names=["Restless leg syndrome", "WED"],
    exact_names=["WED"],
    codes=[{"system": "icd-10-cm", "code": "G25.81"}],
    sections=[{"aspect": "treatments", "heading": "Treatment", "html": "<p>Moving helps.</p>"}],
    search_phrases=["restless leg syndrome treatment", "legs that will not keep still"],
)
myoclonus = documents.condition(
    "myoclonus",
    specialties=[documents.reference(neurology)],
    related_conditions=[documents.reference(restless_legs)],
)


def world() -> list[Json]:
    by_specialty: Json = {"specialties": [documents.reference(neurology)]}
    by_condition: Json = {"conditions": [documents.reference(myoclonus)]}
    return [
        neurology,
        cardiology,
        restless_legs,
        myoclonus,
        documents.doctor("leh-one", LEH, **by_specialty),
        documents.doctor("leh-two", (34.17, 77.59), (28.6, 77.2), **by_specialty, **by_condition),
        documents.doctor("delhi", (28.6139, 77.2090), **by_specialty),
        documents.doctor("heart", KHALTSE, specialties=[documents.reference(cardiology)]),
        documents.doctor("no-practice", **by_specialty),
    ]


class Get(Protocol):
    def __call__(self, path: str, /, status: int = 200, **params: Any) -> Json: ...


@pytest.fixture
def published(places: None, feed: FakeFeed, pull: Callable[[], Outcome]) -> FakeFeed:
    for document in world():
        feed.put(document)
    pull()
    return feed


@pytest.fixture
def get() -> Get:
    """GET a path of /api/v1/ as an app would; the status is checked and the JSON returned."""
    client = Client()

    def get(path: str, /, status: int = 200, **params: Any) -> Json:
        response = client.get(f"/api/v1/{path}", params)
        assert response.status_code == status, response.content[:500]
        expected = "application/json" if status < 400 else "application/problem+json"
        assert response["Content-Type"] == expected
        answer: Json = response.json()
        return answer

    return get
