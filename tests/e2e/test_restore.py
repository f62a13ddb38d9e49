"""The CMS's database is restored from an older backup, and the search service follows it back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest
import requests

from tests import servers
from tests.e2e.editor import Editor
from tests.e2e.pair import Pair, poll

pytestmark = [pytest.mark.production, pytest.mark.slow]


def test_the_index_goes_back_with_a_restored_database(pair: Pair, editor: Editor, tmp_path: Path) -> None:
    """Even though the restored log has meanwhile grown past the position of the index."""
    url = pair.commands["cms"][1]["DATABASE_URL"]
    api = f"{pair.search_url}/api/v1"

    def name(slug: str) -> object:
        return requests.get(f"{api}/doctors/{slug}/", timeout=10).json().get("name")

    results = requests.get(
        f"{api}/doctors/", params={"place": "leh-ladakh-in", "page_size": "2"}, timeout=10
    ).json()["results"]
    lost, kept = (doctor["slug"] for doctor in results)
    before = requests.get(f"{api}/status/", timeout=10).json()

    dump = tmp_path / "dump"
    subprocess.run([_program("pg_dump"), "--format=custom", f"--file={dump}", url], check=True)
    editor.publish(editor.page_id(lost), title="Dr Published After The Backup")
    poll(lambda: name(lost), lambda found: found == "Dr Published After The Backup", timeout_s=10)

    pair.stop("search-worker", "search-beat", "cms-worker", "cms")
    try:
        server, _, database = url.rpartition("/")
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)'.encode())
            connection.execute(f'CREATE DATABASE "{database}"'.encode())
        subprocess.run([_program("pg_restore"), f"--dbname={url}", dump], check=True)
        # Answers go on, from what there was.
        assert name(lost) == "Dr Published After The Backup"
    finally:
        pair.start("cms")
    poll(lambda: requests.get(f"{pair.cms_url}/readyz", timeout=5), lambda answer: answer.ok, timeout_s=60)
    try:
        again = Editor(pair.cms_url, pair.username, pair.password)
        for number in range(5):
            again.publish(again.page_id(kept), title=f"Dr Published After The Restore {number}")
        again.close()
    finally:
        for service in ("search-worker", "search-beat", "cms-worker"):
            pair.start(service)

    poll(lambda: name(kept), lambda found: found == "Dr Published After The Restore 4", timeout_s=60)
    assert name(lost) == results[0]["name"]
    after = requests.get(f"{api}/status/", timeout=10).json()
    assert after["epoch"] != before["epoch"]
    assert after["generation"] != before["generation"]
    assert after["counts"] == before["counts"]


def _program(name: str) -> Path:
    return servers.binary(name, "postgresql-client")
