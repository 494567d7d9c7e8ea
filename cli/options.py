"""What commands share before anything heavy is loaded."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Actor = Annotated[str, typer.Option("--by", help="Who decides; without it the user of this machine.")]


def new_typer(text: str) -> typer.Typer:
    """Plain help: drawing it in boxes would take three times as long."""
    return typer.Typer(
        help=text,
        rich_markup_mode=None,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )


def user() -> str:
    """Who runs the command."""
    import getpass  # noqa: PLC0415

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number without a name
        return "command line"
