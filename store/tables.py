"""The schema. Facts only: what can be computed from them is computed, but for the columns of `invoices` marked so.

Money is NUMERIC(14,2) in the currency of its invoice; moments carry their zone; ids are opaque UUIDs; codes are
texts held by CHECK constraints.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.assign_policy import PolicyReason
from domain.facts import DebtorKind, DisputeOutcome, Ending, PlanOutcome, PromiseOutcome, StepState, TaskKind
from domain.ledger import RAISES, EntryKind
from domain.plan_instalments import NoticeState, PlanState
from domain.stages import EventKind, Stage
from store.access_tables import api_keys as api_keys  # noqa: PLC0414 - part of the schema
from store.access_tables import idempotency_keys as idempotency_keys  # noqa: PLC0414 - part of the schema
from store.columns import code, id_column, metadata, moment, money, one_of, recorded, text_column
from store.planning_tables import contacts as contacts  # noqa: PLC0414 - part of the schema
from store.planning_tables import hold_changes as hold_changes  # noqa: PLC0414 - part of the schema
from store.planning_tables import standing_holds as standing_holds  # noqa: PLC0414 - part of the schema
from store.planning_tables import unallocated_cash as unallocated_cash  # noqa: PLC0414 - part of the schema

creditors = Table(
    "creditors",
    metadata,
    id_column(),
    code("reference"),  # what files and requests call it: `default`
    *(text_column(n) for n in ("name", "company_number", "iban", "bic", "email", "reply_to", "phone")),
    *(text_column(n) for n in ("address_line", "postal_code", "city", "country", "language", "policy")),
    Column(
        "segment_policies", JSONB, nullable=False, server_default=text("'{}'")
    ),  # segment -> name of policy
    Column("statement_on", Date, nullable=True),  # date of the last bank statement that was booked
    recorded(),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("reference"),
)

debtors = Table(
    "debtors",
    metadata,
    id_column(),
    id_column("creditor_id", "creditors.id"),
    code("reference"),
    code("kind"),
    *(text_column(n) for n in ("name", "country", "language", "email", "phone")),
    *(text_column(n) for n in ("contact_name", "address_line", "postal_code", "city")),
    *(text_column(n) for n in ("segment", "behaviour", "policy")),  # the policy of this debtor; empty: none
    Column("tags", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("mandate", Boolean, nullable=False, server_default=text("false")),  # may be debited directly
    recorded(),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("creditor_id", "reference"),
    one_of("kind", DebtorKind),
)

policies = Table(
    "policies",
    metadata,
    code("name"),
    Column("version", Integer, nullable=False),
    code("source"),
    code("sha256"),
    recorded(),
    PrimaryKeyConstraint("name", "version"),
)

invoices = Table(
    "invoices",
    metadata,
    id_column(),
    id_column("creditor_id", "creditors.id"),
    id_column("debtor_id", "debtors.id"),
    code("number"),
    code("currency"),
    Column("issued", Date, nullable=False),
    Column("delivered", Date, nullable=True),  # first delivery of the invoice; empty: on its issue date
    Column("discount_percent", Numeric(5, 2), nullable=True),
    Column("discount_until", Date, nullable=True),  # last day of the discount for early payment
    text_column("description"),
    text_column("payment_reference"),
    text_column("document_name"),
    Column(
        "document_sha256", Text, ForeignKey("documents.sha256")
    ),  # the invoice itself, if it was handed in
    code("policy_name"),
    Column("policy_version", Integer, nullable=False),
    text_column("policy_reason"),  # what named the policy; empty: not recorded
    moment("enrolled_at", nullable=False),
    Column("cycle", Integer, nullable=False, server_default=text("1")),
    text_column("ending", nullable=True),
    moment("started_at"),  # Temporal has acknowledged the workflow; empty: to be started
    recorded(),
    # Computed: the case as of its last decision, for lists.
    code("stage"),
    money("open_amount"),
    text_column("next_step", nullable=True),
    moment("next_at"),
    Column("reasons", JSONB, nullable=False),
    moment("decided_at", nullable=False),
    Column("due", Date, nullable=True),  # of the earliest term that is not paid
    Column("time_barred_on", Date, nullable=True),  # first day on which the debtor may plead limitation
    PrimaryKeyConstraint("id"),
    UniqueConstraint("creditor_id", "number"),
    ForeignKeyConstraint(["policy_name", "policy_version"], ["policies.name", "policies.version"]),
    CheckConstraint("open_amount >= 0", name="open_not_negative"),
    one_of("stage", Stage),
    one_of("ending", Ending),
    CheckConstraint(
        "policy_reason IN ('', {})".format(", ".join(f"'{reason.value}'" for reason in PolicyReason)),
        name="policy_reason_known",
    ),
    CheckConstraint("(discount_percent IS NULL) = (discount_until IS NULL)", name="discount_whole"),
    Index(None, "debtor_id"),
    Index(None, "created_at", "id"),
    Index("ix_invoices_not_started", "created_at", postgresql_where=text("started_at IS NULL")),
)

terms = Table(
    "terms",
    metadata,
    id_column("invoice_id", "invoices.id"),
    Column("number", Integer, nullable=False),
    Column("due", Date, nullable=False),
    money("amount"),
    PrimaryKeyConstraint("invoice_id", "number"),
    CheckConstraint("amount > 0", name="amount_positive"),
)

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("id", Integer, Identity(always=True), nullable=False),
    id_column("invoice_id", "invoices.id"),
    code("key"),
    code("kind"),
    money("amount"),
    Column("on", Date, nullable=False),
    recorded(),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("invoice_id", "key"),
    one_of("kind", EntryKind),
    CheckConstraint(
        "(amount > 0) = (kind IN ({}))".format(", ".join(f"'{k.value}'" for k in sorted(RAISES))), name="sign"
    ),
)

debtor_credits = Table(
    "debtor_credits",
    metadata,
    Column("id", Integer, Identity(always=True), nullable=False),
    id_column("debtor_id", "debtors.id"),
    id_column("invoice_id", "invoices.id"),
    code("key"),
    code("kind"),
    money("amount"),  # positive: the debtor has this to their credit
    code("currency"),
    Column("on", Date, nullable=False),
    recorded(),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("invoice_id", "key"),
    Index(None, "debtor_id"),
)

disputes = Table(
    "disputes",
    metadata,
    id_column("invoice_id", "invoices.id"),
    code("id"),
    money("amount", nullable=True),
    moment("opened_at", nullable=False),
    moment("resolved_at"),
    text_column("outcome", nullable=True),
    PrimaryKeyConstraint("invoice_id", "id"),
    one_of("outcome", DisputeOutcome),
    Index(None, "id"),
)

holds = Table(
    "holds",
    metadata,
    id_column("invoice_id", "invoices.id"),
    code("id"),
    moment("placed_at", nullable=False),
    moment("until"),
    moment("lifted_at"),
    Column("term", Integer, nullable=True),  # number of the only term that is held; empty: the invoice
    PrimaryKeyConstraint("invoice_id", "id"),
    Index(None, "id"),
)

promises = Table(
    "promises",
    metadata,
    id_column("invoice_id", "invoices.id"),
    code("id"),
    money("amount"),
    code("due"),  # ISO date, or ISO moment
    moment("made_at", nullable=False),
    money("open_then"),
    moment("ended_at"),
    text_column("outcome", nullable=True),
    PrimaryKeyConstraint("invoice_id", "id"),
    one_of("outcome", PromiseOutcome),
)

payment_plans = Table(
    "payment_plans",
    metadata,
    id_column(),
    id_column("creditor_id", "creditors.id"),
    id_column("debtor_id", "debtors.id"),
    code("currency"),
    code("policy_name"),
    Column("policy_version", Integer, nullable=False),
    code("state"),
    money("open_then"),
    moment("agreed_at", nullable=False),
    moment("ended_at"),
    moment("started_at"),  # Temporal has acknowledged the workflow
    text_column("actor"),
    text_column("note"),
    recorded(),
    PrimaryKeyConstraint("id"),
    ForeignKeyConstraint(["policy_name", "policy_version"], ["policies.name", "policies.version"]),
    one_of("state", PlanState),
    Index(None, "debtor_id"),
)

instalments = Table(
    "instalments",
    metadata,
    id_column("plan_id", "payment_plans.id"),
    Column("number", Integer, nullable=False),
    code("due"),  # ISO date, or ISO moment
    money("amount"),
    code("announced"),
    moment("at"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    moment("retry_at"),
    PrimaryKeyConstraint("plan_id", "number"),
    CheckConstraint("amount > 0", name="amount_positive"),
    one_of("announced", NoticeState),
)

plan_invoices = Table(
    "plan_invoices",
    metadata,
    id_column("plan_id", "payment_plans.id"),
    id_column("invoice_id", "invoices.id"),
    moment("joined_at"),  # the case has taken note of the plan
    moment("left_at"),
    text_column("outcome", nullable=True),
    PrimaryKeyConstraint("plan_id", "invoice_id"),
    one_of("outcome", PlanOutcome),
    Index(None, "invoice_id"),
)

documents = Table(
    "documents",
    metadata,
    code("sha256"),
    code("media_type"),
    Column("content", LargeBinary, nullable=False),
    recorded(),
    PrimaryKeyConstraint("sha256"),
)

notices = Table(
    "notices",
    metadata,
    id_column(),
    id_column("creditor_id", "creditors.id"),
    id_column("debtor_id", "debtors.id"),
    code("kind"),
    code("channel"),
    text_column("recipient"),
    text_column("subject"),
    text_column("message_id"),
    Column("document_sha256", Text, ForeignKey("documents.sha256"), nullable=False),
    recorded(),
    moment("sent_at"),  # empty: not known to have been sent
    text_column("server_reply"),
    PrimaryKeyConstraint("id"),
    Index(None, "debtor_id"),
)

notice_lines = Table(
    "notice_lines",
    metadata,
    id_column("notice_id", "notices.id"),
    id_column("invoice_id", "invoices.id"),
    Column("cycle", Integer, nullable=False),
    text_column(
        "step"
    ),  # where the case stood; in a letter about all claims that need not be the letter's own step
    money("open_amount"),
    money("asked"),
    PrimaryKeyConstraint("notice_id", "invoice_id"),
    Index(None, "invoice_id"),
)

steps_taken = Table(
    "steps_taken",
    metadata,
    id_column("invoice_id", "invoices.id"),
    Column("cycle", Integer, nullable=False),
    code("step"),
    code("state"),
    moment("at", nullable=False),
    moment("planned_at", nullable=False),
    text_column("reason", nullable=True),
    id_column("notice_id", "notices.id", nullable=True),
    money("asked", nullable=True),
    Column("attempts", Integer, nullable=False),
    moment("first_tried_at"),
    moment("retry_at"),
    text_column("channel", nullable=True),
    PrimaryKeyConstraint("invoice_id", "cycle", "step"),  # no step is ever taken twice
    one_of("state", StepState),
    Index(None, "notice_id"),
)

tasks = Table(
    "tasks",
    metadata,
    id_column(),
    id_column("invoice_id", "invoices.id"),
    code("kind"),
    Column("cycle", Integer, nullable=False),
    code("step"),
    moment("opened_at", nullable=False),
    moment("completed_at"),
    text_column("outcome", nullable=True),
    PrimaryKeyConstraint("id"),
    one_of("kind", TaskKind),
    Index(None, "invoice_id"),
    Index("ix_tasks_open", "opened_at", "id", postgresql_where=text("completed_at IS NULL")),
)

events = Table(
    "events",
    metadata,
    id_column("invoice_id", "invoices.id"),
    code("event_id"),
    code("kind"),
    Column("message", JSONB, nullable=False),
    text_column("actor"),
    text_column("note"),  # free text of a person; never leaves the database
    recorded("received_at"),
    moment("delivered_at"),  # Temporal has acknowledged it; empty: to be delivered, unless it was applied
    moment("applied_at"),
    text_column("refusal", nullable=True),  # code of why it did not fit
    text_column("stage_before", nullable=True),
    text_column("stage_after", nullable=True),
    PrimaryKeyConstraint("invoice_id", "event_id"),
    one_of("kind", EventKind),
    Index("ix_events_undelivered", "received_at", postgresql_where=text("applied_at IS NULL")),
)
