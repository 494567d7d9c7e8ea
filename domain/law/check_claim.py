"""What a claim cannot be computed from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from domain.errors import DomainError
from domain.law.claim_values import ClaimInvoice, ClaimPayment
from domain.law.costs import Costs


def check_claim(
    invoices: Sequence[ClaimInvoice], payments: Sequence[ClaimPayment], as_of: date, costs: Costs
) -> None:
    """Refuse, by field and value."""
    ids = {invoice.id for invoice in invoices}
    if len(ids) < len(invoices) or not invoices:
        raise _refused(
            "bad_invoices", "invoices", str(len(invoices)), "one or more are needed, each with its own id"
        )
    for invoice in invoices:
        costs.amount.amount_of(invoice.principal)  # refuses another currency
        if not invoice.principal.is_positive:
            raise _refused(
                "principal_not_positive", "principal", str(invoice.principal.amount), "must be more than zero"
            )
        if as_of < invoice.due:
            raise _refused(
                "as_of_before_due", "as_of", as_of.isoformat(), f"is before the due date {invoice.due}"
            )
    for payment in payments:
        costs.amount.amount_of(payment.amount)
        if not payment.amount.is_positive:
            raise _refused(
                "payment_not_positive", "payments", str(payment.amount.amount), "must be more than zero"
            )
        if payment.invoice is not None and payment.invoice not in ids:
            raise _refused(
                "unknown_designation", "payments", payment.invoice, "names no invoice of this claim"
            )
    costs.amount.amount_of(costs.vat)
    if costs.amount.amount < 0 or costs.vat.amount < 0:
        raise _refused(
            "costs_negative", "costs", str(min(costs.amount, costs.vat).amount), "must not be negative"
        )


def _refused(code: str, field: str, value: str, why: str) -> DomainError:
    return DomainError(code, f"{field} {value}: {why}", field=field, value=value)
