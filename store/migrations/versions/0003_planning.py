"""what plans are made from: segments, discounts, holds with their history, contacts and unallocated cash"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_RAISES = "'principal', 'reversal', 'surplus', 'fee', 'costs', 'interest'"
_LOWERS = "'payment', 'credit_note', 'surplus_returned', 'waiver', 'write_off', 'withdrawal'"
_STEP_STATES = "'awaiting_approval', 'approved', 'sending', 'deferred', 'blocked', 'done', 'collapsed', 'expired', 'rejected'"
_TASKS = "'approve', 'call', 'review', 'mend_address', 'check_delivery', 'send_dossier', 'limitation'"
_EVENTS = (
    "'payment_received', 'payment_reversed', 'credit_note_issued', 'dispute_opened', 'dispute_resolved', "
    "'promise_made', 'promise_kept', 'promise_broken', 'plan_agreed', 'plan_broken', 'plan_completed', "
    "'hold_placed', 'hold_lifted', 'step_approved', 'step_rejected', 'task_completed', 'written_off', "
    "'withdrawn', 'facts_changed'"
)
_TEXTS = {
    "debtors": ("segment", "behaviour", "policy"),
    "invoices": ("policy_reason",),
    "holds": ("reason", "actor"),
}


def upgrade() -> None:
    for table, names in _TEXTS.items():
        for name in names:
            op.add_column(table, _text(name))
    op.add_column(
        "debtors", sa.Column("tags", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column(
        "debtors", sa.Column("mandate", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column(
        "creditors", sa.Column("segment_policies", JSONB(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("creditors", sa.Column("statement_on", sa.Date(), nullable=True))
    op.add_column("invoices", sa.Column("delivered", sa.Date(), nullable=True))
    op.add_column("invoices", sa.Column("discount_percent", sa.Numeric(5, 2), nullable=True))
    op.add_column("invoices", sa.Column("discount_until", sa.Date(), nullable=True))
    op.create_check_constraint(
        op.f("ck_invoices_policy_reason_known"),
        "invoices",
        "policy_reason IN ('', 'invoice', 'debtor', 'segment', 'creditor', 'applied')",
    )
    op.create_check_constraint(
        op.f("ck_invoices_discount_whole"),
        "invoices",
        "(discount_percent IS NULL) = (discount_until IS NULL)",
    )
    op.add_column("holds", sa.Column("term", sa.Integer(), nullable=True))
    _create_holds()
    _create_contacts()
    _check("steps_taken", "state_known", f"state IN ({_STEP_STATES}, 'bounced', 'requested', 'printed')")
    _check(
        "events",
        "kind_known",
        f"kind IN ({_EVENTS}, 'notice_bounced', 'step_requested', 'hold_extended', 'policy_changed')",
    )
    _check("tasks", "kind_known", f"kind IN ({_TASKS}, 'post_letter')")
    kinds = f"{_RAISES}, {_LOWERS}, 'discount', 'discount_withdrawn'"
    _check("ledger_entries", "kind_known", f"kind IN ({kinds})")
    _check("ledger_entries", "sign", f"(amount > 0) = (kind IN ({_RAISES}, 'discount_withdrawn'))")


def downgrade() -> None:
    """Fails where what only this schema can tell was recorded: a discount, a bounce, a letter to post."""
    _check("ledger_entries", "sign", f"(amount > 0) = (kind IN ({_RAISES}))")
    _check("ledger_entries", "kind_known", f"kind IN ({_RAISES}, {_LOWERS})")
    _check("tasks", "kind_known", f"kind IN ({_TASKS})")
    _check("events", "kind_known", f"kind IN ({_EVENTS})")
    _check("steps_taken", "state_known", f"state IN ({_STEP_STATES})")
    for table in ("unallocated_cash", "contacts", "hold_changes", "standing_holds"):
        op.drop_table(table)
    op.drop_column("holds", "term")
    for name in ("discount_until", "discount_percent", "delivered"):
        op.drop_column("invoices", name)  # and the constraint that names it
    op.drop_column("creditors", "statement_on")
    op.drop_column("creditors", "segment_policies")
    op.drop_column("debtors", "mandate")
    op.drop_column("debtors", "tags")
    for table, names in _TEXTS.items():
        for name in names:
            op.drop_column(table, name)


def _create_holds() -> None:
    op.create_table(
        "standing_holds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("debtor_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        _text("reason"),
        _text("actor"),
        _recorded(),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditors.id"], name="fk_standing_holds_creditor_id"),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_standing_holds_debtor_id"),
        sa.PrimaryKeyConstraint("id", name="pk_standing_holds"),
    )
    op.create_index("ix_standing_holds_creditor_id", "standing_holds", ["creditor_id"])
    op.create_index("ix_standing_holds_debtor_id", "standing_holds", ["debtor_id"])
    op.create_table(
        "hold_changes",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        _text("actor"),
        _text("note"),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name="fk_hold_changes_invoice_id"),
        sa.CheckConstraint(
            "what IN ('placed', 'extended', 'lifted')", name=op.f("ck_hold_changes_what_known")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_hold_changes"),
    )
    op.create_index("ix_hold_changes_hold_id", "hold_changes", ["hold_id"])


def _create_contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("courtesy", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_contacts_debtor_id"),
        sa.PrimaryKeyConstraint("ref", name="pk_contacts"),
    )
    op.create_index("ix_contacts_debtor_id_at", "contacts", ["debtor_id", "at"])
    op.create_table(
        "unallocated_cash",
        sa.Column("debtor_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        _recorded(),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name="fk_unallocated_cash_debtor_id"),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_unallocated_cash_amount_not_negative")),
        sa.PrimaryKeyConstraint("debtor_id", "currency", name="pk_unallocated_cash"),
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def _recorded() -> sa.Column[object]:
    return sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False)


def _check(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
