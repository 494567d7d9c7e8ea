"""`termijn case show`: one case as it stands now, with what was done, what comes next, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.charge import account_of
from cli.errors import CommandError
from cli.output import Cell, said, screen, show_json, table
from cli.session import configuration, open_engine, run
from cli.show_claim import plain_claim_today, print_claim_today
from domain.errors import DomainError
from domain.explain import Explanation, explain
from domain.facts import Facts, StepState
from domain.law.claim import Claim
from domain.law.claim_of_case import claim_of_case
from domain.move import Move, Reason
from domain.next_move import next_move
from domain.policy import Policy
from domain.preview import planned_steps
from domain.promises import settle_promises
from intake.read_policy import read_policy
from store.find_case import find_case
from store.read_case import read_case
from store.read_dossier import read_events
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
    events: Sequence[Row]
    now: datetime
    claim: Claim | DomainError
    """What may be claimed today, or why that cannot be said."""


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
    events = [dict(row) for row in await read_events(connection, invoice_id)]
    claim = await _claim_today(connection, facts, policy, now)
    return Shown(facts, policy, next_move(facts, policy, now), letterhead, events, now, claim)


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
    return {
        "invoice": {
            "id": facts.invoice_id,
            "number": case.letterhead["number"],
            "debtor": case.letterhead["debtor"]["reference"],
            "policy": case.policy.reference,
            "issued": facts.issued,
            "terms": [asdict(term) for term in facts.terms],
            "open": facts.open,
            "disputed": facts.disputed,
        },
        "stage": move.stage,
        "next": {"move": move.kind, "step": move.step, "at": move.wake_at, "reasons": _plain(move.reasons)},
        "explanation": asdict(found) | {"reasons": _plain(found.reasons)},
        "steps": facts.steps,
        "planned": [
            {
                "step": m.step.key,
                "channel": m.step.channel,
                "planned_at": m.planned_at,
                "leaves_at": m.leaves_at,
            }
            for m in planned_steps(facts, case.policy, move, case.now)
        ],
        "ledger": facts.entries,
        "claim": plain_claim_today(case.claim),
        "events": [{name: event[name] for name in _TOLD} for event in case.events],
        "tasks": facts.tasks,
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
    print(f"amounts   {facts.open} open of {facts.terms[0].amount}, {facts.disputed} in dispute")
    print(f"dates     issued {facts.issued}, due {facts.due}; policy {case.policy.reference}")
    print(f"next      {next_in_words(explain(facts, case.policy, case.now, move))}\n")
    _tables(case)


def next_in_words(found: Explanation) -> str:
    """The next step with its moment, and every reason why not now."""
    what = f"{found.next_step} " if found.next_step else ""
    when = f"at {said(found.next_at)} " if found.next_at else ""
    reasons = [f"{r.code.value} until {said(r.until)}" if r.until else r.code.value for r in found.reasons]
    return f"{what}{when}({', '.join(reasons) or 'now'})".strip()


def _tables(case: Shown) -> None:
    facts, console = case.facts, screen()
    taken = sorted(facts.steps, key=lambda t: t.at)
    parts: list[tuple[str, tuple[str, ...], list[tuple[Cell, ...]]]] = [
        (
            "steps taken",
            ("when", "step", "state", "asked", "why"),
            [(t.at, t.step, _state(t.state), t.asked, t.reason) for t in taken],
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
                (m.leaves_at, m.step.key, m.step.channel.value)
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
