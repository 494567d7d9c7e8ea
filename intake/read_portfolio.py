"""A portfolio from two CSV files: the invoices in the form of the import, and what was paid on them."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import Final

from domain.errors import DomainError
from domain.facts import DebtorKind
from domain.law.form import parse_amount, parse_day
from domain.new_debtor import NewDebtor
from domain.new_invoice import NewInvoice
from domain.simulate.portfolio import Customer, Payment
from domain.simulate.scenario import Discount, ScenarioDebtor, ScenarioInvoice
from intake.amounts import Locale
from intake.marked_yaml import FileProblem, InvalidFile, shown
from intake.read_invoices_csv import InvalidInvoiceFile, ReadRow, iter_invoices_csv

_COLUMNS: Final = ("number", "on", "amount")


class InvalidPortfolio(InvalidFile):
    code_of_file = "invalid_portfolio"


def read_portfolio(
    invoices: Path, payments: Path | None, *, today: date, locale: Locale = "plain"
) -> tuple[Customer, ...]:
    """Customer by customer, in the order of the file. `today` bounds the dates of issue.

    Payments have the columns `number,on,amount`: of an invoice in the file, amounts as in it. Raises InvalidPortfolio
    with every problem.
    """
    problems: list[FileProblem] = []
    debtors: dict[tuple[str, str], ScenarioDebtor] = {}
    owed: dict[tuple[str, str], list[ScenarioInvoice]] = defaultdict(list)
    by_number: dict[str, ScenarioInvoice | None] = {}
    for read in _rows(invoices, today, locale, problems):
        key = (read.creditor or "", read.debtor.reference)
        debtor = debtors.get(key) or debtors.setdefault(key, _debtor("/".join(key), read.debtor))
        invoice = _invoice(f"{key[0]}/{read.number}", read, debtor)
        owed[key].append(invoice)
        by_number[read.number] = None if read.number in by_number else invoice
    paid: dict[str, list[Payment]] = defaultdict(list)
    for invoice, payment in _payments(payments, by_number, problems) if payments else ():
        paid[invoice.debtor].append(payment)
    if problems:
        raise InvalidPortfolio(tuple(sorted(problems)))
    return tuple(
        Customer(debtor, tuple(owed[key]), tuple(sorted(paid.pop(debtor.id, ()), key=attrgetter("on"))))
        for key, debtor in debtors.items()
    )


def _rows(file: Path, today: date, locale: Locale, problems: list[FileProblem]) -> Iterator[NewInvoice]:
    try:
        for item in iter_invoices_csv(_bytes(file), today=today, locale=locale):
            if isinstance(item, ReadRow):
                yield item.invoice
            else:
                column = f"{item.column}: " if item.column else ""
                problems.append(FileProblem(str(file), item.line, f"{column}{item.reason}"))
    except InvalidInvoiceFile as refused:
        problems += [FileProblem(str(file), p.line, p.reason) for p in refused.problems]


def _payments(
    file: Path, by_number: dict[str, ScenarioInvoice | None], problems: list[FileProblem]
) -> Iterator[tuple[ScenarioInvoice, Payment]]:
    """Each with the invoice it pays."""
    try:
        text = _bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(FileProblem(str(file), 1, f"is not UTF-8 (byte {error.start + 1} of the file)"))
        return
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        if tuple(cell.strip(" ") for cell in next(reader, [])) != _COLUMNS:
            problems.append(FileProblem(str(file), 1, f"the first line must be {','.join(_COLUMNS)}"))
            return
        for cells in reader:
            if not any(cells):
                continue
            try:
                yield _payment([cell.strip(" ") for cell in cells], by_number)
            except DomainError as error:
                field = f"{error.values['field']}: " if "field" in error.values else ""
                problems.append(FileProblem(str(file), reader.line_num, f"{field}{error.message}"))
    except csv.Error as error:
        problems.append(FileProblem(str(file), reader.line_num, f"a quote is out of place ({error})"))


def _payment(
    cells: list[str], by_number: dict[str, ScenarioInvoice | None]
) -> tuple[ScenarioInvoice, Payment]:
    if len(cells) != len(_COLUMNS):
        raise DomainError("wrong_cell_count", f"has {len(cells)} cells, the header {len(_COLUMNS)}")
    number, on, amount = cells
    if number not in by_number:
        raise DomainError("unknown_invoice", f"there is no invoice '{shown(number)}'", field="number")
    invoice = by_number[number]
    if invoice is None:
        raise DomainError(
            "several_invoices", f"several creditors have an invoice '{shown(number)}'", field="number"
        )
    return invoice, Payment(invoice.id, parse_day(on, "on"), parse_amount(amount, invoice.currency, "amount"))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidPortfolio((FileProblem(str(file), 1, f"cannot be read: {error.strerror}"),)) from None


def _debtor(id_: str, debtor: NewDebtor) -> ScenarioDebtor:
    return ScenarioDebtor(
        id=id_,
        country=debtor.country,
        kind=DebtorKind(debtor.kind),
        language=debtor.language,
        segment=debtor.segment,
        tags=frozenset(debtor.tags),
        behaviour=debtor.behaviour,
        mandate=debtor.mandate,
        email=bool(debtor.email),
        address=bool(debtor.address_line and debtor.city),
        phone=bool(debtor.phone),
    )


def _invoice(id_: str, read: NewInvoice, debtor: ScenarioDebtor) -> ScenarioInvoice:
    offered = read.discount
    return ScenarioInvoice(
        id=id_,
        debtor=debtor.id,
        number=read.number,
        currency=read.amount.currency,
        issued=read.issued,
        delivered=read.delivered or read.issued,
        terms=read.terms,
        discount=Discount(offered.percent, offered.until) if offered else None,
    )
