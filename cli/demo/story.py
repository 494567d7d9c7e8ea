"""What happens to each invoice of the sample portfolio, and where it must stand at the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cli.demo.actor import Actor

FIRST, SECOND, FORMAL = "reminder-1", "reminder-2", "formal-notice"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case must end: stage, open amount, and the amount each notice asked, in order of sending."""

    stage: str
    open: str
    asked: tuple[str, ...] = ()
    """Of the friendly, the firm and the formal notice."""
    dossier: bool = False
    """The agency was mailed the dossier."""


@dataclass(frozen=True, slots=True)
class Chapter:
    happens: Callable[[Actor], Awaitable[None]]
    ends: Outcome


async def nobody_answers(case: Actor) -> None:
    await case.task("call", "done")
    await case.task("approve", "approved")


async def hand_over_rejected(case: Actor) -> None:
    await case.task("call", "done")
    await case.task("approve", "rejected")
    await case.write_off()


async def pays_when_the_agency_is_near(case: Actor) -> None:
    await case.stage("awaiting_approval")
    await case.pay()


async def pays_at_once(case: Actor) -> None:
    await case.pay()


async def pays_after_the_first(case: Actor) -> None:
    await case.after(FIRST)
    await case.pay()


async def pays_after_the_second(case: Actor) -> None:
    await case.after(SECOND)
    await case.pay()


async def pays_after_the_formal_notice(case: Actor) -> None:
    await case.after(FORMAL)
    await case.pay()


async def pays_in_parts(case: Actor) -> None:
    await case.after(FIRST)
    await case.pay("5000.00")
    await case.after(SECOND)
    await case.pay()


async def address_is_mended(case: Actor) -> None:
    await case.mend_address("wouter.claes@mail.example")
    await case.after(FIRST)
    await case.withdraw()


async def disputes_a_part_and_is_right(case: Actor) -> None:
    await case.after(FIRST)
    dispute = await case.dispute("2000.00")
    await case.after(SECOND)
    await case.resolve(dispute, "accepted")
    await case.after(FORMAL)
    await case.pay()


async def disputes_all_and_is_wrong(case: Actor) -> None:
    await case.after(FIRST)
    dispute = await case.dispute()
    await case.stage("disputed")
    await case.resolve(dispute, "rejected")
    await case.after(SECOND)
    await case.pay()


async def keeps_a_promise(case: Actor) -> None:
    await case.after(FIRST)
    await case.promise("249.00", within=20)
    await case.stage("promised")
    await case.pay()


async def breaks_a_promise(case: Actor) -> None:
    await case.after(FIRST)
    await case.promise("386.20", within=8)
    await case.after(SECOND)
    await case.write_off()


async def keeps_a_plan(case: Actor) -> None:
    """Over two invoices: the first is paid in two parts, the other at once with the second instalment."""
    await case.after(FIRST)
    await case.other("ZL-2026-0435").after(FIRST)
    await case.agree_plan((8, "2000.00"), (18, "2143.40"), also="ZL-2026-0435")
    await case.announced(1)
    await case.pay("2000.00")
    await case.announced(2)
    await case.pay()
    await case.other("ZL-2026-0435").pay()
    await case.stage("settled")
    case.say("the plan was kept")


async def breaks_a_plan(case: Actor) -> None:
    await case.after(FIRST)
    await case.agree_plan((6, "1000.00"), (60, "1210.60"))
    await case.stage("on_plan")
    await case.stage("chasing")
    case.say("nothing came in: the plan is broken")
    await case.stage("awaiting_approval")


async def waits_out_a_hold(case: Actor) -> None:
    await case.after(FIRST)
    await case.hold(seconds=15)
    await case.after(SECOND)
    await case.pay()


async def hold_is_lifted(case: Actor) -> None:
    hold = await case.hold()
    await case.stage("on_hold")
    await case.lift(hold)
    await case.after(FIRST)
    await case.pay()


async def payment_is_taken_back(case: Actor) -> None:
    await case.after(FIRST)
    payment = await case.pay()
    await case.stage("settled")
    await case.reverse(payment)
    await case.after(SECOND)
    await case.pay()


async def credited_then_pays_too_much(case: Actor) -> None:
    await case.after(FIRST)
    await case.credit("40.00")
    await case.after(SECOND)
    await case.pay("1100.00")


async def gives_up_at_once(case: Actor) -> None:
    await case.write_off()


async def withdraws_at_once(case: Actor) -> None:
    await case.withdraw()


async def nothing_by_itself(_: Actor) -> None:
    """Its fate is told with another invoice."""


def _settled(*asked: str) -> Outcome:
    return Outcome("settled", "0.00", asked)


STORY: Final[Mapping[str, Chapter]] = {
    "ZL-2026-0413": Chapter(
        nobody_answers, Outcome("handed_over", "1284.50", ("1284.50",) * 3, dossier=True)
    ),
    "ZL-2026-0414": Chapter(pays_after_the_first, _settled("6390.15")),
    "ZL-2026-0415": Chapter(pays_in_parts, _settled("12960.00", "7960.00")),
    "ZL-2026-0416": Chapter(address_is_mended, Outcome("withdrawn", "0.00", ("468.00",))),
    "ZL-2026-0417": Chapter(disputes_a_part_and_is_right, _settled("8450.00", "6450.00", "6450.00")),
    "ZL-2026-0418": Chapter(disputes_all_and_is_wrong, _settled("943.80", "943.80")),
    "ZL-2026-0419": Chapter(keeps_a_promise, _settled("249.00")),
    "ZL-2026-0420": Chapter(breaks_a_promise, Outcome("written_off", "0.00", ("386.20", "386.20"))),
    "ZL-2026-0421": Chapter(keeps_a_plan, _settled("3725.40")),
    "ZL-2026-0422": Chapter(breaks_a_plan, Outcome("awaiting_approval", "2210.60", ("2210.60",) * 3)),
    "ZL-2026-0423": Chapter(waits_out_a_hold, _settled("612.35", "612.35")),
    "ZL-2026-0424": Chapter(payment_is_taken_back, _settled("1598.00", "1598.00")),
    "ZL-2026-0425": Chapter(credited_then_pays_too_much, _settled("1040.00", "1000.00")),
    "ZL-2026-0426": Chapter(hand_over_rejected, Outcome("written_off", "0.00", ("134.90",) * 3)),
    "ZL-2026-0427": Chapter(withdraws_at_once, Outcome("withdrawn", "0.00")),
    "ZL-2026-0428": Chapter(pays_at_once, _settled()),
    "ZL-2026-0429": Chapter(pays_when_the_agency_is_near, _settled(*("175.00",) * 3)),
    "ZL-2026-0430": Chapter(pays_after_the_second, _settled("540.00", "540.00")),
    "ZL-2026-0431": Chapter(pays_at_once, _settled()),
    "ZL-2026-0432": Chapter(hold_is_lifted, _settled("320.00")),
    "ZL-2026-0433": Chapter(pays_at_once, _settled()),
    # The formal notice takes off what their other invoice, 0425, left over.
    "ZL-2026-0434": Chapter(pays_after_the_formal_notice, _settled("1040.00", "1040.00", "940.00")),
    "ZL-2026-0435": Chapter(nothing_by_itself, _settled("418.00")),
    "ZL-2026-0436": Chapter(gives_up_at_once, Outcome("written_off", "0.00")),
}
