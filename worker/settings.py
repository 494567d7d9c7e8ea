"""Configuration of every process: one class, read from the environment and `.env`, complete or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from channels.email.smtp_url import parse_smtp_url
from domain.errors import DomainError

ENV_FILE: Final = Path(".env")
_MIB: Final = 1024 * 1024


class SettingsError(Exception):
    """Processes must not start like this. `problems` names every variable at fault, never its value."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def _database_url(value: SecretStr) -> SecretStr:
    """Accept what hosting providers hand out, and name the driver we use."""
    scheme, separator, rest = value.get_secret_value().partition("://")
    if not separator or scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise ValueError("must begin with postgresql://")
    if not _split(f"postgresql://{rest}").path.strip("/"):
        raise ValueError("must name a database: postgresql://user:password@host:5432/database")
    return SecretStr(f"postgresql+psycopg://{rest}")


def _smtp_url(value: SecretStr) -> SecretStr:
    try:
        parse_smtp_url(value.get_secret_value())
    except DomainError as refused:
        raise ValueError(refused.message) from None
    return value


def _split(text: str) -> SplitResult:
    """The parts of a URL, its port checked; urllib would complain by quoting what may be a password."""
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        raise ValueError(
            "is not a URL (a password with special characters must be percent-encoded)"
        ) from None
    return url


def _directory(value: Path) -> Path:
    if not value.is_dir():
        raise ValueError("is not a directory")
    return value


Port = Annotated[int, Field(ge=1, le=65535)]
Positive = Annotated[int, Field(ge=1)]


class Settings(BaseSettings):
    """Every field is an environment variable of the same name in capitals. Temporal: `temporal_config`."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    database_url: Annotated[SecretStr, AfterValidator(_database_url)] | None = None
    """PostgreSQL as a URL. Without it: the embedded server under `var_dir`."""
    smtp_url: Annotated[SecretStr, AfterValidator(_smtp_url)] | None = None
    """`smtp://user:password@host:587?starttls=required|auto|off` or `smtps://host`. Without it: the sink."""
    mail_from_domain: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$", max_length=253)] = (
        "termijn.localhost"
    )
    """Right-hand side of every Message-ID and envelope sender."""
    policies_dir: Annotated[Path, AfterValidator(_directory)] = Path(__file__).parent.parent / "policies"
    """Where policies are read from; the ones shipped unless set."""
    var_dir: Path = Path("var")
    """Data of the embedded servers, and logs."""
    api_host: str = "127.0.0.1"
    api_port: Port = 8080
    api_max_body_bytes: Positive = _MIB
    import_max_bytes: Positive = 20 * _MIB
    worker_processes: Annotated[int, Field(ge=1, le=64)] = 1
    max_cached_workflows: Annotated[int, Field(ge=0)] = 2000
    """Sleeping cases each worker process keeps in memory; 0 replays at every step."""
    workflow_sandbox: bool = False
    """Whether workers watch workflow code for what is not deterministic, at the cost of a fifth of their speed."""
    task_queue: Annotated[str, Field(min_length=1, max_length=200)] = "termijn"
    reconcile_every_seconds: Positive = 60
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    def require(self, *names: str) -> None:
        """SettingsError naming each of these fields that has no value."""
        if missing := [name for name in names if getattr(self, name) is None]:
            raise SettingsError([f"{name.upper()}: is required here" for name in missing])


def load_settings(**overrides: Any) -> Settings:
    """From `overrides`, then the environment, then `.env`; SettingsError with all problems at once."""
    if unknown := sorted(set(overrides) - set(Settings.model_fields)):
        raise TypeError(f"no such setting: {', '.join(unknown)}")
    try:
        return Settings(**overrides)
    except ValidationError as refused:
        raise SettingsError([_problem(error["loc"], error["msg"]) for error in refused.errors()]) from None


def _problem(location: tuple[int | str, ...], message: str) -> str:
    return f"{str(location[0]).upper()}: {message.removeprefix('Value error, ')}"
