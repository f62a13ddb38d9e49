"""TypeScript and Python clients are generated from the running API and used: what
docs/how-to/use-a-generated-client.md says, as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.e2e.pair import ROOT, Pair

# The API is the same in either shape.
pytestmark = [pytest.mark.slow, pytest.mark.embedded]

HERE = Path(__file__).parent
UNREACHABLE = re.compile("ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT")
GUIDE = (ROOT / "docs/how-to/use-a-generated-client.md").read_text()


@pytest.fixture
def said(pair: Pair) -> list[str]:
    """What each of the programs is to print."""
    api = f"{pair.search_url}/api/v1"
    page = requests.get(f"{api}/pages/myoclonus/domkhar-ladakh-in/", timeout=10).json()
    asked = {"near": "Leh", "specialty": "neurology,psychiatry", "page_size": "3"}
    doctors = requests.get(f"{api}/doctors/", params=asked, timeout=10).json()["results"]
    assert len(doctors) == 3
    return [
        page["title"],
        *(f"{each['name']}, {each['practice']['name']}: {each['distance_km']:.1f} km" for each in doctors),
        "404 urn:doctors-near-you:problem:not-found",
    ]


def test_typescript(pair: Pair, tmp_path: Path, said: list[str]) -> None:
    for name in ("package.json", "package-lock.json", "tsconfig.json", ".npmrc"):
        shutil.copy(HERE / name, tmp_path)
    (tmp_path / "call.ts").write_text(program("ts", pair))
    install(tmp_path)
    (generate,) = re.findall(r"^npx (openapi-typescript .*)$", guide(pair), re.MULTILINE)
    run(tmp_path, "npx", "--no-install", *generate.split())
    run(tmp_path, "npx", "--no-install", "tsc")
    assert run(tmp_path, "node", "call.ts") == said


def test_python(pair: Pair, tmp_path: Path, said: list[str]) -> None:
    (tmp_path / "call.py").write_text(program("python", pair))
    (generate,) = re.findall(r"^(openapi-python-client .*)$", guide(pair), re.MULTILINE)
    run(tmp_path, *generate.split(), "--fail-on-warning")
    assert run(tmp_path, sys.executable, "call.py") == said


def guide(pair: Pair) -> str:
    return GUIDE.replace("http://localhost:8001", pair.search_url)


def program(language: str, pair: Pair) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", guide(pair), re.MULTILINE | re.DOTALL)
    return str(found)


def install(folder: Path) -> None:
    done = start(folder, "npm", "ci", "--prefer-offline")
    if UNREACHABLE.search(done.stderr):  # a package index for Python is all that is asked for
        pytest.skip("no npm registry can be reached")
    assert done.returncode == 0, done.stdout + done.stderr


def run(folder: Path, *command: str) -> list[str]:
    """The lines that it printed."""
    done = start(folder, *command)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout.splitlines()


def start(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        command,
        cwd=folder,
        # Node trusts certificates of its own, unless told to trust those of the machine, as pip does.
        env=os.environ | {"PATH": programs, "NODE_USE_SYSTEM_CA": "1"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
