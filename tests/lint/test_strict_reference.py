"""`--strict-reference` against the recorded runs of the reference tool."""

from __future__ import annotations

import pytest

from skel.lint.file import Setting
from tests.conformance.corpus import Case, cases
from tests.lint.proving import linted

STRICT = Setting(strict_reference=True)
ACCEPTED = [case for case in cases() if case.outcome == "ok"]
# This one is read, and fails on some objects alone: a variable that has no place there.
UNLUCKY = "356-var-not-exists-rhs"
REFUSED = [case for case in cases() if case.outcome in {"parse_error", "panic"} and case.id != UNLUCKY]


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.id)
def test_what_the_reference_runs_is_not_named(case: Case) -> None:
    assert "SK160" not in {found.code for found in linted(case.program, STRICT).diagnostics}


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
def test_what_the_reference_refuses_is_named(case: Case) -> None:
    """A mistake here as well, or what this language adds; a test without its variable has a code of its own."""
    found = linted(case.program, STRICT).diagnostics
    assert any(found.code in {"SK060", "SK160"} or found.severity == "error" for found in found)
