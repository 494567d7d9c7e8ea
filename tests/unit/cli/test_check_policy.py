"""`termijn policy check` tells what the law has against a policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.termijn import PROJECT, termijn

BROKEN = PROJECT / "tests/unit/law/broken"


def test_a_policy_that_breaks_the_law_is_refused_with_rule_step_and_exit_code_2(tmp_path: Path) -> None:
    file = BROKEN / "nl_charges_before_letter.yaml"
    ran = termijn("policy", "check", file, directory=tmp_path)
    assert ran.code == 2
    (line,) = ran.err.splitlines()
    assert line.startswith(f"{file}: nl_charges_before_letter: step 'demand': charges a consumer before")
    assert "anchor: receipt" in line
    assert line.endswith("(NL; consumer, unknown)")


def test_a_warning_is_shown_and_refuses_nothing(tmp_path: Path) -> None:
    ran = termijn("policy", "check", BROKEN / "vat_not_applicable.yaml", "--json", directory=tmp_path)
    assert ran.code == 0
    assert "warning: vat_not_applicable: step 'notice'" in ran.err
    (found,) = ran.json["findings"]
    assert (found["rule"], found["step"], found["is_error"]) == ("vat_not_applicable", "notice", False)


def test_the_findings_of_a_refused_policy_are_there_for_machines(tmp_path: Path) -> None:
    ran = termijn("policy", "check", BROKEN / "contact_hours.yaml", "--json", directory=tmp_path)
    assert ran.code == 2
    (found,) = ran.json["findings"]
    assert (found["rule"], found["step"], found["country"]) == ("contact_hours", None, "NL")


def test_legal_effect_charges_and_term_of_each_step_are_shown(tmp_path: Path) -> None:
    file = PROJECT / "policies/nl-consumer.yaml"
    steps = {
        s["step"]: s for s in termijn("policy", "check", file, "--json", directory=tmp_path).json["steps"]
    }
    assert steps["letter-14-days"]["legal"] == "nl_14_day_letter"
    assert steps["letter-14-days"]["term"] == "14d"
    assert steps["demand"]["charges"] == "interest, costs"
    shown = termijn("policy", "check", file, directory=tmp_path).out
    for word in ("nl_14_day_letter", "interest, costs", "14d", "2d from receipt", "email, letter, call_task"):
        assert word in shown


@pytest.mark.parametrize("file", sorted((PROJECT / "policies").glob("*.yaml")), ids=lambda file: file.stem)
def test_what_ships_is_checked_without_a_word(file: Path, tmp_path: Path) -> None:
    ran = termijn("policy", "check", file, directory=tmp_path)
    assert (ran.code, ran.err) == (0, "")
