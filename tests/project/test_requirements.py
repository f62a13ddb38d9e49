"""requirements/ is what `make lock` makes of pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
GROUPS = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)(\[[\w,-]+\])?==(?P<version>\S+)", re.MULTILINE)


def wanted(group: str) -> list[Requirement]:
    found = []
    for entry in GROUPS[group]:
        if isinstance(entry, str):
            found.append(Requirement(entry))
        else:
            found += wanted(entry["include-group"])
    return found


def read(group: str) -> str:
    return (ROOT / "requirements" / f"{group}.txt").read_text()


def pins(group: str) -> dict[str, set[str]]:
    """Versions by package; several when they depend on the Python version or the platform."""
    found: dict[str, set[str]] = defaultdict(set)
    for match in PIN.finditer(read(group)):
        found[match["name"]].add(match["version"])
    return found


@pytest.mark.parametrize("group", GROUPS)
def test_what_is_asked_for_is_pinned(group: str) -> None:
    pinned = pins(group)
    for requirement in wanted(group):
        versions = pinned.get(canonicalize_name(requirement.name))
        assert versions, f"{requirement} is not in requirements/{group}.txt: make lock"
        for version in versions:
            assert requirement.specifier.contains(version), f"{requirement}, pinned to {version}: make lock"


@pytest.mark.parametrize("group", GROUPS)
def test_nothing_is_pinned_for_what_is_no_longer_asked_for(group: str) -> None:
    """uv notes for each pin who asked for it."""
    asked = {canonicalize_name(requirement.name) for requirement in wanted(group)}
    noted = set()
    for block in re.split(r"\n(?=[a-z0-9])", read(group)):
        if "(pyproject.toml:" in block and (match := PIN.match(block)):
            noted.add(match["name"])
    assert noted == asked


@pytest.mark.parametrize("group", GROUPS)
def test_every_pin_has_its_hashes_and_no_host(group: str) -> None:
    text = read(group)
    for block in re.split(r"\n(?=[a-z0-9])", text):
        assert not PIN.match(block) or "--hash=sha256:" in block, block
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_a_package_has_one_version_in_all_files() -> None:
    versions: dict[str, set[frozenset[str]]] = defaultdict(set)
    for group in GROUPS:
        for name, pinned in pins(group).items():
            versions[name].add(frozenset(pinned))
    assert not {name: found for name, found in versions.items() if len(found) > 1}
