"""What OpenAPI says of the headers, which are the same at every address: see docs/reference/http.md."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_SECONDS: Json = {"type": "integer", "minimum": 0}


def _header(description: str, example: str, schema: Json = _TEXT) -> Json:
    return {"description": description, "schema": schema, "example": example}


HEADERS: Json = {
    "ETag": _header("Strong: equal tags mean equal bytes.", '"0f1e2d3c4b5a69788796a5b4c3d2e1f0"'),
    "Last-Modified": _header("Since when the index has been so.", "Sun, 22 Nov 2026 10:00:00 GMT"),
    "Cache-Control": _header("How long it may be kept.", "public, max-age=60, s-maxage=300"),
    "Vary": _header("The headers of the request that it depends on.", "Accept-Encoding"),
    "Location": _header("Its address now.", "/api/v1/conditions/restless-legs-syndrome/"),
    "RateLimit-Policy": _header("The quota, and its window in seconds.", '"anonymous";q=1200;w=60'),
    "RateLimit": _header(
        "How many requests more would be answered at once, and in how many seconds the quota is whole again. "
        "Left out while nothing is counted.",
        '"anonymous";r=1150;t=3',
    ),
    "Retry-After": _header("Seconds.", "1", _SECONDS),
}
_LIMITS = ("RateLimit-Policy", "RateLimit")
_KEPT = ("ETag", "Last-Modified", "Cache-Control", "Vary")
_OF_STATUS = {
    "200": _KEPT,
    "301": ("Location", "Cache-Control"),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
}
# It tells of this moment: never kept.
_STATUS = "/api/v1/status/"


def add_headers(result: Json, generator: Any, request: Any, public: bool) -> Json:
    """drf-spectacular's hook."""
    result["components"]["headers"] = HEADERS
    for path, operations in result["paths"].items():
        operation = operations["get"]
        if path != _STATUS:
            operation["parameters"] = [*operation.get("parameters", ()), _IF_NONE_MATCH]
            operation["responses"]["304"] = {"description": "It is as its `ETag`, which was sent, says."}
        for status, response in operation["responses"].items():
            names = _KEPT if status == "304" else _OF_STATUS.get(status, ("Cache-Control",))
            if path == _STATUS and status == "200":
                names = ("Cache-Control",)
            # Those of the answer's own are kept.
            response["headers"] = _references(*names, *(() if status == "304" else _LIMITS)) | response.get(
                "headers", {}
            )
    return result


_IF_NONE_MATCH: Json = {
    "in": "header",
    "name": "If-None-Match",
    "schema": _TEXT,
    "description": "The `ETag` of an answer that one has: 304 if it is still that.",
}


def _references(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
