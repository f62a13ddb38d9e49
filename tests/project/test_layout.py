"""What import-linter does not see: folders without an `__init__.py`, and imports by name."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("cms", "search_service", "scripts", "tests")
# What crosses between the services in code: the names of two Celery messages.
MESSAGES = {"search_service.pull_changes", "search_service.rebuild_index"}


def python_files(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from sorted((ROOT / package).rglob("*.py"))


def test_every_folder_with_python_is_a_package() -> None:
    folders = {folder for file in python_files(*PACKAGES) for folder in (file.parent, *file.parent.parents)}
    bare = [
        folder
        for folder in sorted(folders)
        if folder != ROOT and ROOT in folder.parents and not (folder / "__init__.py").exists()
    ]
    assert not bare


@pytest.mark.parametrize(("service", "other"), [("cms", "search_service"), ("search_service", "cms")])
def test_no_string_names_the_other_service(service: str, other: str) -> None:
    """`import_module("cms.doctors")`, `"cms.doctors.models.Doctor"` in a setting, `"-m", "cms"`: each
    would be an import that no linter sees."""
    named = re.compile(rf"(?<![\w./-]){other}(\.\w+)*(?![\w/-])")
    found = [
        f"{file.relative_to(ROOT)}:{line}: {text!r}"
        for file in python_files(service)
        for line, text in _strings(ast.parse(file.read_text()))
        if named.fullmatch(text) and text not in MESSAGES
    ]
    assert not found


def test_nothing_is_imported_by_a_computed_name() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in python_files("cms", "search_service")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Name | ast.Attribute | ast.alias)
        and _name(node) in {"import_module", "import_string", "__import__", "importlib"}
    ]
    assert not found


def test_no_committed_file_names_a_folder_of_this_machine() -> None:
    """A checkout works wherever it lies, and tells nothing of where it was written."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        files = list(python_files(*PACKAGES))
    else:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert files
    here = str(ROOT).encode()
    found = [str(path) for path in files if path.is_file() and here in path.read_bytes()]
    assert not found


def _strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def _name(node: ast.Name | ast.Attribute | ast.alias) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
            return name
    raise AssertionError(node)
