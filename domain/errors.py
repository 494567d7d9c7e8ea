"""The two families of expected failure; anything else is a bug (design, section 8)."""

from __future__ import annotations


class DomainError(Exception):
    """Something a caller asked for that cannot be done, with a code machines read and a sentence people read.

    `values` names the fields and values at fault; it must never carry personal data.
    """

    def __init__(self, code: str, message: str, **values: str | int | None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.values = values


class AdapterError(Exception):
    """The outside world failed. `detail` is the provider's own text: for logs only, it may name people."""

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class TransientAdapterError(AdapterError):
    """It certainly did not happen, and may succeed later."""


class PermanentAdapterError(AdapterError):
    """It did not happen and will not succeed as it stands (address refused, message refused)."""


class UncertainDeliveryError(AdapterError):
    """The connection broke between handing over the message and its answer: it may have been delivered."""
