"""Runs with faults in words, the same in every report for people."""

from __future__ import annotations

from collections.abc import Sequence

from skel.faults import words
from skel.faults.columns import Column
from skel.faults.levels import by_step
from skel.faults.model import Report, Verdict, Violation

LEVELS = {
    Verdict.PASSED: "good",
    Verdict.VIOLATED: "error",
    Verdict.NEVER_TRIGGERED: "warning",
    Verdict.DIED: "error",
}
_STYLES = {"good": ("green",), "error": ("red", "bold"), "warning": ("yellow",)}


def styles(verdict: Verdict) -> tuple[str, ...]:
    return _STYLES[LEVELS[verdict]]


def verdict(column: Column) -> str:
    """One sentence."""
    report = column.shown
    match column.verdict:
        case Verdict.PASSED:
            said = "No invariant is violated"
        case Verdict.VIOLATED:
            said = f"{report.violations[0].object}: {report.violations[0].message}"
        case Verdict.DIED:
            said = f"{report.scenario.target} died"
        case Verdict.NEVER_TRIGGERED:
            said = f"Step {report.never_triggered} never came: {_waited(report)}"
    return said if report.is_legal else f"{said} (with illegal faults)"


def _waited(report: Report) -> str:
    number = report.never_triggered
    when = report.scenario.steps[number - 1].when if 0 < number <= len(report.scenario.steps) else None
    return f"no {words.trigger(when)}" if when else "the component did not come to rest"


def place(violation: Violation, report: Report) -> str:
    """When it broke: `step 3 (touch ReplicaSet), revision 14`."""
    steps = report.scenario.steps
    if violation.revision == 0:
        return "at the end, all faults lifted"
    if not 0 < violation.step <= len(steps):
        what = "setup" if violation.step == 0 else "after all faults were lifted"
        return f"{what}, revision {violation.revision}"
    return f"step {violation.step} ({words.step(steps[violation.step - 1])}), revision {violation.revision}"


def pods(report: Report) -> str:
    """`pods 5, 10, 15, 20`: at each rest where they changed."""
    counts = by_step(report)
    shown = [str(count) for number, count in enumerate(counts) if number == 0 or count != counts[number - 1]]
    return ", ".join(shown)


def repeated(column: Column) -> str:
    return str(column.identical)


def expected(column: Column) -> str:
    """Whether it is what the scenario says of such a run, empty where it says nothing."""
    it = column.expected
    if it is None:
        return ""
    said = f"{it.verdict.value}{f' ({it.oracle})' if it.oracle else ''}"
    return f"as expected: {said}" if column.is_as_expected else f"expected: {said}"


def overall(columns: Sequence[Column]) -> tuple[str, str]:
    """The level and the sentence of the whole report."""
    if len(columns) == 1:
        return LEVELS[columns[0].verdict], verdict(columns[0])
    tally = "; ".join(f"{column.title}: {column.verdict.value}" for column in columns)
    order = ("error", "warning", "good")
    return min((LEVELS[column.verdict] for column in columns), key=order.index), tally
