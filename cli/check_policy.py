"""`termijn policy check`, with what the law has against a policy, and `policy list`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from cli.errors import CommandError
from cli.output import screen, show_json, table, warn
from cli.session import configuration
from domain.calendar import is_public_holiday
from domain.countries import country_code
from domain.facts import DebtorKind, Facts, Term
from domain.ladder import Milestone, coming, is_expired
from domain.law.lint import Finding, lint_policy
from domain.ledger import Entry, EntryKind
from domain.money import Money
from domain.policy import Charges, Policy, Step
from intake.find_policies import load_policies, read_policy_file

_EXAMPLE = str(UUID(int=1))
_UNLAWFUL = 2
"""Exit code for a policy that is read well but breaks the law of those it is for."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One rung with its dates, in the policy's zone."""

    step: str
    after: str
    planned: datetime
    leaves: datetime
    moved_by: str
    channel: str
    tone: str
    approval: bool
    legal: str
    charges: str
    term: str
    """Granted from receipt."""


def check_policy(file: Path, *, due: str, country: str, as_json: bool = False) -> None:
    policy = read_policy_file(file)
    known_country = country_code(country or _country(policy))
    if known_country is None:
        raise CommandError(f"--country: {country!r} is not a two-letter country code such as NL or BE")
    now = datetime.now(UTC)
    facts = _example(policy, _date(due), known_country, now)
    steps = ladder(facts, policy, now)
    passed = [s for s in policy.steps if is_expired(s, facts, policy, now)]
    merged = [s for s in policy.steps if s not in passed and all(s.key != planned.step for planned in steps)]
    findings = lint_policy(policy)
    if as_json:
        show_json(
            {"policy": policy.reference, "issued": facts.issued, "due": facts.due, "steps": steps}
            | {"expired": [s.key for s in passed], "merged_into_a_later_step": [s.key for s in merged]}
            | {"findings": findings}
        )
    else:
        _show(policy, facts, steps, passed, merged)
    _judge(file, findings)


def _show(
    policy: Policy, facts: Facts, steps: list[PlannedStep], passed: list[Step], merged: list[Step]
) -> None:
    columns = (
        *("step", "counts", "its day", "leaves", "moved by", "channel", "tone"),
        *("legal", "charges", "term", "approval"),
    )
    rows = [
        (
            s.step,
            s.after,
            _local(s.planned),
            _local(s.leaves),
            s.moved_by,
            s.channel,
            s.tone,
            s.legal,
            s.charges,
            s.term,
            "yes" if s.approval else "",
        )
        for s in steps
    ]
    title = (
        f"{policy.reference} ({policy.time_zone}): invoice issued {facts.issued}, due {facts.due:%a %Y-%m-%d}"
    )
    screen().print(table(title, columns, rows))
    for step in passed:
        print(f"{step.key}: announces a due date that has passed, so it is left out")
    for step in merged:
        print(f"{step.key}: is overdue together with a later courtesy step and merges into it")


def _judge(file: Path, findings: tuple[Finding, ...]) -> None:
    """What the law says, on standard error; an error refuses the policy."""
    for found in findings:
        weight = "" if found.is_error else "warning: "
        where = f"step '{found.step}': " if found.step else ""
        warn(f"{file}: {weight}{found.rule}: {where}{found.message}")
    if any(found.is_error for found in findings):
        raise SystemExit(_UNLAWFUL)


def ladder(facts: Facts, policy: Policy, now: datetime) -> list[PlannedStep]:
    """The rungs ahead, with what moves each from its own day."""
    return [_planned(milestone, policy, facts.country) for milestone in coming(facts, policy, now)]


def _planned(milestone: Milestone, policy: Policy, country: str) -> PlannedStep:
    step, zone = milestone.step, policy.zone
    planned, leaves = milestone.planned_at.astimezone(zone), milestone.leaves_at.astimezone(zone)
    return PlannedStep(
        step=step.key,
        after=f"{step.after} from {step.anchor.value}",
        planned=planned,
        leaves=leaves,
        moved_by=_moved_by(milestone, policy, country),
        channel=", ".join(step.channels),
        tone="" if _has_no_tone(step) else step.tone.value,
        approval=step.requires_approval,
        legal=step.legal or "",
        charges=_charges(step.charges),
        term=str(step.term or ""),
    )


def _charges(charges: Charges) -> str:
    fee = f"fee {charges.fee}" if charges.fee is not None else ""
    parts = ("interest" if charges.interest else "", "costs" if charges.costs else "", fee)
    return ", ".join(filter(None, parts))


def _moved_by(milestone: Milestone, policy: Policy, country: str) -> str:
    """Why a step leaves on a later day than its own."""
    planned = milestone.planned_at.astimezone(policy.zone).date()
    earliest = milestone.earliest.astimezone(policy.zone).date()
    leaves = milestone.leaves_at.astimezone(policy.zone).date()
    reasons = ["the contact before it"] if earliest > planned else []
    if policy.window and leaves > earliest:
        days = [earliest + timedelta(days=n) for n in range((leaves - earliest).days)]
        holiday = policy.window.skip_holidays and any(is_public_holiday(day, country) for day in days)
        closed = any(day.weekday() not in policy.window.days for day in days)
        reasons.append("holiday" if holiday else "weekend" if closed else "send window")
    return ", ".join(reasons)


def _has_no_tone(step: Step) -> bool:
    return step.channel.value in ("internal", "hand_over")


def _example(policy: Policy, due: date | None, country: str, now: datetime) -> Facts:
    issued = now.astimezone(policy.zone).date()
    due = due or issued + timedelta(days=14)
    issued = min(issued, due)
    owed = Money.parse("1000.00", "EUR")
    return Facts(
        invoice_id=_EXAMPLE,
        creditor_id=_EXAMPLE,
        debtor_id=_EXAMPLE,
        debtor_kind=_kind(policy),
        country=country,
        mailable=True,
        currency="EUR",
        issued=issued,
        enrolled_at=now,
        terms=(Term(due, owed),),
        entries=(Entry("principal", EntryKind.PRINCIPAL, owed, issued),),
    )


def _country(policy: Policy) -> str:
    """One that the policy is for."""
    countries = policy.audience.countries
    return min(countries) if countries and "NL" not in countries else "NL"


def _kind(policy: Policy) -> DebtorKind:
    kinds = policy.audience.kinds
    return DebtorKind.CONSUMER if kinds and DebtorKind.BUSINESS not in kinds else DebtorKind.BUSINESS


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CommandError(f"--due: {text!r} is not a date such as 2026-01-31") from None


def _local(moment: datetime) -> str:
    """The seconds and minutes that say something."""
    return moment.strftime("%a %Y-%m-%d %H:%M:%S").removesuffix(":00").removesuffix(" 00:00")


def list_policies(*, as_json: bool = False) -> None:
    folder = configuration().settings.policies_dir
    found = [(p.name, p.version, [s.key for s in p.steps]) for p in load_policies(folder).values()]
    if as_json:
        show_json([{"name": name, "version": version, "steps": steps} for name, version, steps in found])
        return
    rows = [(name, version, ", ".join(steps)) for name, version, steps in found]
    screen().print(table(f"policies in {folder}", ("name", "version", "steps"), rows))
