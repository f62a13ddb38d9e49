"""schema.org's own vocabulary, to hold structured data against.

`schemaorg.tsv.gz` is the vocabulary of schema.org (Creative Commons Attribution-ShareAlike 3.0) as the npm package schema-dts
2.1.0 (Apache License 2.0, Google) has it, made smaller by `make_vocabulary`. Lines are apart by tabs, lists by blanks:

    type        name   its supertypes
    property    type   name of the property   types of its values
    value       enumeration   its members
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]

FILE = Path(__file__).with_name("schemaorg.tsv.gz")
PREFIX = "https://schema.org/"
_URL = re.compile(r"(https?|urn):\S+")
# Beside types: what a JSON value may stand for.
_TEXTS = frozenset({"Text", "URL", "Date", "DateTime", "Time", "string"})


class Vocabulary(NamedTuple):
    supertypes: dict[str, frozenset[str]]
    properties: dict[str, dict[str, frozenset[str]]]
    members: dict[str, frozenset[str]]

    def ancestry(self, type_: str) -> frozenset[str]:
        """A type and all above it."""
        above = (self.ancestry(parent) for parent in self.supertypes[type_])
        return frozenset({type_}).union(*above)

    def ranges(self, type_: str, name: str) -> frozenset[str] | None:
        """The types of a property's values, None if the type has no such property."""
        found = [
            self.properties[each][name] for each in self.ancestry(type_) if name in self.properties[each]
        ]
        return frozenset[str]().union(*found) if found else None


@cache
def vocabulary() -> Vocabulary:
    supertypes: dict[str, frozenset[str]] = {}
    properties: defaultdict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    members: dict[str, frozenset[str]] = {}
    for line in gzip.decompress(FILE.read_bytes()).decode().splitlines():
        match line.split("\t"):
            case "type", name, above:
                supertypes[name] = frozenset(above.split())
            case "property", type_, name, ranges:
                properties[type_][name] = frozenset(ranges.split())
            case "value", name, those:
                members[name] = frozenset(those.split())
            case _:
                raise ValueError(line)
    return Vocabulary(supertypes, properties, members)


def faults(document: Json) -> list[str]:
    """What in a JSON-LD document schema.org's vocabulary does not allow: types and properties that it has not,
    properties on types that have none such, values of other types."""
    nodes = document["@graph"]
    by_id = {node["@id"]: node for node in nodes if "@id" in node}
    found = [] if document["@context"] == "https://schema.org" else ["@context"]
    for node in nodes:
        found += _of_node(node, by_id)
    return found


def _of_node(node: Json, by_id: dict[str, Json]) -> Iterator[str]:
    known = vocabulary()
    types = _types(node)
    for type_ in types:
        if type_ not in known.supertypes:
            yield f"no type {type_}"
            return
    for name, value in node.items():
        if name.startswith("@"):
            continue
        ranges = [found for type_ in types if (found := known.ranges(type_, name)) is not None]
        if not ranges:
            yield f"{'/'.join(types)} has no {name}"
            continue
        allowed = frozenset[str]().union(*ranges)
        for each in value if isinstance(value, list) else [value]:
            if not _fits(each, allowed, by_id):
                yield f"{name} of {'/'.join(types)} is none of {sorted(allowed)}: {each!r}"
            if isinstance(each, dict) and "@type" in each:
                yield from _of_node(each, by_id)


def _types(node: Json) -> list[str]:
    types = node.get("@type", [])
    return types if isinstance(types, list) else [types]


def _fits(value: Any, allowed: frozenset[str], by_id: dict[str, Json]) -> bool:
    known = vocabulary()
    match value:
        case {"@type": _}:
            return any(
                known.ancestry(type_) & allowed for type_ in _types(value) if type_ in known.supertypes
            )
        case {"@id": id_, **rest}:
            # What it refers to is in the graph.
            return not rest and id_ in by_id and _fits(by_id[id_], allowed, by_id)
        case bool():
            return "Boolean" in allowed
        case int():
            return bool({"Integer", "Number"} & allowed)
        case float():
            return "Number" in allowed
        case str() if value.startswith(PREFIX):
            member = value.removeprefix(PREFIX)
            return any(member in known.members.get(each, ()) for each in allowed) or "URL" in allowed
        case str():
            return bool(value) and bool(allowed & _TEXTS) and _is_text(value, allowed & _TEXTS)
        case _:
            return False


def _is_text(value: str, allowed: frozenset[str]) -> bool:
    if allowed & {"Text", "string"}:
        return True
    if "URL" in allowed and _URL.fullmatch(value):
        return True
    for parse, name in ((date.fromisoformat, "Date"), (datetime.fromisoformat, "DateTime")):
        if name in allowed:
            try:
                parse(value)
            except ValueError:
                continue
            return True
    return False
