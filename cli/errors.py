"""Errors a user may meet: what, where and the next step. Anything else is a bug and shows itself."""

from __future__ import annotations

from domain.errors import AdapterError, DomainError

FAILED = 1
WRONG_CONFIGURATION = 2
_START = "`termijn up` starts one when none is configured"


class CommandError(Exception):
    """A command cannot go on; the message says what, where and the next step."""


def explain(error: BaseException) -> tuple[list[str], int] | None:
    """Lines for standard error and the exit code; None for what nobody expected."""
    if isinstance(error, BaseExceptionGroup):
        return explain(error.exceptions[0])
    if isinstance(error, DomainError | AdapterError | CommandError):
        return [str(error)], FAILED
    from worker.settings import SettingsError  # noqa: PLC0415 - pydantic is not needed for `--help`

    if isinstance(error, SettingsError):
        start = "cannot start, the configuration is incomplete or wrong (environment and .env):"
        return [start, *(f"  {problem}" for problem in error.problems)], WRONG_CONFIGURATION
    text = _one_line(error)
    return ([text], FAILED) if text else None


def _one_line(error: BaseException) -> str | None:
    from sqlalchemy.exc import OperationalError, ProgrammingError  # noqa: PLC0415
    from temporalio.service import RPCError  # noqa: PLC0415

    from worker.embedded.child import EmbeddedServerError  # noqa: PLC0415

    said = None
    match error:
        case EmbeddedServerError():
            said = str(error)
        case OperationalError():
            reason = str(error.orig).strip().partition("\n")[0]
            said = f"PostgreSQL cannot be reached ({reason}); check DATABASE_URL, {_START}"
        case ProgrammingError() if getattr(error.orig, "sqlstate", "") in ("42P01", "42703"):
            said = "the database does not have this version's schema: run `termijn migrate`"
        case RPCError():
            said = f"Temporal refuses ({error.message}); check TEMPORAL_ADDRESS and the namespace"
        case RuntimeError() if "client connect" in str(error):
            said = "Temporal cannot be reached: is it running? Check TEMPORAL_ADDRESS"
        case OSError() if error.filename:
            said = f"{error.filename}: {error.strerror}"
    return said
