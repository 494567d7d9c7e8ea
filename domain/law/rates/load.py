"""Read a table of rates and refuse one that is not sound: a wrong rate would be claimed from people."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from domain.errors import DomainError
from domain.law.rates.table import Cadence, Rate, RateTable

_HEADER: Final = ["valid_from", "percent", "source"]
_PERCENT: Final = re.compile(r"-?\d{1,2}(\.\d{1,2})?", re.ASCII)
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def load_table(text: str, name: str, cadence: Cadence) -> RateTable:
    """CSV `valid_from,percent,source`: ISO dates ascending, one row for every period of the cadence."""
    reader = csv.reader(text.splitlines())
    header = next(reader, [])
    if header != _HEADER:
        raise _bad(name, 1, "header", ",".join(header), f"must be {','.join(_HEADER)}")
    rows: list[Rate] = []
    for cells in reader:
        row = _row(cells, name, reader.line_num)
        _check_order(row, rows[-1] if rows else None, cadence, name, reader.line_num)
        rows.append(row)
    if not rows:
        raise _bad(name, 2, "valid_from", "", "the table has no rows")
    return RateTable(name, tuple(rows), cadence)


def _row(cells: list[str], name: str, line: int) -> Rate:
    if len(cells) != len(_HEADER):
        raise _bad(name, line, "row", ",".join(cells), f"must have {len(_HEADER)} fields")
    day, percent, source = cells
    if not _PERCENT.fullmatch(percent):
        raise _bad(name, line, "percent", percent, "is not a percent such as 10.40")
    if not source.strip():
        raise _bad(name, line, "source", source, "every rate needs its source")
    return Rate(Decimal(percent), _date(day, name, line), source)


def _date(text: str, name: str, line: int) -> date:
    try:
        if _ISO.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _bad(name, line, "valid_from", text, "is not a date such as 2026-07-01")


def _check_order(row: Rate, before: Rate | None, cadence: Cadence, name: str, line: int) -> None:
    day, begins = row.valid_from, cadence.begins(row.valid_from)
    if before is None:
        if day != begins:
            raise _bad(name, line, "valid_from", day.isoformat(), f"the table must begin on {begins}")
    elif day == before.valid_from:
        raise _bad(name, line, "valid_from", day.isoformat(), "is there twice")
    elif day < before.valid_from:
        raise _bad(name, line, "valid_from", day.isoformat(), f"comes after {before.valid_from}: not sorted")
    elif cadence is not Cadence.KNOWN_HALF_YEARS:
        wanted = cadence.ends(before.valid_from) + timedelta(days=1)
        if day > wanted:
            raise _bad(name, line, "valid_from", day.isoformat(), f"leaves a gap: {wanted} is missing")


def _bad(name: str, line: int, field: str, value: str, why: str) -> DomainError:
    return DomainError(
        "bad_rate_table",
        f"{name}.csv, line {line}: {field} {value!r}: {why}",
        table=name,
        line=line,
        field=field,
        value=value,
    )
