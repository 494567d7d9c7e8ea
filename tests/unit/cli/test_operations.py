"""docs/operations.md says what the code does."""

from __future__ import annotations

import re
from typing import Final

from cli.doctor import _SAYS
from store.invariants import VIOLATIONS
from tests.support.termijn import PROJECT
from worker.settings import Settings

TEXT: Final = (PROJECT / "docs/operations.md").read_text()


def test_every_variable_is_described_and_no_other() -> None:
    table = TEXT.partition("| variable |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([A-Z_]{4,})`", "".join(row.split("|")[1] for row in table.splitlines()[2:])))
    assert named == {name.upper() for name in Settings.model_fields}


def test_every_check_of_the_doctor_is_described() -> None:
    table = TEXT.partition("| check |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z_]{4,})`", "".join(row.split("|")[1] for row in table.splitlines()[2:])))
    assert named == set(_SAYS)
    assert set(VIOLATIONS) <= named


def test_the_files_it_names_exist() -> None:
    for text in (TEXT, (PROJECT / "README.md").read_text()):
        for path in re.findall(r"`((?:tests|samples|policies|docs)/[\w./-]+)`|\]\((docs/[\w./-]+)\)", text):
            assert (PROJECT / "".join(path)).exists(), path
