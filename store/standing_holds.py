"""Holds on a debtor or on everything of a creditor: facts stored once, and told to every open case they concern.

They are in force from the moment they are committed, because whatever sends reads them first; the cases are told only
so that they plan anew in good time. Every change is kept in `hold_changes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import DomainError
from domain.events import parse_when
from domain.policy import start_of_day
from domain.stages import CLOSED, EventKind
from store.tables import creditors, debtors, events, hold_changes, invoices, standing_holds

What = Literal["placed", "extended", "lifted"]

_ZONE_OF: Final = {
    "BE": "Europe/Brussels",
    "DE": "Europe/Berlin",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
}
_HOME: Final = "Europe/Amsterdam"
_s = standing_holds.c
_h = hold_changes.c


@dataclass(frozen=True, slots=True)
class Held:
    """Whom a standing hold is on. `country` is the creditor's: a hold until a date ends at 00:00 there."""

    creditor_id: str
    debtor_id: str | None
    """None: everything of the creditor."""
    country: str


@dataclass(frozen=True, slots=True)
class Told:
    """What was kept, and how many open cases it concerns."""

    hold_id: str
    event_id: str
    """The message by which the cases are told; the same for all of them."""
    cases: int
    is_new: bool = True
    """False: it was so already, and nothing was changed."""


async def find_debtor_to_hold(connection: AsyncConnection, debtor_id: str) -> Held | None:
    query = select(debtors.c.creditor_id, debtors.c.id, creditors.c.country).join(creditors)
    row = (await connection.execute(query.where(debtors.c.id == _as_id(debtor_id)))).first()
    return Held(*row) if row else None


async def find_creditor_to_hold(connection: AsyncConnection, named: str) -> Held | None:
    """By id or by reference."""
    c = creditors.c
    query = select(c.id, literal(None), c.country).where(or_(c.reference == named, c.id == _as_id(named)))
    row = (await connection.execute(query)).first()
    return Held(*row) if row else None


async def debtors_called(connection: AsyncConnection, reference: str) -> dict[str, str]:
    """Ids of the debtors with this reference, by the reference of their creditor."""
    query = select(creditors.c.reference, debtors.c.id).join(debtors, debtors.c.creditor_id == creditors.c.id)
    rows = await connection.execute(query.where(debtors.c.reference == reference))
    return {row.reference: row.id for row in rows}


async def is_standing_hold(connection: AsyncConnection, hold_id: str) -> bool:
    return (await connection.execute(select(_s.id).where(_s.id == hold_id))).first() is not None


async def place_standing_hold(
    tx: AsyncConnection, hold_id: str, held: Held, *, until: str, reason: str, actor: str, now: datetime
) -> Told:
    """`until` as told: a date, a moment, or empty for good. The same hold again changes nothing.

    Raises DomainError `hold_differs` when the id is known with other values, `in_the_past` for an end that has come.
    """
    end = _end(until, held.country)
    row = {
        "id": hold_id,
        "creditor_id": held.creditor_id,
        "debtor_id": held.debtor_id,
        "placed_at": now,
        "until": end,
    }
    added = upsert(standing_holds).values(row).on_conflict_do_nothing(index_elements=["id"]).returning(_s.id)
    if (await tx.execute(added)).first() is None:
        return await _placed_before(tx, hold_id, held, end, reason)
    _refuse_past(until, end, now)
    return await _change(tx, hold_id, "placed", held, end, actor, reason, now)


async def extend_standing_hold(
    tx: AsyncConnection, hold_id: str, *, until: str, actor: str, note: str, now: datetime
) -> Told:
    """Another end, later or, as long as it lies ahead, earlier. Raises DomainError `unknown_hold`, `hold_ended` or
    `in_the_past`."""
    held, was, lifted_at = await _lock(tx, hold_id)
    end = _end(until, held.country)
    if lifted_at or (was and was <= now):
        raise DomainError("hold_ended", "the hold has ended already")
    _refuse_past(until, end, now)
    if was == end:
        return Told(hold_id, await _last_event_id(tx, hold_id), 0, is_new=False)
    await tx.execute(update(standing_holds).where(_s.id == hold_id).values(until=end))
    return await _change(tx, hold_id, "extended", held, end, actor, note, now)


