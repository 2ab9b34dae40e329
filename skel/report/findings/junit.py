"""Findings as test cases: a suite a rule, a case an object."""

from __future__ import annotations

from collections.abc import Iterator

from skel.findings.exit import counts
from skel.findings.model import Finding, Problem
from skel.findings.redact import Redacted
from skel.report.findings import words
from skel.report.findings.footer import footer, problem
from skel.report.findings.grouping import by_hop
from skel.report.findings.view import View
from skel.report.junit import Case, Suite, junit_text


def junit_report(findings: Redacted, view: View) -> Iterator[str]:
    """What makes the run fail is a failure, what could not be read an error, what is suppressed is skipped; all else
    passes, and its text is in the output of its suite.
    """
    yield junit_text(tuple(_suites(findings, view)), view.made)


def _suites(findings: Redacted, view: View) -> Iterator[Suite]:
    tool = f"skel.{findings.tool.replace(' ', '-')}"
    read = [_unread(tool, found) for found in findings.problems if found.is_error] or [Case("input was read", tool)]
    said = "\n".join(f"{fact.label}: {line}" for fact in footer(findings) for line in fact.lines)
    yield Suite(tool, words.title(findings), tuple(read), said)
    for hop in by_hop(findings):
        for group in hop.groups:
            cases = tuple(_case(finding, view) for finding in group.findings)
            passed = [_text(finding) for finding in group.findings if not counts(finding, view.fail_on)]
            yield Suite(tool, f"{group.first.code} {group.first.rule}", cases, "\n\n".join(passed))
    if findings.suppressed:
        skipped = [_skipped(entry.finding, f"{entry.reason} ({entry.by})") for entry in findings.suppressed]
        yield Suite(tool, "suppressed", tuple(skipped))


def _case(finding: Finding, view: View) -> Case:
    if not counts(finding, view.fail_on):
        return Case(_name(finding), finding.rule)
    return Case(_name(finding), finding.rule, "failure", finding.message, finding.code, _text(finding))


def _skipped(finding: Finding, reason: str) -> Case:
    return Case(_name(finding), finding.rule, "skipped", reason)


def _unread(tool: str, found: Problem) -> Case:
    return Case(str(found.location) or "input was read", tool, "error", found.message, "not-checked", problem(found))


def _name(finding: Finding) -> str:
    """The object and where in it, which tells cases of a suite apart."""
    where = words.place(finding.location)
    return " ".join(word for word in (str(finding.object or ""), where, finding.location.pointer) if word)


def _text(finding: Finding) -> str:
    """Everything that is known of a finding, for the page of a failed case."""
    fix = finding.fix
    lines = [
        f"{finding.severity}: {finding.title or finding.message}",
        finding.message if finding.title not in {"", finding.message} else "",
        finding.help,
        f"object: {finding.object}" if finding.object else "",
        f"place: {words.place(finding.location)} {finding.location.pointer}",
        f"release: {finding.hop}" if finding.hop else "",
        *(f"{'stale' if entry.stale else 'seen'}: {words.evidence(entry)}" for entry in finding.evidence),
        f"fix: {words.fix(fix)}" if fix else "",
        *(f"  {line}" for line in (words.operations(fix) if fix else ())),
        finding.url,
    ]
    return "\n".join(line.rstrip() for line in lines if line.strip())
