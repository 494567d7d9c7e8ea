"""Runs the state machine of a case (see case_machine)."""

from __future__ import annotations

from hypothesis import settings

from tests.unit.domain.case_machine import CaseMachine

TestCase = CaseMachine.TestCase
TestCase.settings = settings(
    max_examples=60, stateful_step_count=50, deadline=None, report_multiple_bugs=False
)
