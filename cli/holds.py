"""`termijn hold`: do not chase an invoice, a term of it, a debtor, or anything of a creditor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.service import RPCError

from activities.deliver import deliver_event
from api.show_case import case_now
from api.tell_case import as_it_will_be
from api.temporal_client import LazyClient
from api.tools import ApiTools
from cli.errors import CommandError
from cli.holds_table import holds_table
from cli.output import screen, show_json, warn
from cli.session import configuration, open_engine, reach_temporal, run
from domain.apply_event import apply_event
from domain.errors import DomainError
from domain.events import Message, parse_event
from domain.stages import EventKind
from store.find_agreement import find_invoice_of
from store.find_case import find_case
from store.list_holds import HoldFilter, list_holds
from store.lock_debtor import lock_debtor
from store.record_event import add_event
from store.standing_holds import (
    Told,
    debtors_called,
    extend_standing_hold,
    find_creditor_to_hold,
    find_debtor_to_hold,
    is_standing_hold,
    lift_standing_hold,
    place_standing_hold,
)

Scope = Literal["invoice", "debtor", "creditor"]
Keep = Callable[[ApiTools, AsyncConnection], Awaitable[Told]]


def place_hold(
    scope: Scope,
    name: str,
    *,
    until: str,
    reason: str,
    term: int | None,
    creditor: str,
    actor: str,
    as_json: bool = False,
) -> None:
    """`name`: number of the invoice, or reference of the debtor or creditor."""
    if not reason.strip():
        raise CommandError("a hold needs a reason: --reason says why nobody is to be chased")
    if term is not None and scope != "invoice":
        raise CommandError("--term is for a hold on an invoice")
    hold_id = str(uuid4())

    async def keep(tools: ApiTools, tx: AsyncConnection) -> Told:
        if scope == "invoice":
            invoice_id = _only(await find_case(tx, name), "invoice", name, creditor)
            number = str(term) if term else ""
            message = Message(f"hold/{hold_id}", ref=hold_id, until=until, term=number)
            return await _tell_case(tools, tx, invoice_id, EventKind.HOLD_PLACED, message, actor, reason)
        if scope == "debtor":
            debtor_id = _only(await debtors_called(tx, name), "debtor", name, creditor)
            held = await find_debtor_to_hold(tx, debtor_id)
        else:
            held = await find_creditor_to_hold(tx, name)
        if held is None:
            raise CommandError(f"no {scope} {name} is known")
        now = datetime.now(UTC)
        return await place_standing_hold(tx, hold_id, held, until=until, reason=reason, actor=actor, now=now)

    _keep_and_tell(keep, "placed", as_json=as_json)


def extend_hold(hold_id: str, *, until: str, note: str, actor: str, as_json: bool = False) -> None:
    async def keep(tools: ApiTools, tx: AsyncConnection) -> Told:
        if await is_standing_hold(tx, hold_id):
            now = datetime.now(UTC)
            return await extend_standing_hold(tx, hold_id, until=until, actor=actor, note=note, now=now)
        message = Message(f"hold_extended/{hold_id}/{uuid4()}", ref=hold_id, until=until)
        invoice_id = await _invoice_of(tx, hold_id)
        return await _tell_case(tools, tx, invoice_id, EventKind.HOLD_EXTENDED, message, actor, note)

    _keep_and_tell(keep, "extended", as_json=as_json)


def lift_hold(hold_id: str, *, note: str, actor: str, as_json: bool = False) -> None:
    async def keep(tools: ApiTools, tx: AsyncConnection) -> Told:
        if await is_standing_hold(tx, hold_id):
            return await lift_standing_hold(tx, hold_id, actor=actor, note=note, now=datetime.now(UTC))
        message = Message(f"hold_lifted/{hold_id}", ref=hold_id)
        invoice_id = await _invoice_of(tx, hold_id)
        return await _tell_case(tools, tx, invoice_id, EventKind.HOLD_LIFTED, message, actor, note)

    _keep_and_tell(keep, "lifted", as_json=as_json)


def show_holds(*, wanted: HoldFilter, everything: bool, as_json: bool = False) -> None:
    """Those in force; `everything`: also those that have ended."""
    rows = run(_list(wanted, active=None if everything else True))
    if as_json:
        show_json({"holds": rows})
    elif rows:
        screen().print(holds_table(rows))
    else:
        print("no holds" if everything else "no holds are in force; --all shows those that have ended")


async def _list(wanted: HoldFilter, *, active: bool | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async with open_engine(configuration("database_url").settings) as engine, engine.connect() as connection:
        now = datetime.now(UTC)
        while True:
            after = (found[-1]["placed_at"], found[-1]["hold_id"]) if found else None
            page = await list_holds(connection, wanted, now, active=active, after=after)
            if not page:
                return found
            found += page


def _keep_and_tell(keep: Keep, what: str, *, as_json: bool) -> None:
    told, delivered = run(_kept_and_told(keep))
    if as_json:
        show_json({"hold_id": told.hold_id, "cases": told.cases, "changed": told.is_new})
    else:
        print(
            f"hold {told.hold_id} {what}; open cases: {told.cases}" if told.is_new else "nothing was changed"
        )
    if not delivered:
        warn("Temporal cannot be reached: it is kept, and `termijn reconcile` tells the cases")


async def _kept_and_told(keep: Keep) -> tuple[Told, bool]:
    config = configuration("database_url")
    async with open_engine(config.settings) as engine:
        tools = ApiTools(engine, LazyClient(lambda: reach_temporal(config)), config.settings.task_queue)
        async with engine.begin() as tx:
            told = await keep(tools, tx)
        try:
            client = await reach_temporal(config)
            await deliver_event(engine, client, tools.task_queue, told.event_id)
        except (CommandError, RPCError):
            return told, False
    return told, True


async def _tell_case(
    tools: ApiTools,
    tx: AsyncConnection,
    invoice_id: str,
    kind: EventKind,
    message: Message,
    actor: str,
    note: str,
) -> Told:
    """Keep the message if the case will take it. Raises DomainError when it would refuse."""
    await lock_debtor(tx, invoice_id)
    case = await case_now(tools, tx, invoice_id)
    facts = await as_it_will_be(tx, case)
    if message.term and int(message.term) > len(facts.terms):
        raise DomainError("unknown_term", f"the invoice has {len(facts.terms)} terms, not {message.term}")
    apply_event(facts, parse_event(kind, message, facts.currency), case.policy, case.now)
    is_new = await add_event(tx, invoice_id, kind, message, actor=actor, note=note)
    return Told(message.ref, message.event_id, int(is_new), is_new)


async def _invoice_of(tx: AsyncConnection, hold_id: str) -> str:
    invoice_id = await find_invoice_of(tx, "hold", hold_id)
    if invoice_id is None:
        raise CommandError(f"no hold {hold_id} is known; `termijn hold list --all` shows them")
    return invoice_id


def _only(found: dict[str, str], what: str, name: str, creditor: str) -> str:
    """The id; of several creditors that of the one named."""
    if creditor:
        found = {reference: id_ for reference, id_ in found.items() if reference == creditor}
    if len(found) > 1:
        names = ", ".join(found)
        raise CommandError(f"several creditors have {what} {name}: add --creditor with one of {names}")
    if not found:
        raise CommandError(f"no {what} {name} is known" + (f" of creditor {creditor}" if creditor else ""))
    return next(iter(found.values()))
