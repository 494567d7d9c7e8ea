"""What happens at one moment to different invoices may be told in any order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.asks.telling import AGENCY, FORMAL_NOTICE, REMINDER_1, REMINDER_2, ladder, owed, tell

_POLICY = ladder(REMINDER_1, REMINDER_2, FORMAL_NOTICE, AGENCY)
_KINDS = (
    'payment: "40.00"',
    'payment: "130.00"',
    'credit_note: "5.00"',
    "dispute: {{id: {0}}}",
    'dispute: {{id: {0}, amount: "10.00"}}',
    "hold: {{until: 2026-03-20}}",
    'promise: {{date: 2026-03-02, amount: "50.00"}}',
    'plan: {{instalments: [{{due: 2026-03-31, amount: "100.00"}}]}}',
    "write_off: true",
)
_MOMENTS = st.sampled_from(["2026-01-14", "2026-01-22T14:00", "2026-02-09", "2026-02-21"])


@settings(max_examples=40, deadline=None)
@given(data=st.data(), at=_MOMENTS)
def test_the_same_events_on_different_invoices_give_the_same_story_in_any_order(
    data: st.DataObject, at: str
) -> None:
    one_each = [
        f"{at} invoice: {name}, {data.draw(st.sampled_from(_KINDS)).format(f'of-{name}')}" for name in "abc"
    ]
    of_the_debtor = [f'{at} debtor: d, unallocated: "25.00"', f"{at} debtor: e, hold: {{until: 2026-04-01}}"]
    events = [*one_each, *of_the_debtor]
    other = data.draw(st.permutations(events))
    invoices = [owed("a"), owed("b", due="2026-01-20"), owed("c", debtor="e"), owed("f", debtor="e")]
    first = tell(invoices, *events, policy=_POLICY, until="2026-06-01").story
    second = tell(invoices, *other, policy=_POLICY, until="2026-06-01").story
    assert first["cases"] == second["cases"]
    assert _lines(first) == _lines(second)


def _lines(story: Mapping[str, Any]) -> list[str]:
    return sorted(repr(line) for line in story["timeline"])
