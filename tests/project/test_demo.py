"""`make demo` says what is wrong before it starts anything."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts import demo
from tests.compose import ROOT
from tests.servers import free_ports


def run(**variables: str) -> subprocess.CompletedProcess[str]:
    """Start it, where it is expected to refuse; one that starts all the same is stopped in order."""
    # Something else may listen on the usual ports.
    cms_port, search_port = map(str, free_ports(2))
    with subprocess.Popen(
        [sys.executable, "-m", "scripts.demo"],
        cwd=ROOT,
        env=os.environ | {"CMS_PORT": cms_port, "SEARCH_PORT": search_port} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.terminate()
            out, err = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@contextmanager
def listening(family: socket.AddressFamily, address: str) -> Iterator[int]:
    with socket.create_server((address, 0), family=family) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("port", ["web", "0", "65536", "80.5", "-1", "\uff18000"])
def test_a_port_that_is_none(tmp_path: Path, port: str) -> None:
    done = run(CMS_PORT=port, DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.strip() == f"make demo: CMS_PORT={port} is not a port: a whole number from 1 to 65535."


def test_one_port_for_both(tmp_path: Path) -> None:
    done = run(CMS_PORT="8001", SEARCH_PORT="8001", DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "CMS_PORT and SEARCH_PORT are both 8001." in done.stderr


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0")])
def test_a_port_that_is_taken(tmp_path: Path, family: socket.AddressFamily, address: str) -> None:
    with listening(family, address) as port:
        done = run(SEARCH_PORT=str(port), DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert f"port {port} is in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = run(DATA_DIR=str(file))
    assert done.returncode == 1
    assert done.stderr.strip() == f"make demo: DATA_DIR={file} cannot be used: it is not a folder."


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that not even root can write to")
def test_a_folder_that_cannot_be_written_to() -> None:
    done = run(DATA_DIR="/proc/self")
    assert done.returncode == 1
    assert "make demo: DATA_DIR=" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_another_demo_uses(tmp_path: Path) -> None:
    with demo._only_one_in(tmp_path):
        done = run(DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert f"a demo is running in {tmp_path} already" in done.stderr


def test_secrets_are_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    made = demo._kept_secrets(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert demo._kept_secrets(tmp_path) == made
    assert len(set(made.values())) == 4
    path.unlink()
    assert demo._kept_secrets(tmp_path).keys() == made.keys()
    assert demo._kept_secrets(tmp_path) != made


@pytest.mark.parametrize("text", ["", "[]", "{}", "nonsense"])
def test_damaged_secrets(tmp_path: Path, text: str) -> None:
    (tmp_path / "secrets.json").write_text(text)
    with pytest.raises(demo.Refused, match="for a fresh start"):
        demo._kept_secrets(tmp_path)


def test_secrets_that_are_gone_while_the_content_is_there(tmp_path: Path) -> None:
    """The editor is in the database, with a password that nobody knows any more."""
    (tmp_path / "cms.sqlite3").touch()
    with pytest.raises(demo.Refused, match="for a fresh start"):
        demo._kept_secrets(tmp_path)


def test_servers_of_other_projects_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://localhost/precious")
    monkeypatch.setenv("REDIS_URL", "redis://localhost/0")
    monkeypatch.setenv("INDEX_DIR", "/srv/index")
    env = demo._environment(demo.Demo(8000, 8001, tmp_path), demo._kept_secrets(tmp_path))
    assert not {"DATABASE_URL", "REDIS_URL", "INDEX_DIR"} & env.keys()
