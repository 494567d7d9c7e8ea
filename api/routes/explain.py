"""The answer to 'why': everything that holds a case back, with its end."""

from __future__ import annotations

from fastapi import APIRouter

from api.calls import Reading, as_uuid
from api.schemas.case import ReasonView
from api.schemas.explanation import ExplanationView
from api.show_case import case_now, show_step
from domain.explain import explain

router = APIRouter(tags=["invoices"])


@router.get("/invoices/{invoice_id}/explanation")
async def look_at_explanation(invoice_id: str, call: Reading) -> ExplanationView:
    """The last step, the next one with its moment, and all that holds the case back now."""
    async with call.tools.engine.connect() as connection:
        case = await case_now(call.tools, connection, as_uuid(invoice_id))
    found = explain(case.facts, case.policy, case.now, case.move)
    return ExplanationView(
        id=case.facts.invoice_id,
        number=case.invoice.number,
        stage=found.stage.value,
        last_step=show_step(found.last_step) if found.last_step else None,
        next_step=found.next_step,
        next_at=found.next_at,
        reasons=[ReasonView(code=reason.code.value, until=reason.until) for reason in found.reasons],
    )
