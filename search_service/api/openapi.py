"""What OpenAPI says beside what the views tell: headers and statuses, which mean the same at every address (see
docs/reference/http.md and errors.md), and examples, which are answered with the sample that `make demo` loads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

ANSWERS = Path(__file__).resolve().parents[2] / "contracts/api/v1/examples"

_TEXT: Json = {"type": "string"}
_SECONDS: Json = {"type": "integer", "minimum": 0}


def _header(description: str, example: str | int, schema: Json = _TEXT) -> Json:
    return {"description": description, "schema": schema, "example": example}


HEADERS: Json = {
    "Access-Control-Allow-Origin": _header("Any web page may read it.", "*"),
    "Cache-Control": _header("How long it may be kept.", "public, max-age=60, s-maxage=300"),
    "Content-Language": _header("The language that is given.", "en"),
    "ETag": _header("Strong: equal tags mean equal bytes.", '"0f1e2d3c4b5a69788796a5b4c3d2e1f0"'),
    "Last-Modified": _header("Since when the index has been so.", "Sun, 22 Nov 2026 10:00:00 GMT"),
    "Location": _header("Its address now.", "/api/v1/conditions/restless-legs-syndrome/"),
    "RateLimit-Policy": _header("The quota, and its window in seconds.", '"anonymous";q=1200;w=60'),
    "RateLimit": _header(
        "How many requests more would be answered at once, and in how many seconds the quota is whole again. "
        "Left out while nothing is counted, and of a fault of ours.",
        '"anonymous";r=1150;t=3',
    ),
    "Retry-After": _header("Seconds.", 1, _SECONDS),
    "Vary": _header("The headers of the request that it depends on.", "Accept-Encoding, Accept-Language"),
}
_ALWAYS = ("Access-Control-Allow-Origin", "Cache-Control")
_LIMITS = ("RateLimit-Policy", "RateLimit")
_OF_STATUS = {
    "200": ("ETag", "Last-Modified"),
    "301": ("Location",),
    "304": ("ETag", "Last-Modified"),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
}
_STATUSES = {
    "200": "It is here.",
    "304": "It is as its `ETag`, which was sent, says.",
    "400": "A parameter is unknown, malformed, out of range, or contradicts another: `errors` names it.",
    "404": "There is no such condition, specialty, doctor or place.",
    "410": "It was published, and is no more.",
    "422": "No name fits the place; `suggestions` are what may have been meant.",
    "429": "More was asked for than the quota allows. Ask again after `Retry-After`.",
    "500": "A fault of ours.",
    "503": "The index is being filled. Ask again after `Retry-After`.",
}
# It tells of this moment: never kept.
_NEVER_KEPT = "status"
# The same in every language, but for the names of places.
_OF_NO_LANGUAGE = (_NEVER_KEPT, "place", "places", "places_nearest")

_IF_NONE_MATCH: Json = {
    "in": "header",
    "name": "If-None-Match",
    "schema": _TEXT,
    "description": "The `ETag` of an answer that one has: 304 if it is still that.",
}
_ACCEPT_LANGUAGE: Json = {
    "in": "header",
    "name": "Accept-Language",
    "schema": _TEXT,
    "description": "The languages of the answer that are preferred, unless `locale` says one.",
}

EXAMPLES: Json = {
    "Accept-Language": "hi, en;q=0.5",
    "If-None-Match": '"0f1e2d3c4b5a69788796a5b4c3d2e1f0"',
    "accepting_new_patients": ["true"],
    "bbox": [76.0, 34.0, 78.0, 35.0],
    "condition": "myoclonus",
    "country": "IN",
    "cursor": "the `next` of an answer",
    "explain": True,
    "gender": ["female", "unknown"],
    "intent": "doctors",
    "kind": "condition",
    "language": ["bo", "en"],
    "lat": 34.39,
    "limit": 5,
    "lng": 76.76,
    "locale": "hi",
    "match": "condition",
    "min_years": 10,
    "name": "wangtak",
    "near": "Domkhar, Ladakh",
    "page_size": 10,
    "place": "domkhar-ladakh-in",
    "practice": ["20c81058-d576-4f35-9128-008011cff3e2"],
    "q": "restless leg syndrome treatment in domkhar",
    "radius_km": 100,
    "sort": "best",
    "specialty": ["neurology"],
    "telehealth": ["true"],
    "telehealth_in": "IN",
    "verified_since": "2026-01-01",
    "widen": False,
}
# Where a name means something else, or must be given though it is not marked so: one of several must be.
_EXAMPLES_OF: Json = {
    "places": {"q": "domk"},
    "search": {"specialty": "neurology"},
    "suggest": {"q": "restl"},
}
_TO_BE_GIVEN = {("doctors", "place")}


def complete(result: Json, generator: Any, request: Any, public: bool) -> Json:
    """drf-spectacular's hook."""
    result["components"]["headers"] = HEADERS
    for operations in result["paths"].values():
        operation = operations["get"]
        operation.pop("description", None)  # the view's docstring: how it is made
        name = operation["operationId"]
        parameters = operation.setdefault("parameters", [])
        if name not in _OF_NO_LANGUAGE:
            parameters.append(_ACCEPT_LANGUAGE.copy())
        if name != _NEVER_KEPT:
            parameters.append(_IF_NONE_MATCH.copy())
            operation["responses"]["304"] = {}
        for parameter in parameters:
            _exemplify(name, parameter)
        for status, response in operation["responses"].items():
            response["description"] = response.get("description") or _STATUSES[status]
            response["headers"] = {
                header: {"$ref": f"#/components/headers/{header}"} for header in _headers(name, status)
            }
            for content in response.get("content", {}).values():
                content["example"] = json.loads(
                    (ANSWERS / f"{name if status == '200' else status}.json").read_text()
                )
    return result


def _headers(operation: str, status: str) -> list[str]:
    names = [*_ALWAYS, *_OF_STATUS.get(status, ()), *(() if status == "304" else _LIMITS)]
    if status != "500":
        names.append("Vary")
    if status == "200" and operation not in _OF_NO_LANGUAGE:
        names.append("Content-Language")
    if operation == _NEVER_KEPT:
        names = [each for each in names if each not in _OF_STATUS["304"]]
    return sorted(names)


def _exemplify(operation: str, parameter: Json) -> None:
    """One that need not be given has it in its schema: from the parameter itself, the page for trying things out would
    fill in all of them at once."""
    name = parameter["name"]
    if "examples" in parameter:
        return
    example = _EXAMPLES_OF.get(operation, {}).get(name, EXAMPLES[name])
    if parameter.get("required") or (operation, name) in _TO_BE_GIVEN:
        parameter["example"] = example
    else:
        parameter["schema"] = {**parameter["schema"], "examples": [example]}
