"""What OpenAPI cannot say: which parameters go together, and what is known of a language or a text.

Only requests that are meant to be right are put right. Those that are meant to be wrong stay as they are.
"""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis import GenerationMode

LOCALES = ["en", "de-AT", "hi", "pt-BR", "zh-Hans", "ar"]
WHERE = ("place", "near", "lat", "bbox")


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    if case.meta and case.meta.generation.mode is GenerationMode.POSITIVE:
        case.query = case.query or {}
        put_right(case.operation.path, case.query)


def put_right(path: str, query: dict[str, Any]) -> None:
    if "locale" in query:  # the document tells their form; here are some that there are
        query["locale"] = LOCALES[len(query["locale"]) % len(LOCALES)]
    for name in ("q", "name"):  # a letter or digit must be in it
        if name in query:
            query[name] = f"a{query[name]}"[:100]
    if ("lat" in query) != ("lng" in query):
        query.pop("lat", query.pop("lng", None))
    if path.endswith("/doctors/"):
        doctors(query)


def doctors(query: dict[str, Any]) -> None:
    given = [name for name in WHERE if name in query] or ["near"]
    for other in given[1:]:
        query.pop(other)
        if other == "lat":
            query.pop("lng")
    if given[0] == "near":
        query["near"] = "Leh"
    if given[0] == "bbox":
        query["bbox"] = "70,30,75,35"
        for name in ("radius_km", "widen"):
            query.pop(name, None)
    if given[0] != "near":
        query.pop("country", None)
    if "condition" not in query:
        query.pop("match", None)
    if query.get("radius_km") == "any":
        query.pop("widen", None)
        query.pop("sort", None)
    if query.get("sort") != "best":
        query.pop("explain", None)
    if "name" in query:
        query["name"] = query["name"].split()[0][:20]
    # Only the API makes them, and only it can say what is wrong with one.
    query.pop("cursor", None)
    if "verified_since" in query:
        query["verified_since"] = min(query["verified_since"], "2026-01-01")
