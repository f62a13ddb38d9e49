"""What the feed carries is what contracts/feed/v1/ says, no less and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from wagtail.models import Page, PageViewRestriction

from cms.doctors.models import DoctorCondition
from cms.feed import reading
from cms.feed.kinds import _kinds, kinds
from cms.feed.models import Change
from tests.cms import factories
from tests.cms.feed.conftest import Consumer, World

SCHEMAS = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text())
    for path in (Path(__file__).parents[3] / "contracts" / "feed" / "v1").glob("*.schema.json")
}
REGISTRY = jsonschema_rs.Registry([(schema["$id"], schema) for schema in SCHEMAS.values()])


def errors(schema: str, document: Any) -> list[str]:
    validator = jsonschema_rs.validator_for(SCHEMAS[schema], registry=REGISTRY, validate_formats=True)
    return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(document)]


def undeclared(schema: dict[str, Any], value: Any, path: str = "") -> Iterator[str]:
    """Keys of `value` that its schema has not."""
    if "$ref" in schema:
        uri, _, pointer = schema["$ref"].partition("#")
        schema = SCHEMAS[(uri or SCHEMAS["common"]["$id"]).rsplit(":", 1)[1]]
        for step in pointer.strip("/").split("/"):
            schema = schema[step]
        yield from undeclared(schema, value, path)
    elif isinstance(value, list):
        for item in value:
            yield from undeclared(schema["items"], item, f"{path}[]")
    elif isinstance(value, dict):
        yield from (f"{path}.{key}" for key in value.keys() - schema["properties"].keys())
        for key in value.keys() & schema["properties"].keys():
            yield from undeclared(schema["properties"][key], value[key], f"{path}.{key}")


@pytest.mark.parametrize("full", [True, False], ids=["full", "as empty as can be"])
def test_documents_are_in_the_contract(full: bool, consumer: Consumer, world: World) -> None:
    if full:
        world.neurology.nucc_code = "2084N0400X"
        world.neurology.save()
        world.angmo.honorific_prefix, world.angmo.telehealth = "Dr", True
        world.angmo.verified_at = world.myoclonus.last_reviewed = "2026-10-02"
        world.myoclonus.next_review = "2028-10-02"
        factories.publish(world.angmo)
        factories.publish(world.myoclonus)
    else:
        factories.make_specialty()
        factories.publish(factories.make_doctor(live=False))
        condition = factories.make_condition(live=False)
        Page.objects.filter(pk=condition.pk).update(live=True)
    consumer.pull()
    assert {kind for kind, _, _ in consumer.held} == set(kinds())
    for document in consumer.held.values():
        assert errors(document["kind"], document) == []
        assert list(undeclared(SCHEMAS[document["kind"]], document)) == []


def test_names_that_match_only_exactly_are_told_once_in_their_order(consumer: Consumer, world: World) -> None:
    page = factories.make_condition(
        "Huntington's disease",
        alternate_names=["Huntington's chorea", "HD", "Chorea"],
        search_phrases=["hd doctor", "Chorea", "chorea treatment"],
        exact_names=["Chorea", "HD", "hd doctor"],
    )
    consumer.pull()
    document = consumer.held["condition", str(page.translation_key), "en"]
    assert document["alternate_names"] == ["Huntington's chorea", "HD", "Chorea"]
    assert document["search_phrases"] == ["hd doctor", "Chorea", "chorea treatment"]
    assert document["exact_names"] == ["HD", "Chorea", "hd doctor"]


def test_other_names_of_a_specialty_are_told_in_their_order(consumer: Consumer, world: World) -> None:
    specialty = factories.make_specialty(
        "Otolaryngology",
        alternate_names=["Ear, nose and throat", "ENT", "Throat doctor", "ENT"],
        exact_names=["ENT", "Throat doctor"],
    )
    consumer.pull()
    document = consumer.held["specialty", str(specialty.translation_key), "en"]
    assert document["alternate_names"] == ["Ear, nose and throat", "ENT", "Throat doctor", "ENT"]
    assert document["exact_names"] == ["ENT", "Throat doctor"]
    plain = consumer.held["specialty", str(world.sleep_medicine.translation_key), "en"]
    assert (plain["alternate_names"], plain["exact_names"]) == ([], [])


def test_a_page_of_the_feed_is_in_the_contract(consumer: Consumer, world: World) -> None:
    world.angmo.delete()
    page = json.loads(json.dumps(reading.changes(after=consumer.cursor, limit=1000)))
    assert {change["document"] is None for change in page["changes"]} == {True, False}
    assert errors("changes", page) == []
    change = SCHEMAS["changes"]["properties"]["changes"]["items"]
    assert page.keys() == SCHEMAS["changes"]["properties"].keys()
    for entry in page["changes"]:
        assert entry.keys() == _properties(change).keys()


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        schema = next(other for other in SCHEMAS.values() if other["$id"] == schema["$ref"])
    return dict(schema["properties"])


def test_only_what_is_live_and_public_is_named(consumer: Consumer, world: World) -> None:
    world.angmo.treated_conditions = [
        DoctorCondition(condition=condition)
        for condition in (world.myoclonus, world.restless_legs, world.draft_condition)
    ]
    factories.publish(world.angmo)
    PageViewRestriction.objects.create(page=world.restless_legs, restriction_type="login")
    consumer.pull()
    angmo = consumer.held["doctor", str(world.angmo.translation_key), "en"]
    assert [condition["name"] for condition in angmo["conditions"]] == ["Myoclonus"]


def test_a_document_is_of_now_however_old_its_seq(consumer: Consumer, world: World) -> None:
    seq = Change.objects.get(kind="doctor", key=world.angmo.translation_key).seq
    Page.objects.filter(pk=world.angmo.pk).update(title="Dr Now")
    consumer.pull()
    moved = Change.objects.get(kind="doctor", key=world.angmo.translation_key)
    assert moved.seq > seq
    assert consumer.held["doctor", str(world.angmo.translation_key), "en"]["name"] == "Dr Now"
    assert Change.objects.filter(kind="doctor", key=world.angmo.translation_key).count() == 1


def test_a_kind_that_is_no_more_has_tombstones(
    consumer: Consumer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(_kinds, "specialty")
    changes = consumer.pull()
    assert {c["document"] for c in changes if c["kind"] == "specialty"} == {None}
