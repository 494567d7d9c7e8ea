"""The policies of a folder: one file each, named after what it holds."""

from __future__ import annotations

from pathlib import Path

from domain.law.lint import Finding, lint_policy
from domain.policy import Policy
from intake.marked_yaml import FileProblem
from intake.read_policy import InvalidPolicy, read_policy


def load_policies(folder: Path) -> dict[str, Policy]:
    """Every `*.yaml` in `folder` by name. Raises InvalidPolicy with the problems of all files together, also for what
    the law of those a policy is for forbids."""
    policies: dict[str, Policy] = {}
    problems: list[FileProblem] = []
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        problems.append(FileProblem(str(folder), 1, "no policies here (files called NAME.yaml)"))
    for path in paths:
        try:
            policy = read_policy_file(path)
        except InvalidPolicy as error:
            problems.extend(error.problems)
            continue
        if policy.name != path.stem:
            reason = f"policy '{policy.name}' must be in a file called {policy.name}.yaml"
            problems.append(FileProblem(str(path), 1, reason))
        problems += [FileProblem(str(path), 1, _said(f)) for f in lint_policy(policy) if f.is_error]
        policies[policy.name] = policy
    if problems:
        raise InvalidPolicy(tuple(problems))
    return policies


def _said(finding: Finding) -> str:
    return f"step {finding.step}: {finding.message} [{finding.rule}]" if finding.step else finding.message


def read_policy_file(path: Path) -> Policy:
    """One policy. Raises InvalidPolicy, also for a file that cannot be read or is not UTF-8."""
    try:
        data = path.read_bytes()
        return read_policy(data.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidPolicy((FileProblem(str(path), line, f"not UTF-8 at byte {error.start}"),)) from None
    except OSError as error:
        raise InvalidPolicy((FileProblem(str(path), 1, f"cannot be read: {error.strerror}"),)) from None
