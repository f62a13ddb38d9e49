"""Each service starts with only its own packages installed and only the files that its image holds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import compose
from tests.compose import ROOT

PACKAGES = {"cms": "cms", "search": "search_service"}
# Import names of what only the other service is allowed to use.
FOREIGN = {
    "cms": ("search_service", "babel", "jsonschema_rs", "numpy", "orjson", "rapidfuzz"),
    "search": ("cms", "wagtail", "psycopg", "dj_database_url"),
}
ENVIRONMENT = {
    "cms": {"CMS_SECRET_KEY": "only for tests", "FEED_TOKEN": "only-for-tests"},
    "search": {"SEARCH_SECRET_KEY": "only for tests", "FEED_TOKEN": "only-for-tests"},
}
IMPORT_ALL = """
import django, importlib, pkgutil, {package}
django.setup()
for module in pkgutil.walk_packages({package}.__path__, "{package}."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
import {package}.wsgi, {package}.celery
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module", params=PACKAGES)
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def run(target: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the interpreter of a new virtual environment, in a folder laid out as the Dockerfile lays
    out the image of `target`."""
    folder = tmp_path_factory.mktemp(target)
    app, venv = folder / "app", folder / "venv"
    for source, there in compose.stages()[target].copies:
        copy = app / there / Path(source).name if there.endswith("/") else app / there
        copy.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, copy)

    # With pip, since it is pip that is set up for the package index of this machine.
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    install = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    requirements = ROOT / "requirements" / f"{target}.txt"
    subprocess.run([*install, "--require-hashes", "--requirement", str(requirements)], check=True)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": os.defpath, "DATA_DIR": str(folder / "data"), **ENVIRONMENT[target]}
        env["DJANGO_SETTINGS_MODULE"] = f"{PACKAGES[target]}.settings"
        return subprocess.run(
            [venv / "bin" / "python", *arguments],
            cwd=app,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_it_passes_its_checks(target: str, run: Run) -> None:
    done = run("-m", PACKAGES[target], "check", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_every_module_of_it_can_be_imported(target: str, run: Run) -> None:
    """The checks do not reach what is imported late."""
    done = run("-c", IMPORT_ALL.format(package=PACKAGES[target]))
    assert done.returncode == 0, done.stderr


def test_the_packages_of_the_other_service_are_not_there(target: str, run: Run) -> None:
    for name in FOREIGN[target]:
        done = run("-c", f"import {name}")
        assert done.returncode == 1, f"{name} can be imported"
        assert "ModuleNotFoundError" in done.stderr
