"""Commands that plan: holds, the outbox and its release, another policy for open cases."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from cli.options import Actor, Json, new_typer, user

hold = new_typer("Do not chase, until a day or until lifted.")
HoldEnd = Annotated[str, typer.Option("--until", help="First day on which chasing may go on (YYYY-MM-DD).")]
HoldNote = Annotated[str, typer.Option(help="Why.")]


@hold.command("place")
def hold_place(
    scope: Annotated[Literal["invoice", "debtor", "creditor"], typer.Argument(help="On what.")],
    name: Annotated[str, typer.Argument(help="Number of the invoice, or reference.")],
    reason: Annotated[str, typer.Option(help="Why: it is kept with the hold.")],
    until: HoldEnd = "",
    term: Annotated[int | None, typer.Option(min=1, help="Only this term of the invoice.")] = None,
    creditor: Annotated[str, typer.Option(help="Reference, where several creditors use the name.")] = "",
    by: Actor = "",
    as_json: Json = False,
) -> None:
    """Hold an invoice, a debtor, or everything of a creditor.

    A hold on a debtor or creditor is for invoices to come as well."""
    from cli.holds import place_hold  # noqa: PLC0415

    given = {"until": until, "reason": reason, "creditor": creditor, "actor": by or user()}
    place_hold(scope, name, term=term, as_json=as_json, **given)


@hold.command("extend")
def hold_extend(
    hold_id: str, until: HoldEnd, note: HoldNote = "", by: Actor = "", as_json: Json = False
) -> None:
    """Another end for a hold: later, or earlier."""
    from cli.holds import extend_hold  # noqa: PLC0415

    extend_hold(hold_id, until=until, note=note, actor=by or user(), as_json=as_json)


@hold.command("lift")
def hold_lift(hold_id: str, note: HoldNote = "", by: Actor = "", as_json: Json = False) -> None:
    """End a hold now. Others stay."""
    from cli.holds import lift_hold  # noqa: PLC0415

    lift_hold(hold_id, note=note, actor=by or user(), as_json=as_json)


@hold.command("list")
def hold_list(
    invoice: Annotated[str, typer.Option(help="What holds this invoice (its number).")] = "",
    debtor: Annotated[str, typer.Option(help="What holds this debtor or its invoices (reference).")] = "",
    creditor: Annotated[str, typer.Option(help="Of this creditor (reference).")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what has ended.")] = False,
    as_json: Json = False,
) -> None:
    """The holds in force, with who placed them and why."""
    from cli.holds import show_holds  # noqa: PLC0415
    from store.list_holds import HoldFilter  # noqa: PLC0415

    wanted = HoldFilter(creditor or None, debtor or None, invoice or None)
    show_holds(wanted=wanted, everything=everything, as_json=as_json)


def outbox(
    on: Annotated[str, typer.Option(help="A day (YYYY-MM-DD); without it: today.")] = "",
    creditor: Annotated[str, typer.Option(help="Only of this creditor (reference).")] = "",
    release: Annotated[
        list[str], typer.Option(help="Approve the step of this invoice; may be repeated.")
    ] = [],  # noqa: B006
    release_all: Annotated[
        bool, typer.Option("--release-all", help="Approve all that waits for it.")
    ] = False,
    by: Actor = "",
    as_json: Json = False,
) -> None:
    """What leaves on a day before it leaves, and what does not and why.

    With --release or --release-all: approve the steps that wait for it."""
    if release or release_all:
        from cli.outbox import release as release_steps  # noqa: PLC0415

        release_steps(release, everything=release_all, actor=by or user(), as_json=as_json)
        return
    from cli.outbox import show_outbox  # noqa: PLC0415

    show_outbox(on, creditor, as_json=as_json)


def apply_policy(
    name: Annotated[str, typer.Argument(help="Name of the policy.")],
    version: Annotated[int | None, typer.Option(min=1, help="Without it: the newest.")] = None,
    invoice: Annotated[list[str], typer.Option(help="Only this one (its number); may be repeated.")] = [],  # noqa: B006
    from_policy: Annotated[str, typer.Option("--from", help="All on this policy, or policy/version.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Only show what would change.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it.")] = False,
    by: Actor = "",
    as_json: Json = False,
) -> None:
    """Chase open cases by this policy from now on.

    Without --invoice or --from: those on other versions of it. Exit code 1 when the law forbids it for one of them."""
    from cli.apply_policy import apply_policy  # noqa: PLC0415

    apply_policy(
        name,
        version=version,
        invoices=invoice,
        from_policy=from_policy,
        preview=preview,
        yes=yes,
        actor=by or user(),
        as_json=as_json,
    )
