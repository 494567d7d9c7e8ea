"""The claim on one case as JSON has it."""

from __future__ import annotations

from typing import Any

from domain.law.claim import Claim
from domain.law.plain_answers import plain_claim


def plain_case_claim(claim: Claim) -> dict[str, Any]:
    """Amounts, percentages and dates are text. Lines name the `term` of the invoice: 1 is the one due first."""
    plain = plain_claim(claim)
    for lines in (plain["interest_lines"], plain["allocations"]):
        for line in lines:
            line["term"] = int(line["invoice"]) if line["invoice"] else None
            del line["invoice"]
    return plain
