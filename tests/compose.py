"""docker-compose.yml and the Dockerfile, read as a test needs them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?P<rest>[^}]*)\}")


@dataclass(frozen=True)
class Service:
    """One service of docker-compose.yml. `target` is its stage of the Dockerfile, empty if not ours."""

    name: str
    target: str
    command: list[str]
    environment: dict[str, str]
    needs: dict[str, str]
    healthcheck: list[str]
    raw: dict[str, Any]

    @property
    def ends(self) -> bool:
        """It does its work and ends, instead of serving."""
        return self.name.endswith("-init")


def services() -> dict[str, Service]:
    """In an order in which they can be started."""
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    found = {name: _service(name, raw) for name, raw in document["services"].items()}
    ordered: dict[str, Service] = {}

    def add(name: str) -> None:
        for need in found[name].needs:
            if need not in ordered:
                add(need)
        ordered[name] = found[name]

    for name in found:
        add(name)
    return ordered


def _service(name: str, raw: dict[str, Any]) -> Service:
    return Service(
        name=name,
        target=raw.get("build", {}).get("target", ""),
        command=raw.get("command", []),
        environment={key: str(value) for key, value in raw.get("environment", {}).items()},
        needs={need: how["condition"] for need, how in raw.get("depends_on", {}).items()},
        healthcheck=raw.get("healthcheck", {}).get("test", []),
        raw=raw,
    )


def substitute(text: str, values: Mapping[str, str]) -> str:
    """As Docker Compose does: `${NAME:?}` is a variable that must be given, `${NAME:-}` one that need not, `$$` a dollar."""

    def value(match: re.Match[str]) -> str:
        name, rest = match.groups()
        return values.get(name, "") if rest == ":-" else values[name]

    return VARIABLE.sub(value, text).replace("$$", "$")


@dataclass
class Stage:
    """One stage of the Dockerfile."""

    name: str
    base: str
    copies: list[tuple[str, str]] = field(default_factory=list)
    """Source in this repository and target in the image."""
    from_stages: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    instructions: list[tuple[str, str]] = field(default_factory=list)


def stages() -> dict[str, Stage]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    found: dict[str, Stage] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        instruction, _, rest = line.partition(" ")
        words = rest.split()
        if instruction == "FROM":
            found[words[2]] = Stage(name=words[2], base=words[0])
            continue
        stage = next(reversed(found.values()))
        stage.instructions.append((instruction, rest))
        if instruction == "COPY" and words[0].startswith("--from="):
            stage.from_stages.append(words[0].removeprefix("--from="))
        elif instruction == "COPY":
            stage.copies += [(source, words[-1]) for source in words[:-1]]
        elif instruction == "ENV":
            stage.environment |= dict(word.split("=", 1) for word in words)
    return found
