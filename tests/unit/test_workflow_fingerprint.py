"""A change of what workflows ask of Temporal is made on purpose, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from tests.support.fingerprint import fingerprint

_STORED: Final = Path(__file__).with_name("workflow_fingerprint.json")
_WORKFLOWS: Final = Path(__file__).parents[2] / "workflows"
_ADVICE: Final = """
The workflows issue other commands than before. Cases sleep for months: one that wakes on this code replays
its history, and a command that is added, removed or moved stops it with a NonDeterminismError.

- Behaviour that differs: keep the old path under `if workflow.patched("name-of-the-change"): new else: old`,
  until no case from before is open. The histories in tests/workflow/histories must still replay; add one of
  the new way (tests/workflow/paths.py).
- The same commands in another shape (a renamed helper, moved code): nothing to keep, if they replay.

Then renew the fingerprint, and read its difference: python -m tests.unit.test_workflow_fingerprint
"""


def test_the_workflows_issue_the_commands_they_always_did() -> None:
    if fingerprint(_WORKFLOWS) != json.loads(_STORED.read_text()):
        pytest.fail(f"{_ADVICE}\n{_written()}", pytrace=False)


@pytest.mark.parametrize(
    "line",
    [
        "await workflow.sleep(5)",
        "await asyncio.sleep(5)",
        "workflow.patched('x')",
        "workflow.upsert_memo({})",
        "await workflow.execute_local_activity('x')",
        "await workflow.start_child_workflow('x')",
        "workflow.continue_as_new()",
    ],
)
def test_a_command_more_is_noticed_also_in_a_helper(tmp_path: Path, line: str) -> None:
    source = (
        "async def helper():\n    {}\n\n\nclass Case:\n    async def run(self):\n        await helper()\n"
    )
    module = tmp_path / "case.py"
    module.write_text(source.format("pass"))
    before = fingerprint(tmp_path)
    module.write_text(source.format(line))
    after = fingerprint(tmp_path)
    assert before == {}
    assert set(after) == {"case.helper", "case.Case.run"}


def test_what_is_no_command_is_not_noticed(tmp_path: Path) -> None:
    module = tmp_path / "case.py"
    module.write_text("def run():\n    workflow.set_current_details('x')\n    workflow.now()\n    print(1)\n")
    assert fingerprint(tmp_path) == {}


def _written() -> str:
    return json.dumps(fingerprint(_WORKFLOWS), indent=1) + "\n"


if __name__ == "__main__":
    _STORED.write_text(_written())
