"""Messages as they arrive: what is missing or malformed is named, nothing else gets in."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.errors import DomainError
from domain.events import REQUIRED, Message, parse_event, parse_when
from domain.stages import EventKind
from tests.support.facts import eur

WHOLE = Message(
    event_id="e", ref="r", amount="1.50", on="2026-01-31", until="2026-02-28", step="s", outcome="accepted"
)


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_names_the_first_field_that_is_missing(kind: EventKind) -> None:
    assert parse_event(kind, WHOLE, "EUR").kind is kind
    for field in ("event_id", *REQUIRED[kind]):
        values = {name: getattr(WHOLE, name) for name in Message.__slots__} | {field: ""}
        with pytest.raises(DomainError) as refusal:
            parse_event(kind, Message(**values), "EUR")
        assert (refusal.value.code, refusal.value.values["field"]) == ("missing_field", field)


def test_a_whole_message_becomes_values() -> None:
    event = parse_event(EventKind.PROMISE_MADE, WHOLE, "EUR")
    assert (event.amount, event.on, event.until) == (eur("1.50"), date(2026, 1, 31), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amount": "0.00"}, "amount_not_positive"),
        ({"amount": "-1.00"}, "amount_not_positive"),
        ({"amount": "1.001"}, "too_many_decimals"),
        ({"amount": "a lot"}, "bad_amount"),
        ({"currency": "USD"}, "currency_mismatch"),
        ({"on": "31-01-2026"}, "bad_date"),
        ({"on": "0001-01-01"}, "bad_date"),
        ({"until": "9999-12-31"}, "bad_date"),
        ({"until": "2026-02-28T10:00:00"}, "bad_date"),  # names no offset
        ({"until": "2026-02-28T25:00:00Z"}, "bad_date"),
        ({"until": "9999-12-31T23:59:59Z"}, "bad_date"),
    ],
)
def test_a_malformed_field_is_refused(fields: dict[str, str], code: str) -> None:
    values = {name: getattr(WHOLE, name) for name in Message.__slots__} | fields
    with pytest.raises(DomainError) as refusal:
        parse_event(EventKind.PAYMENT_RECEIVED, Message(**values), "EUR")
    assert refusal.value.code == code


def test_an_outcome_is_one_of_two() -> None:
    with pytest.raises(DomainError, match="accepted or rejected"):
        parse_event(EventKind.DISPUTE_RESOLVED, Message("e", ref="r", outcome="maybe"), "EUR")


def test_a_moment_keeps_its_offset() -> None:
    assert parse_when("until", "2026-02-28T10:00:00+01:00") == datetime(2026, 2, 28, 9, tzinfo=UTC)
