"""The `termijn` command: what there is to ask for.

Each command imports what it needs when it runs, so that `--help` is there at once.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.options import Json, new_typer
from cli.planning import apply_policy, hold, outbox


class Scope(StrEnum):
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


app = new_typer("Chases unpaid invoices by durable Temporal workflows.")
importing = new_typer("Hand in files.")
case = new_typer("Look at a case.")
policy = new_typer("Check and list policies.")
key = new_typer("Keys for the API.")
creditors = new_typer("Who is owed.")
rates = new_typer("The rates of statutory interest.")
app.add_typer(importing, name="import")
app.add_typer(case, name="case")
app.add_typer(policy, name="policy")
app.add_typer(key, name="key")
app.add_typer(creditors, name="creditors")
app.add_typer(rates, name="rates")
app.add_typer(hold, name="hold")
app.command()(outbox)
policy.command("apply")(apply_policy)

Locale = Literal["plain", "nl", "fr", "de"]
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
    approve: Annotated[
        bool, typer.Option(help="With --portfolio: approvals are given at once, or stay pending.")
    ] = True,
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
            portfolio,
            payments=payments,
            policy=policy,
            span=(first, until),
            locale=locale,
            approves=approve,
            as_json=as_json,
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
