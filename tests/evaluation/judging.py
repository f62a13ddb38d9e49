"""Whether an answer of the API is what a case expects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from search_service import geo, names
from tests.evaluation.cases import Case

Json = dict[str, Any]


def problems(case: Case, status: int, answer: Any) -> list[str]:
    """What is wrong with an answer, in words; empty when it is as expected."""
    expect = case.expect
    wanted = expect.get("status", 200)
    if status != wanted:
        return [f"HTTP {status}, not {wanted}"]
    if status != 200:
        return []
    try:
        if case.endpoint == "search":
            return _search(expect, answer)
        return _notice(expect, answer) + [
            problem
            for group in expect
            if group not in ("status", "notice")
            for problem in _among(group, answer[group], expect[group])
        ]
    except (KeyError, TypeError) as error:
        return [f"the answer is of another shape: {type(error).__name__} {error}"]


def _search(expect: Json, answer: Json) -> list[str]:
    query = answer["query"]
    found = []
    if "intent" in expect and (value := query["intent"]["value"]) != expect["intent"]:
        found.append(f"intent {value}, not {expect['intent']}")
    if "section" in expect and (section := query["intent"]["section"]) != expect["section"]:
        found.append(f"section {section}, not {expect['section']}")
    if "what" in expect:
        found += _what(query["what"], expect["what"])
    if "place" in expect:
        found += _place(query["place"], expect["place"])
    if "did_you_mean" in expect:
        found += _did_you_mean(query["did_you_mean"], expect["did_you_mean"])
    if "conditions" in expect:
        found += _among("conditions", answer["conditions"], expect["conditions"])
    if "doctors" in expect:
        found += _doctors(answer["doctors"], expect["doctors"])
    return found + _notice(expect, answer)


def _notice(expect: Json, answer: Json) -> list[str]:
    if "notice" not in expect:
        return []
    notice, wanted = answer["notice"], expect["notice"]
    told = f"{notice['kind']} in {notice['locale']}" if notice else None
    meant = f"{wanted['kind']} in {wanted['locale']}" if wanted else None
    return [] if told == meant else [f"notice {told}, not {meant}"]


def _what(what: Json | None, expected: Json | None) -> list[str]:
    match = what["match"] if what else None
    shown = f"{match['kind']} {match['slug']}" if match else "nothing"
    if expected is None:
        return [f"understood {shown}, not nothing"] if match else []
    if match and match["slug"] in expected.get("none_of", ()):
        return [f"understood {shown}"]
    found = []
    if any(match is None or match[key] != expected[key] for key in ("kind", "slug") if key in expected):
        wanted = " ".join(expected[key] for key in ("kind", "slug") if key in expected)
        found.append(f"understood {shown}, not {wanted}")
    if "status" in expected and (status := what["status"] if what else None) != expected["status"]:
        found.append(f"understood with status {status}, not {expected['status']}")
    return found


def _place(place: Json | None, expected: Json | None) -> list[str]:
    match = place["match"] if place else None
    if expected is None:
        return [f"place {match['label']}, not none"] if match else []
    if place is None or match is None:
        return ["no place"]
    if not _is_near(match, expected):
        return [f"place {match['label']}, {_km(match, expected):.0f} km off"]
    if place["status"] != expected.get("status", place["status"]):
        return [f"place with status {place['status']}, not {expected['status']}"]
    return []


def _did_you_mean(text: str | None, expected: str | bool | None) -> list[str]:
    if expected is True:
        return [] if text else ["no did_you_mean"]
    if expected is None or isinstance(expected, bool) or text is None:
        return [] if text == expected else [f"did_you_mean {text!r}, not {expected!r}"]
    return [] if names.key(text) == names.key(expected) else [f"did_you_mean {text!r}, not {expected!r}"]


def _among(group: str, items: Sequence[Json], expected: Json | None) -> list[str]:
    if expected is None:
        return [f"{group}: {', '.join(map(_shown, items))}, not none"] if items else []
    first = items[: expected.get("within_top", 1)]
    shown = ", ".join(map(_shown, first)) or "none"
    found = []
    if any(_slug(item) in expected.get("none_of", ()) for item in first):
        found.append(f"{group}: {shown}, with one of {', '.join(expected['none_of'])}")
    if "any_of" in expected and not any(_slug(item) in expected["any_of"] for item in first):
        found.append(f"{group}: {shown}, not {' or '.join(expected['any_of'])}")
    if "lat" in expected and not any(_is_near(item, expected) for item in first):
        off = f" ({min(_km(item, expected) for item in first):.0f} km off)" if first else ""
        found.append(f"{group}: {shown}{off}")
    return found


def _doctors(doctors: Json | None, expected: Json) -> list[str]:
    results = doctors["results"] if doctors else []
    total = doctors["total"]["value"] if doctors else 0
    found = []
    if "any_of" in expected:
        found += _among("doctors", results, expected)
    if total < (least := expected.get("at_least", 1)):
        found.append(f"{total} doctors, not {least} or more")
    elif "within_km" in expected and (nearest := results[0]["distance_km"]) > expected["within_km"]:
        found.append(f"the first doctor is {nearest:.0f} km off, not within {expected['within_km']}")
    return found


def _slug(item: Json) -> str:
    """Of a phrase, that of its condition."""
    slug: str = item["condition"]["slug"] if "condition" in item else item["slug"]
    return slug


def _shown(item: Json) -> str:
    return str(item.get("label") or item.get("text") or item["slug"])


def _is_near(point: Json, expected: Json) -> bool:
    within_km: float = expected["within_km"]
    return _km(point, expected) <= within_km


def _km(point: Json, expected: Json) -> float:
    return geo.distance_km(point["lat"], point["lng"], expected["lat"], expected["lng"])
