from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import DjangoDbBlocker, Settings


def test_the_root_leads_to_the_admin(client: Client) -> None:
    response = client.get("/")
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/")


def test_healthz_answers_without_a_database(client: Client, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.block():
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_when_migrated(client: Client) -> None:
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_readyz_when_a_migration_is_missing(client: Client) -> None:
    (last,) = MigrationLoader(connection).graph.leaf_nodes("doctors")
    MigrationRecorder(connection).record_unapplied(*last)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert b"migration" in response.content


@pytest.mark.django_db
def test_readyz_when_the_database_does_not_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    elsewhere = connection.copy()
    elsewhere.settings_dict = elsewhere.settings_dict | {
        "NAME": "no/such/database",
        "HOST": str(tmp_path),
    }
    monkeypatch.setattr("cms.home.views.connection", elsewhere)
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"The database does not answer.\n")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_asked_for(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_a_host_that_is_not_ours_is_refused(client: Client, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["cms.example.org"]
    assert client.get("/healthz", headers={"host": "evil.example"}).status_code == 400
