"""What the law allows, calculated from the values of the request alone; nothing is stored."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.calls import Reading
from api.problems import Fault, Problem
from api.schemas.calculators import ClaimForm, ClaimView, CostsView, LegalWindowView, RateView
from domain.errors import DomainError
from domain.law.calculate import calculate_claim, calculate_costs, calculate_window, find_rate
from domain.law.form import read_json, reason_of
from domain.law.plain_answers import plain_claim, plain_costs, plain_rate, plain_window

router = APIRouter(prefix="/calculators", tags=["calculators"])


@router.post("/claim", response_model=ClaimView)
async def look_up_claim(form: ClaimForm, call: Reading) -> dict[str, Any]:  # noqa: ARG001 - describes the body
    """Principal, interest, costs and total that one debtor still owes on a day, line by line."""
    body = await call.request.body()
    written = body.decode(json.detect_encoding(body))  # as it was read to be described: UTF-16 is JSON too
    with _refusing():
        # Aside: with many invoices and payments it takes a moment.
        found = await asyncio.to_thread(calculate_claim, read_json(written))
    return plain_claim(found.claim)


@router.get("/window", response_model=LegalWindowView)
async def look_up_window(
    call: Reading,  # noqa: ARG001 - whoever asks must be known
    country: str,
    kind: str,
    channel: str,
    sent: str,
    *,
    safe: bool = False,
) -> dict[str, str]:
    """From when on a notice to a consumer lets costs be claimed; `safe` as Termijn's notices count."""
    with _refusing():
        return plain_window(calculate_window(country, kind, channel, sent, safe=safe))


@router.get("/costs", response_model=CostsView)
async def look_up_costs(
    call: Reading,  # noqa: ARG001 - as above
    country: str,
    kind: str,
    principal: Annotated[list[str], Query(description="May be repeated.", max_length=1000)],
    *,
    currency: str | None = None,
    vat: bool = False,
) -> dict[str, str]:
    """The collection costs of one demand over these principals."""
    with _refusing():
        return plain_costs(calculate_costs(country, kind, principal, currency=currency, vat=vat))


@router.get("/rate", response_model=RateView, response_model_exclude_none=True)
async def look_up_rate(
    call: Reading,  # noqa: ARG001 - as above
    country: str,
    kind: Annotated[str, Query(description="consumer, business or civil")],
    on: str,
    *,
    provisional: bool = False,
) -> dict[str, Any]:
    """The rate of statutory interest on a day."""
    with _refusing():
        rate = find_rate(country, kind, on, provisional=provisional)
    return plain_rate(rate, provisional=provisional)


@contextmanager
def _refusing() -> Iterator[None]:
    """Unlike other requests these hold no personal data, so a refusal may quote the value."""
    try:
        yield
    except DomainError as error:
        field, reason = str(error.values.get("field", "body")), reason_of(error)
        fault = Fault(field, error.code, reason)
        raise Problem(422, error.code, f"{field}: {reason}", errors=(fault,)) from None
