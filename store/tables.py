"""The schema. Facts only: whatever can be computed from them is computed, but for the columns of `invoices` marked so.

Money is NUMERIC(14,2) in the currency of its invoice; moments carry their zone; ids are opaque UUIDs; codes are texts
held by CHECK constraints.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.facts import DebtorKind, DisputeOutcome, Ending, PlanOutcome, PromiseOutcome, StepState, TaskKind
from domain.ledger import RAISES, EntryKind
from domain.plan_instalments import NoticeState, PlanState
from domain.stages import EventKind, Stage

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id(name: str = "id", target: str | None = None, *, nullable: bool = False) -> Column[str]:
    links = [ForeignKey(target)] if target else []
    return Column(name, Uuid(as_uuid=False), *links, nullable=nullable)


def _moment(name: str, *, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _recorded(name: str = "created_at") -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def _money(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, Numeric(14, 2), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable, server_default=None if nullable else text("''"))


def _code(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _one_of(column: str, codes: type[StrEnum]) -> CheckConstraint:
    allowed = ", ".join(f"'{code.value}'" for code in codes)
    return CheckConstraint(f"{column} IN ({allowed})", name=f"{column}_known")


creditors = Table(
    "creditors",
    metadata,
    _id(),
    _code("reference"),  # what files and requests call it: `default`
    *(_text(n) for n in ("name", "company_number", "iban", "bic", "email", "reply_to", "phone")),
    *(_text(n) for n in ("address_line", "postal_code", "city", "country", "language", "policy")),
    _recorded(),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("reference"),
)

debtors = Table(
    "debtors",
    metadata,
    _id(),
    _id("creditor_id", "creditors.id"),
    _code("reference"),
    _code("kind"),
    *(_text(n) for n in ("name", "country", "language", "email", "phone")),
    *(_text(n) for n in ("contact_name", "address_line", "postal_code", "city")),
    _recorded(),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("creditor_id", "reference"),
    _one_of("kind", DebtorKind),
)

policies = Table(
    "policies",
    metadata,
    _code("name"),
    Column("version", Integer, nullable=False),
    _code("source"),
    _code("sha256"),
    _recorded(),
    PrimaryKeyConstraint("name", "version"),
)

invoices = Table(
    "invoices",
    metadata,
    _id(),
    _id("creditor_id", "creditors.id"),
    _id("debtor_id", "debtors.id"),
    _code("number"),
    _code("currency"),
    Column("issued", Date, nullable=False),
    _text("description"),
    _text("payment_reference"),
    _text("document_name"),
    Column("document_sha256", Text, ForeignKey("documents.sha256")),  # the invoice itself, if it was handed in
    _code("policy_name"),
    Column("policy_version", Integer, nullable=False),
    _moment("enrolled_at", nullable=False),
    Column("cycle", Integer, nullable=False, server_default=text("1")),
    _text("ending", nullable=True),
    _moment("started_at"),  # Temporal has acknowledged the workflow; empty: to be started
    _recorded(),
    # Computed: the case as of its last decision, for lists.
    _code("stage"),
    _money("open_amount"),
    _text("next_step", nullable=True),
    _moment("next_at"),
    Column("reasons", JSONB, nullable=False),
    _moment("decided_at", nullable=False),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("creditor_id", "number"),
    ForeignKeyConstraint(["policy_name", "policy_version"], ["policies.name", "policies.version"]),
    CheckConstraint("open_amount >= 0", name="open_not_negative"),
    _one_of("stage", Stage),
    _one_of("ending", Ending),
    Index(None, "debtor_id"),
    Index(None, "created_at", "id"),
    Index("ix_invoices_not_started", "created_at", postgresql_where=text("started_at IS NULL")),
)

terms = Table(
    "terms",
    metadata,
    _id("invoice_id", "invoices.id"),
    Column("number", Integer, nullable=False),
    Column("due", Date, nullable=False),
    _money("amount"),
    PrimaryKeyConstraint("invoice_id", "number"),
    CheckConstraint("amount > 0", name="amount_positive"),
)

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("id", Integer, Identity(always=True), nullable=False),
    _id("invoice_id", "invoices.id"),
    _code("key"),
    _code("kind"),
    _money("amount"),
    Column("on", Date, nullable=False),
    _recorded(),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("invoice_id", "key"),
    _one_of("kind", EntryKind),
    CheckConstraint(
        "(amount > 0) = (kind IN ({}))".format(", ".join(f"'{k.value}'" for k in sorted(RAISES))), name="sign"
    ),
)

debtor_credits = Table(
    "debtor_credits",
    metadata,
    Column("id", Integer, Identity(always=True), nullable=False),
    _id("debtor_id", "debtors.id"),
    _id("invoice_id", "invoices.id"),
    _code("key"),
    _code("kind"),
    _money("amount"),  # positive: the debtor has this to their credit
    _code("currency"),
    Column("on", Date, nullable=False),
    _recorded(),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("invoice_id", "key"),
    Index(None, "debtor_id"),
)

disputes = Table(
    "disputes",
    metadata,
    _id("invoice_id", "invoices.id"),
    _code("id"),
    _money("amount", nullable=True),
    _moment("opened_at", nullable=False),
    _moment("resolved_at"),
    _text("outcome", nullable=True),
    PrimaryKeyConstraint("invoice_id", "id"),
    _one_of("outcome", DisputeOutcome),
    Index(None, "id"),
)

holds = Table(
    "holds",
    metadata,
    _id("invoice_id", "invoices.id"),
    _code("id"),
    _moment("placed_at", nullable=False),
    _moment("until"),
    _moment("lifted_at"),
    PrimaryKeyConstraint("invoice_id", "id"),
    Index(None, "id"),
)

promises = Table(
    "promises",
    metadata,
    _id("invoice_id", "invoices.id"),
    _code("id"),
    _money("amount"),
    _code("due"),  # ISO date, or ISO moment
    _moment("made_at", nullable=False),
    _money("open_then"),
    _moment("ended_at"),
    _text("outcome", nullable=True),
    PrimaryKeyConstraint("invoice_id", "id"),
    _one_of("outcome", PromiseOutcome),
)

payment_plans = Table(
    "payment_plans",
    metadata,
    _id(),
    _id("creditor_id", "creditors.id"),
    _id("debtor_id", "debtors.id"),
    _code("currency"),
    _code("policy_name"),
    Column("policy_version", Integer, nullable=False),
    _code("state"),
    _money("open_then"),
    _moment("agreed_at", nullable=False),
    _moment("ended_at"),
    _moment("started_at"),  # Temporal has acknowledged the workflow
    _text("actor"),
    _text("note"),
    _recorded(),
    PrimaryKeyConstraint("id"),
    ForeignKeyConstraint(["policy_name", "policy_version"], ["policies.name", "policies.version"]),
    _one_of("state", PlanState),
    Index(None, "debtor_id"),
)

instalments = Table(
    "instalments",
    metadata,
    _id("plan_id", "payment_plans.id"),
    Column("number", Integer, nullable=False),
    _code("due"),  # ISO date, or ISO moment
    _money("amount"),
    _code("announced"),
    _moment("at"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    _moment("retry_at"),
    PrimaryKeyConstraint("plan_id", "number"),
    CheckConstraint("amount > 0", name="amount_positive"),
    _one_of("announced", NoticeState),
)

plan_invoices = Table(
    "plan_invoices",
    metadata,
    _id("plan_id", "payment_plans.id"),
    _id("invoice_id", "invoices.id"),
    _moment("joined_at"),  # the case has taken note of the plan
    _moment("left_at"),
    _text("outcome", nullable=True),
    PrimaryKeyConstraint("plan_id", "invoice_id"),
    _one_of("outcome", PlanOutcome),
    Index(None, "invoice_id"),
)

documents = Table(
    "documents",
    metadata,
    _code("sha256"),
    _code("media_type"),
    Column("content", LargeBinary, nullable=False),
    _recorded(),
    PrimaryKeyConstraint("sha256"),
)

notices = Table(
    "notices",
    metadata,
    _id(),
    _id("creditor_id", "creditors.id"),
    _id("debtor_id", "debtors.id"),
    _code("kind"),
    _code("channel"),
    _text("recipient"),
    _text("subject"),
    _text("message_id"),
    Column("document_sha256", Text, ForeignKey("documents.sha256"), nullable=False),
    _recorded(),
    _moment("sent_at"),  # empty: not known to have been sent
    _text("server_reply"),
    PrimaryKeyConstraint("id"),
    Index(None, "debtor_id"),
)

steps_taken = Table(
    "steps_taken",
    metadata,
    _id("invoice_id", "invoices.id"),
    Column("cycle", Integer, nullable=False),
    _code("step"),
    _code("state"),
    _moment("at", nullable=False),
    _moment("planned_at", nullable=False),
    _text("reason", nullable=True),
    _id("notice_id", "notices.id", nullable=True),
    _money("asked", nullable=True),
    Column("attempts", Integer, nullable=False),
    _moment("first_tried_at"),
    _moment("retry_at"),
    PrimaryKeyConstraint("invoice_id", "cycle", "step"),  # no step is ever taken twice
    _one_of("state", StepState),
    Index(None, "notice_id"),
)

tasks = Table(
    "tasks",
    metadata,
    _id(),
    _id("invoice_id", "invoices.id"),
    _code("kind"),
    Column("cycle", Integer, nullable=False),
    _code("step"),
    _moment("opened_at", nullable=False),
    _moment("completed_at"),
    _text("outcome", nullable=True),
    PrimaryKeyConstraint("id"),
    _one_of("kind", TaskKind),
    Index(None, "invoice_id"),
    Index("ix_tasks_open", "opened_at", "id", postgresql_where=text("completed_at IS NULL")),
)

events = Table(
    "events",
    metadata,
    _id("invoice_id", "invoices.id"),
    _code("event_id"),
    _code("kind"),
    Column("message", JSONB, nullable=False),
    _text("actor"),
    _text("note"),  # free text of a person; never leaves the database
    _recorded("received_at"),
    _moment("applied_at"),  # empty: to be delivered
    _text("refusal", nullable=True),  # code of why it did not fit
    _text("stage_before", nullable=True),
    _text("stage_after", nullable=True),
    PrimaryKeyConstraint("invoice_id", "event_id"),
    _one_of("kind", EventKind),
    Index("ix_events_undelivered", "received_at", postgresql_where=text("applied_at IS NULL")),
)

api_keys = Table(
    "api_keys",
    metadata,
    _code("prefix"),
    _code("sha256"),
    _code("name"),
    Column("scopes", ARRAY(Text), nullable=False),
    _recorded(),
    _moment("expires_at"),
    _moment("revoked_at"),
    _moment("last_used_at"),
    PrimaryKeyConstraint("prefix"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    _code("prefix"),  # of the API key: keys of different callers never meet
    _code("key"),
    _code("request_sha256"),
    Column("status", Integer, nullable=True),  # empty: the first call is still running
    Column("headers", JSONB, nullable=True),
    Column("body", LargeBinary, nullable=True),
    _recorded(),
    PrimaryKeyConstraint("prefix", "key"),
)
