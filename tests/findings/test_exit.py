from __future__ import annotations

import pytest

from skel.findings.exit import FailOn, exit_code
from skel.findings.model import Findings, Location, Problem
from skel.findings.severity import Severity
from tests.report.sample import cronjob

ERROR, WARNING, INFO = (Findings((cronjob("a", 1, severity=severity),)) for severity in Severity)
CLEAN = Findings(())


@pytest.mark.parametrize(
    ("findings", "never", "removed", "deprecated", "every"),
    [(ERROR, 0, 1, 1, 1), (WARNING, 0, 0, 1, 1), (INFO, 0, 0, 0, 1), (CLEAN, 0, 0, 0, 0)],
    ids=["error", "warning", "info", "clean"],
)
def test_what_counts(findings: Findings, never: int, removed: int, deprecated: int, every: int) -> None:
    assert exit_code(findings, FailOn.NEVER) == never
    assert exit_code(findings, FailOn.REMOVED) == removed
    assert exit_code(findings, FailOn.DEPRECATED) == deprecated
    assert exit_code(findings, FailOn.ANY) == every
    assert exit_code(findings, FailOn.ANY, exit_zero=True) == 0


@pytest.mark.parametrize("fail_on", FailOn)
def test_what_could_not_be_read_goes_before_everything(fail_on: FailOn) -> None:
    broken = Findings(ERROR.findings, problems=(Problem(Location("a.yaml"), "no YAML"),))
    assert exit_code(broken, fail_on) == 2
    assert exit_code(broken, fail_on, exit_zero=True) == 2


def test_a_problem_that_is_no_error_changes_nothing() -> None:
    told = Findings((), problems=(Problem(Location("skel.toml"), "an ignore ended", is_error=False),))
    assert exit_code(told) == 0
