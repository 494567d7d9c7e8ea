"""Cases that fell asleep under earlier code wake up under this one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.workflow.paths import PATHS, stored
from worker.plugin import plugin
from workflows import invoice


async def replayed(histories: Iterator[WorkflowHistory]) -> dict[str, Exception]:
    """The failures, by the name of the history."""

    async def each():  # type: ignore[no-untyped-def]
        for history in histories:
            yield history

    found = await Replayer(workflows=[], plugins=[plugin()]).replay_workflows(
        each(), raise_on_replay_failure=False
    )
    return dict(found.replay_failures)


async def test_every_history_replays() -> None:
    histories = stored()
    assert {name.partition(".")[0] for name in histories} >= {path.__name__ for path in PATHS}
    assert await replayed(iter(histories.values())) == {}


async def test_a_command_that_is_left_out_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invoice.workflow, "upsert_search_attributes", lambda attributes: None)
    ladder = next(history for name, history in stored().items() if name.startswith("ladder_to_its_end"))
    (failure,) = (await replayed(iter([ladder]))).values()
    assert "Nondeterminism" in str(failure)


def test_the_histories_cover_every_workflow_and_name_no_machine() -> None:
    kinds = Counter(name.rpartition(".")[2] for name in stored())
    assert set(kinds) == {"InvoiceWorkflow", "PaymentPlanWorkflow", "ReconcileWorkflow"}
    identities = {
        value
        for history in stored().values()
        for event in json.loads(history.to_json())["events"]
        for attributes in event.values()
        if isinstance(attributes, dict) and (value := attributes.get("identity"))
    }
    assert identities == {"worker"}
