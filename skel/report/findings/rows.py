"""Findings as rows, the same columns for a terminal and for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from skel.findings.model import Finding, FoundObject
from skel.findings.redact import Redacted
from skel.report.findings import parts, words
from skel.report.findings.text import STYLES, footer_lines
from skel.report.findings.view import View
from skel.report.terminal import printable

COLUMNS = (
    "severity",
    "code",
    "rule",
    "hop",
    "apiVersion",
    "kind",
    "namespace",
    "name",
    "file",
    "line",
    "event",
    "pointer",
    "times",
    "stale",
    "fix",
    "message",
)
WIDEST = 60
"""Columns of a cell that are lined up; a longer one moves the rest of its line to the right."""

# What a spreadsheet takes for a formula when a cell begins with it, and the wide forms of East Asian keyboards.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NOBODY = FoundObject("", "", "", "")


def csv_report(findings: Redacted, view: View) -> Iterator[str]:
    """A heading and a line a finding (RFC 4180, but lines end as on Unix). What looks like a formula gets an apostrophe
    in front, as spreadsheets themselves write it.
    """
    yield csv_line((*COLUMNS, "title", "evidence", "url"))
    for finding in findings:
        evidence = "; ".join(map(words.evidence, finding.evidence))
        yield csv_line((*row(finding), finding.title, evidence, finding.url))


def csv_line(cells: tuple[str, ...]) -> str:
    """A line of CSV that no spreadsheet takes for a formula."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerow(map(_harmless, cells))
    return file.getvalue()


def _harmless(cell: str) -> str:
    shown = printable(" ".join(cell.split()))
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


def wide_report(findings: Redacted, view: View) -> Iterator[str]:
    """A line a finding with all that there is, however wide; then the footer."""
    yield from parts.lines(findings, view)
    table = [tuple(map(printable, row(finding))) for finding in findings]
    shown = [number for number in range(len(COLUMNS)) if any(cells[number] for cells in table)]
    if table:
        widths = {number: _width(number, table) for number in shown}
        yield _line([view.paint(f"{COLUMNS[number].upper():<{widths[number]}}", "bold") for number in shown])
    for finding, cells in zip(findings, table, strict=True):
        texts = [f"{cells[number] or '-':<{widths[number]}}" for number in shown]
        yield _line([view.paint(texts[0], STYLES[finding.severity]), *texts[1:]])
    if table:
        yield "\n"
    yield from footer_lines(findings, view)


def _width(number: int, table: list[tuple[str, ...]]) -> int:
    if number == len(COLUMNS) - 1:
        return 0
    return max(len(COLUMNS[number]), min(WIDEST, max(len(cells[number]) for cells in table)))


def _line(cells: list[str]) -> str:
    return "  ".join(cells).rstrip() + "\n"


def row(finding: Finding) -> tuple[str, ...]:
    """A cell for each of COLUMNS; empty for what there is not."""
    thing, place = finding.object or _NOBODY, finding.location
    return (
        finding.severity.value,
        finding.code,
        finding.rule,
        finding.hop,
        thing.api_version,
        thing.kind,
        thing.namespace,
        thing.name,
        place.file,
        "" if place.line is None else str(place.line),
        "" if place.event is None else str(place.event),
        place.pointer,
        str(finding.times),
        "stale" if finding.is_stale else "",
        words.fix(finding.fix) if finding.fix else "",
        finding.message,
    )
