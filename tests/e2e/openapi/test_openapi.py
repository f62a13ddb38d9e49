"""The running API keeps what its OpenAPI document says, whatever it is asked: schemathesis, with all of its checks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.e2e.openapi import examples
from tests.e2e.pair import ROOT, Pair

# The API is the same in either shape, and this takes its time.
pytestmark = [pytest.mark.slow, pytest.mark.embedded]

CONFIG = Path(__file__).parent / "schemathesis.toml"
# Of each operation and phase. `--max-examples 500` looks deeper, for some minutes.
EXAMPLES = 20


def test_it_answers_as_the_document_says(pair: Pair, tmp_path: Path) -> None:
    run = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)),
            *("run", f"{pair.search_url}/api/v1/schema/", "--checks", "all"),
            *("--max-examples", str(EXAMPLES), "--seed", "1", "--no-color"),
        ],
        cwd=tmp_path,  # where it leaves what it found
        env=os.environ | {"PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.e2e.openapi.relations"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "12 selected / 12 total" in run.stdout, run.stdout


def test_each_example_is_answered(pair: Pair) -> None:
    """With the sample's content, and not with nothing."""
    document = requests.get(f"{pair.search_url}/api/v1/schema/", timeout=10).json()
    tried = 0
    for path, operation in examples.operations(document):
        for name, query in examples.queries(operation):
            url = pair.search_url + path
            params = examples.written(query)
            if name == "cursor":  # only the API makes one
                del params[name]
                params["page_size"] = "1"
                params[name] = requests.get(url, params=params, timeout=10).json()["next"]
            answer = requests.get(url, params=params, timeout=10)
            assert answer.status_code == 200, f"{answer.url}: {answer.text}"
            assert answer.json().get("results", True), answer.url
            tried += 1
    assert tried == 12 + sum(
        len(examples.parameters(each, "query")) for _, each in examples.operations(document)
    )
