"""The settings as a process starts with them: each case in a process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REQUIRED = {"CMS_SECRET_KEY": "a key", "FEED_TOKEN": "a-token"}


def start(code: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).resolve().parents[2]
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(root), "DATA_DIR": str(cwd / "data")}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=bare | environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def read(names: list[str], cwd: Path, **environment: str) -> Any:
    code = f"import json; from cms import settings as s; print(json.dumps([getattr(s, n) for n in {names!r}], default=str))"
    done = start(code, cwd, **(REQUIRED | environment))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_defaults_are_those_of_production(tmp_path: Path) -> None:
    debug, databases, secure = read(["DEBUG", "DATABASES", "SESSION_COOKIE_SECURE"], tmp_path)
    assert debug is False
    assert databases["default"]["NAME"] == str(tmp_path / "data" / "cms.sqlite3")
    assert databases["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert secure is False  # http://localhost:8000


@pytest.mark.parametrize("data_dir", ["with space", "per%cent", "quest?ion#hash"])
def test_a_data_dir_may_have_any_name(tmp_path: Path, data_dir: str) -> None:
    [databases] = read(["DATABASES"], tmp_path, DATA_DIR=str(tmp_path / data_dir))
    assert databases["default"]["NAME"] == str(tmp_path / data_dir / "cms.sqlite3")


def test_postgresql_through_its_url(tmp_path: Path) -> None:
    [databases] = read(["DATABASES"], tmp_path, DATABASE_URL="postgres://u:p%40ss@db.example:5433/cms")
    default = databases["default"]
    assert default["ENGINE"] == "django.db.backends.postgresql"
    assert (default["HOST"], default["PORT"], default["PASSWORD"]) == ("db.example", 5433, "p@ss")
    assert "transaction_mode" not in default.get("OPTIONS", {})
    assert not (tmp_path / "data").exists()


def test_cookies_are_secure_behind_https(tmp_path: Path) -> None:
    session, csrf, origins = read(
        ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "CSRF_TRUSTED_ORIGINS"],
        tmp_path,
        CMS_BASE_URL="https://cms.example.org/",
    )
    assert session is csrf is True
    assert origins == ["https://cms.example.org"]


@pytest.mark.parametrize("url", ["/files", "https://media.example.org/cms/", "http://localhost:9000/media"])
def test_files_may_be_served_elsewhere(tmp_path: Path, url: str) -> None:
    [media_url] = read(["MEDIA_URL"], tmp_path, CMS_MEDIA_URL=url)
    assert media_url == f"{url.rstrip('/')}/"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", ["django.core.mail.backends.dummy.EmailBackend", "", 25, "", "", False, False, False]),
        ("smtp://localhost", ["cms.mail.backend.EmailBackend", "localhost", 25, "", "", False, False, True]),
        (
            "smtp+starttls://cms%40example.org:p%2Fw@mail.example.org:2525",
            [
                "cms.mail.backend.EmailBackend",
                "mail.example.org",
                2525,
                "cms@example.org",
                "p/w",
                True,
                False,
                True,
            ],
        ),
        (
            "smtps://u:p@mail.example.org",
            ["cms.mail.backend.EmailBackend", "mail.example.org", 465, "u", "p", False, True, True],
        ),
    ],
)
def test_mail(tmp_path: Path, url: str, expected: list[Any]) -> None:
    names = ["BACKEND", "HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL"]
    names = [*(f"EMAIL_{name}" for name in names), "WAGTAIL_PASSWORD_RESET_ENABLED", "DEFAULT_FROM_EMAIL"]
    found = read(names, tmp_path, CMS_EMAIL_URL=url, CMS_BASE_URL="https://cms.example.org:8443")
    assert found == [*expected, "cms@cms.example.org"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CMS_DEBUG", "flase"),
        ("CMS_SECRET_KEY", ""),
        ("DATA_DIR", ""),
        ("FEED_TOKEN", ""),
        ("FEED_TOKEN", "a token"),
        ("FEED_TOKEN", "a-token\n"),
        ("FEED_TOKEN", "ключ"),
        ("CMS_BASE_URL", "cms.example.org"),
        ("CMS_CITED_ASPECTS", "treatments,no-such-aspect"),
        ("CMS_MEDIA_URL", "media.example.org"),
        ("CMS_MEDIA_URL", "//media.example.org"),
        ("CMS_MEDIA_URL", "media/"),
        ("CMS_MEDIA_URL", ""),
        ("CMS_MEDIA_URL", "/"),
        ("DATABASE_URL", "postgre://db/cms"),
        ("SEARCH_URL", "search:8001"),
        ("SEARCH_URL", "http://:8001"),
        ("SEARCH_URL", "http://search:port"),
        ("SEARCH_TIMEOUT_SECONDS", "0"),
        ("REDIS_URL", "localhost:6379"),
        ("CMS_EMAIL_URL", "mail.example.org:25"),
        ("CMS_EMAIL_URL", "https://mail.example.org"),
        ("CMS_EMAIL_URL", "smtp://mail.example.org:port"),
        ("CMS_EMAIL_URL", "smtp://user@"),
        ("CMS_EMAIL_FROM", "cms"),
    ],
)
def test_a_typo_is_an_error_at_start(tmp_path: Path, variable: str, value: str) -> None:
    done = start("import cms.settings", tmp_path, **(REQUIRED | {variable: value}))
    assert done.returncode != 0
    assert variable in done.stderr


@pytest.mark.parametrize("variable", sorted(REQUIRED))
def test_what_is_required_is_asked_for(tmp_path: Path, variable: str) -> None:
    done = start("import cms.settings", tmp_path, **{k: v for k, v in REQUIRED.items() if k != variable})
    assert done.returncode != 0
    assert variable in done.stderr


def test_the_commands_are_this_services_whatever_the_shell_says(tmp_path: Path) -> None:
    code = "import runpy, sys; sys.argv[1:] = ['diffsettings']; runpy.run_module('cms', run_name='__main__')"
    done = start(code, tmp_path, DJANGO_SETTINGS_MODULE="search_service.settings", **REQUIRED)
    assert "ROOT_URLCONF = 'cms.urls'" in done.stdout, done.stderr


def test_a_message_is_left_in_the_folder_for_another_process(tmp_path: Path) -> None:
    """Without Redis: one process sends; the file lies where the other takes it from."""
    code = "from cms.celery import app; app.send_task('search_service.pull_changes', queue='search')"
    done = start(code, tmp_path, DJANGO_SETTINGS_MODULE="cms.settings", **REQUIRED)
    assert done.returncode == 0, done.stderr
    [message] = (tmp_path / "data" / "broker").glob("*.msg")
    assert "search_service.pull_changes" in message.read_text()


def test_the_worker_knows_each_task_that_beat_sends(tmp_path: Path) -> None:
    code = """
from cms.celery import app
app.loader.import_default_modules()
tasks = {entry["task"] for entry in app.conf.beat_schedule.values()}
print(tasks - set(app.tasks), "cms.send_mail" in tasks)
"""
    for url, mails in (("", False), ("smtp://localhost", True)):
        environment = REQUIRED | {"DJANGO_SETTINGS_MODULE": "cms.settings", "CMS_EMAIL_URL": url}
        done = start(code, tmp_path, **environment)
        assert done.stdout.strip() == f"set() {mails}", done.stderr


@pytest.mark.parametrize("answering", ["refuses", "silent"])
def test_a_broker_that_is_down_says_so_soon(tmp_path: Path, answering: str) -> None:
    """A client that waits and tries again would make the editor wait with it."""
    code = """
import time
from cms.celery import app
started = time.monotonic()
try:
    app.send_task("search_service.pull_changes", queue="search")
except Exception:
    print(time.monotonic() - started)
"""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if answering == "silent":
            server.listen()
        redis = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        done = start(code, tmp_path, DJANGO_SETTINGS_MODULE="cms.settings", REDIS_URL=redis, **REQUIRED)
    assert done.stdout, done.stderr
    assert float(done.stdout.splitlines()[-1]) < 3
