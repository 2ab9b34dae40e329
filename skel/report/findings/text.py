"""The report for a terminal: by release, then by rule, what many objects share said once."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from skel.findings.model import Evidence, Finding
from skel.findings.redact import Redacted
from skel.findings.severity import Severity
from skel.report.findings import parts, words
from skel.report.findings.footer import Fact, footer
from skel.report.findings.frame import frame, tells_a_secret
from skel.report.findings.grouping import Group, Hop, by_hop
from skel.report.findings.view import View
from skel.report.terminal import printable

STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
MOST_OPERATIONS = 4
WIDEST = 120
"""Columns beyond which a line of prose is hard to read."""


def text_report(findings: Redacted, view: View) -> Iterator[str]:
    """The table of the inputs if they are many, lines of the findings, then the footer."""
    report = _Text(view)
    yield from parts.lines(findings, view)
    hops = by_hop(findings)
    for hop in hops:
        yield from report.hop(hop, headed=len(hops) > 1 or bool(hop.name))
    yield from footer_lines(findings, view)


def footer_lines(findings: Redacted, view: View) -> Iterator[str]:
    """What was scanned, and the rest that a reader must know; labels lined up."""
    facts = footer(findings)
    wide = max(len(fact.label) for fact in facts)
    for fact in facts:
        yield from _fact_lines(fact, wide, view)


def _fact_lines(fact: Fact, wide: int, view: View) -> Iterator[str]:
    label = view.paint(f"{fact.label:<{wide}}", "yellow" if fact.urgent else "dim")
    for line in fact.lines:
        for part in _wrapped(line, view.width - wide - 2):
            yield f"{label}  {part}\n"
            label = " " * wide


def _wrapped(text: str, width: int) -> list[str]:
    """Lines that fit; a word that does not fit stays whole, so that it can be copied."""
    room = max(20, min(width, WIDEST))
    lines = (wrap(printable(part), room, break_long_words=False, break_on_hyphens=False) for part in text.splitlines())
    return [line for wrapped in lines for line in wrapped]


class _Text:
    def __init__(self, view: View) -> None:
        self.view = view
        self.paint = view.paint

    def hop(self, hop: Hop, *, headed: bool) -> Iterator[str]:
        if headed:
            name = printable(words.hop_title(hop.name))
            rule = "─" * max(3, min(self.view.width, WIDEST) - len(name) - 4 - len(words.tally(hop)))
            yield f"{self.paint(name, 'bold')} {self.paint(rule, 'dim')} {words.tally(hop)}\n\n"
        for group in hop.groups:
            yield from self.texts(group) if group.first.object is None else self.group(group)

    def texts(self, group: Group) -> Iterator[str]:
        """Findings about a program: each with its line."""
        for finding in group.findings:
            own = self.view.frames(finding, self.paint.color) if self.view.frames is not None else None
            if own is None or tells_a_secret(own):
                own = frame(finding, self.view.read, color=self.paint.color)
            yield f"{own}\n\n" if own else "".join(self.bare(finding))

    def bare(self, finding: Finding) -> Iterator[str]:
        head = self.paint(f"{finding.severity}[{printable(finding.code)}]", STYLES[finding.severity], "bold")
        yield f"{head}: {self.paint(printable(finding.message), 'bold')}\n"
        if where := words.place(finding.location):
            yield f" --> {printable(where)}\n"
        yield from self.notes(finding)
        yield "\n"

    def group(self, group: Group) -> Iterator[str]:
        first = group.first
        head = self.paint(f"{first.severity}[{printable(first.code)}]", STYLES[first.severity], "bold")
        name = f"  {self.paint(printable(first.rule), 'dim')}" if first.rule else ""
        yield f"{head} {self.paint(printable(group.headline), 'bold')}{name}\n"
        for paragraph in group.paragraphs:
            yield from self.prose(paragraph, 2)
        if group.fix:
            yield from self.fix(group.findings[0], 2)
        if first.url:
            yield f"  {self.paint(printable(first.url), 'blue')}\n"
        for finding in group.findings:
            yield from self.finding(finding, group)
        yield "\n"

    def finding(self, finding: Finding, group: Group) -> Iterator[str]:
        where = " ".join(word for word in (words.place(finding.location), finding.location.pointer) if word)
        about = ", ".join(word for word in (where, words.times(finding)) if word)
        name = self.paint(printable(str(finding.object)), "bold")
        stale = self.paint(" stale", "yellow") if finding.is_stale else ""
        yield f"    {name}{stale}  {self.paint(printable(about), 'dim')}\n"
        if not group.message:
            yield from self.prose(finding.message, 6)
        for entry in finding.evidence:
            yield from self.evidence(entry)
        if not group.fix:
            yield from self.fix(finding, 6)

    def notes(self, finding: Finding) -> Iterator[str]:
        yield from self.prose(finding.help, 2)
        yield from self.fix(finding, 2)
        if finding.url:
            yield f"  {self.paint(printable(finding.url), 'blue')}\n"

    def evidence(self, entry: Evidence) -> Iterator[str]:
        mark = "stale" if entry.stale else "seen"
        yield from self.prose(f"{mark}: {words.evidence(entry)}", 6, "yellow" if entry.stale else "dim")
        if entry.clear:
            yield from self.prose(f"to clear it: {entry.clear}", 6)

    def fix(self, finding: Finding, indent: int) -> Iterator[str]:
        fix = finding.fix
        if fix is None:
            return
        color = "green" if fix.safety == "safe" else "yellow"
        blank = " " * indent
        for line in _wrapped(f"{fix.safety} fix: {fix.title}", self.view.width - indent):
            yield f"{blank}{self.paint(line, color)}\n"
        operations = words.operations(fix)
        for operation in operations[:MOST_OPERATIONS]:
            yield f"{blank}  {self.paint(printable(operation), 'dim')}\n"
        if (more := len(operations) - MOST_OPERATIONS) > 0:
            yield f"{blank}  and {words.plural(more, 'operation')} more (-o json shows all)\n"

    def prose(self, text: str, indent: int, *styles: str) -> Iterator[str]:
        for line in _wrapped(text, self.view.width - indent):
            yield f"{' ' * indent}{self.paint(line, *styles) if styles else line}\n"
