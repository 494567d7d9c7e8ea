"""Tests start no container engine, so docker-compose.yml is held against the code and files it names."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from typing import Any, Final

import pytest

from tests.support.compose import COMPOSE, PROJECT, interpolated
from worker.embedded.postgres import postgres_binary
from worker.embedded.temporal import SEARCH_ATTRIBUTES, temporal_binary
from worker.settings import Settings, load_settings

SERVICES: Final[dict[str, Any]] = COMPOSE["services"]
OURS: Final = ("migrate", "worker", "api")
ONE_SHOT: Final = ("migrate", "temporal-schema", "temporal-namespace")
TEMPORAL_VARIABLES: Final = {
    "TEMPORAL_ADDRESS",
    "TEMPORAL_NAMESPACE",
    "TEMPORAL_API_KEY",
    "TEMPORAL_CONFIG_FILE",
    "TEMPORAL_PROFILE",
    "TEMPORAL_TLS_CLIENT_CERT_PATH",
    "TEMPORAL_TLS_CLIENT_KEY_PATH",
    "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
}
COMPOSE_VARIABLES: Final = set(re.findall(r"(?<!\$)\$\{(\w+)", (PROJECT / "docker-compose.yml").read_text()))


def environment(service: str) -> dict[str, str]:
    found: dict[str, str] = SERVICES[service].get("environment", {})
    return found


@pytest.mark.parametrize("service", OURS)
def test_commands_exist(service: str) -> None:
    command = SERVICES[service]["command"]
    asked = subprocess.run(
        [sys.executable, "-c", "from cli.main import main; main()", *command, "--help"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    assert command[0] in asked.stdout


@pytest.mark.parametrize("service", OURS)
def test_variables_are_settings_with_values_the_code_accepts(service: str) -> None:
    known = {name.upper() for name in Settings.model_fields}
    assert set(environment(service)) <= known | TEMPORAL_VARIABLES
    values = {name.lower(): interpolated(value) for name, value in environment(service).items()}
    load_settings(**{name: value for name, value in values.items() if name in Settings.model_fields})


def test_the_service_talks_to_the_parts_beside_it() -> None:
    for service in OURS:
        url = environment(service)["DATABASE_URL"]
        assert "@postgres:5432/termijn" in url
        assert "TERMIJN_DB_PASSWORD" in url
        assert environment(service)["TEMPORAL_ADDRESS"] == "temporal:7233"
        assert (
            environment(service)["TEMPORAL_NAMESPACE"]
            == environment("temporal-namespace")["TEMPORAL_NAMESPACE"]
        )
    assert interpolated(environment("worker")["SMTP_URL"]).startswith("smtp://mailpit:1025")


def test_no_password_is_baked_in() -> None:
    text = (PROJECT / "docker-compose.yml").read_text()
    for name in COMPOSE_VARIABLES:
        if "PASSWORD" in name:
            assert f"${{{name}:-" not in text
            assert text.count(f"${{{name}") == text.count(f"${{{name}:?")
    for service in SERVICES:
        for name, value in environment(service).items():
            if re.search("PASSWORD|PWD", name):
                assert value.startswith("${"), f"{service}: {name}"


def test_images_are_pinned_to_the_versions_the_tests_run_on() -> None:
    images = {name: service["image"] for name, service in SERVICES.items() if "build" not in service}
    assert all(re.search(r":v?\d+\.\d+", image) for image in images.values()), images
    temporal = subprocess.run(
        [temporal_binary(), "--version"], capture_output=True, text=True, check=True
    ).stdout
    versions = re.search(r"Server (\S+), UI (\S+)\)", temporal)
    assert versions
    assert images["temporal"] == f"temporalio/server:{versions[1]}"
    assert (
        images["temporal-schema"] == images["temporal-namespace"] == f"temporalio/admin-tools:{versions[1]}"
    )
    assert images["temporal-ui"] == f"temporalio/ui:{versions[2]}"
    postgres = subprocess.run(
        [postgres_binary("postgres"), "--version"], capture_output=True, text=True, check=True
    )
    assert images["postgres"].startswith(f"postgres:{postgres.stdout.split()[2]}-")


def test_only_what_people_look_at_is_published_and_only_here() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {
        "api": [f"127.0.0.1:8080:{environment('api')['API_PORT']}"],
        "temporal-ui": [f"127.0.0.1:8233:{environment('temporal-ui')['TEMPORAL_UI_PORT']}"],
        "mailpit": ["127.0.0.1:8025:8025"],
    }


def test_who_waits_for_whom() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            if other in ONE_SHOT:
                assert how["condition"] == "service_completed_successfully", (name, other)
            else:
                assert how["condition"] == "service_healthy", (name, other)
                assert "healthcheck" in SERVICES[other], (name, other)
    assert {name for name, service in SERVICES.items() if "healthcheck" not in service} == {
        *ONE_SHOT,
        "worker",
    }


def test_the_api_answers_where_its_health_check_asks() -> None:
    asked = " ".join(SERVICES["api"]["healthcheck"]["test"])
    path = re.search(r"127\.0\.0\.1:(\d+)(/\w+)", asked)
    assert path
    assert path[1] == environment("api")["API_PORT"]
    assert any(f'"{path[2]}"' in source.read_text() for source in (PROJECT / "api").rglob("*.py"))


def test_every_inline_file_is_defined_and_used() -> None:
    used = {config["source"] for service in SERVICES.values() for config in service.get("configs", [])}
    assert used == set(COMPOSE["configs"])
    for service in SERVICES.values():
        targets = {config["target"] for config in service.get("configs", [])}
        named = [*service.get("entrypoint", []), *service.get("environment", {}).values()]
        assert {path for path in named if path.startswith("/termijn/")} <= targets


def test_the_namespace_job_registers_what_the_workflows_set() -> None:
    script = COMPOSE["configs"]["temporal-namespace"]["content"]
    assert dict(re.findall(r"--name (\w+) --type (\w+)", script)) == SEARCH_ATTRIBUTES


def test_the_image_is_built_from_files_that_exist() -> None:
    allowed = set(re.findall(r"^!(.+)$", (PROJECT / ".dockerignore").read_text(), re.MULTILINE))
    for name in allowed:
        assert (PROJECT / name).exists(), name
    packaged = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"][
        "find"
    ]
    assert {pattern.removesuffix("*") for pattern in packaged["include"]} <= allowed
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (PROJECT / "Dockerfile").read_text(), re.MULTILINE)
    assert {source for line in copied for source in line.split()} <= {".", *allowed}


def test_the_image_runs_locked_versions_as_an_ordinary_user() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", (PROJECT / name).read_text(), re.MULTILINE))

    assert pins("requirements-runtime.lock") < pins("requirements.lock")
    dockerfile = (PROJECT / "Dockerfile").read_text()
    assert "--require-hashes -r requirements-runtime.lock" in dockerfile
    assert re.search(r"^USER (?!root)", dockerfile, re.MULTILINE)


def test_the_example_names_every_variable_and_no_other() -> None:
    lines = (PROJECT / ".env.example").read_text()
    named = set(re.findall(r"^# ([A-Z_]+)=", lines, re.MULTILINE))
    assert named == {name.upper() for name in Settings.model_fields} | TEMPORAL_VARIABLES | COMPOSE_VARIABLES


def test_the_example_values_are_accepted() -> None:
    lines = (PROJECT / ".env.example").read_text()
    values = {name.lower(): value for name, value in re.findall(r"^# ([A-Z_]+)=(.+)$", lines, re.MULTILINE)}
    values["policies_dir"] = str(PROJECT / values["policies_dir"])
    load_settings(**{name: value for name, value in values.items() if name in Settings.model_fields})
