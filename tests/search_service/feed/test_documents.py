"""From an entry of the feed to a change of the index."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.feed.documents import KINDS, to_change
from search_service.index.protocol import Delete, Put, Refuse
from tests.search_service import documents

Json = dict[str, Any]


def entry(document: Json | None, /, **fields: Any) -> Json:
    named = document or documents.example("doctor-two-practices")
    return {
        "seq": 7,
        "kind": named["kind"],
        "id": named["id"],
        "locale": named["locale"],
        "digest": None if document is None else "0a1b",
        "document": document,
    } | fields


@pytest.mark.parametrize("name", ["specialty-neurology", "condition-myoclonus", "doctor-two-practices"])
def test_every_example_of_the_contract_is_indexed(name: str) -> None:
    example = documents.example(name)
    change = to_change(entry(example))
    assert isinstance(change, Put)
    assert change.document.id == UUID(example["id"])
    assert change.document.digest == "0a1b"
    assert orjson.loads(change.document.body) == {key: example[key] for key in example if key != "kind"}


def test_every_kind_of_the_contract_is_known() -> None:
    schemas = {path.name.split(".")[0] for path in documents.EXAMPLES.parent.glob("*.schema.json")}
    assert set(KINDS) == schemas - {"change", "changes", "common", "digests"}


def test_a_doctor_is_found_under_conditions_and_specialties_at_each_practice() -> None:
    example = documents.example("doctor-two-practices")
    change = to_change(entry(example))
    assert isinstance(change, Put)
    assert change.document.terms == (
        UUID(example["conditions"][0]["id"]),
        UUID(example["specialties"][0]["id"]),
    )
    assert [(listing.lat, listing.lng) for listing in change.document.listings] == [
        (34.1526, 77.5771),
        (-18.1416, 178.4419),
    ]


def test_a_tombstone_deletes() -> None:
    example = documents.example("doctor-two-practices")
    assert to_change(entry(None)) == Delete("doctor", UUID(example["id"]), "en")


def test_fields_that_we_do_not_know_are_ignored() -> None:
    example = documents.example("doctor-two-practices")
    change = to_change(entry(example | {"shoe_size": 42}, sent_by="a newer CMS"))
    assert isinstance(change, Put)
    assert b"shoe_size" not in change.document.body


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ({"document": {"kind": "doctor"}}, "required property"),
        ({"digest": None}, "digest:"),
        ({"digest": 7}, "digest:"),
        ({"id": "not-a-uuid"}, "id:"),
        ({"id": documents.uid("another")}, "another entity"),
        ({"locale": "hi"}, "another entity"),
        ({"kind": "unicorn"}, "unicorn"),
        ({"kind": ["doctor"]}, "kind:"),
        ({"document": "text"}, "document:"),
        ({"seq": "seven"}, "seq:"),
    ],
)
def test_a_malformed_entry_is_refused_and_named(spoil: Json, said: str) -> None:
    change = to_change(entry(documents.example("doctor-two-practices"), **spoil))
    assert isinstance(change, Refuse)
    assert said in change.error


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("practices", [{"id": "x"}]),
        ("languages", ["not a tag!"]),
        ("gender", "F"),
        ("verified_at", "yesterday"),
        ("slug", "with space"),
        ("name", ""),
    ],
)
def test_a_malformed_document_is_refused_and_says_where(field: str, value: Any) -> None:
    change = to_change(entry(documents.example("doctor-two-practices") | {field: value}))
    assert isinstance(change, Refuse)
    assert (change.kind, change.seq) == ("doctor", 7)
    assert change.error.startswith(field)


@pytest.mark.parametrize(("lat", "lng"), [(90.1, 0.0), (0.0, 180.1), (-91, 0), (1e308, 0)])
def test_a_point_outside_the_globe_is_refused(lat: float, lng: float) -> None:
    change = to_change(entry(documents.doctor("lost", (lat, lng))))
    assert isinstance(change, Refuse)
    assert change.error.startswith("practices/0/")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_no_json_whatever_raises(value: Any) -> None:
    assert isinstance(to_change(value), Refuse)


@given(st.sampled_from(sorted(documents.example("doctor-two-practices"))), json_values)
def test_no_value_in_any_field_raises(field: str, value: Any) -> None:
    change = to_change(entry(documents.example("doctor-two-practices") | {field: value}))
    assert isinstance(change, Put | Refuse)
