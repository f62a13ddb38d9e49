"""What of an OpenAPI document is no longer kept by a later one.

No library does it for 3.1: what was tried, and what each missed, is in docs/decisions/0019-the-api-only-grows.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Self

Json = dict[str, Any]

# They say nothing of which values there may be.
_ANNOTATIONS = {"description", "title", "example", "examples", "default", "deprecated", "readOnly", "xml"}
_LOWER_BOUNDS = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_UPPER_BOUNDS = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


@dataclass(frozen=True)
class _Part:
    """A part of a document, and the document, for its references."""

    document: Json
    value: Json

    @classmethod
    def of(cls, document: Json, value: Json) -> Self:
        """Its reference followed; what stands beside that is kept."""
        while "$ref" in value:
            target: Any = document
            for step in value["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            value = {**target, **{key: each for key, each in value.items() if key != "$ref"}}
        return cls(document, value)

    def __getitem__(self, key: str) -> _Part:
        return self.of(self.document, self.value.get(key, {}))

    def keys(self, key: str) -> set[str]:
        return set(self.value.get(key, ()))


def breaking(old: Json, new: Json) -> list[str]:
    """What apps that were made for `old` may miss in `new`, a line each; empty if all of it is kept.

    Kept are addresses, their parameters, statuses, media types and headers, the properties of answers, and the names of
    operations, by which generated clients call them. What is new is no break, unless it has to be sent.
    """
    return list(dict.fromkeys(_Comparison(old, new).all()))


class _Comparison:
    def __init__(self, old: Json, new: Json) -> None:
        self._old, self._new = old, new
        # Pairs of components that were compared already, or are being compared further up.
        self._seen: set[tuple[str, str, bool]] = set()

    def all(self) -> Iterator[str]:
        if self._old.get("servers") != self._new.get("servers"):
            yield "servers: changed"
        for path, operations in self._old["paths"].items():
            for method in operations.keys() - {"parameters", "summary", "description", "servers"}:
                where = f"{method.upper()} {path}"
                if method not in self._new["paths"].get(path, {}):
                    yield f"{where}: gone"
                    continue
                old, new = (
                    _Part(document, document["paths"][path][method]) for document in (self._old, self._new)
                )
                yield from self._operation(where, old, new)

    def _operation(self, where: str, old: _Part, new: _Part) -> Iterator[str]:
        for name in ("operationId", "tags", "requestBody"):
            if old.value.get(name) != new.value.get(name):
                yield f"{where}: {name} changed"
        before, needed = (
            each.value["security"] if "security" in each.value else each.document.get("security")
            for each in (old, new)
        )
        if needed and {} not in needed and needed != before:
            yield f"{where}: asks for other credentials"
        yield from self._parameters(where, _parameters(old), _parameters(new))
        yield from self._by_name(where, old, new, "responses", self._response)

    def _parameters(self, where: str, old: dict[str, _Part], new: dict[str, _Part]) -> Iterator[str]:
        required = {name for name, each in old.items() if each.value.get("required")}
        for name, parameter in new.items():
            if parameter.value.get("required") and name not in required:
                yield f"{where}: {name} is required"
        for name, was in old.items():
            if name not in new:
                yield f"{where}: {name} is gone"
                continue
            now = new[name]
            if any(was.value.get(how) != now.value.get(how) for how in ("style", "explode")):
                yield f"{where}: {name} is written otherwise"
            default = was["schema"].value.get("default")
            if default is not None and default != now["schema"].value.get("default"):
                yield f"{where}: {name} has another default"
            # What was sent is still taken.
            yield from self._within(f"{where}: {name}", was, was.value["schema"], now, now.value["schema"])

    def _response(self, where: str, old: _Part, new: _Part) -> Iterator[str]:
        yield from self._by_name(where, old, new, "headers", self._given)
        yield from self._by_name(where, old, new, "content", self._given)

    def _given(self, where: str, old: _Part, new: _Part) -> Iterator[str]:
        """A header, or an answer of one media type: what is given now could be given before."""
        yield from self._within(where, new, new.value["schema"], old, old.value["schema"])

    @staticmethod
    def _by_name(where: str, old: _Part, new: _Part, kind: str, compare: Any) -> Iterator[str]:
        for name in old.value.get(kind, {}):
            if name not in new.value.get(kind, {}):
                yield f"{where} {name}: gone"
            else:
                yield from compare(f"{where} {name}", old[kind][name], new[kind][name])

    # --- Schemas

    def _within(self, where: str, narrow: _Part, small: Json, wide: _Part, large: Json) -> Iterator[str]:
        """Why not each value of the schema `small` is one of `large`. Properties that only `small` has do not matter:
        whoever reads an answer skips what they do not know."""
        if "$ref" in small and "$ref" in large:
            where = small["$ref"].rpartition("/")[2]
            pair = (small["$ref"], large["$ref"], narrow.document is self._new)
            if pair in self._seen:
                return
            self._seen.add(pair)
        others = list(_alternatives(wide.document, large))
        for one in _alternatives(narrow.document, small):
            attempts = (list(self._differences(where, narrow, one, wide, other)) for other in others)
            yield from min(attempts, key=len)

    def _differences(self, where: str, narrow: _Part, small: Json, wide: _Part, large: Json) -> Iterator[str]:
        """Of schemas without alternatives. Whatever keyword is not known here must be the same."""
        for key, limit in large.items():
            given: Any = small.get(key)
            match key:
                case _ if key in _ANNOTATIONS:
                    continue
                case "type":
                    fits = given == limit or (given, limit) == ("integer", "number")
                case "enum" | "const":
                    allowed = limit if key == "enum" else [limit]
                    given = small.get("enum", [small["const"]] if "const" in small else None)
                    fits = given is not None and all(value in allowed for value in given)
                case _ if key in _LOWER_BOUNDS:
                    fits = given is not None and given >= limit
                case _ if key in _UPPER_BOUNDS:
                    fits = given is not None and given <= limit
                case "required":
                    for name in set(limit) - set(given or ()):
                        yield f"{where}.{name}: may be missing"
                    continue
                case "properties":
                    for name, schema in limit.items():
                        if name not in (given or {}):
                            yield f"{where}.{name}: gone"
                        else:
                            yield from self._within(f"{where}.{name}", narrow, given[name], wide, schema)
                    continue
                case "items" | "additionalProperties" if isinstance(given, dict) and isinstance(limit, dict):
                    yield from self._within(f"{where}[]", narrow, given, wide, limit)
                    continue
                case _:
                    fits = given == limit
            if not fits:
                was, now = (given, limit) if narrow.document is self._old else (limit, given)
                yield f"{where}: {key} was {was}, is {now}"


def _parameters(operation: _Part) -> dict[str, _Part]:
    found = (_Part.of(operation.document, each) for each in operation.value.get("parameters", ()))
    return {f"{each.value['in']} parameter {each.value['name']}": each for each in found}


def _alternatives(document: Json, schema: Json) -> Iterator[Json]:
    """Schemas without references (but in their parts), alternatives and lists of types: a value fits one of them."""
    schema = _Part.of(document, schema).value
    for keyword in ("allOf", "oneOf", "anyOf"):
        if keyword in schema:
            beside = {key: each for key, each in schema.items() if key != keyword}
            if keyword == "allOf":
                merged = [_Part.of(document, each).value for each in schema[keyword]]
                yield from _alternatives(
                    document, dict(chain.from_iterable(map(dict.items, [*merged, beside])))
                )
            else:
                for each in schema[keyword]:
                    yield from _alternatives(document, {**_Part.of(document, each).value, **beside})
            return
    types = schema.get("type", _TYPES if not {"enum", "const"} & schema.keys() else None)
    if isinstance(types, list | tuple):
        for each in types:
            yield {**schema, "type": each}
    else:
        yield schema
