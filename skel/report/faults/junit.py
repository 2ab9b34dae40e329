"""Runs with faults as test cases: a suite for each column, a case for each invariant that was asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from skel.faults.columns import Column
from skel.faults.model import Report, Verdict
from skel.faults.oracles.known import KNOWN
from skel.report.faults import words
from skel.report.findings.view import View
from skel.report.junit import Case, Suite, junit_text

PACKAGE = "skel.fault"


def junit_report(columns: Sequence[Column], view: View) -> Iterator[str]:
    """The document."""
    yield junit_text(tuple(map(_suite, columns)), view.made)


def _suite(column: Column) -> Suite:
    report = column.shown
    name = f"{report.scenario.name} on {column.title}"
    return Suite(PACKAGE, name, (_whole(column), *_invariants(report)), words.repeated(column))


def _whole(column: Column) -> Case:
    if column.verdict in {Verdict.PASSED, Verdict.VIOLATED}:
        return Case("the scenario was played", PACKAGE)
    return Case("the scenario was played", PACKAGE, "error", words.verdict(column))


def _invariants(report: Report) -> Iterator[Case]:
    asked = report.scenario.oracles or tuple(oracle.name for oracle in KNOWN)
    for name in dict.fromkeys([*asked, *(it.oracle for it in report.violations)]):
        broken = [it for it in report.violations if it.oracle == name or name.startswith(f"{it.oracle}<")]
        said = "\n".join(f"{it.object}: {it.message} ({words.place(it, report)})" for it in broken)
        yield Case(name, PACKAGE, "failure", said) if broken else Case(name, PACKAGE)
