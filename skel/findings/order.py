"""One order for all reports, whatever order the rules and the workers had."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from skel.findings.model import Finding, Findings, Location, Problem, Suppressed
from skel.findings.severity import Severity
from skel.kube.version import version_key

_RANK = {severity: rank for rank, severity in enumerate(Severity)}


def in_order(findings: Findings) -> Findings:
    """The same with everything in its place: releases ascending, in each the worst first, then by code and object."""
    return replace(
        findings,
        findings=tuple(sorted(findings.findings, key=_finding_key)),
        not_checked=tuple(sorted(findings.not_checked, key=lambda entry: (entry.what, entry.reason))),
        problems=tuple(sorted(findings.problems, key=_problem_key)),
        suppressed=tuple(sorted(findings.suppressed, key=_suppressed_key)),
        unused=tuple(sorted(findings.unused)),
    )


def _hop_key(hop: str) -> Any:
    """Releases ascending, then names that are no release, then what no release brought."""
    key = version_key(hop) if hop else None
    return (2 if not hop else 0 if key is not None else 1, key or (), hop)


def _finding_key(finding: Finding) -> Any:
    """What is about a text alone stands in the order of the text."""
    if finding.object is None:
        return (_hop_key(finding.hop), 0, place_key(finding.location), finding.code, finding.message)
    return (
        _hop_key(finding.hop),
        1,
        _RANK[finding.severity],
        finding.code,
        finding.rule,
        finding.object,
        place_key(finding.location),
        finding.message,
    )


def place_key(place: Location) -> tuple[object, ...]:
    numbers = (place.event, place.line, place.column)
    return (place.file, *(-1 if number is None else number for number in numbers), place.pointer)


def _problem_key(problem: Problem) -> Any:
    return (place_key(problem.location), problem.message)


def _suppressed_key(entry: Suppressed) -> Any:
    return (_finding_key(entry.finding), entry.by, entry.reason)
