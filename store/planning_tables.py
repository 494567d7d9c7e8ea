"""The part of the schema that is about debtors and creditors as a whole when steps are planned."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
)

from store.columns import code, id_column, metadata, moment, money, recorded, text_column

standing_holds = Table(  # whom they hold, they hold for invoices to come as well
    "standing_holds",
    metadata,
    code("id"),
    id_column("creditor_id", "creditors.id"),
    id_column("debtor_id", "debtors.id", nullable=True),  # empty: the whole creditor
    moment("placed_at", nullable=False),
    moment("until"),
    moment("lifted_at"),
    recorded(),
    PrimaryKeyConstraint("id"),
    Index(None, "creditor_id"),
    Index(None, "debtor_id"),
)

hold_changes = Table(  # who did what to holds of every scope, and why
    "hold_changes",
    metadata,
    Column("id", Integer, Identity(always=True), nullable=False),
    code("hold_id"),
    id_column("invoice_id", "invoices.id", nullable=True),  # empty: of a standing hold
    moment("at", nullable=False),
    code("what"),
    moment("until"),
    *(text_column(n) for n in ("actor", "note")),
    PrimaryKeyConstraint("id"),
    CheckConstraint("what IN ('placed', 'extended', 'lifted')", name="what_known"),
    Index(None, "hold_id"),
)

contacts = Table(  # what counts against the contact budget of a debtor
    "contacts",
    metadata,
    code("ref"),  # id of the notice or of the task
    id_column("debtor_id", "debtors.id"),
    moment("at", nullable=False),
    Column("courtesy", Boolean, nullable=False),
    code("channel"),
    PrimaryKeyConstraint("ref"),
    Index(None, "debtor_id", "at"),
)

unallocated_cash = Table(  # received and not yet booked on an invoice
    "unallocated_cash",
    metadata,
    id_column("debtor_id", "debtors.id"),
    code("currency"),
    money("amount"),
    Column("as_of", Date, nullable=False),
    recorded(),
    PrimaryKeyConstraint("debtor_id", "currency"),
    CheckConstraint("amount >= 0", name="amount_not_negative"),
)
