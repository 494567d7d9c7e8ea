"""What each workflow asks of Temporal, read from its source: a change of it breaks cases that are asleep."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_COMMANDS: Final = frozenset(
    {
        "asyncio.create_task",
        "asyncio.sleep",
        "asyncio.wait",
        "asyncio.wait_for",
        "workflow.continue_as_new",
        "workflow.deprecate_patch",
        "workflow.patched",
        "workflow.random",
        "workflow.sleep",
        "workflow.upsert_memo",
        "workflow.upsert_search_attributes",
        "workflow.uuid4",
        "workflow.uuid7",
        "workflow.wait",
        "workflow.wait_condition",
    }
)
_PREFIXES: Final = (
    "workflow.execute_",
    "workflow.start_",
    "workflow.signal_",
    "workflow.create_",
    "workflow.get_external",
)

Fingerprint = dict[str, list[str]]
"""By `module.function`, in the order of the source: the calls that become commands, and calls of functions
that contain some, each with its first argument where that is a name or text."""


def fingerprint(folder: Path) -> Fingerprint:
    """Of every function in the folder that issues a command, itself or by calling another one there."""
    found = {
        f"{path.stem}.{name}": function
        for path in sorted(folder.glob("*.py"))
        for name, function in _functions(ast.parse(path.read_text()))
    }
    issuing: set[str] = set()
    while True:
        more = {name for name, function in found.items() if _calls(function, issuing)}
        if more == issuing:
            return {name: _calls(found[name], issuing) for name in found if name in issuing}
        issuing = more


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{node.name}.{part.name}", part


def _calls(function: ast.AST, issuing: set[str]) -> list[str]:
    ours = {name.rpartition(".")[2] for name in issuing}
    calls = sorted(
        (node for node in ast.walk(function) if isinstance(node, ast.Call)),
        key=lambda call: (call.lineno, call.col_offset),
    )
    return [_shown(call) for call in calls if _matters(ast.unparse(call.func), ours)]


def _matters(called: str, ours: set[str]) -> bool:
    if called in _COMMANDS or called.startswith(_PREFIXES):
        return True
    first, _, name = called.rpartition(".")
    return name in ours and not first.startswith("workflow")


def _shown(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    named = isinstance(first, ast.Name | ast.Constant)
    return f"{ast.unparse(call.func)}({ast.unparse(first) if first and named else ''})"
