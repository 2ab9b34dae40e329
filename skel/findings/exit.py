"""What a run says to the script that called it."""

from __future__ import annotations

from enum import StrEnum

from skel.findings.model import Finding, Findings
from skel.findings.severity import Severity

CLEAN, FOUND, PARTIAL = 0, 1, 2


class FailOn(StrEnum):
    """From which severity on a finding fails the run."""

    NEVER = "never"
    DEPRECATED = "deprecated"
    REMOVED = "removed"
    ANY = "any"


_COUNTS: dict[FailOn, frozenset[Severity]] = {
    FailOn.NEVER: frozenset(),
    FailOn.REMOVED: frozenset({Severity.ERROR}),
    FailOn.DEPRECATED: frozenset({Severity.ERROR, Severity.WARNING}),
    FailOn.ANY: frozenset(Severity),
}


def counts(finding: Finding, fail_on: FailOn) -> bool:
    """Whether the finding fails the run."""
    return finding.severity in _COUNTS[fail_on]


def exit_code(findings: Findings, fail_on: FailOn = FailOn.DEPRECATED, *, exit_zero: bool = False) -> int:
    """2 if something could not be checked, else 1 if a finding counts, else 0. `exit_zero` forgives findings, never
    a run that is not complete.
    """
    if findings.is_partial:
        return PARTIAL
    if exit_zero or not any(counts(finding, fail_on) for finding in findings):
        return CLEAN
    return FOUND
