"""Apply a version of a policy to open cases: an explicit act, previewed or done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.open_case import KnowsPolicies, cases_of_debtor
from domain.compare_policies import PolicyChange, compare_policies
from domain.errors import DomainError
from domain.events import Message
from domain.stages import EventKind
from store.change_policy import is_known_policy
from store.find_by_policy import cases_on_another_policy
from store.read_lines import read_lines
from store.record_event import add_events


@dataclass(frozen=True, slots=True)
class NamedChange:
    number: str
    change: PolicyChange


@dataclass(frozen=True, slots=True)
class PolicyChanges:
    policy: str
    """The one to apply, as name/version."""
    changes: tuple[NamedChange, ...]
    """Of every case it would be applied to."""
    notices_before: int
    """Mails and letters in the next 14 days to the debtors concerned."""
    notices_after: int
    without: tuple[str, ...]
    """Of the invoices that were named, those without effect: unknown, closed, or on this version already."""

    @property
    def lawful(self) -> list[str]:
        """Invoices to which it can be applied."""
        return [named.change.invoice_id for named in self.changes if not named.change.unlawful]


async def preview_policy(
    tools: KnowsPolicies,
    connection: AsyncConnection,
    target: tuple[str, int],
    now: datetime,
    *,
    invoices: Sequence[str] | None = None,
    from_policy: str = "",
) -> PolicyChanges:
    """For these open cases (ids or numbers), or those on `from_policy` (a name, or name/version); without either,
    those on other versions of the same policy. Only reads.

    Raises DomainError `unknown_policy`, `bad_policy_reference`."""
    if not await is_known_policy(connection, *target):
        raise DomainError("unknown_policy", "no such version of a policy is stored")
    policy = await tools.policy(connection, *target)
    chosen = await cases_on_another_policy(
        connection, target, invoices=invoices, from_=_reference(from_policy or target[0])
    )
    changes: list[NamedChange] = []
    before = after = 0
    for debtor_id, ids in chosen.items():
        cases = await cases_of_debtor(tools, connection, debtor_id)
        compared = compare_policies(cases, ids, policy, now)
        texts = await read_lines(connection, list(ids))
        changes += [NamedChange(texts[c.invoice_id]["number"], c) for c in compared.changes]
        before, after = before + compared.notices_before, after + compared.notices_after
    named = {n.change.invoice_id for n in changes} | {n.number for n in changes}
    without = tuple(name for name in invoices or () if name not in named)
    return PolicyChanges(policy.reference, tuple(changes), before, after, without)


async def keep_policy_changes(engine: AsyncEngine, changes: PolicyChanges, event_id: str, actor: str) -> int:
    """A message for every case to which the policy can be applied; to be delivered by the caller (`deliver_event`).

    How many there are.
    """
    async with engine.begin() as tx:
        message = Message(event_id, ref=changes.policy)
        told = [(invoice_id, message) for invoice_id in changes.lawful]
        await add_events(tx, EventKind.POLICY_CHANGED, told, actor=actor)
    return len(changes.lawful)


def _reference(text: str) -> tuple[str, int | None]:
    """Name and version; without a version: any."""
    name, separator, version = text.rpartition("/")
    if not separator:
        return text, None
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise DomainError(
            "bad_policy_reference", f"{text!r} is not a policy such as standard or standard/2", field="from"
        )
    return name, int(version)
