"""`termijn simulate`: what a policy does to a scenario, without database or server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import typer

from cli.output import show_json, warn
from domain.money import Money
from domain.move import Reason
from domain.simulate.story import CaseEnd, Line, Story
from intake.marked_yaml import InvalidFile
from intake.read_scenario import read_scenario_file

Json = Mapping[str, object]
_REFUSED: Final = 2


def simulate(file: Path, *, as_json: bool = False) -> None:
    try:
        scenario = read_scenario_file(file, _policies)
    except InvalidFile as refused:
        warn(refused.message)
        raise typer.Exit(_REFUSED) from None
    from domain.simulate.run import simulate  # noqa: PLC0415 - a file that is refused needs no simulator

    story = simulate(scenario)
    if as_json:
        show_json(plain_story(story))
        return
    from cli.tell_story import tell_story  # noqa: PLC0415 - tables are not needed for JSON

    tell_story(story, {invoice.id: invoice.number for invoice in scenario.invoices})


def _policies() -> Path:
    from worker.settings import load_settings  # noqa: PLC0415 - only where a policy is named

    return load_settings().policies_dir


def policy_file(name: str) -> Path:
    """The file of a policy: one that is named is in the folder of policies."""
    return Path(name) if name.endswith((".yaml", ".yml")) else _policies() / f"{name}.yaml"


def plain_story(story: Story) -> Json:
    """As JSON shows it: moments in the policy's zone, amounts as texts."""
    return {
        "timeline": [_line(line, story.zone) for line in story.lines],
        "cases": {invoice: _end(case, story.zone) for invoice, case in story.cases.items()},
    }


def _line(line: Line, zone: ZoneInfo) -> Json:
    plain = {
        "at": _local(line.at, zone),
        "invoice": line.invoice,
        "kind": line.kind,
        "step": line.step,
        "channel": line.channel,
        "notice": line.notice,
        "amounts": {"open": _amount(line.open), "asked": _amount(line.asked)},
        "planned_at": _local(line.planned_at, zone),
        "reasons": _reasons(line.reasons, zone),
    }
    return plain if line.stage is None else plain | {"stage": line.stage}


def _end(case: CaseEnd, zone: ZoneInfo) -> Json:
    return {
        "stage": case.stage,
        "open": _amount(case.open),
        "next": {
            "step": case.next_step,
            "at": _local(case.next_at, zone),
            "reasons": _reasons(case.reasons, zone),
        },
    }


def _reasons(reasons: Iterable[Reason], zone: ZoneInfo) -> list[Json]:
    return [{"code": reason.code.value, "until": _local(reason.until, zone)} for reason in reasons]


def _local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).isoformat() if moment else None


def _amount(money: Money | None) -> str | None:
    return None if money is None else str(money.amount)
