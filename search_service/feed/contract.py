"""The feed's JSON Schemas (`contracts/feed/v1/`), ready to validate with."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

FOLDER = Path(__file__).resolve().parent.parent.parent / "contracts" / "feed" / "v1"


class NotInContract(ValueError):
    """A document does not follow its schema; the text says where and why."""


@cache
def _schemas() -> dict[str, Any]:
    return {
        path.name.removesuffix(".schema.json"): json.loads(path.read_text())
        for path in FOLDER.glob("*.schema.json")
    }


@cache
def required(name: str) -> frozenset[str]:
    """What every document of `<name>.schema.json` has."""
    return frozenset(_schemas()[name]["required"])


@cache
def _validators() -> dict[str, jsonschema_rs.Validator]:
    schemas = _schemas()
    registry = jsonschema_rs.Registry([(schema["$id"], schema) for schema in schemas.values()])
    return {
        name: jsonschema_rs.validator_for(schema, registry=registry, validate_formats=True)
        for name, schema in schemas.items()
    }


def validate(name: str, document: Any) -> None:
    """Check `document` against `<name>.schema.json`. Raises NotInContract."""
    error = next(_validators()[name].iter_errors(document), None)
    if error is not None:
        where = "/".join(str(part) for part in error.instance_path) or "document"
        # The message quotes the value, which may be huge.
        raise NotInContract(f"{where}: {error.message[:300]}")
