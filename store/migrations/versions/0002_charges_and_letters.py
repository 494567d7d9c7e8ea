"""charges, the lines of a notice, and the day on which a claim lapses"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KINDS = "'principal', 'payment', 'reversal', 'credit_note', 'surplus', 'surplus_returned', 'waiver', 'write_off', 'withdrawal'"
_RAISES = "'principal', 'reversal', 'surplus'"
_CHARGES = "'fee', 'costs', 'interest'"
_TASKS = "'approve', 'call', 'review', 'mend_address', 'check_delivery', 'send_dossier'"


def upgrade() -> None:
    op.create_table(
        "notice_lines",
        sa.Column("notice_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("invoice_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("open_amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("asked", sa.Numeric(14, 2), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name="fk_notice_lines_notice_id"),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name="fk_notice_lines_invoice_id"),
        sa.PrimaryKeyConstraint("notice_id", "invoice_id", name="pk_notice_lines"),
    )
    op.create_index("ix_notice_lines_invoice_id", "notice_lines", ["invoice_id"])
    op.execute(
        """
        INSERT INTO notice_lines (notice_id, invoice_id, cycle, step, open_amount, asked)
        SELECT notice_id, invoice_id, cycle, step, asked, asked FROM steps_taken
        WHERE notice_id IS NOT NULL AND asked IS NOT NULL ON CONFLICT DO NOTHING
        """
    )
    op.add_column("steps_taken", sa.Column("channel", sa.Text(), nullable=True))
    op.add_column("invoices", sa.Column("time_barred_on", sa.Date(), nullable=True))
    _check("ledger_entries", "kind_known", f"kind IN ({_KINDS}, {_CHARGES})")
    _check("ledger_entries", "sign", f"(amount > 0) = (kind IN ({_RAISES}, {_CHARGES}))")
    _check("tasks", "kind_known", f"kind IN ({_TASKS}, 'limitation')")


def downgrade() -> None:
    """Fails where charges were booked: they cannot be told in the older schema."""
    _check("tasks", "kind_known", f"kind IN ({_TASKS})")
    _check("ledger_entries", "sign", f"(amount > 0) = (kind IN ({_RAISES}))")
    _check("ledger_entries", "kind_known", f"kind IN ({_KINDS})")
    op.drop_column("invoices", "time_barred_on")
    op.drop_column("steps_taken", "channel")
    op.drop_table("notice_lines")


def _check(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
