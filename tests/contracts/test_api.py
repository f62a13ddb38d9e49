"""The public API keeps what it promised: see contracts/api/v1/README.md."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.contracts.breaking import breaking
from tests.e2e.openapi.examples import example

Json = dict[str, Any]
Change = Callable[[Json], object]

FOLDER = Path(__file__).parents[2] / "contracts" / "api" / "v1"
NOW: Json = json.loads((FOLDER / "openapi.json").read_text())
PROMISED = sorted((FOLDER / "promised").glob("*.json"))
DOCTORS = "/api/v1/doctors/"
TEXT = {"type": "string"}


@pytest.mark.parametrize("promised", PROMISED, ids=lambda path: path.stem)
def test_what_was_promised_is_kept(promised: Path) -> None:
    gone = breaking(json.loads(promised.read_text()), NOW)
    assert gone == [], f"what cannot be kept goes into /api/v2/: {FOLDER / 'README.md'}"


def test_a_promise_is_not_rewritten() -> None:
    """In a checkout with its history. Where there is none, there is nothing to compare with."""
    log = ["git", "log", "--diff-filter=MDR", "--oneline", "--", str(FOLDER / "promised")]
    changed = subprocess.run(log, cwd=FOLDER, capture_output=True, text=True, check=False)
    assert changed.stdout == ""
    assert PROMISED


# --- Examples

ANSWERS = [
    (path, status, media)
    for path, methods in NOW["paths"].items()
    for status, response in methods["get"]["responses"].items()
    for media in response.get("content", ())
]


def faults(schema: Json, value: object) -> list[str]:
    """What is wrong with a value, properties that are not documented included."""
    components = {
        name: {**each, "additionalProperties": False} if "properties" in each else each
        for name, each in NOW["components"]["schemas"].items()
    }
    whole = {**schema, "components": {"schemas": components}}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(value)]


@pytest.mark.parametrize(("path", "status", "media"), ANSWERS)
def test_an_answer_has_an_example_that_is_one(path: str, status: str, media: str) -> None:
    content = NOW["paths"][path]["get"]["responses"][status]["content"][media]
    assert faults(content["schema"], content["example"]) == []
    if media == "application/problem+json":
        assert content["example"]["status"] == int(status)


@pytest.mark.parametrize("path", NOW["paths"])
def test_each_parameter_has_an_example_that_is_one(path: str) -> None:
    for each in NOW["paths"][path]["get"]["parameters"]:
        assert each["description"], each["name"]
        assert faults(each["schema"], example(each)) == [], each["name"]


# --- Breaks


def operation(document: Json, path: str = DOCTORS) -> Json:
    found: Json = document["paths"][path]["get"]
    return found


def answers(document: Json, status: str = "200") -> Json:
    found: Json = operation(document)["responses"][status]
    return found


def parameter(document: Json, name: str) -> Json:
    found: Json
    (found,) = (each for each in operation(document)["parameters"] if each["name"] == name)
    return found


def schema(document: Json, name: str) -> Json:
    found: Json = document["components"]["schemas"][name]
    return found


def of(document: Json, name: str, member: str) -> Json:
    found: Json = schema(document, name)["properties"][member]
    return found


def put(value: Json, **members: object) -> Json:
    value.update(members)
    return value


def new_parameter(document: Json, *, required: bool) -> None:
    operation(document)["parameters"].append(
        {"in": "query", "name": "new", "required": required, "schema": TEXT}
    )


def renamed(document: Json) -> None:
    text = json.dumps(document).replace('schemas/PlaceAtDistance"', 'schemas/PlaceFar"')
    put(document, **json.loads(text))
    schemas = document["components"]["schemas"]
    schemas["PlaceFar"] = schemas.pop("PlaceAtDistance")


BREAKS: dict[str, tuple[Change, str]] = {
    "an address": (lambda d: d["paths"].pop(DOCTORS), "GET /api/v1/doctors/: gone"),
    "a method": (lambda d: d["paths"][DOCTORS].pop("get"), "GET /api/v1/doctors/: gone"),
    "another name for clients": (lambda d: put(operation(d), operationId="found"), "operationId changed"),
    "another group for clients": (lambda d: put(operation(d), tags=["found"]), "tags changed"),
    "a body": (lambda d: put(operation(d), requestBody={"required": True}), "requestBody changed"),
    "a key": (lambda d: put(operation(d), security=[{"key": []}]), "asks for other credentials"),
    "another server": (lambda d: put(d, servers=[{"url": "https://example.org"}]), "servers: changed"),
    "a parameter": (lambda d: operation(d)["parameters"].remove(parameter(d, "widen")), "widen is gone"),
    "a new parameter that is required": (lambda d: new_parameter(d, required=True), "new is required"),
    "a parameter that is required now": (
        lambda d: put(parameter(d, "place"), required=True),
        "place is required",
    ),
    "how a list is written": (lambda d: put(parameter(d, "gender"), explode=True), "written otherwise"),
    "another default": (
        lambda d: put(parameter(d, "sort")["schema"], default="best"),
        "sort has another default",
    ),
    "a choice": (
        lambda d: parameter(d, "sort")["schema"]["enum"].remove("name"),
        "sort: enum was ['distance', 'best', 'name'], is ['distance', 'best']",
    ),
    "a choice in a list": (
        lambda d: parameter(d, "gender")["schema"]["items"]["enum"].remove("other"),
        "gender[]: enum was",
    ),
    "one of two forms": (
        lambda d: parameter(d, "radius_km")["schema"]["oneOf"].pop(),
        "radius_km: type was None, is number",
    ),
    "whole numbers only": (
        lambda d: put(parameter(d, "lat")["schema"], type="integer"),
        "lat: type was number, is integer",
    ),
    "a lower maximum": (
        lambda d: put(parameter(d, "page_size")["schema"], maximum=50),
        "page_size: maximum was 100, is 50",
    ),
    "a new minimum": (lambda d: put(parameter(d, "cursor")["schema"], minLength=9), "cursor: minLength was"),
    "fewer values": (lambda d: put(parameter(d, "gender")["schema"], maxItems=5), "gender: maxItems was 20"),
    "another pattern": (
        lambda d: put(parameter(d, "condition")["schema"], pattern="^[a-z]+$"),
        "condition: pattern was",
    ),
    "a status": (lambda d: operation(d)["responses"].pop("410"), "410: gone"),
    "a media type": (
        lambda d: put(answers(d), content={"application/xml": answers(d)["content"]["application/json"]}),
        "200 application/json: gone",
    ),
    "an error's media type": (
        lambda d: put(answers(d, "400"), content={"application/json": {}}),
        "400 application/problem+json: gone",
    ),
    "a header": (lambda d: answers(d)["headers"].pop("ETag"), "200 ETag: gone"),
    "a header of another type": (
        lambda d: put(d["components"]["headers"]["Retry-After"], schema=TEXT),
        "Retry-After: type was integer, is string",
    ),
    "a property": (lambda d: schema(d, "Place")["properties"].pop("population"), "population: gone"),
    "a property that may be missing": (
        lambda d: schema(d, "Place")["required"].remove("population"),
        "population: may be missing",
    ),
    "a property that may be null": (
        lambda d: put(of(d, "Place", "population"), type=["integer", "null"]),
        "population: type was integer, is null",
    ),
    "an object that may be null": (
        lambda d: put(
            schema(d, "DoctorResult")["properties"],
            practice={"oneOf": [of(d, "DoctorResult", "practice"), {"type": "null"}]},
        ),
        "DoctorResult.practice: type was object, is null",
    ),
    "a property of another type": (
        lambda d: put(of(d, "Place", "population"), type="string"),
        "population: type was integer, is string",
    ),
    "a list of other things": (
        lambda d: put(of(d, "DoctorResult", "languages"), items={"type": "integer"}),
        "DoctorResult.languages[]: type was string, is integer",
    ),
    "a map of other things": (
        lambda d: put(of(d, "Status", "counts"), additionalProperties=TEXT),
        "Status.counts[]: type was integer, is string",
    ),
    "a value that clients do not know": (
        lambda d: schema(d, "PlaceStatusEnum")["enum"].append("vague"),
        "PlaceStatusEnum: enum was",
    ),
    "any value": (lambda d: schema(d, "PlaceStatusEnum").pop("enum"), "PlaceStatusEnum: enum was"),
    "another format": (lambda d: of(d, "Reference", "id").pop("format"), "Reference.id: format was uuid"),
    "a keyword that nobody thought of": (
        lambda d: put(parameter(d, "place")["schema"], contentEncoding="base64"),
        "place: contentEncoding was None, is base64",
    ),
}
HARMLESS: dict[str, Change] = {
    "nothing": lambda d: None,
    "an address": lambda d: put(d["paths"], **{"/api/v1/new/": {"get": operation(d)}}),
    "a parameter": lambda d: new_parameter(d, required=False),
    "a choice": lambda d: parameter(d, "sort")["schema"]["enum"].append("rating"),
    "a higher maximum": lambda d: put(parameter(d, "page_size")["schema"], maximum=200),
    "no maximum": lambda d: parameter(d, "page_size")["schema"].pop("maximum"),
    "a third form": lambda d: parameter(d, "radius_km")["schema"]["oneOf"].append({"const": "none"}),
    "a key that one may have": lambda d: put(operation(d), security=[{}, {"key": []}]),
    "a status": lambda d: put(operation(d)["responses"], **{"418": {"description": "A teapot."}}),
    "a header": lambda d: put(answers(d)["headers"], New={"schema": TEXT}),
    "a media type": lambda d: put(answers(d)["content"], **{"application/xml": {}}),
    "a property": lambda d: put(schema(d, "Place")["properties"], new=TEXT),
    "always there": lambda d: schema(d, "WhyListed")["required"].append("condition"),
    "never null": lambda d: put(of(d, "Place", "spread_km"), type="number"),
    "a value that is no longer given": lambda d: schema(d, "PlaceStatusEnum")["enum"].remove("ambiguous"),
    "a whole number": lambda d: put(of(d, "Place", "lat"), type="integer"),
    "words": lambda d: (put(operation(d), summary="New"), put(of(d, "Place", "slug"), description="New")),
    "another name of a component": renamed,
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_noticed(name: str) -> None:
    change, said = BREAKS[name]
    new = copy.deepcopy(NOW)
    change(new)
    found = breaking(NOW, new)
    assert any(said in line for line in found), found


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_new_is_no_break(name: str) -> None:
    new = copy.deepcopy(NOW)
    HARMLESS[name](new)
    assert breaking(NOW, new) == []
