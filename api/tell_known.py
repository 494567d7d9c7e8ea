"""Messages about a thing that is known by its own id: its invoice is found, and it ends once."""

from __future__ import annotations

from api.calls import Call
from api.problems import Problem
from api.schemas.case import Answer
from api.tell_case import Telling, tell_case
from domain.errors import DomainError
from store.find_agreement import Thing, find_invoice_of


async def invoice_of(call: Call, thing: Thing, id_: str) -> str:
    async with call.tools.engine.connect() as connection:
        invoice_id = await find_invoice_of(connection, thing, id_) if id_.isprintable() else None
    if invoice_id is None:
        raise DomainError(f"unknown_{thing}", f"no {thing} has this id")
    return invoice_id


async def ended_once(call: Call, telling: Telling, unknown: str, code: str, text: str) -> Answer:
    """What is known and cannot be ended has ended before."""
    try:
        return await tell_case(call, telling)
    except DomainError as error:
        if error.code == unknown:
            raise Problem(409, code, text) from None
        raise
