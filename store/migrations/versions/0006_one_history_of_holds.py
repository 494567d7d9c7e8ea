"""holds on invoices keep their history where those on debtors and creditors do; why and by whom is part of it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLES = {"holds": "x.invoice_id = h.invoice_id", "standing_holds": "x.invoice_id IS NULL"}
# A date began where most creditors are; its policy's zone is not known here.
_TELL = """
    INSERT INTO hold_changes (hold_id, invoice_id, at, what, until, actor, note)
    SELECT h.id, h.invoice_id, e.applied_at, substr(e.kind, 6),
        CASE WHEN e.kind = 'hold_lifted' THEN NULL
            WHEN e.message->>'until' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
                THEN CAST(CAST(e.message->>'until' AS date) AS timestamp) AT TIME ZONE 'Europe/Amsterdam'
            ELSE h.until END,
        e.actor, e.note
    FROM events e JOIN holds h ON h.invoice_id = e.invoice_id AND h.id = e.message->>'ref'
    WHERE e.kind IN ('hold_placed', 'hold_extended', 'hold_lifted')
        AND e.refusal IS NULL AND e.applied_at IS NOT NULL
    ORDER BY e.applied_at
"""


def upgrade() -> None:
    op.execute(_TELL)
    for table in _TABLES:
        op.drop_column(table, "reason")
        op.drop_column(table, "actor")


def downgrade() -> None:
    for table, same in _TABLES.items():
        for name in ("reason", "actor"):
            op.add_column(table, sa.Column(name, sa.Text(), server_default="", nullable=False))
        op.execute(
            f"UPDATE {table} h SET reason = x.note, actor = x.actor FROM hold_changes x "  # noqa: S608
            f"WHERE x.hold_id = h.id AND {same} AND x.what = 'placed'"
        )
    op.execute("DELETE FROM hold_changes WHERE invoice_id IS NOT NULL")
