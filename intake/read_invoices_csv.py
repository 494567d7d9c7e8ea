"""Invoices from a CSV file. One bad row refuses that row; what makes every row unsure refuses the file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from domain.errors import DomainError
from domain.invoice_fields import FIELDS, REQUIRED_FIELDS, due_in_place
from domain.new_invoice import InvalidInvoice, NewInvoice, parse_new_invoice
from intake.amounts import PLAIN_AMOUNT, Locale

if TYPE_CHECKING:
    from _csv import Reader


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A good row. `line` is where it begins, counted from 1."""

    line: int
    invoice: NewInvoice


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One reason to refuse a row, or (`InvalidInvoiceFile`) a file.

    `column` is empty when it concerns the whole row. `value` is the cell as written, for its owner's eyes.
    """

    line: int
    column: str
    value: str
    code: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {f'{self.column}: ' if self.column else ''}{self.reason}"


@dataclass(frozen=True, slots=True)
class InvoiceFile:
    """Every row of a file, in order: read, or refused with at least one problem."""

    rows: tuple[ReadRow, ...]
    problems: tuple[RowProblem, ...]


class InvalidInvoiceFile(DomainError):  # noqa: N818 -- reads as a sentence where it is raised
    """The file as a whole cannot be read: its encoding or its header."""

    def __init__(self, *problems: RowProblem) -> None:
        super().__init__("invalid_invoice_file", "\n".join(map(str, problems)), line=problems[0].line)
        self.problems = problems


def read_invoices_csv(data: bytes, *, today: date, locale: Locale = "plain") -> InvoiceFile:
    """The whole file at once; see `iter_invoices_csv`."""
    rows: list[ReadRow] = []
    problems: list[RowProblem] = []
    for item in iter_invoices_csv(data, today=today, locale=locale):
        if isinstance(item, ReadRow):
            rows.append(item)
        else:
            problems.append(item)
    return InvoiceFile(tuple(rows), tuple(problems))


def iter_invoices_csv(
    data: bytes, *, today: date, locale: Locale = "plain"
) -> Iterator[ReadRow | RowProblem]:
    """Yields each row in turn, or one problem for each thing wrong with it.

    UTF-8 with or without byte order mark, separated by comma or semicolon (the header tells). `today` bounds
    issue dates. Of two rows with the same creditor and number the later one is refused, even if the first is
    too. Raises InvalidInvoiceFile before the first row.
    """
    text = _decode(data)
    first = text.partition("\n")[0]
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
    return _rows(reader, _header(reader), today, locale)


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        reason = "is UTF-16, not UTF-8" if utf16 else f"is not UTF-8 (byte {error.start + 1} of the file)"
        raise InvalidInvoiceFile(RowProblem(line, "", "", "not_utf8", f"the text {reason}")) from None


def _header(reader: Reader) -> list[str]:
    try:
        columns = [cell.strip(" ") for cell in next(reader, [])]
    except csv.Error as error:
        raise InvalidInvoiceFile(RowProblem(1, "", "", "bad_quoting", f"the header: {error}")) from None
    if not any(columns):
        reason = "there is no header; the first line must name the columns"
        raise InvalidInvoiceFile(RowProblem(1, "", "", "no_header", reason))
    count = Counter(columns)
    needed = [c for c in REQUIRED_FIELDS if c not in due_in_place(count)]
    problems = [
        *(_column(c, "unknown_column", "unknown column") for c in count if c not in FIELDS),
        *(_column(c, "duplicate_column", "appears twice") for c in count if c in FIELDS and count[c] > 1),
        *(_column(c, "missing_column", "missing column") for c in needed if c not in count),
    ]
    if problems:
        raise InvalidInvoiceFile(*problems)
    return columns


def _column(column: str, code: str, reason: str) -> RowProblem:
    return RowProblem(1, repr(column[:60])[1:-1] or "(without a name)", "", code, reason)


def _rows(
    reader: Reader, columns: Sequence[str], today: date, locale: Locale
) -> Iterator[ReadRow | RowProblem]:
    seen: dict[tuple[str, str], int] = {}
    plain_amount = PLAIN_AMOUNT[locale]
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _unreadable(line, reader.line_num, str(error))
            continue
        if not any(cells):
            continue
        if len(cells) != len(columns):
            reason = f"has {len(cells)} cells, the header {len(columns)}"
            yield RowProblem(line, "", "", "wrong_cell_count", reason)
            continue
        fields = dict(zip(columns, cells, strict=True))
        key = fields.get("creditor", "").strip(" "), fields["number"].strip(" ")
        if key[1] and (earlier := seen.setdefault(key, line)) != line:
            reason = f"is also on line {earlier}"
            yield RowProblem(line, "number", fields["number"], "duplicate_number", reason)
            continue
        try:
            yield ReadRow(line, parse_new_invoice(fields, today=today, plain_amount=plain_amount))
        except InvalidInvoice as error:
            for fault in error.problems:
                value = fields.get(fault.field, "")
                yield RowProblem(line, fault.field, value, fault.code, fault.message)


def _unreadable(line: int, last: int, error: str) -> RowProblem:
    """The reader goes on after `last`, so what a quote left open has swallowed must be named."""
    skipped = f"; lines {line} to {last} were not read" if last > line else ""
    return RowProblem(
        line, "", "", "bad_quoting", f"a quote is out of place or never closed ({error}){skipped}"
    )
