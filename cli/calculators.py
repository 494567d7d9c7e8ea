"""`termijn claim`, `window`, `costs` and `rate`: what the law allows, without database or server."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import typer

from domain.errors import DomainError
from domain.law.calculate import calculate_claim, calculate_costs, calculate_window, find_rate
from domain.law.country import supported_country
from domain.law.form import read_json, reason_of
from domain.law.plain_answers import plain_claim, plain_costs, plain_rate, plain_window

_REFUSED: Final = 2
_HINTS: Final = {"rate_not_known_yet": "; --provisional takes the last known one"}


def show_claim(file: Path, *, provisional: bool = False, as_json: bool = False) -> None:
    with _refusing(str(file), as_json=as_json):
        found = calculate_claim(read_json(_text(file)), provisional=provisional)
    if as_json:
        _print(plain_claim(found.claim))
        return
    from cli.explain_claim import explain_claim  # noqa: PLC0415 - tables are not needed for JSON

    explain_claim(found)


def show_window(
    country: str, kind: str, channel: str, sent: str, *, safe: bool = False, as_json: bool = False
) -> None:
    with _refusing("--", as_json=as_json):
        window = calculate_window(country, kind, channel, sent, safe=safe)
    if as_json:
        _print(plain_window(window))
        return
    from cli.explain_window import explain_window  # noqa: PLC0415 - as above

    explain_window(window, country, channel, sent, safe=safe)


def show_costs(
    country: str,
    kind: str,
    principals: Sequence[str],
    *,
    currency: str | None = None,
    vat: bool = False,
    as_json: bool = False,
) -> None:
    with _refusing("--", as_json=as_json):
        costs = calculate_costs(country, kind, principals, currency=currency, vat=vat)
    if as_json:
        _print(plain_costs(costs))
        return
    from cli.explain_costs import explain_costs  # noqa: PLC0415 - as above

    explain_costs(costs, country, kind, principals)


def show_rate(country: str, kind: str, on: str, *, provisional: bool = False, as_json: bool = False) -> None:
    with _refusing("--", as_json=as_json):
        rate = find_rate(country, kind, on, provisional=provisional)
    told = plain_rate(rate, provisional=provisional)
    if as_json:
        _print(told)
        return
    print(f"{told['percent']} % a year, in force since {rate.valid_from:%a %Y-%m-%d}")
    if supported_country(country) == "GB":
        print("for debts that become late in that half-year, for as long as they last")
    print(f"source: {rate.source}")
    if rate.provisional:
        print("provisional: the rate of that day is not known yet, this is the last known one")


@contextmanager
def _refusing(source: str, *, as_json: bool) -> Iterator[None]:
    """A value at fault ends the command with exit code 2 and one line, naming it by the option or the file."""
    try:
        yield
    except DomainError as error:
        field, reason = str(error.values.get("field", "")), reason_of(error) + _HINTS.get(error.code, "")
        if as_json:
            print(json.dumps(_problem(error, field, reason), ensure_ascii=False), file=sys.stderr)
        elif source == "--":
            print(f"--{field}: {reason}", file=sys.stderr)
        else:
            print(f"{source}: {field}: {reason}" if field else f"{source}: {reason}", file=sys.stderr)
        raise typer.Exit(_REFUSED) from None


def _problem(error: DomainError, field: str, reason: str) -> Mapping[str, Any]:
    fault = {"field": field, "code": error.code, "message": reason, "value": error.values.get("value")}
    return {"code": error.code, "detail": f"{field}: {reason}", "errors": [fault]}


def _text(file: Path) -> str:
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise DomainError("unreadable", str(error.strerror or error)) from None
    except UnicodeDecodeError:
        raise DomainError("not_utf8", "is not text in UTF-8") from None


def _print(answer: Mapping[str, Any]) -> None:
    print(json.dumps(answer, ensure_ascii=False, indent=2))
