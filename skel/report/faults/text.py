"""Runs with faults for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from skel.faults.columns import Column, divergences
from skel.faults.model import Report
from skel.report.faults import words
from skel.report.findings.view import View
from skel.report.terminal import printable

_LOG_LINES = 20


def text_report(columns: Sequence[Column], view: View) -> Iterator[str]:
    """What happened in each column, and where they part."""
    first = columns[0].first
    title = f"{first.scenario.name}: {first.scenario.title}" if first.scenario.title else first.scenario.name
    yield f"{view.paint(printable(title), 'bold')}\n"
    for column in columns:
        yield "\n"
        yield from _column(column, view)
    for parts in divergences(columns):
        yield f"\n{view.paint('they part', 'bold')} {parts.before.title} | {parts.after.title}\n"
        for side, moment in ((parts.before, parts.left), (parts.after, parts.right)):
            yield f"  {printable(side.title)}: {printable('; '.join(moment.lines)) if moment else 'nothing'}\n"


def _column(column: Column, view: View) -> Iterator[str]:
    report = column.shown
    head = view.paint(column.verdict.value, *words.styles(column.verdict))
    legal = "" if report.is_legal else view.paint("  illegal faults", "yellow")
    wall = sum(it.wall for it in column.reports) / len(column.reports)
    yield f"{view.paint(printable(column.title), 'bold')}  {head}{legal}  {words.repeated(column)}, {wall:.1f} s\n"
    if said := words.expected(column):
        yield f"  {view.paint(said, 'green' if column.is_as_expected else 'red')}\n"
    if column.verdict.value == "never-triggered":
        yield f"  {printable(words.verdict(column))}\n"
    yield from _violations(column, view)
    yield f"  pods {words.pods(report)}\n"
    yield from _history(report, view)
    for line in report.log.splitlines()[-_LOG_LINES:]:
        yield f"  {view.paint('log', 'dim')} {printable(line)}\n"


def _violations(column: Column, view: View) -> Iterator[str]:
    for it in column.shown.violations:
        yield f"  {view.paint(it.oracle, 'red')}: {printable(it.object)}: {printable(it.message)}\n"
        yield f"    {view.paint(printable(words.place(it, column.shown)), 'dim')}\n"


def _history(report: Report, view: View) -> Iterator[str]:
    yield f"  {view.paint('history', 'dim')} {report.sha256[:12]}\n"
    for moment in report.moments:
        yield f"  {moment.step:>3} {printable(moment.what)}\n"
        for line in moment.lines:
            yield f"      {view.paint(printable(line), 'dim')}\n"
