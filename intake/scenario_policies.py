"""The policies that a scenario names, points at or holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from yaml.nodes import MappingNode, Node

from domain.law.lint import lint_for
from domain.policy import Policy
from domain.simulate.scenario import ScenarioDebtor
from intake.find_policies import read_policy_file
from intake.marked_yaml import FileProblem, Problems, Refusal, shown, text
from intake.read_policy import InvalidPolicy, read_policy_node

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)


class PolicyReader:
    """Reads `policy`: a name, a path, or the policy itself. None where it has mistakes, which are noted."""

    def __init__(self, problems: Problems, beside: Path, named: Callable[[], Path]) -> None:
        """Paths count from the folder `beside`; names are files of the folder that `named` tells."""
        self._problems = problems
        self._beside = beside
        self._named = named
        self._read: dict[Path, Policy | None] = {}
        self.elsewhere: set[FileProblem] = set()
        """Mistakes in the files of policies."""

    def __call__(self, node: Node) -> Policy | None:
        return self._inline(node) if isinstance(node, MappingNode) else self._in_file(node)

    def _inline(self, node: Node) -> Policy | None:
        own = Problems("")
        policy = read_policy_node(node, own)
        for problem in own.sorted():
            self._problems.add(problem.line, problem.reason)
        return None if own else policy

    def _in_file(self, node: Node) -> Policy | None:
        value = text(node)
        if _NAME.fullmatch(value):
            path = self._named() / f"{value}.yaml"
            missing = f"there is no policy '{value}' in {path.parent}"
        else:
            path = self._beside / value
            missing = f"'{shown(value)}' is neither the name of a policy nor a file"
        if path not in self._read:
            if not _is_file(path):
                raise Refusal(node, missing)
            self._read[path] = self._from(path)
        return self._read[path]

    def _from(self, path: Path) -> Policy | None:
        try:
            return read_policy_file(path)
        except InvalidPolicy as error:
            self.elsewhere.update(error.problems)
            return None


def unlawful(policy: Policy, debtor: ScenarioDebtor) -> Iterator[str]:
    """What the law forbids about this policy for this debtor."""
    for finding in lint_for(policy, debtor.country, debtor.kind):
        if finding.is_error:
            step = f"step '{finding.step}': " if finding.step else ""
            yield f"{finding.rule}: {step}{finding.message} ({debtor.country}; {debtor.kind.value})"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long
        return False
