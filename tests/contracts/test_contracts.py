"""The contract of the feed holds together: schemas are schemas, and every example follows its schema."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

FOLDER = Path(__file__).parents[2] / "contracts" / "feed" / "v1"
SCHEMAS: dict[str, Any] = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text())
    for path in FOLDER.glob("*.schema.json")
}
EXAMPLES: dict[str, Any] = {
    path.stem: json.loads(path.read_text()) for path in FOLDER.glob("examples/*.json")
}
REGISTRY = jsonschema_rs.Registry([(schema["$id"], schema) for schema in SCHEMAS.values()])
# Not kinds of entity.
FRAME = {"changes", "change", "common", "digests"}


def errors(schema: str, document: Any) -> list[str]:
    validator = jsonschema_rs.validator_for(SCHEMAS[schema], registry=REGISTRY, validate_formats=True)
    return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(document)]


def schema_of(example: str) -> str:
    """An example is called after its schema: condition-myoclonus.json."""
    return example if example in SCHEMAS else example.partition("-")[0]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_one(name: str) -> None:
    schema = SCHEMAS[name]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:doctors-near-you:feed:v1:{name}"
    jsonschema_rs.meta.validate(schema)
    errors(name, {})  # raises if a reference leads nowhere


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_follows_its_schema(name: str) -> None:
    assert errors(schema_of(name), EXAMPLES[name]) == []


def test_every_kind_has_an_example() -> None:
    assert {schema_of(name) for name in EXAMPLES} >= SCHEMAS.keys() - FRAME


def test_documents_of_the_page_follow_the_schemas_of_their_kinds() -> None:
    page = EXAMPLES["changes-page"]
    documents = [change["document"] for change in page["changes"] if change["document"]]
    assert {document["kind"] for document in documents} == SCHEMAS.keys() - FRAME
    for document in documents:
        assert errors(document["kind"], document) == []
    assert None in [change["document"] for change in page["changes"]]


def test_former_slugs_are_of_documents_and_of_tombstones_and_may_be_missing() -> None:
    page = copy.deepcopy(EXAMPLES["changes-page"])
    former = {change["document"] is None: change["former_slugs"] for change in page["changes"]}
    assert former == {
        False: ["dr-example", "dr-example-the-first"],
        True: ["dr-example-two"],
    }
    for change in page["changes"]:
        del change["former_slugs"]
    assert errors("changes", page) == []


def test_exact_names_are_names_or_phrases_of_the_condition_and_may_be_missing() -> None:
    condition = copy.deepcopy(EXAMPLES["condition-myoclonus"])
    known = [condition["name"], *condition["alternate_names"], *condition["search_phrases"]]
    assert condition["exact_names"]
    assert set(condition["exact_names"]) < set(known)
    del condition["exact_names"]
    assert errors("condition", condition) == []


def test_names_of_a_specialty_may_be_missing() -> None:
    specialty = copy.deepcopy(EXAMPLES["specialty-neurology"])
    assert specialty["exact_names"]
    assert set(specialty["exact_names"]) < {specialty["name"], *specialty["alternate_names"]}
    for key in ("alternate_names", "exact_names"):
        del specialty[key]
        assert errors("specialty", specialty) == []


@pytest.mark.parametrize("former", [None, "dr-example", [1], [None]])
def test_former_slugs_are_texts(former: Any) -> None:
    assert errors("change", EXAMPLES["changes-page"]["changes"][0] | {"former_slugs": former}) != []


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_required_key_is_required(name: str) -> None:
    schema = SCHEMAS[schema_of(name)]
    for key in schema["required"]:
        document = copy.deepcopy(EXAMPLES[name])
        del document[key]
        assert errors(schema_of(name), document) != []


@pytest.mark.parametrize(
    ("example", "key", "value"),
    [
        ("doctor-two-practices", "id", "not-a-uuid"),
        ("doctor-two-practices", "verified_at", "2026-13-01"),
        ("doctor-two-practices", "last_published_at", "yesterday"),
        ("doctor-two-practices", "languages", ["en us"]),
        ("doctor-two-practices", "kind", "condition"),
        ("doctor-two-practices", "practising_since", 1899),
        ("doctor-two-practices", "practising_since", 2101),
        ("doctor-two-practices", "practising_since", "2004"),
        ("doctor-two-practices", "telehealth_countries", ["in"]),
        ("doctor-two-practices", "telehealth_countries", None),
        ("doctor-two-practices", "name", ""),
        ("condition-myoclonus", "slug", "with space"),
        ("condition-myoclonus", "exact_names", None),
        ("condition-myoclonus", "exact_names", "Jerking"),
        ("condition-myoclonus", "exact_names", [""]),
        ("condition-myoclonus", "exact_names", [{"name": "Jerking"}]),
        ("condition-myoclonus", "codes", [{"system": "made-up", "code": "1"}]),
        ("condition-myoclonus", "reviewer", {"name": "Dr A"}),
        ("specialty-neurology", "alternate_names", None),
        ("specialty-neurology", "alternate_names", [""]),
        ("specialty-neurology", "exact_names", None),
        ("specialty-neurology", "exact_names", "Neuro"),
        ("specialty-neurology", "exact_names", [{"name": "Neuro"}]),
        ("specialty-neurology", "codes", [{"system": "nucc", "code": ""}]),
        ("page_texts-specialty", "slug", "condition"),
        ("page_texts-specialty", "id", "29efc8f2-f77c-58f8-a95c-5e0ceb129b0f"),
        ("page_texts-specialty", "title", ""),
        ("page_texts-specialty", "title", "Doctors in {plaec}"),
        ("page_texts-specialty", "title", "{place.__class__}"),
        ("page_texts-specialty", "title", "{0}"),
        ("page_texts-specialty", "title", "{place"),
        ("page_texts-specialty", "title", "{{place}}"),
        ("page_texts-specialty", "title", "{place}\n"),
        ("page_texts-specialty", "title", "a\x00"),
        ("page_texts-specialty", "heading", "<script>"),
        ("page_texts-specialty", "meta_description", "a" * 501),
        ("changes-page", "epoch", "first"),
        ("changes-page", "version", 2),
    ],
)
def test_what_is_wrong_is_refused(example: str, key: str, value: Any) -> None:
    assert errors(schema_of(example), EXAMPLES[example] | {key: value}) != []


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_key_of_tomorrow_is_no_error(name: str) -> None:
    """Within a version keys may be added: consumers ignore those that they do not know."""
    assert errors(schema_of(name), EXAMPLES[name] | {"of_tomorrow": 1}) == []
