"""A CSV file into invoices: chunk by chunk, so that a large one neither blocks others nor is lost whole."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.reconcile import start_cases
from api.temporal_client import TemporalUnavailable
from api.tools import ApiTools
from intake.amounts import Locale
from intake.read_invoices_csv import ReadRow, RowProblem, iter_invoices_csv
from store.add_invoices import Verdict, add_invoices

CHUNK: Final = 500
SHOWN: Final = 1000
"""Problems that an answer lists; the rest is counted."""
START_PATIENCE: Final = 600.0


class Remark(BaseModel):
    line: int
    column: str
    code: str
    reason: str


class ImportSummary(BaseModel):
    added: int
    unchanged: int
    differs: int = Field(description="Known with other values; nothing was changed.")
    refused: int = Field(description="Rows that were refused.")
    problems: list[Remark] = Field(description="Why rows were refused or differ.")
    remarks: list[Remark] = Field(
        description="About rows that were added: details of a known debtor that differ."
    )
    problems_left_out: int
    stored: bool
    started: bool = Field(
        description="Temporal has every case; false: they start as soon as it can be reached."
    )


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """A strict import met a problem: everything is rolled back."""


class _Tally:
    def __init__(self) -> None:
        self.verdicts: Counter[Verdict] = Counter()
        self.refused_lines: set[int] = set()
        self.problems: list[Remark] = []
        self.remarks: list[Remark] = []

    def refuse_if_any(self) -> None:
        if self.problems:
            raise _Refused

    def summary(self, *, stored: bool, started: bool) -> ImportSummary:
        return ImportSummary(
            added=self.verdicts[Verdict.ADDED] if stored else 0,
            unchanged=self.verdicts[Verdict.UNCHANGED],
            differs=self.verdicts[Verdict.DIFFERS],
            refused=len(self.refused_lines),
            problems=sorted(self.problems[:SHOWN], key=lambda p: p.line),
            remarks=self.remarks[:SHOWN],
            problems_left_out=max(0, len(self.problems) - SHOWN),
            stored=stored,
            started=started,
        )


async def import_csv(tools: ApiTools, data: bytes, *, locale: Locale, strict: bool) -> ImportSummary:
    """Raises InvalidInvoiceFile when the file cannot be read as a whole."""
    tally = _Tally()
    today = tools.utc_now().date()
    items = await asyncio.to_thread(lambda: iter_invoices_csv(data, today=today, locale=locale))
    try:
        if strict:
            async with tools.engine.begin() as tx:
                while chunk := await _next(items):
                    await _add(tools, tx, chunk, tally)
                tally.refuse_if_any()
        else:
            while chunk := await _next(items):
                async with tools.engine.begin() as tx:
                    await _add(tools, tx, chunk, tally)
    except _Refused:
        return tally.summary(stored=False, started=False)
    return tally.summary(stored=True, started=await _start(tools))


async def _next(items: Iterator[ReadRow | RowProblem]) -> list[ReadRow | RowProblem]:
    return await asyncio.to_thread(lambda: list(islice(items, CHUNK)))


async def _add(
    tools: ApiTools, tx: AsyncConnection, chunk: Sequence[ReadRow | RowProblem], tally: _Tally
) -> None:
    rows = [item for item in chunk if isinstance(item, ReadRow)]
    for problem in chunk:
        if isinstance(problem, RowProblem):
            tally.refused_lines.add(problem.line)
            remark = Remark(
                line=problem.line, column=problem.column, code=problem.code, reason=problem.reason
            )
            tally.problems.append(remark)
    if not rows:
        return
    policies = await tools.latest_policies(tx)
    answers = await add_invoices(tx, [row.invoice for row in rows], policies, tools.utc_now())
    for row, answer in zip(rows, answers, strict=True):
        tally.verdicts[answer.verdict] += 1
        told = [
            Remark(line=row.line, column=column, code=answer.verdict.value, reason=reason)
            for column, reason in answer.problems
        ]
        if answer.verdict is Verdict.REFUSED:
            tally.refused_lines.add(row.line)
        if answer.verdict in (Verdict.REFUSED, Verdict.DIFFERS):
            tally.problems += told
        else:
            tally.remarks += told


async def _start(tools: ApiTools) -> bool:
    """Whether Temporal has taken every case; what it has not is started by the reconciler."""
    try:
        async with tools.temporal.reach(START_PATIENCE) as client:
            await start_cases(tools.engine, client, tools.task_queue)
    except TemporalUnavailable:
        return False
    return True
