"""Other oracles on stored histories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from skel.faults.model import Report, Verdict
from skel.faults.oracles.jury import judge
from skel.faults.oracles.known import oracles


def rejudged(reports: Sequence[Report], names: Sequence[str] = (), files: Sequence[Path] = ()) -> tuple[Report, ...]:
    """The reports with the verdicts of these oracles; none: all. Raises OracleError."""
    return tuple(_judged(report, names, files) for report in reports)


def _judged(report: Report, names: Sequence[str], files: Sequence[Path]) -> Report:
    asked = names or (() if not files else report.scenario.oracles)
    jury = oracles(asked, files)
    found = judge(jury, report.revisions)
    named = {name.partition("<")[0] for name in asked}
    scenario = replace(report.scenario, oracles=(*asked, *(it.name for it in jury if it.name not in {*asked, *named})))
    verdict = report.verdict
    # A run that came to no end stays one: what it did not see can't hold.
    if verdict in {Verdict.PASSED, Verdict.VIOLATED}:
        verdict = Verdict.VIOLATED if found else Verdict.PASSED
    return replace(report, scenario=scenario, violations=found, verdict=verdict)
