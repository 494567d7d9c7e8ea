"""Which policy an invoice gets, and what named it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class PolicyReason(StrEnum):
    """What named the policy of a case, the strongest first."""

    INVOICE = "invoice"
    DEBTOR = "debtor"
    SEGMENT = "segment"
    CREDITOR = "creditor"
    APPLIED = "applied"  # a person moved the case to it later


def assign_policy(
    *, invoice: str | None, debtor: str, segment: str, segment_policies: Mapping[str, str], creditor: str
) -> tuple[str, PolicyReason]:
    """The name of the policy. `segment` is the debtor's; the other texts are names of policies, empty: none."""
    if invoice:
        return invoice, PolicyReason.INVOICE
    if debtor:
        return debtor, PolicyReason.DEBTOR
    if segment in segment_policies:
        return segment_policies[segment], PolicyReason.SEGMENT
    return creditor, PolicyReason.CREDITOR
