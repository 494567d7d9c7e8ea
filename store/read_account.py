"""What a debtor's other claims add to a charge on one of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.facts import Facts
from domain.law.charge import DebtorAccount
from domain.money import Money

_READ = text(
    """
    WITH others AS (
        SELECT i.id, sum(e.amount) AS owed,
            coalesce(sum(e.amount) FILTER (WHERE e.kind IN ('fee', 'costs', 'interest')), 0) AS charges,
            coalesce(sum(e.amount) FILTER (WHERE e.kind = 'costs' AND e.key NOT LIKE 'vat_on_costs/%'), 0) AS costs
        FROM invoices i JOIN ledger_entries e ON e.invoice_id = i.id
        WHERE i.debtor_id = :debtor AND i.id <> :invoice AND i.currency = :currency
            AND i.stage NOT IN ('settled', 'written_off', 'withdrawn')
            AND i.id IN (SELECT l.invoice_id FROM notice_lines l JOIN notice_lines mine USING (notice_id)
                         JOIN steps_taken s ON s.notice_id = mine.notice_id AND s.invoice_id = mine.invoice_id
                         WHERE mine.invoice_id = :invoice AND s.cycle = :cycle AND s.step = ANY(:letters))
        GROUP BY i.id
    )
    SELECT
        ARRAY(SELECT owed - charges FROM others WHERE owed > charges ORDER BY id) AS together,
        (SELECT coalesce(sum(costs), 0) FROM others WHERE owed > charges) AS costs_together,
        ARRAY(SELECT e.amount FROM ledger_entries e JOIN invoices i ON i.id = e.invoice_id
              WHERE i.debtor_id = :debtor AND i.currency = :currency AND e.kind = 'costs'
                AND e."on" > CAST(:today AS date) - INTERVAL '6 months'
                AND e."on" <= :today ORDER BY e.id) AS costs_in_six_months,
        (SELECT count(DISTINCT s.invoice_id) FROM steps_taken s JOIN notices n ON n.id = s.notice_id
         JOIN invoices i ON i.id = s.invoice_id
         WHERE n.debtor_id = :debtor AND i.id <> :invoice AND n.kind = 'reminder'
            AND n.sent_at >= :new_year) AS reminders_this_year
    """
)


async def read_account(
    connection: AsyncConnection, facts: Facts, letters: list[str], today: date
) -> DebtorAccount:
    """`letters` are the keys of the legal steps whose letters count as one demand over all their lines."""
    values = {
        "debtor": facts.debtor_id,
        "invoice": facts.invoice_id,
        "currency": facts.currency,
        "cycle": facts.cycle,
        "letters": letters,
        "today": today,
        "new_year": date(today.year, 1, 1),
    }
    row = (await connection.execute(_READ, values)).mappings().one()

    def money(amounts: list[Decimal]) -> tuple[Money, ...]:
        return tuple(Money(amount, facts.currency) for amount in amounts)

    return DebtorAccount(
        together=money(row["together"]),
        costs_together=Money(row["costs_together"], facts.currency),
        costs_in_six_months=money(row["costs_in_six_months"]),
        reminders_this_year=row["reminders_this_year"],
    )
