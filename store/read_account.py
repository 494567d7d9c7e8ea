"""What a debtor's other claims add to a charge on some of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.facts import Facts
from domain.law.charge import DebtorAccount
from domain.money import Money

_READ = text(
    """
    WITH asked AS (
        SELECT invoice, cycle FROM unnest(CAST(:invoices AS uuid[]), CAST(:cycles AS int[])) AS a (invoice, cycle)
    ), demanded AS (
        SELECT DISTINCT a.invoice, l.invoice_id AS other
        FROM asked a
        JOIN steps_taken s ON s.invoice_id = a.invoice AND s.cycle = a.cycle AND s.step = ANY(:letters)
        JOIN notice_lines mine ON mine.notice_id = s.notice_id AND mine.invoice_id = a.invoice
        JOIN notice_lines l ON l.notice_id = s.notice_id AND l.invoice_id <> a.invoice
    ), owed AS (
        SELECT i.id, sum(e.amount)
                - coalesce(sum(e.amount) FILTER (WHERE e.kind IN ('fee', 'costs', 'interest')), 0) AS principal,
            coalesce(sum(e.amount) FILTER (WHERE e.kind = 'costs' AND e.key NOT LIKE 'vat_on_costs/%'), 0) AS costs
        FROM invoices i JOIN ledger_entries e ON e.invoice_id = i.id
        WHERE i.debtor_id = :debtor AND i.currency = :currency
            AND i.stage NOT IN ('settled', 'written_off', 'withdrawn')
            AND i.id IN (SELECT other FROM demanded)
        GROUP BY i.id
    ), others AS (
        SELECT d.invoice, array_agg(o.principal ORDER BY o.id) AS together, sum(o.costs) AS costs
        FROM demanded d JOIN owed o ON o.id = d.other WHERE o.principal > 0 GROUP BY d.invoice
    ), reminded AS (
        SELECT DISTINCT s.invoice_id FROM steps_taken s JOIN notices n ON n.id = s.notice_id
        WHERE n.debtor_id = :debtor AND n.kind = 'reminder' AND n.sent_at >= :new_year
    )
    SELECT a.invoice::text, coalesce(o.together, '{}') AS together, coalesce(o.costs, 0) AS costs_together,
        (SELECT count(*) FROM reminded r WHERE r.invoice_id <> a.invoice) AS reminders_this_year,
        ARRAY(SELECT e.amount FROM ledger_entries e JOIN invoices i ON i.id = e.invoice_id
              WHERE i.debtor_id = :debtor AND i.currency = :currency AND e.kind = 'costs'
                AND e."on" > CAST(:today AS date) - INTERVAL '6 months'
                AND e."on" <= :today ORDER BY e.id) AS costs_in_six_months
    FROM asked a LEFT JOIN others o ON o.invoice = a.invoice
    """
)


async def read_accounts(
    connection: AsyncConnection, cases: Sequence[Facts], letters: Sequence[str], today: date
) -> dict[str, DebtorAccount]:
    """By invoice; all are of one debtor. `letters` are the keys of the legal steps whose letters count as one demand
    over all their lines."""
    accounts: dict[str, DebtorAccount] = {}
    for currency in {facts.currency for facts in cases}:
        theirs = [facts for facts in cases if facts.currency == currency]
        values = {
            "debtor": theirs[0].debtor_id,
            "currency": currency,
            "invoices": [facts.invoice_id for facts in theirs],
            "cycles": [facts.cycle for facts in theirs],
            "letters": list(letters),
            "today": today,
            "new_year": date(today.year, 1, 1),
        }
        for row in (await connection.execute(_READ, values)).mappings():
            accounts[row["invoice"]] = DebtorAccount(
                together=_money(row["together"], currency),
                costs_together=Money(row["costs_together"], currency),
                costs_in_six_months=_money(row["costs_in_six_months"], currency),
                reminders_this_year=row["reminders_this_year"],
            )
    return accounts


def _money(amounts: list[Decimal], currency: str) -> tuple[Money, ...]:
    return tuple(Money(amount, currency) for amount in amounts)
