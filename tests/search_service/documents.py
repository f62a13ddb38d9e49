"""Feed documents for tests, made from the contract's examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "contracts" / "feed" / "v1" / "examples"
NAMESPACE = UUID("4bb7b2ab-6d9d-4c69-b8b5-8b6f4a8c9d10")


def uid(name: str) -> str:
    """A stable id for a name."""
    return str(uuid5(NAMESPACE, name))


def example(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return document


def reference(document: dict[str, Any]) -> dict[str, str]:
    return {key: document[key] for key in ("id", "slug", "name")}


def specialty(slug: str, **fields: Any) -> dict[str, Any]:
    own = {"id": uid(slug), "slug": slug, "name": slug.replace("-", " ").title()}
    return example("specialty-neurology") | {"alternate_names": [], "exact_names": []} | own | fields


def condition(slug: str, **fields: Any) -> dict[str, Any]:
    own = {"id": uid(slug), "slug": slug, "name": slug.replace("-", " ").capitalize(), "specialties": []}
    return example("condition-myoclonus") | own | fields


def page_texts(slug: str, **fields: Any) -> dict[str, Any]:
    """`slug` is the sort: "condition-in-place"."""
    return example(f"page_texts-{slug}") | {"fallback_for": []} | fields


def doctor(slug: str, *points: tuple[float, float], **fields: Any) -> dict[str, Any]:
    """A doctor with a practice at each (lat, lng), whose given name is the first word of the slug."""
    base = example("doctor-two-practices")
    practices = [
        base["practices"][0]
        | {"id": uid(f"{slug}-{number}"), "name": f"Practice {number} of {slug}", "lat": lat, "lng": lng}
        for number, (lat, lng) in enumerate(points)
    ]
    name = slug.replace("-", " ").title()
    own = {
        "id": uid(slug),
        "slug": slug,
        "name": f"Dr {name}",
        "given_name": name.partition(" ")[0],
        "family_name": name.partition(" ")[2],
        "practices": practices,
    }
    return base | {"specialties": [], "conditions": []} | own | fields
