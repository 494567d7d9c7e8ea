"""`termijn policy apply`: chase open cases by another version of a policy; what that changes is shown before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from temporalio.service import RPCError

from activities.change_policies import NamedChange, PolicyChanges, keep_policy_changes, preview_policy
from activities.deliver import deliver_event
from api.show_policy_changes import show_policy_changes
from api.temporal_client import LazyClient
from api.tools import ApiTools
from cli.errors import CommandError
from cli.output import Cell, screen, show_json, table, warn
from cli.session import configuration, known_policies, open_engine, reach_temporal, run
from domain.move import Move
from worker.temporal_config import Configuration


def apply_policy(
    name: str,
    *,
    version: int | None,
    invoices: Sequence[str],
    from_policy: str,
    preview: bool,
    yes: bool,
    actor: str,
    as_json: bool = False,
) -> None:
    """Without `yes` nothing is changed. Exit code 1 when the law forbids it for one of the cases."""
    if invoices and from_policy:
        raise CommandError("name invoices or --from, not both")
    if not (preview or yes):
        raise CommandError(
            "this changes how open cases are chased: look with --preview, then do it with --yes"
        )
    config = configuration("database_url")
    found, event_id, told = run(
        _find_and_apply(
            config, name, version, list(invoices) or None, from_policy, None if preview else actor
        )
    )
    if as_json:
        show_json(show_policy_changes(found, event_id).model_dump(mode="json"))
    else:
        _print(found, applied=event_id is not None)
    if not told:
        warn("Temporal cannot be reached: the changes are kept, and `termijn reconcile` tells the cases")
    if len(found.lawful) < len(found.changes):
        raise SystemExit(1)


async def _find_and_apply(
    config: Configuration,
    name: str,
    version: int | None,
    invoices: Sequence[str] | None,
    from_policy: str,
    actor: str | None,
) -> tuple[PolicyChanges, str | None, bool]:
    """What changes, the id of the messages if it is applied, and whether Temporal has been told.

    `actor` None: only look.
    """
    async with open_engine(config.settings) as engine:
        tools = ApiTools(engine, LazyClient(lambda: reach_temporal(config)), config.settings.task_queue)
        target = (name, version or await _latest(tools, name))
        async with engine.connect() as connection:
            found = await preview_policy(
                tools, connection, target, datetime.now(UTC), invoices=invoices, from_policy=from_policy
            )
        if actor is None or not found.lawful:
            return found, None, True
        event_id = f"policy_changed/{uuid4()}"
        await keep_policy_changes(engine, found, event_id, actor)
        try:
            await deliver_event(engine, await reach_temporal(config), tools.task_queue, event_id)
        except (CommandError, RPCError):
            return found, event_id, False
    return found, event_id, True


async def _latest(tools: ApiTools, name: str) -> int:
    known = await known_policies(tools.engine)
    if name not in known:
        raise CommandError(f"no policy {name!r} is stored: known are {', '.join(sorted(known))}")
    return known[name].version


def _print(found: PolicyChanges, *, applied: bool) -> None:
    rows = [_row(named) for named in found.changes]
    title = f"{found.policy}: {'applied' if applied else 'what would change'}"
    columns = ("invoice", "policy", "stage", "next", "becomes", "")
    if rows:
        screen().print(table(title, columns, rows))
    differ = sum(named.change.differs for named in found.changes)
    refused = len(found.changes) - len(found.lawful)
    print(f"cases {len(rows)}, with another next step {differ}, refused by law {refused}")
    print(f"notices to their debtors in 14 days: {found.notices_before} now, {found.notices_after} then")
    for name in found.without:
        warn(f"{name}: unknown, closed, or chased by {found.policy} already")


def _row(named: NamedChange) -> tuple[Cell, ...]:
    change = named.change
    remark = "; ".join(f"refused: {f.message}" for f in change.unlawful) or (
        "" if change.differs else "as it is"
    )
    stage = change.before.stage.value
    if change.after.stage is not change.before.stage:
        stage = f"{stage} -> {change.after.stage.value}"
    return (named.number, change.policy, stage, _next(change.before), _next(change.after), remark)


def _next(move: Move) -> str:
    """`reminder-2 2026-03-01`, or why there is none."""
    if move.step and move.wake_at:
        return f"{move.step} {move.wake_at:%Y-%m-%d}"
    return ", ".join(reason.code.value for reason in move.reasons) or move.kind.value
