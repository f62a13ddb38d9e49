"""The examples of the OpenAPI document: `python -m tests.e2e.openapi.examples http://localhost:8001` asks a demo and writes
anew what contracts/api/v1/examples/ has of its answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

Json = dict[str, Any]

FOLDER = Path(__file__).resolve().parents[3] / "contracts/api/v1/examples"
# Parameters without which another means nothing.
_TOGETHER = {
    "country": ("near",),
    "explain": ("sort",),
    "lat": ("lng",),
    "lng": ("lat",),
    "match": ("condition",),
    "near": ("country",),
}
# Of which only one is given.
_WHERE = {"place", "near", "lat", "lng", "bbox"}
# Those that no demo answers by itself stay as they are.
PROBLEMS = {
    "400": "doctors/?place=leh-ladakh-in&radius=20",
    "404": "conditions/unicornitis/",
    "422": "doctors/?near=Dumkhaar%20Gongmaa",
}


def example(parameter: Json) -> Any:
    """Raises KeyError, IndexError where it has none."""
    if "example" in parameter:
        return parameter["example"]
    if "examples" in parameter:
        return next(iter(parameter["examples"].values()))["value"]
    return parameter["schema"]["examples"][0]


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """Each with its address, the parameters of which are filled in by their examples."""
    for path, methods in document["paths"].items():
        operation = methods["get"]
        known = {each["name"]: example(each) for each in parameters(operation, "path")}
        yield path.format(**known), operation


def parameters(operation: Json, where: str) -> list[Json]:
    return [each for each in operation["parameters"] if each["in"] == where]


def queries(operation: Json) -> Iterator[tuple[str, Json]]:
    """For each parameter of the query, and for none (""), what is asked with its example."""
    known = {each["name"]: each for each in parameters(operation, "query")}
    needed = {name: example(each) for name, each in known.items() if "example" in each}
    yield "", needed
    for name, parameter in known.items():
        given = {other: example(known[other]) for other in _TOGETHER.get(name, ()) if other in known}
        beside = {key: value for key, value in needed.items() if not (name in _WHERE and key in _WHERE)}
        if "near" in given:
            beside.pop("place", None)
        yield name, {**beside, **given, name: example(parameter)}


def written(query: Json) -> dict[str, str]:
    """As it stands in an address."""
    return {name: _text(value) for name, value in query.items()}


def _text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list():
            return ",".join(map(_text, value))
    return str(value)


def shortened(answer: Any) -> Any:
    """With one of each list."""
    match answer:
        case dict():
            return {name: shortened(each) for name, each in answer.items()}
        case list():
            return [shortened(each) for each in answer[:1]]
    return answer


def main(url: str) -> None:
    document = requests.get(f"{url}/api/v1/schema/", timeout=10).json()
    asked = {
        operation["operationId"]: requests.Request(
            "GET", url + path, params=written(dict(queries(operation))[""])
        )
        for path, operation in operations(document)
    }
    asked |= {status: requests.Request("GET", f"{url}/api/v1/{path}") for status, path in PROBLEMS.items()}
    with requests.Session() as session:
        for name, request in asked.items():
            answer = session.send(request.prepare(), timeout=10)
            assert answer.ok or name in PROBLEMS, answer.text
            told = json.loads(answer.text.replace(url, "https://example.org"))
            text = json.dumps(shortened(told), indent=2, ensure_ascii=False)
            (FOLDER / f"{name}.json").write_text(f"{text}\n")


if __name__ == "__main__":
    main(sys.argv[1])
