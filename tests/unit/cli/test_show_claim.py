"""The claim of today as `termijn case show` tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cli.show_claim import plain_claim_today, print_claim_today
from domain.errors import DomainError
from domain.law.claim_of_case import claim_of_case
from domain.ledger import Entry, EntryKind
from tests.support.facts import a_case, a_policy, eur

CLAIM = claim_of_case(a_case(amount="1000.00"), a_policy(), date(2026, 3, 16))


def test_it_shows_the_parts_each_line_of_interest_and_the_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    print_claim_today(CLAIM)
    shown = capsys.readouterr().out
    (line,) = CLAIM.interest_lines
    for text in ("claim today, in EUR", "   1000.00", f"{CLAIM.interest.amount:>10}", "     40.00"):
        assert text in shown
    assert f"{CLAIM.total.amount:>10}" in shown
    for text in ("2026-01-16", "2026-03-16", "60", line.source):
        assert text in shown
    assert all(f"- {reason}" in shown for reason in CLAIM.basis)
    assert "VAT" not in shown


def test_it_shows_where_each_payment_went(capsys: pytest.CaptureFixture[str]) -> None:
    case = a_case(amount="1000.00")
    paid = Entry("payment/p", EntryKind.PAYMENT, eur("-140.00"), date(2026, 1, 15))
    print_claim_today(
        claim_of_case(replace(case, entries=(*case.entries, paid)), a_policy(), date(2026, 3, 16))
    )
    (shown,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("2026-01-15")]
    assert shown.split() == ["2026-01-15", "0.00", "0.00", "140.00"]  # nothing else was owed yet


def test_the_parts_add_up_for_scripts_too() -> None:
    plain = plain_claim_today(CLAIM)
    parts = sum(Decimal(plain[part]) for part in ("principal", "interest", "costs", "vat_on_costs"))
    assert Decimal(plain["total"]) == parts
    assert plain["interest_lines"][0]["from"] == "2026-01-16"


def test_it_says_why_a_claim_cannot_be_counted(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DomainError) as unknown:
        claim_of_case(a_case(), a_policy(), date(2060, 1, 1))
    print_claim_today(unknown.value)
    shown = capsys.readouterr().out
    assert shown.startswith("claim today: cannot be counted, ")
    assert unknown.value.message in shown
    told = plain_claim_today(unknown.value)
    assert told == {"refused": {"code": "rate_not_known_yet", "message": unknown.value.message}}
