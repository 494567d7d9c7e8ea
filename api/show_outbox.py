"""What leaves and what does not, as it is shown."""

from __future__ import annotations

from activities.list_outbox import NotSent, OutboxNotice
from api.schemas.case import ReasonView
from api.schemas.outbox import NoticeLineView, NotSentView, OutboxNoticeView


def show_notice(notice: OutboxNotice) -> OutboxNoticeView:
    return OutboxNoticeView(
        debtor_id=notice.debtor["id"],
        debtor=notice.debtor["reference"],
        debtor_name=notice.debtor["name"],
        creditor=notice.debtor["creditor"],
        leaves_at=notice.leaves_at,
        step=notice.step,
        channel=notice.channel,
        needs_approval=notice.needs_approval,
        lines=[
            NoticeLineView(
                invoice=line.invoice_id,
                number=line.number,
                step=line.step,
                open=str(line.open.amount),
                asked=str(line.asked.amount),
                currency=line.asked.currency,
                moves_on=line.step is not None,
            )
            for line in notice.lines
        ],
        totals={currency: str(total.amount) for currency, total in notice.totals.items()},
    )


def show_not_sent(case: NotSent) -> NotSentView:
    return NotSentView(
        invoice=case.invoice_id,
        number=case.number,
        debtor_id=case.debtor["id"],
        debtor=case.debtor["reference"],
        debtor_name=case.debtor["name"],
        stage=case.stage,
        step=case.step,
        open=str(case.open.amount),
        currency=case.open.currency,
        reasons=[ReasonView(code=r.code, until=r.until) for r in case.reasons],
    )
