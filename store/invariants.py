"""What must always be true of the stored facts, each as a query for what is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_CLOSED: Final = "('settled', 'written_off', 'withdrawn')"

VIOLATIONS: Final[Mapping[str, str]] = {
    "no_next_move_or_reason": f"""
        SELECT number FROM invoices
        WHERE stage NOT IN {_CLOSED} AND next_at IS NULL AND jsonb_array_length(reasons) = 0
    """,  # noqa: S608 - constants only
    "step_overdue": f"""
        SELECT number FROM invoices WHERE stage NOT IN {_CLOSED} AND next_at < now() - interval '1 hour'
    """,  # noqa: S608 - constants only
    "ledger_differs": """
        SELECT i.number FROM invoices i LEFT JOIN ledger_entries l ON l.invoice_id = i.id
        GROUP BY i.id HAVING coalesce(sum(l.amount), 0) <> i.open_amount
    """,
    "sent_after_settled": f"""
        SELECT DISTINCT i.number FROM notices n
        JOIN steps_taken t ON t.notice_id = n.id
        JOIN invoices i ON i.id = t.invoice_id
        JOIN events e ON e.invoice_id = i.id AND e.refusal IS NULL
             AND e.stage_before NOT IN {_CLOSED} AND e.stage_after IN {_CLOSED} AND e.applied_at < n.sent_at
        WHERE NOT EXISTS (
            SELECT 1 FROM events r WHERE r.invoice_id = i.id AND r.refusal IS NULL
            AND r.stage_before IN {_CLOSED} AND r.stage_after NOT IN {_CLOSED}
            AND r.applied_at > e.applied_at AND r.applied_at <= n.sent_at)
    """,  # noqa: S608 - constants only. A case that was re-opened in between may be chased again.
    "sent_twice": """
        SELECT message_id FROM notices WHERE sent_at IS NOT NULL AND message_id <> ''
        GROUP BY message_id HAVING count(*) > 1
        UNION ALL
        SELECT i.number FROM steps_taken t JOIN invoices i ON i.id = t.invoice_id
        WHERE t.notice_id IS NOT NULL
        GROUP BY i.number, t.notice_id HAVING count(*) > 1
    """,
    "sending_too_long": """
        SELECT i.number FROM steps_taken t JOIN invoices i ON i.id = t.invoice_id
        WHERE t.state = 'sending' AND t.at < now() - interval '5 minutes'
    """,
    "message_undelivered": """
        SELECT i.number || ' ' || e.event_id FROM events e JOIN invoices i ON i.id = e.invoice_id
        WHERE e.applied_at IS NULL AND e.received_at < now() - interval '5 minutes'
    """,
}
"""By name: a query for what violates the invariant, one text for each, as people know it."""


async def violations(connection: AsyncConnection, name: str, examples: int = 10) -> tuple[int, list[str]]:
    """How many violate it, and the first of them."""
    statement = f"SELECT count(*) OVER (), x.* FROM ({VIOLATIONS[name]}) x LIMIT :examples"  # noqa: S608 - constants
    rows = (await connection.execute(text(statement), {"examples": examples})).all()
    return (int(rows[0][0]) if rows else 0), [str(row[1]) for row in rows]
