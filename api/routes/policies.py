"""The ladders that invoices can be put on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from activities.change_policies import keep_policy_changes, preview_policy
from api.calls import Reading, Writing
from api.deliver_kept import deliver_kept
from api.problems import Problem
from api.schemas.policy_changes import ApplyPolicy, PolicyChangesView
from api.show_policy_changes import show_policy_changes
from domain.policy import Policy, SendWindow, Step

router = APIRouter(tags=["policies"])
Name = Annotated[str, Path(max_length=100, pattern=r"^[^\x00-\x1f]*$")]
Version = Annotated[int, Path(ge=1, le=999_999_999)]
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class StepOfPolicy(BaseModel):
    key: str
    after: str
    anchor: str
    channel: str
    tone: str
    template: str | None
    requires_approval: bool


class WindowView(BaseModel):
    days: list[str]
    opens: str
    closes: str
    skip_holidays: bool


class PolicyView(BaseModel):
    name: str
    version: int
    time_zone: str
    send_window: WindowView | None
    promise_grace: str
    plan_grace: str
    instalment_notice: str
    agency_email: str | None
    steps: list[StepOfPolicy]


@router.get("/policies")
async def list_policies(call: Reading) -> list[PolicyView]:
    """The newest version of each; a null `send_window` means at any hour."""
    async with call.tools.engine.connect() as connection:
        latest = await call.tools.latest_policies(connection)
    return [_view(policy) for policy in latest.values()]


@router.get("/policies/{name}")
async def look_at_policy(name: str, call: Reading) -> PolicyView:
    """The newest version of a policy."""
    async with call.tools.engine.connect() as connection:
        latest = await call.tools.latest_policies(connection)
    if name not in latest:
        raise Problem(404, "unknown_policy", f"known are {', '.join(sorted(latest))}")
    return _view(latest[name])


@router.post("/policies/{name}/{version}/apply")
async def apply_policy(name: Name, version: Version, body: ApplyPolicy, call: Writing) -> PolicyChangesView:
    """Chase open cases by this version from now on: these invoices, those `from` another policy, or without either
    those on other versions of this one. With `preview` nothing is changed. A case whose debtor the law protects
    against a step of it is `refused` and keeps its policy."""
    async with call.tools.engine.connect() as connection:
        changes = await preview_policy(
            call.tools,
            connection,
            (name, version),
            call.now,
            invoices=body.invoices,
            from_policy=body.from_ or "",
        )
    if body.preview or not changes.lawful:
        return show_policy_changes(changes, None)
    event_id = f"policy_changed/{call.new_id()}"
    await keep_policy_changes(call.tools.engine, changes, event_id, call.caller.name)
    deliver_kept(call, event_id)
    return show_policy_changes(changes, event_id)


def _view(policy: Policy) -> PolicyView:
    return PolicyView(
        name=policy.name,
        version=policy.version,
        time_zone=policy.time_zone,
        send_window=_window(policy.window) if policy.window else None,
        promise_grace=str(policy.promise_grace),
        plan_grace=str(policy.plan_grace),
        instalment_notice=str(policy.instalment_notice),
        agency_email=policy.agency_email,
        steps=[_step(step) for step in policy.steps],
    )


def _window(window: SendWindow) -> WindowView:
    return WindowView(
        days=[_WEEKDAYS[day] for day in sorted(window.days)],
        opens=f"{window.opens:%H:%M}",
        closes=f"{window.closes:%H:%M}",
        skip_holidays=window.skip_holidays,
    )


def _step(step: Step) -> StepOfPolicy:
    return StepOfPolicy(
        key=step.key,
        after=str(step.after),
        anchor=step.anchor,
        channel=step.channel,
        tone=step.tone,
        template=step.template,
        requires_approval=step.requires_approval,
    )
