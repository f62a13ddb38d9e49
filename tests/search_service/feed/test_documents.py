"""From an entry of the feed to a change of the index."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.feed.documents import KINDS, to_change
from search_service.feed.plain_text import plain_text
from search_service.index.protocol import Delete, Put, Refuse, Term
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
    # `fallback_for` is for whoever chooses between languages, which the search service does not do yet.
    told = {key: example[key] for key in example if key not in ("kind", "fallback_for")}
    assert orjson.loads(change.document.body) == told


def test_every_kind_of_the_contract_is_known() -> None:
    schemas = {path.name.split(".")[0] for path in documents.EXAMPLES.parent.glob("*.schema.json")}
    assert set(KINDS) == schemas - {"change", "changes", "common", "digests"}


def test_a_doctor_is_found_under_conditions_and_specialties_at_each_practice() -> None:
    example = documents.example("doctor-two-practices")
    change = to_change(entry(example))
    assert isinstance(change, Put)
    assert set(change.document.terms) == {
        Term("condition", example["conditions"][0]["id"]),
        Term("specialty", example["specialties"][0]["id"]),
        Term("language", "en"),
        Term("language", "bo"),
        Term("gender", "unknown"),
        Term("telehealth", "true"),
        Term("telehealth_in", "BT"),
        Term("telehealth_in", "IN"),
    }
    assert [(listing.lat, listing.lng) for listing in change.document.listings] == [
        (34.1526, 77.5771),
        (-18.1416, 178.4419),
    ]
    assert [set(listing.terms) for listing in change.document.listings] == [
        {Term("practice", practice["id"]), Term("accepting_new_patients", accepting)}
        for practice, accepting in zip(example["practices"], ("true", "false"), strict=True)
    ]
    assert (change.document.since, change.document.verified_on) == (2004, date(2026, 10, 2))


@pytest.mark.parametrize(
    ("called", "names", "sort_name"),
    [
        (("Dr", "Stanzin", "Ångmo", "Dr Stanzin Ångmo"), ("stanzin", "angmo"), "angmo stanzin"),
        (("Dr.", "Drolma", "", "Drolma Lhamo"), ("drolma", "lhamo"), "drolma"),
        (("", "", "", "Amchi Tsering"), ("amchi", "tsering"), "amchi tsering"),
        (("Dr", "Anne-Marie", "O'Brien", "Dr A. M. OBrien"), ("anne", "marie", "obrien", "a", "m"), "obrien anne marie"),
        (("Dr", "", "", "Dr"), ("dr",), "dr"),
        (("", "བསྟན་འཛིན", "", "བསྟན་འཛིན"), ("བསྟན", "འཛིན"), "བསྟན འཛིན"),
        (("", "x" * 255, "y" * 255, "z"), ("x" * 255, "y" * 255, "z"), "y" * 100),
    ],
)  # fmt: skip
def test_by_what_a_doctor_is_looked_for_and_sorted(
    called: tuple[str, str, str, str], names: tuple[str, ...], sort_name: str
) -> None:
    prefix, given_name, family_name, name = called
    fields = {"honorific_prefix": prefix, "given_name": given_name, "family_name": family_name, "name": name}
    change = to_change(entry(documents.example("doctor-two-practices") | fields))
    assert isinstance(change, Put)
    assert (change.document.names, change.document.sort_name) == (names, sort_name)


def test_a_feed_that_does_not_have_the_newer_fields_yet() -> None:
    older = documents.example("doctor-two-practices")
    del older["practising_since"], older["telehealth_countries"]
    change = to_change(entry(older))
    assert isinstance(change, Put)
    body = orjson.loads(change.document.body)
    assert (body["practising_since"], body["telehealth_countries"]) == (None, [])
    assert change.document.since is None
    assert change.document.former_slugs == ()


def test_a_feed_of_before_the_contract_was_widened() -> None:
    """All that is not required is left out, at every depth."""
    widened: dict[str, dict[str, Json]] = {
        "condition-myoclonus": {
            "sections": {"key_points": [], "faq": [], "citations": []},
            "reviewer": {"id": None, "registration": None, "conflict_of_interest": "", "photo": None},
        },
        "doctor-two-practices": {
            "practices": {
                "website": "",
                "kind": "",
                "time_zone": "",
                "opening_hours": [],
                "accessibility": [],
            },
            "registrations": {"scheme": ""},
        },
    }
    for name, nested in widened.items():
        older = documents.example(name)
        for field in ("education", "memberships", "photo"):
            older.pop(field, None)
        for field, defaults in nested.items():
            for part in older[field] if isinstance(older[field], list) else [older[field]]:
                for missing in defaults:
                    del part[missing]
        change = to_change(entry(older))
        assert isinstance(change, Put)
        body = orjson.loads(change.document.body)
        for field, defaults in nested.items():
            part = body[field][0] if isinstance(body[field], list) else body[field]
            assert {key: part[key] for key in defaults} == defaults
        if name == "doctor-two-practices":
            assert (body["education"], body["memberships"], body["photo"]) == ([], [], None)


def test_a_reviewer_without_a_scheme_or_none_at_all() -> None:
    example = documents.example("condition-myoclonus")
    registration = {"authority": "A", "number": "1"}
    for reviewer, told in (
        (example["reviewer"] | {"registration": registration}, registration | {"scheme": ""}),
        (example["reviewer"] | {"registration": None}, None),
    ):
        change = to_change(entry(example | {"reviewer": reviewer}))
        assert isinstance(change, Put)
        assert orjson.loads(change.document.body)["reviewer"]["registration"] == told
    change = to_change(entry(example | {"reviewer": None}))
    assert isinstance(change, Put)
    assert orjson.loads(change.document.body)["reviewer"] is None


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<p>One</p><p>two</p>", "One two"),
        ("<table><tr><th>A</th><td>b</td></tr><tr><td>c</td></tr></table>", "A b c"),
        ('<dl class="faq"><dt>Why?</dt><dd><p>So.</p></dd></dl>', "Why? So."),
        ('<figure><img src="https://x.example/a.jpg" alt="A hand"><figcaption>Shakes</figcaption></figure>', "A hand Shakes"),
        ('<figure><img src="https://x.example/a.jpg"/></figure>', ""),
        ("<aside class='urgent'><h3>Now</h3>call</aside>", "Now call"),
        ("myo<b>clo</b>nus<br>H<sub>2</sub>O x<sup>9</sup>", "myoclonus H2O x 9"),
        ("a &amp; b &lt;p&gt; &nbsp;c", "a & b <p> c"),
        ("<p>never <b>closed", "never closed"),
        ("1 < 2 <", "1 < 2 <"),
    ],
)  # fmt: skip
def test_the_text_of_html(html: str, text: str) -> None:
    assert plain_text(html) == text


@given(st.text())
def test_whatever_html_has_a_text(html: str) -> None:
    assert plain_text(html).split() == plain_text(html).split(" ") or not plain_text(html)


def test_former_slugs_come_along() -> None:
    example = documents.example("doctor-two-practices")
    change = to_change(entry(example, former_slugs=["dr-one", "dr-won"]))
    assert isinstance(change, Put)
    assert change.document.former_slugs == ("dr-one", "dr-won")


def test_tags_and_ids_are_terms_in_small_letters() -> None:
    example = documents.example("doctor-two-practices")
    practices = [example["practices"][0] | {"id": example["practices"][0]["id"].upper()}]
    change = to_change(entry(example | {"languages": ["pt-BR", "PT-br"], "practices": practices}))
    assert isinstance(change, Put)
    assert [term.value for term in change.document.terms if term.facet == "language"] == ["pt-br"]
    assert Term("practice", example["practices"][0]["id"]) in change.document.listings[0].terms


def test_a_tombstone_deletes() -> None:
    example = documents.example("doctor-two-practices")
    id_ = UUID(example["id"])
    assert to_change(entry(None)) == Delete("doctor", id_, "en")
    assert to_change(entry(None, former_slugs=[])) == Delete("doctor", id_, "en", ())
    assert to_change(entry(None, former_slugs=["a", "b"])) == Delete("doctor", id_, "en", ("a", "b"))


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
        ({"former_slugs": "dr-one"}, "former_slugs:"),
        ({"former_slugs": [1]}, "former_slugs/0:"),
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
