"""The documentation is in step with what it describes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")], key=str)


def test_every_setting_is_in_the_reference() -> None:
    reference = (ROOT / "docs/reference/settings.md").read_text()
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", reference))
    for service in ("cms", "search_service"):
        read = set(re.findall(r'\benv\.\w+\(\s*"(\w+)"', (ROOT / service / "settings.py").read_text()))
        assert read, service
        assert read <= documented, f"{service}: {sorted(read - documented)} are not documented"


@pytest.mark.parametrize("service", ["cms", "search_service"])
def test_every_command_is_in_the_reference(service: str) -> None:
    reference = (ROOT / "docs/reference/commands.md").read_text()
    commands = {path.stem for path in (ROOT / service).glob("*/management/commands/[a-z]*.py")}
    assert commands
    assert {name for name in commands if f"`{name}" not in reference} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text())
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert broken == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs/decisions"
    listed = (folder / "README.md").read_text()
    assert [path.name for path in sorted(folder.glob("0*.md")) if f"({path.name})" not in listed] == []
