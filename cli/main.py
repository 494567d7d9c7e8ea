"""The `termijn` command: what there is to ask for.

Each command imports what it needs when it runs, so that `--help` is there at once.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer


class Scope(StrEnum):
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


def _typer(text: str) -> typer.Typer:
    """Plain help: drawing it in boxes would take three times as long."""
    return typer.Typer(
        help=text,
        rich_markup_mode=None,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )


app = _typer("Chases unpaid invoices by durable Temporal workflows.")
importing = _typer("Hand in files.")
case = _typer("Look at a case.")
policy = _typer("Check and list policies.")
key = _typer("Keys for the API.")
creditors = _typer("Who is owed.")
rates = _typer("The rates of statutory interest.")
hold = _typer("Do not chase, until a day or until lifted.")
app.add_typer(importing, name="import")
app.add_typer(case, name="case")
app.add_typer(policy, name="policy")
app.add_typer(key, name="key")
app.add_typer(creditors, name="creditors")
app.add_typer(rates, name="rates")
app.add_typer(hold, name="hold")

Locale = Literal["plain", "nl", "fr", "de"]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
Country = Annotated[str, typer.Option(help="NL, BE, DE, FR or GB.")]
Kind = Annotated[str, typer.Option(help="consumer, business, or unknown: counts as a consumer.")]
Provisional = Annotated[
    bool, typer.Option("--provisional", help="Where a rate is not known yet, take the last known one.")
]


@app.command()
def up() -> None:
    """Run the service, and the servers it lacks.

    What is not configured is started here, with its data kept under var/."""
    from cli.up import up  # noqa: PLC0415

    up()


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Check the outcome and end: exit code 0 or 1")] = False,
) -> None:
    """Run it all on samples, with steps seconds apart."""
    from cli.demo.run import demo  # noqa: PLC0415

    demo(once=once)


@app.command()
def worker() -> None:
    """Run a worker until it is told to stop."""
    from cli.processes import worker  # noqa: PLC0415

    worker()


@app.command()
def api() -> None:
    """Serve the HTTP API until it is told to stop."""
    from cli.processes import api  # noqa: PLC0415

    api()


@app.command()
def migrate(
    check: Annotated[bool, typer.Option("--check", help="Only compare migrations and code.")] = False,
    as_json: Json = False,
) -> None:
    """Bring the database up to date and load the policies."""
    from cli.migrate import check_migrations, migrate  # noqa: PLC0415

    if check:
        check_migrations(as_json=as_json)
    else:
        migrate(as_json=as_json)


@importing.command("invoices")
def import_invoices(
    file: File,
    locale: Annotated[Locale, typer.Option(help="How amounts are written.")] = "plain",
    strict: Annotated[bool, typer.Option("--strict", help="Store nothing if any row is bad.")] = False,
    as_json: Json = False,
) -> None:
    """Store the invoices of a CSV file and start their cases.

    The same file twice changes nothing."""
    from cli.import_invoices import import_invoices  # noqa: PLC0415

    import_invoices(file, locale=locale, strict=strict, as_json=as_json)


@app.command()
def enrol(
    file: File,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what would happen.")] = False,
    per_day: Annotated[
        int | None, typer.Option(min=1, help="First contacts a day. Without it: no limit.")
    ] = None,
    policy_name: Annotated[str, typer.Option("--policy", help="For invoices that name none.")] = "",
    locale: Annotated[Locale, typer.Option(help="How amounts are written.")] = "plain",
    as_json: Json = False,
) -> None:
    """Take in a portfolio of invoices that are already late, a few a day.

    The same file twice changes nothing."""
    from cli.enrol import enrol  # noqa: PLC0415

    enrol(file, locale=locale, per_day=per_day, policy=policy_name, preview=preview, as_json=as_json)


@case.command("show")
def case_show(
    number: Annotated[str, typer.Argument(help="Number of the invoice.")],
    creditor: Annotated[str, typer.Option(help="Reference, where several creditors use the number.")] = "",
    as_json: Json = False,
) -> None:
    """What was done about an invoice, what comes next, and why."""
    from cli.show_case import show_case  # noqa: PLC0415

    show_case(number, creditor=creditor, as_json=as_json)


@policy.command("check")
def policy_check(
    file: File,
    due: Annotated[str, typer.Option(help="Due date of the example invoice (YYYY-MM-DD).")] = "",
    country: Annotated[str, typer.Option(help="Country of its debtor.")] = "NL",
    as_json: Json = False,
) -> None:
    """Find mistakes in a policy, or show it as dates."""
    from cli.check_policy import check_policy  # noqa: PLC0415

    check_policy(file, due=due, country=country, as_json=as_json)


@policy.command("list")
def policy_list(as_json: Json = False) -> None:
    """The policies in POLICIES_DIR."""
    from cli.check_policy import list_policies  # noqa: PLC0415

    list_policies(as_json=as_json)


@app.command()
def simulate(
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, readable=True, help="A scenario.")
    ] = None,
    portfolio: Annotated[
        Path | None, typer.Option(help="Instead: invoices, as for `import invoices`.", dir_okay=False)
    ] = None,
    payments: Annotated[
        Path | None, typer.Option(help="With --portfolio: a CSV file number,on,amount.", dir_okay=False)
    ] = None,
    policy: Annotated[str, typer.Option(help="With --portfolio: name of a policy, or its file.")] = "",
    first: Annotated[str, typer.Option("--from", help="First day; else the first issue date.")] = "",
    until: Annotated[str, typer.Option(help="Last day; else a year after the first.")] = "",
    locale: Annotated[Locale, typer.Option(help="How amounts of invoices are written.")] = "plain",
    as_json: Json = False,
) -> None:
    """Tell in days what a policy does to the invoices of a scenario, or in weeks to a whole portfolio.

    Nothing is stored and nothing is sent. Exit code 2 when a file is refused."""
    if (file is None) == (portfolio is None):
        raise typer.BadParameter("give a scenario, or --portfolio")
    if portfolio is None and file:
        from cli.simulate import simulate  # noqa: PLC0415

        simulate(file, as_json=as_json)
    elif portfolio:
        from cli.simulate_portfolio import show_portfolio  # noqa: PLC0415

        if not policy:
            raise typer.BadParameter("--portfolio needs --policy")
        show_portfolio(
            portfolio, payments=payments, policy=policy, span=(first, until), locale=locale, as_json=as_json
        )


@key.command("create")
def key_create(
    name: Annotated[str, typer.Argument(help="Who uses it: shown as the actor of what they do.")],
    scope: Annotated[list[Scope], typer.Option(help="May be repeated.")] = [Scope.READ],  # noqa: B006
    expires_in_days: Annotated[int, typer.Option(min=1, help="Without it: never.")] = 0,
    as_json: Json = False,
) -> None:
    """Make an API key. It is shown once and stored hashed."""
    from cli.create_key import create_key  # noqa: PLC0415

    create_key(name, [s.value for s in scope], expires_in_days or None, as_json=as_json)


@creditors.command("load")
def creditors_load(file: File, as_json: Json = False) -> None:
    """Add or update the creditors of a YAML file."""
    from cli.load_creditors import load_creditors  # noqa: PLC0415

    load_creditors(file, as_json=as_json)


@app.command()
def claim(
    file: Annotated[Path, typer.Argument(help="JSON; - reads it from standard input.")],
    provisional: Provisional = False,
    as_json: Json = False,
) -> None:
    """Principal, interest, costs and total of a debtor on a day, and why."""
    from cli.calculators import show_claim  # noqa: PLC0415

    show_claim(file, provisional=provisional, as_json=as_json)


@app.command()
def window(
    country: Country,
    kind: Kind,
    channel: Annotated[str, typer.Option(help="post or email.")],
    sent: Annotated[str, typer.Option(help="Day of sending (YYYY-MM-DD).")],
    safe: Annotated[
        bool, typer.Option("--safe", help="As Termijn's notices count: later, never earlier.")
    ] = False,
    as_json: Json = False,
) -> None:
    """From when on a notice to a consumer lets costs be claimed."""
    from cli.calculators import show_window  # noqa: PLC0415

    show_window(country, kind, channel, sent, safe=safe, as_json=as_json)


@app.command()
def costs(
    country: Country,
    kind: Kind,
    principal: Annotated[list[str], typer.Option(help="What is unpaid of an invoice; may be repeated.")],
    currency: Annotated[str, typer.Option(help="Without it: that of the country.")] = "",
    vat: Annotated[
        bool, typer.Option("--vat", help="The creditor cannot recover VAT (Netherlands).")
    ] = False,
    as_json: Json = False,
) -> None:
    """The collection costs of one demand."""
    from cli.calculators import show_costs  # noqa: PLC0415

    show_costs(country, kind, principal, currency=currency or None, vat=vat, as_json=as_json)


@app.command()
def rate(
    country: Country,
    kind: Annotated[str, typer.Option(help="consumer, business or civil.")],
    on: Annotated[str, typer.Option(help="A day (YYYY-MM-DD).")],
    provisional: Provisional = False,
    as_json: Json = False,
) -> None:
    """The rate of statutory interest on a day."""
    from cli.calculators import show_rate  # noqa: PLC0415

    show_rate(country, kind, on, provisional=provisional, as_json=as_json)


Actor = Annotated[str, typer.Option("--by", help="Who decides; without it the user of this machine.")]
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

    given = {"until": until, "reason": reason, "creditor": creditor, "actor": by or _user()}
    place_hold(scope, name, term=term, as_json=as_json, **given)


@hold.command("extend")
def hold_extend(
    hold_id: str, until: HoldEnd, note: HoldNote = "", by: Actor = "", as_json: Json = False
) -> None:
    """Another end for a hold: later, or earlier."""
    from cli.holds import extend_hold  # noqa: PLC0415

    extend_hold(hold_id, until=until, note=note, actor=by or _user(), as_json=as_json)


@hold.command("lift")
def hold_lift(hold_id: str, note: HoldNote = "", by: Actor = "", as_json: Json = False) -> None:
    """End a hold now. Others stay."""
    from cli.holds import lift_hold  # noqa: PLC0415

    lift_hold(hold_id, note=note, actor=by or _user(), as_json=as_json)


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


def _user() -> str:
    import getpass  # noqa: PLC0415

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number without a name
        return "command line"


@rates.command("check")
def rates_check(as_json: Json = False) -> None:
    """Which rates are due, missing or weakly sourced.

    Exit code 1 when a table has run out."""
    from cli.check_rates import show_rate_check  # noqa: PLC0415

    show_rate_check(as_json=as_json)


@app.command()
def reconcile(
    everything: Annotated[bool, typer.Option("--all", help="Also cases that Temporal has lost.")] = False,
    as_json: Json = False,
) -> None:
    """Start the cases that Temporal does not have.

    Nothing is sent twice by it."""
    from cli.reconcile import reconcile  # noqa: PLC0415

    reconcile(everything=everything, as_json=as_json)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check what must always be true.

    Exit code 1 when something is not."""
    from cli.doctor import doctor  # noqa: PLC0415

    doctor(as_json=as_json)


@app.command()
def version(as_json: Json = False) -> None:
    """The version of Termijn."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    from cli.output import show_json  # noqa: PLC0415

    try:
        number = version("termijn")
    except PackageNotFoundError:
        number = "not installed"
    show_json({"version": number}) if as_json else print(number)


def main() -> None:
    """Entry point. An expected error is a line (a wrong configuration: all of it) and an exit code."""
    try:
        app()
    except Exception as error:
        from cli.errors import explain  # noqa: PLC0415

        explained = explain(error)
        if explained is None:
            raise
        lines, code = explained
        print("\n".join(lines), file=sys.stderr)
        sys.exit(code)


if __name__ == "__main__":
    main()
