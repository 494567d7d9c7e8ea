"""How long a year of a whole portfolio takes to simulate, from two CSV files to the sums, and how much memory."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Final

PROJECT: Final = Path(__file__).parent.parent
_FIRST: Final = date(2025, 1, 1)
_COLUMNS: Final = (
    "number",
    "debtor_reference",
    "debtor_name",
    "debtor_kind",
    "country",
    "language",
    "email",
    "issue_date",
    "due_date",
    "currency",
    "amount",
    "address_line",
    "postal_code",
    "city",
)
_PER_DEBTOR: Final = 5
_POLL: Final = 0.2


def measure_portfolio(invoices: int = 100_000) -> tuple[float, float]:
    """Seconds by the clock, and megabytes that all processes together held at most (what they share counted once).

    Five invoices for each debtor over a year: 60 % are paid within a week of the due date, 30 % within two months and
    some of those in two parts, 10 % never.
    """
    with tempfile.TemporaryDirectory() as folder:
        invoices_csv, payments_csv = Path(folder, "invoices.csv"), Path(folder, "payments.csv")
        write_portfolio(invoices_csv, payments_csv, invoices)
        command = [sys.executable, "-m", "cli.main", "simulate", "--portfolio", str(invoices_csv)]
        command += ["--payments", str(payments_csv), "--policy", "nl-business", "--json"]
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL)
        most = 0.0
        while child.poll() is None:
            most = max(most, sum(_megabytes(pid) for pid in _family(child.pid)))
            time.sleep(_POLL)
        if child.returncode:
            raise RuntimeError(f"the simulation ended with {child.returncode}")
        return time.perf_counter() - start, most


def write_portfolio(invoices_csv: Path, payments_csv: Path, count: int) -> None:
    random = Random(4)
    with invoices_csv.open("w", newline="") as owed, payments_csv.open("w", newline="") as paid:
        rows, payments = csv.writer(owed), csv.writer(paid)
        rows.writerow(_COLUMNS)
        payments.writerow(("number", "on", "amount"))
        for number in range(count):
            debtor = f"D-{number % max(1, count // _PER_DEBTOR)}"
            issued = _FIRST + timedelta(days=random.randrange(330))
            due = issued + timedelta(days=random.choice((14, 30)))
            cents = random.randrange(20_00, 5_000_00)
            who = (debtor, f"Customer {debtor}", "business", "NL", "nl", f"{debtor}@example.com")
            where = ("Kade 1", "1011 AB", "Amsterdam")
            rows.writerow((f"F-{number}", *who, issued, due, "EUR", _amount(cents), *where))
            payments.writerows(
                (f"F-{number}", on, _amount(part)) for on, part in _payments(random, due, cents)
            )


def _payments(random: Random, due: date, cents: int) -> Iterator[tuple[date, int]]:
    luck = random.random()
    if luck < 0.6:
        yield due + timedelta(days=random.randrange(-10, 7)), cents
    elif luck < 0.8:
        yield due + timedelta(days=random.randrange(7, 60)), cents
    elif luck < 0.9:
        first = due + timedelta(days=random.randrange(7, 40))
        yield first, cents // 2
        yield first + timedelta(days=random.randrange(1, 30)), cents - cents // 2


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:  # it has ended
        return
    for child in children.split():
        yield from _family(int(child))


def _megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seconds, megabytes = measure_portfolio(count)
    print(f"a year of {count} invoices: {seconds:.1f} s on {os.cpu_count()} cores, {megabytes:.0f} MB")


if __name__ == "__main__":
    main()
