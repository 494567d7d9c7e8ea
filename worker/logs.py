"""Logs: one line of JSON for each event, without addresses."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

_EMAIL: Final = re.compile(r"[^\s<>@\"']+@[^\s<>@\"']+")
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}\b")


def set_up_logging(level: str) -> None:
    """Everything to standard error, ours and the libraries', through one chain that removes addresses and accounts."""
    chain: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*chain, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(), foreign_pre_chain=chain
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace e-mail addresses and IBANs in every text value."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _IBAN.sub("[iban]", _EMAIL.sub("[e-mail]", value))
    return event
