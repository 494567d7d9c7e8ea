"""Events as they arrive: a wire form of plain texts, and the typed form that is applied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from domain.errors import DomainError
from domain.facts import DisputeOutcome
from domain.money import Money
from domain.stages import EventKind


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a case, as signalled: opaque ids, codes, amounts and dates only, never names or texts.

    `event_id` makes it count once. Which other fields a kind needs is in REQUIRED.
    """

    event_id: str
    ref: str = ""
    """Id of the payment, dispute, promise, plan, hold or task."""
    amount: str = ""
    currency: str = ""
    on: str = ""
    """Value date of money: ISO date."""
    until: str = ""
    """End of a hold or date of a promise: an ISO date, or an ISO moment with its offset (demos and tests)."""
    step: str = ""
    outcome: str = ""
    term: str = ""
    """Number of the term that a hold is about, from 1."""


@dataclass(frozen=True, slots=True)
class Event:
    kind: EventKind
    event_id: str
    ref: str = ""
    amount: Money | None = None
    on: date | None = None
    until: date | datetime | None = None
    step: str = ""
    outcome: str = ""
    term: int | None = None


_E = EventKind
EARLIEST_YEAR: Final = 2000
LATEST_YEAR: Final = 2199
_MOST_TERMS: Final = 999
"""Dates outside these years are slips of the pen, and their arithmetic ends at the calendar's edge."""

REQUIRED: Final[dict[EventKind, tuple[str, ...]]] = {
    _E.PAYMENT_RECEIVED: ("ref", "amount", "on"),
    _E.PAYMENT_REVERSED: ("ref", "on"),
    _E.CREDIT_NOTE_ISSUED: ("ref", "amount", "on"),
    _E.DISPUTE_OPENED: ("ref",),
    _E.DISPUTE_RESOLVED: ("ref", "outcome"),
    _E.PROMISE_MADE: ("ref", "amount", "until"),
    _E.PROMISE_KEPT: ("ref",),
    _E.PROMISE_BROKEN: ("ref",),
    _E.PLAN_AGREED: ("ref",),
    _E.PLAN_BROKEN: ("ref",),
    _E.PLAN_COMPLETED: ("ref",),
    _E.HOLD_PLACED: ("ref",),
    _E.HOLD_LIFTED: ("ref",),
    _E.STEP_APPROVED: ("step",),
    _E.STEP_REJECTED: ("step",),
    _E.TASK_COMPLETED: ("ref",),
    _E.NOTICE_BOUNCED: ("step",),
    _E.STEP_REQUESTED: ("step",),
    _E.HOLD_EXTENDED: ("ref", "until"),
    _E.POLICY_CHANGED: ("ref",),
    _E.WRITTEN_OFF: ("on",),
    _E.WITHDRAWN: ("on",),
    _E.FACTS_CHANGED: (),
}


def parse_event(kind: EventKind, message: Message, currency: str) -> Event:
    """The typed event. Raises DomainError naming the first field that is missing or malformed.

    `currency` is that of the invoice; another one in the message is refused, none means the same.
    """
    for name in ("event_id", *REQUIRED[kind]):
        if not getattr(message, name):
            raise DomainError("missing_field", f"{kind.value} needs {name}", field=name)
    amount = _positive(message, currency) if message.amount else None
    if kind is EventKind.DISPUTE_RESOLVED and message.outcome not in list(DisputeOutcome):
        raise DomainError(
            "bad_outcome", "outcome must be accepted or rejected", field="outcome", value=message.outcome
        )
    return Event(
        kind=kind,
        event_id=message.event_id,
        ref=message.ref,
        amount=amount,
        on=_parse_date("on", message.on) if message.on else None,
        until=parse_when("until", message.until) if message.until else None,
        step=message.step,
        outcome=message.outcome,
        term=_term(message.term) if message.term else None,
    )


def parse_when(field: str, text: str) -> date | datetime:
    """An ISO date, or an ISO moment that names its offset."""
    if len(text) <= 10:
        return _parse_date(field, text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _bad_date(field, f"{text!r} is not an ISO date or moment") from None
    if moment.tzinfo is None:
        raise _bad_date(field, f"{text!r} names no offset such as +01:00")
    _check_year(field, text, moment.year)
    return moment


def _term(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST_TERMS):
        raise DomainError("bad_term", f"term: {text!r} is not the number of a term", field="term")
    return int(text)


def _parse_date(field: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _bad_date(field, f"{text!r} is not a date such as 2026-01-31") from None
    _check_year(field, text, day.year)
    return day


def _check_year(field: str, text: str, year: int) -> None:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise _bad_date(field, f"{text!r} is not between {EARLIEST_YEAR} and {LATEST_YEAR}")


def _bad_date(field: str, problem: str) -> DomainError:
    return DomainError("bad_date", f"{field}: {problem}", field=field)


def _positive(message: Message, currency: str) -> Money:
    if message.currency and message.currency != currency:
        text = f"the invoice is in {currency}, not in {message.currency}"
        raise DomainError(
            "currency_mismatch", text, field="currency", expected=currency, value=message.currency
        )
    amount = Money.parse(message.amount, currency)
    if not amount.is_positive:
        raise DomainError(
            "amount_not_positive", f"amount {message.amount} must be above zero", field="amount"
        )
    return amount
