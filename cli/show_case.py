"""`termijn case show`: one case as it stands now, with what was done, what comes next, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.charge import account_of
from cli.errors import CommandError
from cli.holds_table import holds_table
from cli.output import Cell, said, screen, show_json, table
from cli.session import configuration, open_engine, run
from cli.show_claim import plain_claim_today, print_claim_today
from domain.assign_policy import PolicyReason
from domain.choose_channel import choose_channel
from domain.discount_now import discount_now
from domain.errors import DomainError
from domain.explain import Explanation, explain
from domain.facts import Facts, StepState
from domain.law.claim import Claim
from domain.law.claim_of_case import claim_of_case
from domain.money import Money
from domain.move import Move, Reason
from domain.next_move import next_move
from domain.policy import Policy
from domain.preview import planned_steps
from domain.promises import settle_promises
from domain.recent_contacts import recent_contacts
from intake.read_policy import read_policy
from store.find_case import find_case
from store.list_holds import HoldFilter, list_holds
from store.read_case import read_case
from store.read_dossier import read_events
from store.read_invoice import read_invoice
from store.read_letterhead import read_letterhead
from store.read_policies import read_policy_source
from worker.settings import Settings

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything known about a case, decided at `now`."""

    facts: Facts
    policy: Policy
    move: Move
    letterhead: Row
    policy_reason: str
    events: Sequence[Row]
    now: datetime
    claim: Claim | DomainError
    """What may be claimed today, or why that cannot be said."""
    holds: Sequence[dict[str, Any]]
    """All there were on the invoice, and what holds its debtor or creditor now."""

    @property
    def today(self) -> date:
        return self.now.astimezone(self.policy.zone).date()

    @property
    def terms(self) -> list[tuple[int, date, Money, Money]]:
        """Number, due date, amount and what is left of it, by due date."""
        return [
            (number, term.due, term.amount, Money(left, term.amount.currency))
            for number, (term, left) in enumerate(self.facts.unpaid, 1)
        ]


def show_case(number: str, *, creditor: str = "", as_json: bool = False) -> None:
    settings = configuration("database_url").settings
    case = run(_read(settings, number, creditor))
    if as_json:
        show_json(_as_json(case))
    else:
        _print(case)


async def _read(settings: Settings, number: str, creditor: str) -> Shown:
    async with open_engine(settings) as engine, engine.connect() as connection:
        found = await find_case(connection, number)
        if creditor:
            found = {reference: id_ for reference, id_ in found.items() if reference == creditor}
        if not found:
            whose = f" of creditor {creditor}" if creditor else ""
            raise CommandError(f"no invoice {number}{whose} is known; `termijn import invoices` brings it in")
        if len(found) > 1:
            names = ", ".join(found)
            raise CommandError(
                f"several creditors have an invoice {number}: add --creditor with one of {names}"
            )
        return await read_shown(connection, next(iter(found.values())), datetime.now(UTC))


async def read_shown(connection: AsyncConnection, invoice_id: str, now: datetime) -> Shown:
    stored = await read_case(connection, invoice_id)
    if stored is None:
        raise CommandError(f"no invoice has the id {invoice_id}")
    source = await read_policy_source(connection, stored.policy_name, stored.policy_version)
    policy = read_policy(source, stored.policy_name)
    facts = settle_promises(stored.facts, policy, now)
    letterhead = await read_letterhead(connection, invoice_id)
    invoice = await read_invoice(connection, invoice_id)
    reason = invoice.policy_reason if invoice else ""
    events = [dict(row) for row in await read_events(connection, invoice_id)]
    claim = await _claim_today(connection, facts, policy, now)
    rows = await list_holds(connection, HoldFilter(invoice=invoice_id), now)
    holds = [row for row in rows if row["invoice_id"] or row["active"]]
    move = next_move(facts, policy, now)
    return Shown(facts, policy, move, letterhead, reason, events, now, claim, holds)


async def _claim_today(
    connection: AsyncConnection, facts: Facts, policy: Policy, now: datetime
) -> Claim | DomainError:
    today = now.astimezone(policy.zone).date()
    account = await account_of(connection, facts, policy, today)
    try:
        return claim_of_case(facts, policy, today, account)
    except DomainError as error:
        return error


def _as_json(case: Shown) -> dict[str, object]:
    facts, move = case.facts, case.move
    found = explain(facts, case.policy, case.now, move)
    discount = discount_now(facts, case.today)
    return {
        "invoice": {
            "id": facts.invoice_id,
            "number": case.letterhead["number"],
            "debtor": case.letterhead["debtor"]["reference"],
            "policy": case.policy.reference,
            "policy_reason": case.policy_reason or None,
            "issued": facts.issued,
            "terms": [
                {"number": number, "due": due, "amount": amount, "open": left}
                for number, due, amount, left in case.terms
            ],
            "cycle": facts.cycle,
            "discount": asdict(discount) if discount else None,
            "open": facts.open,
            "disputed": facts.disputed,
            "unallocated": facts.cash,
            "asked": facts.asked_on(case.today),
        },
        "stage": move.stage,
        "next": {"move": move.kind, "step": move.step, "at": move.wake_at, "reasons": _plain(move.reasons)},
        "explanation": asdict(found) | {"reasons": _plain(found.reasons)},
        "holds": case.holds,
        "steps": facts.steps,
        "planned": [
            {
                "step": m.step.key,
                "channel": choose_channel(m.step, facts),
                "planned_at": m.planned_at,
                "leaves_at": m.leaves_at,
            }
            for m in planned_steps(facts, case.policy, move, case.now)
        ],
        "ledger": facts.entries,
        "claim": plain_claim_today(case.claim),
        "events": [{name: event[name] for name in _TOLD} for event in case.events],
        "tasks": facts.tasks,
        "contacts": recent_contacts(facts, case.policy, case.now),
    }


