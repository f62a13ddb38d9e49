"""The Dockerfile and docker-compose.yml name nothing that is not there.

There is no Docker engine on the machines that this was written on: what can be checked without one is checked
here, and tests/e2e runs the commands.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from granian.cli import cli as granian
from packaging.specifiers import SpecifierSet

from tests import compose
from tests.compose import ROOT, Service

SERVICES = compose.services()
STAGES = compose.stages()
OURS = [service for service in SERVICES.values() if service.target]
PACKAGES = {"cms": "cms", "search": "search_service"}
DOCUMENT = (ROOT / "docker-compose.yml").read_text()

GRANIAN = {option.envvar or f"GRANIAN_{str(option.name).upper()}" for option in granian.params}

every_service_of_ours = pytest.mark.parametrize("service", OURS, ids=lambda service: service.name)


@pytest.fixture(scope="module")
def management_commands() -> dict[str, set[str]]:
    """Those that each service has."""
    env = os.environ | {"DATABASE_URL": "sqlite://:memory:"}
    found = {}
    for package in PACKAGES.values():
        done = subprocess.run(
            [sys.executable, "-m", package, "help", "--commands"],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
        found[package] = set(done.stdout.split())
    return found


# --- docker-compose.yml


def test_the_services_are_those_of_the_production_shape() -> None:
    assert set(SERVICES) == {
        "postgres", "redis",
        "cms-init", "cms", "cms-worker", "cms-beat",
        "search-init", "search", "search-worker", "search-beat",
    }  # fmt: skip


@every_service_of_ours
def test_its_image_is_built_here(service: Service) -> None:
    assert service.target in STAGES


@every_service_of_ours
def test_its_commands_are_of_its_own_package_and_exist(
    service: Service, management_commands: dict[str, set[str]]
) -> None:
    package = PACKAGES[service.target]
    words = " ".join([*service.command, *service.healthcheck])
    for other in set(PACKAGES.values()) - {package}:
        assert not re.search(rf"\b{other}\b", words)
    managed = re.findall(r"-m (cms|search_service) (\w+)", words)
    for name, command in managed:
        assert command in management_commands[name]
    modules = re.findall(rf"\b({package}(?:\.\w+)+):(\w+)", words)
    for module, attribute in modules:
        source = ROOT / f"{module.replace('.', '/')}.py"
        assert re.search(rf"^(def {attribute}\(|{attribute} = )", source.read_text(), re.MULTILINE), (
            f"{attribute} is not in {source}"
        )
    assert managed or modules


@every_service_of_ours
def test_every_variable_that_it_is_given_is_read(service: Service) -> None:
    settings = (ROOT / PACKAGES[service.target] / "settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"(\w+)"', settings))
    read |= GRANIAN
    assert set(service.environment) <= read
    image = set(STAGES["base"].environment) - {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
    assert image <= read


@every_service_of_ours
def test_it_is_given_every_variable_that_has_no_default(service: Service) -> None:
    settings = (ROOT / PACKAGES[service.target] / "settings.py").read_text()
    required = {
        match[1]
        for match in re.finditer(r'env\.\w+\(\s*"(\w+)"([^)]*(?:\([^)]*\)[^)]*)*)\)', settings)
        if "default" not in match[2]
    }
    assert required
    assert required <= set(service.environment)


def test_no_variable_has_a_default_and_every_one_is_explained() -> None:
    names = set()
    for match in compose.VARIABLE.finditer(DOCUMENT):
        may_be_empty = match["name"] in {"CMS_EMAIL_URL", "CMS_EMAIL_FROM"}
        assert match["rest"] == (":-" if may_be_empty else ":?"), f"{match[0]} may be empty or has a default"
        names.add(match["name"])
    head = DOCUMENT[: DOCUMENT.index("\nname:")]
    assert names == set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", head))


def test_secrets_are_given_never_written() -> None:
    for service in SERVICES.values():
        for name, value in service.environment.items():
            if re.search("SECRET|PASSWORD|TOKEN", name):
                assert re.fullmatch(r"\$\{\w+:\?\}", value), f"{service.name}: {name}"


def test_what_is_waited_for_can_come() -> None:
    for service in SERVICES.values():
        for need, condition in service.needs.items():
            needed = SERVICES[need]
            if condition == "service_healthy":
                assert needed.healthcheck
                assert not needed.ends
            else:
                assert condition == "service_completed_successfully"
                assert needed.ends
                assert needed.raw["restart"] != "unless-stopped"


@pytest.mark.parametrize("name", ["cms", "search"])
def test_the_ports_agree(name: str) -> None:
    service = SERVICES[name]
    port = service.environment["GRANIAN_PORT"]
    assert service.raw["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert ("EXPOSE", port) in STAGES[service.target].instructions
    # What one service calls the other by is that other's name and port.
    for other, its_port in re.findall(r"http://([a-z-]+):(\d+)", json.dumps([s.environment for s in OURS])):
        assert its_port == SERVICES[other].environment["GRANIAN_PORT"]
        assert other in SERVICES[other].environment[f"{other.upper()}_ALLOWED_HOSTS"].split(",")


@every_service_of_ours
def test_its_health_is_asked_at_a_url_that_exists(service: Service) -> None:
    for path in re.findall(r"/(\w+)'", " ".join(service.healthcheck)):
        urls = (ROOT / PACKAGES[service.target] / "urls.py").read_text()
        assert f'"{path}"' in urls
        assert "localhost" in service.environment[f"{service.target.upper()}_ALLOWED_HOSTS"].split(",")


def test_volumes_are_declared_and_no_service_sees_the_other_ones() -> None:
    document = yaml.safe_load(DOCUMENT)
    used: dict[str, set[str]] = {}
    for service in SERVICES.values():
        for volume in service.raw.get("volumes", []):
            used.setdefault(volume.split(":")[0], set()).add(service.target or service.name)
    assert set(used) == set(document["volumes"])
    assert all(len(targets) == 1 for targets in used.values())


# --- Dockerfile and .dockerignore


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    patterns = [line for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")]
    for stage in STAGES.values():
        for source, _ in stage.copies:
            assert (ROOT / source).exists(), f"{stage.name} copies {source}"
            assert any(fnmatch.fnmatch(source.split("/")[0], pattern[1:]) for pattern in patterns)
        for other in stage.from_stages:
            assert other in STAGES


@pytest.mark.parametrize("target", PACKAGES)
def test_an_image_holds_its_own_service_only(target: str) -> None:
    sources = {source for source, _ in STAGES[target].copies}
    assert PACKAGES[target] in sources
    assert not sources & (set(PACKAGES.values()) - {PACKAGES[target]})
    assert STAGES[target].from_stages == [f"{target}-packages"]
    assert [source for source, _ in STAGES[f"{target}-packages"].copies] == [f"requirements/{target}.txt"]


@pytest.mark.parametrize("target", PACKAGES)
def test_an_image_runs_as_nobody_in_particular_and_serves(target: str) -> None:
    assert ("USER", "app") in STAGES[target].instructions
    command = next(rest for instruction, rest in STAGES[target].instructions if instruction == "CMD")
    assert json.loads(command) == SERVICES[target].command


def test_python_is_one_that_the_project_supports() -> None:
    base = re.fullmatch(r"python:(3\.\d+)-slim", STAGES["base"].base)
    assert base
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert SpecifierSet(requires).contains(base[1])
