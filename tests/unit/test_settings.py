"""Configuration is complete or refused, all problems at once, and never shows a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.settings import Settings, SettingsError, load_settings
from worker.temporal_config import load_configuration, temporal_connect_config


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine that runs the tests: neither variables nor a `.env` nor a Temporal profile."""
    for name in (*Settings.model_fields, "temporal_address", "temporal_namespace", "temporal_api_key"):
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def test_nothing_set_means_everything_embedded() -> None:
    configuration = load_configuration()
    assert configuration.settings.database_url is None
    assert configuration.settings.smtp_url is None
    assert configuration.temporal is None


def test_all_problems_are_named_at_once_without_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://u:hunter2@host/db")
    monkeypatch.setenv("SMTP_URL", "smtp://u:hunter2@host?starttls=perhaps")
    monkeypatch.setenv("API_PORT", "99999")
    monkeypatch.setenv("POLICIES_DIR", "/does/not/exist")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "termijn")
    with pytest.raises(SettingsError) as refused:
        load_configuration()
    names = {problem.partition(":")[0] for problem in refused.value.problems}
    assert names == {"DATABASE_URL", "SMTP_URL", "API_PORT", "POLICIES_DIR", "TEMPORAL_ADDRESS"}
    assert "hunter2" not in str(refused.value)


def test_secrets_do_not_show() -> None:
    settings = load_settings(
        database_url="postgresql://u:hunter2@db/termijn", smtp_url="smtp://u:hunter2@mail"
    )
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings.model_dump())


def test_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("API_PORT=9001\nTASK_QUEUE=bills\nTEMPORAL_ADDRESS=temporal:7233\n")
    monkeypatch.setenv("API_PORT", "9002")
    configuration = load_configuration()
    assert configuration.settings.api_port == 9002
    assert configuration.settings.task_queue == "bills"
    assert configuration.temporal is not None
    assert configuration.temporal["target_host"] == "temporal:7233"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_database_url_names_our_driver(scheme: str) -> None:
    url = load_settings(database_url=f"{scheme}://u:p%40ss@db:5433/termijn?sslmode=require").database_url
    assert url is not None
    assert url.get_secret_value() == "postgresql+psycopg://u:p%40ss@db:5433/termijn?sslmode=require"


def test_database_url_over_a_socket() -> None:
    assert load_settings(database_url="postgresql:///termijn?host=/var/run/postgresql").database_url


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example:25",
        "smtp://mail.example?starttls=off",
        "smtp://user:p%40ss@mail.example:587?starttls=required",
        "smtps://user:pass@mail.example:465",
    ],
)
def test_smtp_urls_that_work(url: str) -> None:
    assert load_settings(smtp_url=url).smtp_url


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("smtp_url", "mail.example:25", "smtp://"),
        ("smtp_url", "smtp://", "host"),
        ("smtp_url", "smtp://mail.example:mail", "cannot be read"),
        ("smtp_url", "smtps://mail.example?starttls=required", "starttls"),
        ("smtp_url", "smtp://mail.example?tls=yes", "only option"),
        ("database_url", "postgresql://u:p@db", "name a database"),
        ("database_url", "postgresql://u:p@db:port/x", "not a URL"),
        ("mail_from_domain", "bad domain", "MAIL_FROM_DOMAIN"),
        ("log_level", "loud", "debug"),
        ("worker_processes", 0, "greater"),
    ],
)
def test_wrong_values_are_refused_with_the_reason(field: str, value: object, reason: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(**{field: value})
    assert len(refused.value.problems) == 1
    assert refused.value.problems[0].startswith(field.upper())
    assert reason in refused.value.problems[0]


def test_a_process_without_embedded_parts_names_what_it_lacks() -> None:
    with pytest.raises(SettingsError) as refused:
        load_configuration("database_url", "smtp_url", "temporal_address")
    assert refused.value.problems == [
        "DATABASE_URL: is required here",
        "SMTP_URL: is required here",
        "TEMPORAL_ADDRESS: is required here",
    ]


def test_temporal_cloud_needs_variables_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "bills.a1b2c.tmprl.cloud:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "bills.a1b2c")
    monkeypatch.setenv("TEMPORAL_API_KEY", "secret")
    config = temporal_connect_config()
    assert config is not None
    assert config["namespace"] == "bills.a1b2c"
    assert config["tls"]


def test_a_temporal_profile_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", "/does/not/exist.toml")
    with pytest.raises(SettingsError, match="TEMPORAL_CONFIG_FILE"):
        temporal_connect_config()