def _plain(reasons: Sequence[Reason]) -> list[dict[str, object]]:
    return [{"code": reason.code, "until": reason.until} for reason in reasons]


_TOLD = ("event_id", "kind", "message", "actor", "note", "received_at", "applied_at", "refusal")


def _print(case: Shown) -> None:
    facts, move, letterhead = case.facts, case.move, case.letterhead
    debtor = letterhead["debtor"]
    console = screen()
    console.print(f"[bold]{letterhead['number']}[/bold]  {move.stage.value}", highlight=False)
    print(f"debtor    {debtor['name']} ({debtor['reference']}), {debtor['email'] or 'no e-mail address'}")
    print(f"amounts   {_amounts_in_words(case)}")
    print(f"dates     issued {facts.issued}, due {facts.due}; policy {_policy_in_words(case)}")
    if discount := discount_now(facts, case.today):
        print(
            f"discount  {discount.percent.normalize():f}% ({discount.amount}) "
            f"until {discount.until}: {discount.state.value}"
        )
    print(f"next      {next_in_words(explain(facts, case.policy, case.now, move))}\n")
    _tables(case)


def _amounts_in_words(case: Shown) -> str:
    facts = case.facts
    invoiced = sum((term.amount for term in facts.terms), Money.zero(facts.currency))
    said = f"{facts.open} open of {invoiced}, {facts.disputed} in dispute"
    return f"{said}, {facts.cash} received and not booked" if facts.cash else said


def _policy_in_words(case: Shown) -> str:
    reference, reason = case.policy.reference, case.policy_reason
    if not reason:
        return reference
    return f"{reference} ({'applied later' if reason == PolicyReason.APPLIED else f'by {reason}'})"


def next_in_words(found: Explanation) -> str:
    """The next step with its moment, and every reason why not now."""
    what = f"{found.next_step} " if found.next_step else ""
    when = f"at {said(found.next_at)} " if found.next_at else ""
    reasons = [f"{r.code.value} until {said(r.until)}" if r.until else r.code.value for r in found.reasons]
    return f"{what}{when}({', '.join(reasons) or 'now'})".strip()


def _tables(case: Shown) -> None:
    facts, console = case.facts, screen()
    taken = sorted(facts.steps, key=lambda t: t.at)
    if case.holds:
        console.print(holds_table(case.holds))
        print()
    parts: list[tuple[str, tuple[str, ...], list[tuple[Cell, ...]]]] = [
        (
            "terms",
            ("number", "due", "amount", "left", ""),
            [
                (str(number), due, amount, left, "chased" if number == facts.cycle and left else "")
                for number, due, amount, left in case.terms
                if len(facts.terms) > 1
            ],
        ),
        (
            "steps taken",
            ("when", "step", "state", "channel", "asked", "why"),
            [(t.at, t.step, _state(t.state), t.channel, t.asked, t.reason) for t in taken],
        ),
        (
            "contacts with this debtor lately",
            ("when", "courtesy", "notice or task"),
            [
                (c.at, "yes" if c.courtesy else "no", c.ref)
                for c in recent_contacts(facts, case.policy, case.now)
            ],
        ),
        (
            "ledger",
            ("on", "kind", "amount", "key"),
            [(e.on, e.kind.value, e.amount, e.key) for e in facts.entries],
        ),
        (
            "messages",
            ("received", "kind", "message", "actor", "note", "refused because"),
            [
                (e["received_at"], e["kind"], _message(e["message"]), e["actor"], e["note"], e["refusal"])
                for e in case.events
            ],
        ),
        (
            "tasks",
            ("opened", "kind", "step", "completed", "outcome"),
            [(t.opened_at, t.kind.value, t.step, t.completed_at, t.outcome) for t in facts.tasks],
        ),
        (
            "planned, if nothing happens",
            ("leaves", "step", "channel"),
            [
                (m.leaves_at, m.step.key, (choose_channel(m.step, facts) or m.step.channel).value)
                for m in planned_steps(facts, case.policy, case.move, case.now)
            ],
        ),
    ]
    for title, columns, rows in parts:
        if rows:
            console.print(table(title, columns, rows))
            print()
    print_claim_today(case.claim)


def _state(state: StepState) -> str:
    return state.value.replace("_", " ")


def _message(message: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in message.items())
