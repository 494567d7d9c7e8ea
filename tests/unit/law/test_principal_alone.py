"""Cases of which no more than the principal can be claimed, and what the claim says about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.facts import Facts
from domain.law.claim_of_case import claim_of_case
from domain.ledger import Entry, EntryKind
from tests.support.facts import a_case, a_policy, eur

LATER = date(2026, 4, 1)


def _booked(case: Facts, kind: EntryKind, amount: str) -> Facts:
    entry = Entry(f"{kind.value}/1", kind, eur(amount), date(2026, 2, 1))
    return replace(case, entries=(*case.entries, entry))


@pytest.mark.parametrize(
    ("case", "on", "owed", "why"),
    [
        (a_case(country="ES"), LATER, "100.00", "the law of ES is not known to Termijn"),
        (
            _booked(a_case(country="ES"), EntryKind.PAYMENT, "-30.00"),
            LATER,
            "70.00",
            "the law of ES is not known to Termijn",
        ),
        (a_case(), date(2026, 1, 14), "100.00", "not due before 2026-01-15"),
        (
            _booked(a_case(), EntryKind.CREDIT_NOTE, "-100.00"),
            LATER,
            "0.00",
            "all of it was credited or waived",
        ),
    ],
)
def test_the_principal_is_claimed_and_the_reason_is_given(case: Facts, on: date, owed: str, why: str) -> None:
    claim = claim_of_case(case, a_policy(), on)
    assert (claim.principal, claim.total, claim.basis) == (eur(owed), eur(owed), (why,))
    assert (claim.interest, claim.costs, claim.interest_lines) == (eur("0.00"), eur("0.00"), ())