async def lift_standing_hold(
    tx: AsyncConnection, hold_id: str, *, actor: str, note: str, now: datetime
) -> Told:
    """End it now; one that was lifted before stays so. Raises DomainError `unknown_hold`, or `hold_ended` for one
    whose date has come."""
    held, until, lifted_at = await _lock(tx, hold_id)
    if lifted_at:
        return Told(hold_id, await _last_event_id(tx, hold_id), 0, is_new=False)
    if until and until <= now:
        raise DomainError("hold_ended", "the hold has ended already")
    await tx.execute(update(standing_holds).where(_s.id == hold_id).values(lifted_at=now))
    return await _change(tx, hold_id, "lifted", held, None, actor, note, now)


async def _placed_before(
    tx: AsyncConnection, hold_id: str, held: Held, end: datetime | None, reason: str
) -> Told:
    query = (
        select(_s.creditor_id, _s.debtor_id, _h.until, _h.note)
        .join(hold_changes, (_h.hold_id == _s.id) & _h.invoice_id.is_(None) & (_h.what == "placed"))
        .where(_s.id == hold_id)
    )
    if tuple((await tx.execute(query)).one()) != (held.creditor_id, held.debtor_id, end, reason):
        text = "the same hold was told before with other values; what was told first stands"
        raise DomainError("hold_differs", text)
    return Told(hold_id, await _last_event_id(tx, hold_id), 0, is_new=False)


async def _lock(tx: AsyncConnection, hold_id: str) -> tuple[Held, datetime | None, datetime | None]:
    """Whom it is on, its end and when it was lifted; nobody else changes it meanwhile."""
    query = (
        select(_s.creditor_id, _s.debtor_id, creditors.c.country, _s.until, _s.lifted_at)
        .join(creditors, creditors.c.id == _s.creditor_id)
        .where(_s.id == hold_id)
        .with_for_update(of=standing_holds)
    )
    row = (await tx.execute(query)).first()
    if row is None:
        raise DomainError("unknown_hold", "no hold has this id")
    return Held(row[0], row[1], row[2]), row[3], row[4]


async def _change(
    tx: AsyncConnection,
    hold_id: str,
    what: What,
    held: Held,
    until: datetime | None,
    actor: str,
    note: str,
    now: datetime,
) -> Told:
    """Keep what was done, and a message for every open case it concerns: one statement however many there are."""
    row = {"hold_id": hold_id, "at": now, "what": what, "until": until, "actor": actor, "note": note}
    await tx.execute(insert(hold_changes).values(row))
    event_id = await _last_event_id(tx, hold_id)
    i = invoices.c
    concerned = select(
        i.id,
        literal(event_id),
        literal(EventKind.FACTS_CHANGED.value),
        func.jsonb_build_object(),
        literal(actor),
    ).where(i.stage.not_in([stage.value for stage in CLOSED]))
    concerned = concerned.where(
        i.debtor_id == held.debtor_id if held.debtor_id else i.creditor_id == held.creditor_id
    )
    columns = ["invoice_id", "event_id", "kind", "message", "actor"]
    told = insert(events).from_select(columns, concerned).returning(events.c.invoice_id).cte("told")
    cases = (await tx.execute(select(func.count()).select_from(told))).scalar_one()
    return Told(hold_id, event_id, cases)


async def _last_event_id(tx: AsyncConnection, hold_id: str) -> str:
    """The message that told of the last change: repeating a call delivers it again, should that have failed."""
    query = select(func.max(_h.id)).where(_h.hold_id == hold_id, _h.invoice_id.is_(None))
    return f"standing_hold/{hold_id}/{(await tx.execute(query)).scalar_one()}"


def _end(until: str, country: str) -> datetime | None:
    """First moment after the hold; a date is its 00:00 where the creditor is."""
    if not until:
        return None
    end: date | datetime = parse_when("until", until)
    zone = ZoneInfo(_ZONE_OF.get(country, _HOME))
    return end if isinstance(end, datetime) else start_of_day(end, zone)


def _refuse_past(until: str, end: datetime | None, now: datetime) -> None:
    if end is not None and end <= now:
        text = f"{until} has come: a hold ends after today"
        raise DomainError("in_the_past", text, field="until", value=until)


def _as_id(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None
