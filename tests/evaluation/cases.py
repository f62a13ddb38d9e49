"""Case files: JSON lines, as case.schema.json has them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

Json = dict[str, Any]

FOLDER = Path(__file__).parent
SHIPPED = tuple(sorted((FOLDER / "cases").glob("*.jsonl")))


class Malformed(ValueError):
    """A case file cannot be used. The text says where and why."""


@dataclass(frozen=True, slots=True)
class Case:
    """One request, GET /api/v1/`endpoint`/ with `params`, and what its answer must be. `named` is the name of the
    place that is expected, where a case of another suite says it."""

    id: str
    class_: str
    endpoint: str
    params: dict[str, str]
    expect: Json
    named: str = ""


def read(path: Path) -> list[Case]:
    """The cases of a file, in its order. Raises Malformed."""
    cases: list[Case] = []
    ids: dict[str, int] = {}
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Malformed(f"{path.name}: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            case = _case(line, is_first=number == 1)
        except ValueError as error:
            raise Malformed(f"{path.name}, line {number}: {error}") from error
        if case is None:
            continue
        if (other := ids.setdefault(case.id, number)) != number:
            raise Malformed(f"{path.name}, line {number}: id {case.id!r} is that of line {other}, too")
        cases.append(case)
    if not cases:
        raise Malformed(f"{path.name}: there is no case in it")
    return cases


def _case(line: str, *, is_first: bool) -> Case | None:
    """None for the line that says what the file is about. Raises ValueError."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 (it is the file that is wrong)
    if is_first and "about" in row:
        _validate("about", row)
        return None
    if "query" in row:
        _validate("place-query", row)
        return _of_another_suite(row)
    _validate("case", row)
    _validate(row["endpoint"], row["expect"], "expect")
    params = {name: str(value) for name, value in row["params"].items()}
    return Case(row["id"], row["class"], row["endpoint"], params, row["expect"])


def _of_another_suite(row: Json) -> Case:
    expected = row.get("expected", {})
    if isinstance(expected, list):
        expected = expected[0] if expected else {}
    near = {
        "lat": row["expected_lat"],
        "lng": row["expected_lon"],
        "within_km": row["tolerance_m"] / 1000,
        "within_top": row.get("within_top", 1),
    }
    return Case(
        id=row["id"],
        class_=f"places: {row['source']}, {row['kind']}",
        endpoint="places",
        params={"q": row["query"]} | _focus(row.get("params") or {}),
        expect={"results": near},
        named=expected.get("name", row["query"]),
    )


def _focus(params: Json) -> dict[str, str]:
    """What we have of Pelias's parameters: where the map is."""
    ours = {"focus.point.lat": "lat", "focus.point.lon": "lng"}
    return {ours[name]: str(value) for name, value in params.items() if name in ours}


def _validate(kind: str, value: Any, where: str = "") -> None:
    error = next(_validator(kind).iter_errors(value), None)
    if error is not None:
        path = "/".join([where, *map(str, error.instance_path)]).strip("/")
        raise ValueError(f"{path}: {error.message}" if path else error.message)


@cache
def _validator(kind: str) -> jsonschema_rs.Validator:
    schema = json.loads((FOLDER / "case.schema.json").read_text())
    return jsonschema_rs.validator_for({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})
